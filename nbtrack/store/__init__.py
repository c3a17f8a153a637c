"""Where runs are kept: one journal per run, one database per workspace, and a reader.

The journal of a run is the truth about it, written by one process (`Journal`). Every few
seconds its new part goes into `nbtrack.duckdb` (`Ingester`), which nobody holds open. A
`Reader` adds to what the database has the tails of the journals beyond it.

Names that need numpy or duckdb are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.store.facts import ConsoleLine, RowBlock, RunFacts, Series
from nbtrack.store.ingest import Ingester
from nbtrack.store.journal import Journal
from nbtrack.store.layout import clear_stop, request_stop, run_folder, stop_requested
from nbtrack.store.liveness import this_process
from nbtrack.store.shapes import RowStream
from nbtrack.store.workspace import next_number, open_workspace

if TYPE_CHECKING:
    from nbtrack.store.accounting import Room, RunUsage, Usage, usage
    from nbtrack.store.history import evenly_spaced
    from nbtrack.store.live import LiveRun
    from nbtrack.store.reader import Reader
    from nbtrack.store.sealing import journal_size, seal, unseal
    from nbtrack.store.tail import Tail
    from nbtrack.store.tailpoints import news_of
    from nbtrack.store.trash import TrashedRun, purge_run, restore_run, trash_run, trashed
    from nbtrack.store.upkeep import Tended, Upkeep

__all__ = [
    "ConsoleLine",
    "Ingester",
    "Journal",
    "LiveRun",
    "Reader",
    "Room",
    "RowBlock",
    "RowStream",
    "RunFacts",
    "RunUsage",
    "Series",
    "Tail",
    "Tended",
    "TrashedRun",
    "Upkeep",
    "Usage",
    "clear_stop",
    "evenly_spaced",
    "journal_size",
    "news_of",
    "next_number",
    "open_workspace",
    "purge_run",
    "request_stop",
    "restore_run",
    "run_folder",
    "seal",
    "stop_requested",
    "this_process",
    "trash_run",
    "trashed",
    "unseal",
    "usage",
]

_LAZY = {
    "LiveRun": "nbtrack.store.live",
    "Reader": "nbtrack.store.reader",
    "Room": "nbtrack.store.accounting",
    "RunUsage": "nbtrack.store.accounting",
    "Tail": "nbtrack.store.tail",
    "Tended": "nbtrack.store.upkeep",
    "TrashedRun": "nbtrack.store.trash",
    "Upkeep": "nbtrack.store.upkeep",
    "Usage": "nbtrack.store.accounting",
    "evenly_spaced": "nbtrack.store.history",
    "journal_size": "nbtrack.store.sealing",
    "news_of": "nbtrack.store.tailpoints",
    "purge_run": "nbtrack.store.trash",
    "restore_run": "nbtrack.store.trash",
    "seal": "nbtrack.store.sealing",
    "trash_run": "nbtrack.store.trash",
    "trashed": "nbtrack.store.trash",
    "unseal": "nbtrack.store.sealing",
    "usage": "nbtrack.store.accounting",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.store' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
