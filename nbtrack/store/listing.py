"""Which runs a workspace has, and whether one that had ended is taken up again.

Both are asked several times a second; two questions to the file system answer them as long
as nothing changes.
"""

import contextlib
import os
import time
from pathlib import Path

from nbtrack.store.layout import PRIVATE_FILE, runs_folder, uids

_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link, no pipe

TAKEN_UP = "taken-up"
"""A file of the workspace that grows by a byte when a run is taken up again."""
LISTED_ANEW_S = 30.0  # also where a file system does not tell the time of a folder's change
_APPENDING = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _SAFELY
_TICK_NS = 2_000_000_000  # a folder may change twice within one tick of its clock


class RunFolders:
    """The folders of runs in a workspace. Used by one thread at a time."""

    def __init__(self, root: Path) -> None:
        """Keep the workspace; nothing is read."""
        self._root = root
        self._runs, self._taken_up = str(runs_folder(root)), str(root / TAKEN_UP)
        self._known: frozenset[str] = frozenset()
        self._changed_ns: int | None = None
        self._listed_s = 0.0

    @property
    def taken_up(self) -> int:
        """What is another number after a run was taken up again."""
        return _size_of(self._taken_up)

    def uids(self) -> frozenset[str]:
        """Return the uids of all run folders; the same object where nothing has changed.

        Raises:
            StoreError: If the folder of runs cannot be read.
        """
        changed_ns = _changed_ns(self._runs)
        is_known = changed_ns is not None and changed_ns == self._changed_ns
        if is_known and time.monotonic() - self._listed_s < LISTED_ANEW_S:
            return self._known
        found = frozenset(uids(self._root))
        self._listed_s = time.monotonic()
        is_settled = changed_ns is not None and time.time_ns() - changed_ns > _TICK_NS
        self._changed_ns = changed_ns if is_settled else None
        if found != self._known:
            self._known = found
        return self._known


def note_taking_up(root: Path) -> None:
    """Tell all who look at a workspace that a run which had ended is about to go on.

    Where that cannot be written they find it within half a minute by themselves.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(root / TAKEN_UP, _APPENDING, PRIVATE_FILE)
        try:
            os.write(descriptor, b".")
        finally:
            os.close(descriptor)


def _changed_ns(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - Path costs more than this
    except OSError:
        return None


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - as above
    except OSError:
        return 0
