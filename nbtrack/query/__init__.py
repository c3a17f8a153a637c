"""Looking at runs: the one way for panels, the sidebar, reports and users.

Nothing here knows a `Run` that is being written; a live run, a finished one and one of
another kernel are read alike.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.query.flushing import on_read

if TYPE_CHECKING:
    from nbtrack.query.api import Api, Runs
    from nbtrack.query.apirun import ApiRun
    from nbtrack.query.follower import Follower, RunNews, RunView
    from nbtrack.query.index import RunIndex, RunListing

__all__ = [
    "Api",
    "ApiRun",
    "Follower",
    "RunIndex",
    "RunListing",
    "RunNews",
    "RunView",
    "Runs",
    "on_read",
]

_LAZY = {
    "Api": "nbtrack.query.api",
    "ApiRun": "nbtrack.query.apirun",
    "Follower": "nbtrack.query.follower",
    "RunIndex": "nbtrack.query.index",
    "RunListing": "nbtrack.query.index",
    "RunNews": "nbtrack.query.follower",
    "RunView": "nbtrack.query.follower",
    "Runs": "nbtrack.query.api",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.query' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
