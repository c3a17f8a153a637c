"""What a notebook keeps of a run: one MIME bundle for every kind of reader.

    our JSON        a snapshot with fewer points, drawn by the lab extension
    text/html       a card without script, for everywhere else
    text/plain      a few lines for terminals and logs

Its size is bounded: a saved notebook holds about 200 KB per panel at most, and says
where it leaves something out.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbtrack import plots
from nbtrack.panels.card import card
from nbtrack.panels.messages import Precision, snapshot_message
from nbtrack.panels.plaintext import plain_text
from nbtrack.panels.protocol import MIME_TYPE, PROTOCOL_VERSION, Line, NoticeHead, Snapshot

if TYPE_CHECKING:
    from nbtrack.query import RunView
    from nbtrack.store import Series

WIDGET_MIME_TYPE = "application/vnd.jupyter.widget-view+json"

_POINTS = 400  # per series
_ALL_POINTS = 10_000  # of all series: 120 KB as 4-byte floats, 160 KB as text
_FEWEST_POINTS = 16
_MOST_SERIES = 400
_LINE_CHARACTERS = 20_000
_VALUE_CHARACTERS = 16_000  # config and summary, each
_TEXT_CHARACTERS = 1_000
_LARGEST_EXACT_STEP = 2**24
_ROUNDING = 2.0**-24  # of a 4-byte float, relative
_VISIBLE = 1e-3  # a thousandth of a chart's height


def live_bundle(widget_view: Mapping[str, object], view: "RunView") -> dict[str, Any]:
    """Return the bundle of a live panel: a widget, and the picture for those without.

    Args:
        widget_view: As the widget describes it.
        view: The run as it stands.
    """
    return {WIDGET_MIME_TYPE: dict(widget_view), **frozen_bundle(view)}


def frozen_bundle(view: "RunView") -> dict[str, Any]:
    """Return the bundle that stays: a picture of the run as it stands.

    Args:
        view: The run.
    """
    return {
        MIME_TYPE: _saved(view),
        "text/html": card(view),
        "text/plain": plain_text(view),
    }


def _saved(view: "RunView") -> dict[str, Any]:
    kept = view.series[:_MOST_SERIES]
    points = max(min(_POINTS, _ALL_POINTS // max(len(kept), 1)), _FEWEST_POINTS)
    thinned = replace(view, series=[_thinned(one, points) for one in kept])
    head, buffer = snapshot_message(thinned, 0, precision=_precision(thinned.series))
    left_out = len(view.series) - len(kept)
    return {
        "version": PROTOCOL_VERSION,
        "snapshot": _trimmed(head, left_out),
        "buffer": base64.b64encode(buffer).decode("ascii"),
    }


def _thinned(series: "Series", points: int) -> "Series":
    kept = plots.extremes(series.values, points)
    return replace(
        series,
        steps=series.steps[kept],
        times_us=series.times_us[kept],
        values=series.values[kept],
    )


def _precision(series: "Sequence[Series]") -> Precision:
    """Return 4 where nobody could see the difference to 8."""
    return 4 if all(_is_coarse(one) for one in series) else 8


def _is_coarse(series: "Series") -> bool:
    steps, values = series.steps, series.values
    if (np.abs(steps[np.isfinite(steps)]) > _LARGEST_EXACT_STEP).any():
        return False
    finite = values[np.isfinite(values)]
    if not len(finite):
        return True
    sizes = np.abs(finite)
    largest, span = sizes.max(), np.ptp(finite.clip(-1e300, 1e300))
    smallest = sizes[sizes > 0].min(initial=1.0)
    limits = np.finfo(np.float32)
    fits = largest <= limits.max and smallest >= limits.tiny
    return bool(fits and (span == 0 or largest * _ROUNDING <= span * _VISIBLE))


def _trimmed(head: Snapshot, left_out: int) -> Snapshot:
    run = head["run"]
    notices = run["notices"][-20:]
    if left_out:
        text = f"The notebook keeps {len(head['series'])} series; {left_out} more are in the store."
        notice = NoticeHead(
            level="info",
            cause="saved series",
            text=text,
            count=1,
            time=run["seen"],
            kind="notice",
            title="",
        )
        notices = [*notices, notice]
    run = {
        **run,
        "config": _within(run["config"], _VALUE_CHARACTERS),
        "summary": _within(run["summary"], _VALUE_CHARACTERS),
        "notes": None if run["notes"] is None else _cut(run["notes"]),
        "notices": notices,
    }
    return {**head, "run": run, "lines": _last(head["lines"])}


def _within(values: dict[str, Any], characters: int) -> dict[str, Any]:
    """Return the first of some values, long texts cut, and how many there are more."""
    kept: dict[str, Any] = {}
    for number, (key, value) in enumerate(values.items()):
        short = _cut_all(value)
        characters -= len(key) + len(json.dumps(short, ensure_ascii=False))
        if characters < 0:
            return {**kept, "…": f"{len(values) - number} more"}
        kept[key] = short
    return kept


def _cut_all(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, dict):
        return {key: _cut_all(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cut_all(item) for item in value]
    return value


def _cut(text: str) -> str:
    if len(text) <= _TEXT_CHARACTERS:
        return text
    return f"{text[:_TEXT_CHARACTERS]}… ({len(text) - _TEXT_CHARACTERS} more characters)"


def _last(lines: list[Line]) -> list[Line]:
    """Return the last lines that have room."""
    room = _LINE_CHARACTERS
    for start in range(len(lines), 0, -1):
        room -= len(lines[start - 1]["text"])
        if room < 0:
            return lines[start:]
    return lines
