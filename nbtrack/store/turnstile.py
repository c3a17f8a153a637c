"""Who may open the database, and when: a lock, and a gate before it.

DuckDB lets one process open a file for writing and then nobody else may even read it;
it does not wait. So every opening of ours happens under `lock`, shared for reading and
exclusive for writing. Readers that follow each other closely would starve a writer:
whoever wants in passes the `gate` first, and a writer holds it while it waits.

Both locks are `flock`s of their own little files. They are released by name, so that a
forked child that holds a copy of the open file keeps nobody out.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from nbtrack.store.layout import PRIVATE_FILE

PAUSE_S = 0.001


class BusyError(Exception):
    """Somebody else had the database open all the time."""


@contextlib.contextmanager
def passed(folder: Path, *, exclusive: bool, wait_s: float) -> Iterator[None]:
    """Hold the lock of a workspace's database.

    Args:
        folder: In which the database lies.
        exclusive: Whether to write.
        wait_s: When to give up, seconds.

    Raises:
        BusyError: If the lock was not free in time.
        OSError: If the lock files cannot be opened.
    """
    give_up_at = time.monotonic() + wait_s
    with _opened(folder / "gate") as gate, _opened(folder / "lock") as lock:
        _take(gate, exclusive=True, give_up_at=give_up_at)
        try:
            _take(lock, exclusive=exclusive, give_up_at=give_up_at)
        finally:
            _release(gate)
        try:
            yield
        finally:
            _release(lock)


def keeps_locks(folder: Path) -> bool:
    """Tell whether a lock in a folder keeps others out, by locking the gate twice.

    Somebody else who holds it is a proof, too. Where nothing can be opened, nothing can
    be written, and it makes no difference.
    """
    try:
        with _opened(folder / "gate") as first, _opened(folder / "gate") as second:
            return _refuses(first, second)
    except OSError:
        return True


def _refuses(first: int, second: int) -> bool:
    try:
        if not _try(first, exclusive=True):
            return True
    except OSError:
        return False  # there are no locks
    try:
        return not _try(second, exclusive=True)
    except OSError:
        return False
    finally:
        _release(first)


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """Tell whether nobody else is in such a block, and keep others out of it until the end.

    Args:
        path: Of the lock file.

    Raises:
        OSError: If it cannot be opened.
    """
    with _opened(path) as descriptor:
        is_first = _try(descriptor, exclusive=True)
        try:
            yield is_first
        finally:
            if is_first:
                _release(descriptor)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError:
        descriptor = os.open(path, os.O_RDONLY)  # somebody else's workspace can be locked, too
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, *, exclusive: bool, give_up_at: float) -> None:
    while not _try(descriptor, exclusive=exclusive):
        if time.monotonic() > give_up_at:
            raise BusyError
        time.sleep(PAUSE_S)


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # locks are mandatory there: lock a byte that nobody reads

    def _try(descriptor: int, *, exclusive: bool) -> bool:  # noqa: ARG001 - there is one kind
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(descriptor: int, *, exclusive: bool) -> bool:
        kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
