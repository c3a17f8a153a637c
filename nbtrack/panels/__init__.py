"""A run on the screen: messages to browsers, live panels, pictures that stay.

The home of anywidget and ipywidgets. Importing this package loads neither them nor
numpy. Panels read through `query` only and never see a `Run`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.panels.bundle import WIDGET_MIME_TYPE, frozen_bundle, live_bundle
    from nbtrack.panels.comparing.channel import CompareChannel
    from nbtrack.panels.comparing.keeping import kept_comparison
    from nbtrack.panels.intents import parse_intent, span_of
    from nbtrack.panels.look import Look
    from nbtrack.panels.lookups import CHANGES, Lookup, look_up
    from nbtrack.panels.messages import (
        append_message,
        clean,
        pack_series,
        run_head,
        snapshot_message,
    )
    from nbtrack.panels.outlines import outline_bundle
    from nbtrack.panels.pages import fragment
    from nbtrack.panels.preload import preload
    from nbtrack.panels.protocol import (
        MIME_TYPE,
        PROTOCOL_VERSION,
        Append,
        BlockHead,
        Bye,
        Failure,
        Hello,
        Intent,
        Lease,
        Line,
        Message,
        NoticeHead,
        Reply,
        RunHead,
        SeriesHead,
        Snapshot,
        Stop,
        Window,
    )
    from nbtrack.panels.protocol_lists import RunRow
    from nbtrack.panels.rows import run_row
    from nbtrack.panels.script import read_script
    from nbtrack.panels.stage import Publish, Shown, Stage
    from nbtrack.panels.words import date, html, one_line, value_text

__all__ = [
    "CHANGES",
    "MIME_TYPE",
    "PROTOCOL_VERSION",
    "WIDGET_MIME_TYPE",
    "Append",
    "BlockHead",
    "Bye",
    "CompareChannel",
    "Failure",
    "Hello",
    "Intent",
    "Lease",
    "Line",
    "Look",
    "Lookup",
    "Message",
    "NoticeHead",
    "Publish",
    "Reply",
    "RunHead",
    "RunRow",
    "SeriesHead",
    "Shown",
    "Snapshot",
    "Stage",
    "Stop",
    "Window",
    "append_message",
    "clean",
    "date",
    "fragment",
    "frozen_bundle",
    "html",
    "kept_comparison",
    "live_bundle",
    "look_up",
    "one_line",
    "outline_bundle",
    "pack_series",
    "parse_intent",
    "preload",
    "read_script",
    "run_head",
    "run_row",
    "snapshot_message",
    "span_of",
    "value_text",
]

_HOMES = {
    "CHANGES": "lookups",
    "MIME_TYPE": "protocol",
    "PROTOCOL_VERSION": "protocol",
    "WIDGET_MIME_TYPE": "bundle",
    "Append": "protocol",
    "BlockHead": "protocol",
    "Bye": "protocol",
    "CompareChannel": "comparing.channel",
    "Failure": "protocol",
    "Hello": "protocol",
    "Intent": "protocol",
    "Lease": "protocol",
    "Line": "protocol",
    "Look": "look",
    "Lookup": "lookups",
    "Message": "protocol",
    "NoticeHead": "protocol",
    "Publish": "stage",
    "Reply": "protocol",
    "RunHead": "protocol",
    "RunRow": "protocol_lists",
    "SeriesHead": "protocol",
    "Shown": "stage",
    "Snapshot": "protocol",
    "Stage": "stage",
    "Stop": "protocol",
    "Window": "protocol",
    "append_message": "messages",
    "clean": "messages",
    "date": "words",
    "fragment": "pages",
    "frozen_bundle": "bundle",
    "html": "words",
    "kept_comparison": "comparing.keeping",
    "live_bundle": "bundle",
    "look_up": "lookups",
    "one_line": "words",
    "outline_bundle": "outlines",
    "pack_series": "messages",
    "parse_intent": "intents",
    "preload": "preload",
    "read_script": "script",
    "run_head": "messages",
    "run_row": "rows",
    "snapshot_message": "messages",
    "span_of": "intents",
    "value_text": "words",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack.panels' has no attribute {name!r}")
    value = getattr(import_module(f"nbtrack.panels.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
