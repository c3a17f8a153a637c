"""Who brings a database up to date where locks are not to be trusted: one process.

A lease is a file `lease.<n>` that is made whole and at once: written under a name of its
own, then linked. It holds the evidence by which others find out whether its process
lives, as a journal does. Whoever finds the newest one let go, or its process gone, makes
number n + 1. One gets it, and removes the older ones. The newest is never removed, only
marked as free, so that a number is not given twice.

A process has a lease at most once. Whoever takes it again within the process gets it,
and the last one who lets go lets it go. A forked child has none.
"""

import atexit
import contextlib
import json
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Owner
from nbtrack.store import liveness
from nbtrack.store.layout import make_private

_SILENCE_S = liveness.SILENCE_US / MICROSECONDS
_FREE = b"{}"
_PREFIX = "lease."
_PRIVATE_PREFIX = "lease-"


@dataclass(slots=True)
class _Held:
    """A lease of this process, and how often it was taken."""

    path: Path
    times: int = 1


class _Leases:
    """The leases of this process."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.held: dict[Path, _Held] = {}

    def free(self) -> None:
        with self.lock:
            while self.held:
                _free(self.held.popitem()[1].path)

    def forget(self) -> None:
        """In a forked child: they stay the parent's, one of whose threads may have the lock."""
        self.lock = threading.RLock()
        self.held = {}


_LEASES = _Leases()


def take(folder: Path) -> bool:
    """Take the lease of a folder, or take it once more.

    Returns:
        Whether this process has it now. False if another one has it, or the folder
        cannot be written.
    """
    with _LEASES.lock:
        held = _LEASES.held.get(folder)
        if held is not None and _renewed(held.path):
            held.times += 1
            return True
        try:
            path = _won(folder)
        except OSError:
            path = None
        if path is None:
            _LEASES.held.pop(folder, None)
            return False
        times = held.times + 1 if held else 1
        _LEASES.held[folder] = _Held(path, times)
        return True


def let_go(folder: Path) -> None:
    """Take back one `take`; without one nothing happens."""
    with _LEASES.lock:
        held = _LEASES.held.get(folder)
        if held is None:
            return
        held.times -= 1
        if held.times == 0:
            del _LEASES.held[folder]
            _free(held.path)


@contextlib.contextmanager
def taken(folder: Path) -> Iterator[bool]:
    """Take the lease for a while; gives whether this process has it."""
    has = take(folder)
    try:
        yield has
    finally:
        if has:
            let_go(folder)


def is_ours(folder: Path) -> bool:
    """Tell whether this process has the lease of a folder; gives a sign of life, too."""
    with _LEASES.lock:
        held = _LEASES.held.get(folder)
        return held is not None and _renewed(held.path)


def _renewed(path: Path) -> bool:
    """Give a sign of life; False if somebody has removed the lease."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _won(folder: Path) -> Path | None:
    """Make the next lease, unless the newest one is held or another process is faster."""
    make_private(folder)
    newest = max(_numbers(folder), default=0)
    evidence = json.dumps(asdict(liveness.this_process())).encode()
    with _private(folder, evidence) as own:
        if newest and _is_held(folder / f"{_PREFIX}{newest}", own.stat().st_mtime):
            return None
        path = folder / f"{_PREFIX}{newest + 1}"
        if not _is_made(path, own, evidence):
            return None
    # Whoever was slow may have made a number again that was removed as too old.
    if max(_numbers(folder), default=0) > newest + 1:
        path.unlink(missing_ok=True)
        return None
    _remove_older(folder, newest)
    return path


def _remove_older(folder: Path, newest: int) -> None:
    """Remove the leases up to a number, and what killed processes left half made."""
    for number in _numbers(folder):
        if number <= newest:
            (folder / f"{_PREFIX}{number}").unlink(missing_ok=True)
    now_s = folder.stat().st_mtime
    for left in folder.glob(f"{_PRIVATE_PREFIX}*"):
        with contextlib.suppress(OSError):
            if now_s - left.stat().st_mtime > _SILENCE_S:
                left.unlink()


def _numbers(folder: Path) -> list[int]:
    # A few names come in one system call, before or after another process's change.
    names = [name.removeprefix(_PREFIX) for name in os.listdir(folder) if name.startswith(_PREFIX)]  # noqa: PTH208 - names
    return [int(name) for name in names if name.isdecimal()]


@contextlib.contextmanager
def _private(folder: Path, content: bytes) -> Iterator[Path]:
    """Write a file that nobody else knows, and remove it unless it was renamed."""
    descriptor, name = tempfile.mkstemp(prefix=_PRIVATE_PREFIX, dir=folder)
    try:
        os.write(descriptor, content)
        yield Path(name)
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)


def _is_made(path: Path, own: Path, evidence: bytes) -> bool:
    try:
        os.link(own, path)
    except FileExistsError:
        # The answer of a server may get lost, and the question be asked again.
        return own.stat().st_nlink > 1
    except (OSError, NotImplementedError):  # a file system without links
        return _is_made_without_link(path, evidence)
    return True


def _is_made_without_link(path: Path, evidence: bytes) -> bool:
    """Make a lease that is empty for an instant, in which it counts as held."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    try:
        os.write(descriptor, evidence)
    finally:
        os.close(descriptor)
    return True


def _is_held(path: Path, now_s: float) -> bool:
    """Tell whether the process of a lease may still live.

    Args:
        path: Of the lease.
        now_s: The time by the clock of the file system.
    """
    try:
        content = path.read_bytes()
        is_silent = now_s - path.stat().st_mtime > _SILENCE_S
    except FileNotFoundError:
        return True  # somebody was faster
    if content == _FREE:
        return False
    try:
        owner = Owner(**json.loads(content))
    except (ValueError, TypeError):
        return not is_silent
    if (owner.host, owner.boot_id) != (socket.gethostname(), liveness.boot_id()):
        return not is_silent  # its processes cannot be asked
    # This process without a lease is one that became another program by `exec`.
    return owner.pid != os.getpid() and liveness.is_alive(owner)


def _free(path: Path) -> None:
    with contextlib.suppress(OSError), _private(path.parent, _FREE) as own:
        if path.exists():
            own.replace(path)


atexit.register(_LEASES.free)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_LEASES.forget)
