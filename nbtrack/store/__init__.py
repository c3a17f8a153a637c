"""Where runs are kept: one journal per run, one database per workspace, and a reader.

The journal of a run is the truth about it, written by one process (`Journal`). Every few
seconds its new part goes into `nbtrack.duckdb` (`Ingester`), which nobody holds open. A
`Reader` adds to what the database has the tails of the journals beyond it.

Names that need numpy or duckdb are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.store.edits import Edit, edit_run, taken_edits
from nbtrack.store.facts import ConsoleLine, RowBlock, RunFacts, Series
from nbtrack.store.files import copy_file, files_folder
from nbtrack.store.footing import Footing, footing_of
from nbtrack.store.ingest import Ingester
from nbtrack.store.journal import DeletedError, Journal, discard_run
from nbtrack.store.layout import clear_stop, request_stop, run_folder, stop_requested
from nbtrack.store.limits import as_server
from nbtrack.store.liveness import this_process
from nbtrack.store.remembering import remember, remembered
from nbtrack.store.shapes import RowStream
from nbtrack.store.sharing import SharedIngesting
from nbtrack.store.workspace import next_number, open_workspace

if TYPE_CHECKING:
    from nbtrack.store.branching import branch
    from nbtrack.store.history import evenly_spaced
    from nbtrack.store.live import LiveRun
    from nbtrack.store.patterns import matching
    from nbtrack.store.reader import Reader
    from nbtrack.store.sql import answer
    from nbtrack.store.tail import Tail
    from nbtrack.store.tailpoints import news_of

__all__ = [
    "ConsoleLine",
    "DeletedError",
    "Edit",
    "Footing",
    "Ingester",
    "Journal",
    "LiveRun",
    "Reader",
    "RowBlock",
    "RowStream",
    "RunFacts",
    "Series",
    "SharedIngesting",
    "Tail",
    "answer",
    "as_server",
    "branch",
    "clear_stop",
    "copy_file",
    "discard_run",
    "edit_run",
    "evenly_spaced",
    "files_folder",
    "footing_of",
    "matching",
    "news_of",
    "next_number",
    "open_workspace",
    "remember",
    "remembered",
    "request_stop",
    "run_folder",
    "stop_requested",
    "taken_edits",
    "this_process",
]

_LAZY = {
    "branch": "nbtrack.store.branching",
    "LiveRun": "nbtrack.store.live",
    "Reader": "nbtrack.store.reader",
    "Tail": "nbtrack.store.tail",
    "answer": "nbtrack.store.sql",
    "evenly_spaced": "nbtrack.store.history",
    "matching": "nbtrack.store.patterns",
    "news_of": "nbtrack.store.tailpoints",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.store' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
