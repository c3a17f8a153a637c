"""A journal is packed when its run has ended: a third of its size, and read as before.

Sealing holds the journal's lock, so that nobody goes on writing meanwhile. The packed
file is whole and on the disk before it gets its name, and only then does the journal go.
Whoever is killed in between leaves both, and then the journal counts: it may have been
written since. A reader that has the journal open goes on reading it.
"""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.store import liveness
from nbtrack.store.frames import PlainFile, Source, is_current
from nbtrack.store.layout import JOURNAL, PRIVATE_FILE, READING, SEALED, run_folder
from nbtrack.store.recovery import recover
from nbtrack.store.sealed import SealedFile, blocks, sealed_size
from nbtrack.store.spill import NAME as SPILL

_PART = ".part"
_PIECE_BYTES = 1 << 20
_MOST_TRIES = 3
_TICK_NS = 2_000_000_000  # the coarsest time of a folder's change: two within it look like one
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class _StoppedError(Exception):
    """Somebody asked that the work end."""


def seal(root: Path, uid: str, is_stopped: Callable[[], bool] = lambda: False) -> bool:
    """Pack the journal of a run that nobody writes.

    Args:
        root: The workspace.
        uid: Of the run. That it has ended and is in the database is for the caller to know.
        is_stopped: Asked after every quarter of a megabyte whether to leave it.

    Returns:
        Whether the journal is packed now; False where somebody writes it, there is none,
        or `is_stopped` said so.

    Raises:
        UsageError: If the uid is malformed.
        StoreError: If it cannot be packed, because the disk is full for example. The
            journal is as it was.
    """
    recover(root, uid)
    folder = run_folder(root, uid)
    try:
        with locked(folder / JOURNAL) as descriptor:
            if descriptor is None or (folder / SPILL).exists():
                return (folder / SEALED).exists() and not (folder / JOURNAL).exists()
            _seal(folder, PlainFile(os.dup(descriptor)), is_stopped)
    except FileNotFoundError:
        return (folder / SEALED).exists()
    except _StoppedError:
        return False
    except OSError as error:
        raise StoreError(f"the journal of run {uid!r} cannot be sealed: {error}.") from error
    return True


def unseal(root: Path, uid: str) -> None:
    """Make a journal of a packed one, so that it can be written; harmless where it is one.

    Stretches that are damaged become zeros, at their place.

    Raises:
        UsageError: If the uid is malformed.
        RunNotFoundError: If there is no such run.
        StoreError: If there is no room for it, or a newer nbtrack packed it.
    """
    folder = run_folder(root, uid)
    try:
        with locked(folder / SEALED) as descriptor:
            if descriptor is not None and not (folder / JOURNAL).exists():
                _unseal(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"the journal of run {uid!r} cannot be unsealed: {error}.") from error
    if not (folder / JOURNAL).exists():
        raise RunNotFoundError(f"no run {uid!r} in {str(root)!r}.")


def open_source(root: Path, uid: str) -> Source:
    """Open a journal for reading, packed or not.

    Raises:
        UsageError: If the uid is malformed.
        FileNotFoundError: If there is none.
        StoreError: If a newer nbtrack packed it.
        OSError: If it cannot be opened.
    """
    folder = run_folder(root, uid)
    for _ in range(_MOST_TRIES):  # one may be made of the other at this moment
        with contextlib.suppress(FileNotFoundError):
            return PlainFile(os.open(folder / JOURNAL, READING))
        with contextlib.suppress(FileNotFoundError):
            return SealedFile.open(folder / SEALED)
    raise FileNotFoundError(2, "there is no journal", str(folder / JOURNAL))


def successor(source: Source, root: Path, uid: str) -> Source | None:
    """Return the file in which a journal lies by now, where that is not the one that is open.

    It was packed, or unpacked and maybe written since: the same bytes lie at the same
    offsets. None where nothing has changed, or the journal cannot be opened.

    Args:
        source: The file that is open; it stays open.
        root: The workspace.
        uid: Of the run, well formed.
    """
    folder = run_folder(root, uid)
    try:
        is_same = source.is_at(folder / JOURNAL)
        if is_same or (source.is_at(folder / SEALED) and not (folder / JOURNAL).exists()):
            return None
        return open_source(root, uid)
    except (OSError, StoreError):
        return None


def journal_size(root: Path, uid: str) -> int:
    """Return how long a journal is, unpacked; -1 if there is none or it cannot be told.

    Raises:
        UsageError: If the uid is malformed.
    """
    run_folder(root, uid)
    return JournalSizes(root).of(uid)


class JournalSizes:
    """How long the journals of a workspace are, a thousand of them twice a second.

    A packed journal is opened once: it changes only by a change of its folder.
    """

    def __init__(self, root: Path) -> None:
        """Keep the workspace."""
        self._runs = str(root / "runs")
        self._sealed: dict[str, tuple[int, int]] = {}

    def of(self, uid: str) -> int:
        """Return how long a journal is, unpacked; -1 if there is none or it cannot be told.

        Args:
            uid: Of the run, well formed.
        """
        folder = f"{self._runs}/{uid}"
        try:
            known = self._sealed.get(uid)
            if known is not None and _changed_ns(folder) == known[0]:
                return known[1]
            return os.stat(f"{folder}/{JOURNAL}").st_size  # noqa: PTH116 - Path costs more than this
        except OSError:
            return self._of_sealed(uid, folder)

    def _of_sealed(self, uid: str, folder: str) -> int:
        self._sealed.pop(uid, None)
        try:
            changed_ns = _changed_ns(folder)
            size = sealed_size(Path(folder, SEALED))
        except OSError:
            return -1
        if time.time_ns() - changed_ns > _TICK_NS:
            self._sealed[uid] = (changed_ns, size)
        return size


def _changed_ns(folder: str) -> int:
    return os.stat(folder).st_mtime_ns  # noqa: PTH116 - as above


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int | None]:
    """Hold the lock of a journal; None where somebody else has it, or has packed it.

    Raises:
        FileNotFoundError: If there is none.
        OSError: If it cannot be opened for writing.
    """
    descriptor = os.open(path, os.O_RDWR | _BINARY | _NO_LINK)
    try:
        # Not waited for: a writer holds it as long as it lives.
        if liveness.is_locked(descriptor) is True or not liveness.take_lock(descriptor):
            yield None
            return
        try:
            yield descriptor if is_current(descriptor, path) else None
        finally:
            with contextlib.suppress(OSError):
                liveness.release_lock(descriptor)
    finally:
        os.close(descriptor)


def _seal(folder: Path, journal: PlainFile, is_stopped: Callable[[], bool]) -> None:
    with contextlib.closing(journal):
        size = journal.size
        with _made(folder / SEALED, _until(is_stopped, blocks(journal))) as part:
            _check(part, size)
        if journal.size != size:
            raise StoreError("somebody wrote it meanwhile")
    (folder / JOURNAL).unlink()
    sync_folder(folder)


def _unseal(folder: Path) -> None:
    sealed = SealedFile.open(folder / SEALED)
    with contextlib.closing(sealed), _made(folder / JOURNAL, _pieces(sealed)):
        pass
    (folder / SEALED).unlink()
    sync_folder(folder)


def _until(is_stopped: Callable[[], bool], pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if is_stopped():
            raise _StoppedError
        yield piece


def _pieces(source: Source) -> Iterator[bytes]:
    for offset in range(0, source.size, _PIECE_BYTES):
        yield source.read_at(offset, _PIECE_BYTES)


def _check(part: Path, size: int) -> None:
    """Read back what was written, before the original goes."""
    with contextlib.closing(SealedFile.open(part)) as sealed:
        if sealed.size != size or not sealed.is_whole():
            raise StoreError("what was written does not come back")


@contextlib.contextmanager
def _made(path: Path, pieces: Iterable[bytes]) -> Iterator[Path]:
    """Write a file beside `path`, and give it that name when the block has looked at it."""
    _sweep(path)
    # Locks cannot be trusted on every file system: nobody else writes this file.
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")
    try:
        _write(part, pieces)
        yield part
        part.replace(path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _sweep(path: Path) -> None:
    """Remove what others left that were killed while they made this file."""
    for left in path.parent.glob(f"{path.name}.*{_PART}"):
        with contextlib.suppress(OSError):
            left.unlink()


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Let the names in a folder outlive a power cut, where the platform can do that."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
