"""`nbtrack.Api`: the reader of `query`, at the place where this process keeps its runs."""

import os

from nbtrack import query
from nbtrack.runs.session import session
from nbtrack.settings import find_workspace


class Api(query.Api):
    """Reads the runs of one workspace, also those that still go on.

    Examples:
        >>> import nbtrack
        >>> api = nbtrack.Api()
        >>> [run.name for run in api.runs("digits")]
        ['brave-otter-1']
        >>> api.run("digits/1f3k9x2a").summary["loss"]
        0.3
    """

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        """Choose the workspace.

        Args:
            root: The `.nbtrack` folder, or the folder in which it lies. By default the
                one where `init()` would keep a run that is begun here.
        """
        super().__init__(
            find_workspace(None, session().place, session().environment) if root is None else root
        )
