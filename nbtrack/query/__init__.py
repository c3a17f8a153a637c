"""Looking at runs: the one way for panels, the sidebar, reports and users.

Nothing here knows a `Run` that is being written; a live run, a finished one and one of
another kernel are read alike.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.query.addresses import PARAMETER, Address, address_in
from nbtrack.query.drawing import Answer, Artist, checked_height, on_draw, the_artist
from nbtrack.query.flushing import on_read
from nbtrack.query.reporting import ReportFile

if TYPE_CHECKING:
    from nbtrack.query.acting import (
        Outcome,
        RunEndedError,
        expect_tags,
        finish_run,
        finish_runs,
        purge_runs,
        restore_runs,
        retagged,
        stop_run,
        stop_runs,
        tag_runs,
        trash_runs,
        weigh_runs,
    )
    from nbtrack.query.api import Api
    from nbtrack.query.apirun import ApiRun
    from nbtrack.query.choosing import Choice
    from nbtrack.query.comparing import (
        Band,
        BandKind,
        Chart,
        Comparison,
        Drawing,
        Leaves,
        Outlook,
        Question,
        defined_goal,
        differences,
        leaves,
        ranked_metrics,
        standing,
        workspace_of,
    )
    from nbtrack.query.contrasting import Difference, contrast
    from nbtrack.query.divergence import Divergence, checked_tolerance, divergences
    from nbtrack.query.editing import edit_details
    from nbtrack.query.facets import Facets
    from nbtrack.query.fields import Field
    from nbtrack.query.files import ApiFile, files_in, read_part
    from nbtrack.query.filters import parse_filters
    from nbtrack.query.follower import Follower, RunNews, RunView
    from nbtrack.query.index import RunIndex
    from nbtrack.query.projects import ApiProject
    from nbtrack.query.replay import packages_of
    from nbtrack.query.runs import Runs
    from nbtrack.query.sheet import Sheet
    from nbtrack.query.shortlist import Shortlist
    from nbtrack.query.summarizing import Summary, summarize
    from nbtrack.query.table import Table

__all__ = [
    "PARAMETER",
    "Address",
    "Answer",
    "Api",
    "ApiFile",
    "ApiProject",
    "ApiRun",
    "Artist",
    "Band",
    "BandKind",
    "Chart",
    "Choice",
    "Comparison",
    "Difference",
    "Divergence",
    "Drawing",
    "Facets",
    "Field",
    "Follower",
    "Leaves",
    "Outcome",
    "Outlook",
    "Question",
    "ReportFile",
    "RunEndedError",
    "RunIndex",
    "RunNews",
    "RunView",
    "Runs",
    "Sheet",
    "Shortlist",
    "Summary",
    "Table",
    "address_in",
    "checked_height",
    "checked_tolerance",
    "contrast",
    "defined_goal",
    "differences",
    "divergences",
    "edit_details",
    "expect_tags",
    "files_in",
    "finish_run",
    "finish_runs",
    "leaves",
    "on_draw",
    "on_read",
    "packages_of",
    "parse_filters",
    "purge_runs",
    "ranked_metrics",
    "read_part",
    "restore_runs",
    "retagged",
    "standing",
    "stop_run",
    "stop_runs",
    "summarize",
    "tag_runs",
    "the_artist",
    "trash_runs",
    "weigh_runs",
    "workspace_of",
]

_LAZY = {
    **dict.fromkeys(
        (
            "Outcome",
            "RunEndedError",
            "expect_tags",
            "finish_run",
            "finish_runs",
            "purge_runs",
            "restore_runs",
            "retagged",
            "stop_run",
            "stop_runs",
            "tag_runs",
            "trash_runs",
            "weigh_runs",
        ),
        "nbtrack.query.acting",
    ),
    "Api": "nbtrack.query.api",
    "ApiFile": "nbtrack.query.files",
    "ApiProject": "nbtrack.query.projects",
    "ApiRun": "nbtrack.query.apirun",
    **dict.fromkeys(
        (
            "Band",
            "BandKind",
            "Chart",
            "Comparison",
            "Drawing",
            "Leaves",
            "Outlook",
            "Question",
            "defined_goal",
            "differences",
            "leaves",
            "ranked_metrics",
            "standing",
            "workspace_of",
        ),
        "nbtrack.query.comparing",
    ),
    "Choice": "nbtrack.query.choosing",
    "Difference": "nbtrack.query.contrasting",
    "contrast": "nbtrack.query.contrasting",
    "Divergence": "nbtrack.query.divergence",
    "checked_tolerance": "nbtrack.query.divergence",
    "divergences": "nbtrack.query.divergence",
    "Facets": "nbtrack.query.facets",
    "Field": "nbtrack.query.fields",
    "packages_of": "nbtrack.query.replay",
    "Follower": "nbtrack.query.follower",
    "RunIndex": "nbtrack.query.index",
    "RunNews": "nbtrack.query.follower",
    "RunView": "nbtrack.query.follower",
    "Runs": "nbtrack.query.runs",
    "Sheet": "nbtrack.query.sheet",
    "Shortlist": "nbtrack.query.shortlist",
    "Summary": "nbtrack.query.summarizing",
    "Table": "nbtrack.query.table",
    "edit_details": "nbtrack.query.editing",
    "files_in": "nbtrack.query.files",
    "summarize": "nbtrack.query.summarizing",
    "parse_filters": "nbtrack.query.filters",
    "read_part": "nbtrack.query.files",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.query' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
