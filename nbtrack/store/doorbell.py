"""Being woken when somebody moves something into a folder, on Linux.

What is asked of a run comes so: written beside its place, then moved there, whole.

Ten looks a second cost next to nothing, a hundred would be felt; here one waits for the
news itself (inotify). Where it does not come (another system, no watch left, a network file
system that another machine writes to), whoever waits has waited and looks all the same.
"""

import contextlib
import os
import select
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from nbtrack.forks import kept_from_forks

REST_S = 0.01
"""Between rings: whoever rings without end is heard, and costs no processor time."""

_MOVED_INTO_IT = 0x80  # IN_MOVED_TO
_FOLDERS_ONLY = 0x01000000 | 0x02000000  # IN_ONLYDIR, IN_DONT_FOLLOW
_MOST_NEWS = 1 << 16  # bytes
_OURS = "anon_inode:inotify"


class Doorbell:
    """Rings for one thread, which waits for it."""

    def __init__(self) -> None:
        """Begin silent: what is needed is loaded at the end of the first wait."""
        self._libc: Any = None
        self._descriptor = -1
        self._is_tried = False
        self._has_rung = False
        self._watched: dict[Path, int] = {}

    def wait(self, timeout_s: float) -> bool:
        """Wait until it rings, or for so long; return whether it rang.

        A moment later it rings once more: whoever was woken looks first, because to read
        what the system says takes the interpreter's lock away for 5 ms where a cell
        computes. What came after that look is seen then.
        """
        if self._descriptor < 0:
            time.sleep(timeout_s)  # nothing rings here: one looks in turns
            self._hang_up()
            return False
        if self._has_rung:
            self._has_rung = False
            time.sleep(REST_S)  # who rings without end costs no more than that
            self._clear()
            return True
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        self._has_rung = bool(poll.poll(timeout_s * 1000))
        return self._has_rung

    def listen_at(self, folders: Collection[Path]) -> None:
        """Ring for these folders from now on, and for no others."""
        wanted = set(folders)
        if self._descriptor < 0 or self._watched.keys() == wanted:
            return
        for folder in self._watched.keys() - wanted:
            self._libc.inotify_rm_watch(self._descriptor, self._watched.pop(folder))
        for folder in wanted - self._watched.keys():
            self._watched[folder] = self._libc.inotify_add_watch(
                self._descriptor, os.fsencode(folder), _MOVED_INTO_IT | _FOLDERS_ONLY
            )

    def close(self) -> None:
        """Ring no more."""
        if self._is_there():
            os.close(self._descriptor)
        self._descriptor = -1

    def _clear(self) -> None:
        if not self._is_there():
            self._descriptor = -1
            return
        with contextlib.suppress(BlockingIOError):
            os.read(self._descriptor, _MOST_NEWS)

    def _is_there(self) -> bool:
        """Whether the descriptor is ours still.

        A program that becomes a daemon closes whatever is open, and what it opens then gets
        the same number: that is not ours to read or to close.
        """
        try:
            return str(Path(f"/proc/self/fd/{self._descriptor}").readlink()) == _OURS
        except OSError:
            return False

    def _hang_up(self) -> None:
        if self._is_tried or sys.platform != "linux":
            return
        self._is_tried = True
        with contextlib.suppress(ImportError, OSError, AttributeError):  # no such library or call
            with kept_from_forks():
                import ctypes
            self._libc = ctypes.CDLL(None)
            self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
