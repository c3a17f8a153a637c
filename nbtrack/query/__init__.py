"""Looking at runs: the one way for panels, the sidebar, reports and users.

Nothing here knows a `Run` that is being written; a live run, a finished one and one of
another kernel are read alike.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.query.flushing import on_read

if TYPE_CHECKING:
    from nbtrack.query.api import Api
    from nbtrack.query.apirun import ApiRun
    from nbtrack.query.files import ApiFile
    from nbtrack.query.follower import Follower, RunNews, RunView
    from nbtrack.query.index import RunIndex, RunListing
    from nbtrack.query.projects import ApiProject
    from nbtrack.query.runs import Runs
    from nbtrack.query.table import Table

__all__ = [
    "Api",
    "ApiFile",
    "ApiProject",
    "ApiRun",
    "Follower",
    "RunIndex",
    "RunListing",
    "RunNews",
    "RunView",
    "Runs",
    "Table",
    "on_read",
]

_LAZY = {
    "Api": "nbtrack.query.api",
    "ApiFile": "nbtrack.query.files",
    "ApiProject": "nbtrack.query.projects",
    "ApiRun": "nbtrack.query.apirun",
    "Follower": "nbtrack.query.follower",
    "RunIndex": "nbtrack.query.index",
    "RunListing": "nbtrack.query.index",
    "RunNews": "nbtrack.query.follower",
    "RunView": "nbtrack.query.follower",
    "Runs": "nbtrack.query.runs",
    "Table": "nbtrack.query.table",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.query' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
