"""Where runs are kept: one journal per run, one database per workspace, and a reader.

The journal of a run is the truth about it, written by one process (`Journal`). Every few
seconds its new part goes into `nbtrack.duckdb` (`Ingester`), which nobody holds open. A
`Reader` adds to what the database has the tails of the journals beyond it.

Names that need numpy or duckdb are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.store.doorbell import Doorbell
from nbtrack.store.doorstep import Doorstep
from nbtrack.store.edits import Edit, edit_run, may_be_edited, taken_edits
from nbtrack.store.facts import ConsoleLine, RowBlock, RunFacts, Series
from nbtrack.store.files import carry_files, copy_file, files_folder, open_file, write_file
from nbtrack.store.footing import Footing, footing_of
from nbtrack.store.ingest import Ingester
from nbtrack.store.journal import DeletedError, Journal, discard_run
from nbtrack.store.layout import is_trashed, run_folder
from nbtrack.store.limits import as_server
from nbtrack.store.liveness import this_process
from nbtrack.store.naming import renamed
from nbtrack.store.outputlog import OUTPUT_LOG, OutputLog
from nbtrack.store.pages import page_path
from nbtrack.store.parts import goes_on, has_parts, is_led, one_joins, open_part
from nbtrack.store.remembering import remember, remembered
from nbtrack.store.requests import (
    Wish,
    asked_exit_code,
    clear_stop,
    request_finish,
    request_stop,
    stop_requested,
    stop_sign,
)
from nbtrack.store.shapes import RowStream
from nbtrack.store.sharing import SharedIngesting
from nbtrack.store.span import Span
from nbtrack.store.workspace import next_number, open_workspace

if TYPE_CHECKING:
    from nbtrack.store.accounting import Room, RunUsage, Usage, usage
    from nbtrack.store.branching import branch
    from nbtrack.store.checkup import Finding, Level, examine
    from nbtrack.store.checkup.finding import counted, size_text
    from nbtrack.store.crowd import Crowd, CrowdReader, Pairs, Part, Spread
    from nbtrack.store.gathering import Gathering, taken_parts
    from nbtrack.store.history import evenly_spaced
    from nbtrack.store.leading import Lead, ends_of, settle, worst_of
    from nbtrack.store.linesearch import LineLevel, LineSearch
    from nbtrack.store.live import LiveRun
    from nbtrack.store.parquet import write_parquet
    from nbtrack.store.patterns import matching
    from nbtrack.store.reader import Reader
    from nbtrack.store.rebuilding import Rebuilt, rebuild
    from nbtrack.store.reduction import bounds_of, kept_of
    from nbtrack.store.resident import rest
    from nbtrack.store.sealing import journal_size, seal, unseal
    from nbtrack.store.sql import answer
    from nbtrack.store.tail import Tail
    from nbtrack.store.tailpoints import news_of
    from nbtrack.store.trash import (
        TrashedRun,
        delete_files,
        forget_runs,
        has_run,
        move_to_trash,
        purge_run,
        remove_rows,
        restore_run,
        trash_run,
        trashed,
        weight_of,
    )
    from nbtrack.store.upkeep import Tended, Upkeep

__all__ = [
    "OUTPUT_LOG",
    "ConsoleLine",
    "Crowd",
    "CrowdReader",
    "DeletedError",
    "Doorbell",
    "Doorstep",
    "Edit",
    "Finding",
    "Footing",
    "Gathering",
    "Ingester",
    "Journal",
    "Lead",
    "Level",
    "LineLevel",
    "LineSearch",
    "LiveRun",
    "OutputLog",
    "Pairs",
    "Part",
    "Reader",
    "Rebuilt",
    "Room",
    "RowBlock",
    "RowStream",
    "RunFacts",
    "RunUsage",
    "Series",
    "SharedIngesting",
    "Span",
    "Spread",
    "Tail",
    "Tended",
    "TrashedRun",
    "Upkeep",
    "Usage",
    "Wish",
    "answer",
    "as_server",
    "asked_exit_code",
    "bounds_of",
    "branch",
    "carry_files",
    "clear_stop",
    "copy_file",
    "counted",
    "delete_files",
    "discard_run",
    "edit_run",
    "ends_of",
    "evenly_spaced",
    "examine",
    "files_folder",
    "footing_of",
    "forget_runs",
    "goes_on",
    "has_parts",
    "has_run",
    "is_led",
    "is_trashed",
    "journal_size",
    "kept_of",
    "matching",
    "may_be_edited",
    "move_to_trash",
    "news_of",
    "next_number",
    "one_joins",
    "open_file",
    "open_part",
    "open_workspace",
    "page_path",
    "purge_run",
    "rebuild",
    "remember",
    "remembered",
    "remove_rows",
    "renamed",
    "request_finish",
    "request_stop",
    "rest",
    "restore_run",
    "run_folder",
    "seal",
    "settle",
    "size_text",
    "stop_requested",
    "stop_sign",
    "taken_edits",
    "taken_parts",
    "this_process",
    "trash_run",
    "trashed",
    "unseal",
    "usage",
    "weight_of",
    "worst_of",
    "write_file",
    "write_parquet",
]

_LAZY = {
    **dict.fromkeys(("Crowd", "CrowdReader", "Pairs", "Part", "Spread"), "nbtrack.store.crowd"),
    "Gathering": "nbtrack.store.gathering",
    "Lead": "nbtrack.store.leading",
    "ends_of": "nbtrack.store.leading",
    "settle": "nbtrack.store.leading",
    "taken_parts": "nbtrack.store.gathering",
    "worst_of": "nbtrack.store.leading",
    "Finding": "nbtrack.store.checkup",
    "Level": "nbtrack.store.checkup",
    "branch": "nbtrack.store.branching",
    "LineLevel": "nbtrack.store.linesearch",
    "LineSearch": "nbtrack.store.linesearch",
    "LiveRun": "nbtrack.store.live",
    "Reader": "nbtrack.store.reader",
    "Rebuilt": "nbtrack.store.rebuilding",
    "Room": "nbtrack.store.accounting",
    "RunUsage": "nbtrack.store.accounting",
    "Tail": "nbtrack.store.tail",
    "answer": "nbtrack.store.sql",
    "evenly_spaced": "nbtrack.store.history",
    "matching": "nbtrack.store.patterns",
    "Tended": "nbtrack.store.upkeep",
    "Upkeep": "nbtrack.store.upkeep",
    "Usage": "nbtrack.store.accounting",
    "counted": "nbtrack.store.checkup.finding",
    "examine": "nbtrack.store.checkup",
    "journal_size": "nbtrack.store.sealing",
    **dict.fromkeys(("bounds_of", "kept_of"), "nbtrack.store.reduction"),
    "news_of": "nbtrack.store.tailpoints",
    "rebuild": "nbtrack.store.rebuilding",
    "rest": "nbtrack.store.resident",
    "seal": "nbtrack.store.sealing",
    "size_text": "nbtrack.store.checkup.finding",
    **dict.fromkeys(
        (
            "TrashedRun",
            "delete_files",
            "forget_runs",
            "has_run",
            "move_to_trash",
            "purge_run",
            "remove_rows",
            "restore_run",
            "trash_run",
            "trashed",
            "weight_of",
        ),
        "nbtrack.store.trash",
    ),
    "unseal": "nbtrack.store.sealing",
    "usage": "nbtrack.store.accounting",
    "write_parquet": "nbtrack.store.parquet",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.store' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
