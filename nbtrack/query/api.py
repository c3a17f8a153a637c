"""`Api()`: the runs of a workspace, for code.

Everything is read from the local store, at once, also of runs that are being written;
what this very process has not written yet is written first.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from nbtrack.errors import UsageError
from nbtrack.query.apirun import ApiRun
from nbtrack.query.flushing import flush_all
from nbtrack.query.paths import RunPath
from nbtrack.settings import FOLDER, Place, find_workspace
from nbtrack.store import Reader, RunFacts

_ORDERS = ("+created_at", "-created_at")


class Runs(Sequence[ApiRun]):
    """Runs in order, as they stood when they were looked up."""

    def __init__(self, reader: Reader, found: Sequence[RunFacts]) -> None:
        """Keep what was found."""
        self._reader = reader
        self._found = found

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> ApiRun: ...
    @overload
    def __getitem__(self, index: slice) -> "Runs": ...
    def __getitem__(self, index: int | slice) -> "ApiRun | Runs":
        """Return one run, or some of them."""
        if isinstance(index, slice):
            return Runs(self._reader, self._found[index])
        return ApiRun(self._reader, self._found[index])

    def __iter__(self) -> Iterator[ApiRun]:
        """Iterate over the runs in order."""
        return (ApiRun(self._reader, facts) for facts in self._found)

    def __repr__(self) -> str:
        """Say how many runs there are."""
        return f"<Runs {len(self)}>"


class Api:
    """Reads the runs of one workspace.

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
        if root is None:
            self._root = find_workspace(None, Place())
        else:
            given = Path(root).expanduser().absolute()
            self._root = given / FOLDER if (given / FOLDER).is_dir() else given
        self._reader = Reader(self._root)

    def runs(self, path: str | None = None, order: str = "+created_at") -> Runs:
        """Return the runs of a project, or of all.

        Args:
            path: `entity/project`, `project`, or None for all.
            order: `+created_at` for the oldest first, `-created_at` for the newest.

        Raises:
            UsageError: If `path` or `order` is malformed.
            StoreError: If the workspace cannot be read.
        """
        if order not in _ORDERS:
            raise UsageError(f"order must be one of {', '.join(_ORDERS)}, not {order!r}.")
        entity, project = _project_of(path)
        flush_all()
        found = [
            facts
            for facts in self._reader.runs()
            if project in (None, facts.opened.project) and entity in (None, facts.opened.entity)
        ]
        return Runs(self._reader, found if order.startswith("-") else found[::-1])

    def run(self, path: str) -> ApiRun:
        """Return one run; where several have its id, the newest.

        Args:
            path: `entity/project/id`, `project/id` or `id`.

        Raises:
            UsageError: If `path` is malformed.
            RunNotFoundError: If there is no such run; the message says what there is.
            StoreError: If the workspace cannot be read.
        """
        wanted = RunPath.parse(path)
        flush_all()
        return ApiRun(self._reader, wanted.find(self._reader.runs()))

    def flush(self) -> None:
        """Forget nothing and fetch nothing: reads are never cached. It is there for habit."""
        flush_all()

    def __repr__(self) -> str:
        """Say which workspace is read."""
        return f"<Api {str(self._root)!r}>"


def _project_of(path: str | None) -> tuple[str | None, str | None]:
    if path is None:
        return None, None
    parts = path.strip("/").split("/") if isinstance(path, str) else []
    if not parts or not all(parts) or len(parts) > 2:  # noqa: PLR2004 - entity/project
        raise UsageError(f"the path of a project is 'entity/project' or 'project', not {path!r}.")
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])
