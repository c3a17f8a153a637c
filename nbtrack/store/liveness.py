"""Whether a run lives: evidence, never a server that would have to say so.

The process that writes a journal holds an exclusive `flock` on it. The lock belongs to
the open file, ends with the process however that ends, and can be probed by anybody.
(POSIX `fcntl` locks would be lost whenever the same process opens and closes the journal
once more, and a kernel's own panel reads it.) A run of another machine is judged by its
heartbeat, because locks are not to be trusted across machines; and so is one of another
container, whose process ids are not those of this one.

When a process started is counted from the boot, not from the epoch: the wall clock may be
set while it runs.
"""

import os
import socket
import sys
import time
from functools import cache
from pathlib import Path

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Owner, RunState

SILENCE_US = 60 * MICROSECONDS
"""A run whose machine cannot be asked is given up after so long without a heartbeat."""

SAME_START_S = 0.5  # clock ticks are exact; as much as rounding and psutil's care may cost
SAME_EPOCH_START_S = 2.0  # the boot time, from which these were counted, is kept in seconds
SINCE_EPOCH_S = 1e9
"""Starts beyond this (2001, or 31 years without a boot) were counted from the epoch, as
macOS, Windows and the first journals have them."""
LOCK_WAIT_S = 1.0
_IDS_OF_THE_MACHINE = "pid:[4026531836]"  # a constant of Linux; containers have others


def this_process(kernel_id: str | None = None) -> Owner:
    """Return the evidence by which readers find out whether this process lives."""
    pid = os.getpid()
    return Owner(
        host=socket.gethostname(),
        boot_id=boot_id(),
        pid=pid,
        process_started_at=started_at(pid) or time.time(),
        kernel_id=kernel_id,
    )


@cache
def boot_id() -> str:
    """Return the identity of the machine's current boot, "" where it has none.

    In a container it is followed by that of the table in which process ids are looked up.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        ids = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        return ""
    return boot if ids == _IDS_OF_THE_MACHINE else f"{boot} {ids}"


def started_at(pid: int) -> float | None:
    """Return when a process started; None if there is none.

    Seconds since the boot on Linux, since the epoch elsewhere.
    """
    if sys.platform == "linux":
        return _started_at_on_linux(pid)
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def state_of(owner: Owner, seen_us: int, *, locked: bool | None, now_us: int) -> RunState:
    """Conclude whether a run that has not ended is running or crashed.

    Args:
        owner: The process that writes it.
        seen_us: Time of its last sign of life.
        locked: Whether its journal is locked; None where locks cannot be asked.
        now_us: The time.
    """
    here = owner.host == socket.gethostname() and owner.boot_id == boot_id()
    silence_us = now_us - seen_us
    if not here:
        dead = silence_us > SILENCE_US
    elif locked is None:
        dead = not is_alive(owner)
    else:
        # A child that was forked behind our back may hold the lock of a dead process. A sign
        # of life that is still to come says that the wall clock was turned back.
        dead = not locked or (abs(silence_us) > SILENCE_US and not is_alive(owner))
    return RunState.CRASHED if dead else RunState.RUNNING


def is_alive(owner: Owner) -> bool:
    """Tell whether a process of this machine is there and is not another of the same id."""
    started, tolerance_s = started_at(owner.pid), SAME_START_S
    if started is None:
        return False
    if sys.platform == "linux" and owner.process_started_at > SINCE_EPOCH_S:
        started, tolerance_s = started + _booted_at(), SAME_EPOCH_START_S
    return abs(started - owner.process_started_at) < tolerance_s


def is_gone_from_here(owner: Owner) -> bool:
    """Tell whether a process was one of this machine, since its boot, and is no more."""
    here = owner.host == socket.gethostname() and owner.boot_id == boot_id()
    return here and not is_alive(owner)


def take_lock(descriptor: int) -> bool:
    """Lock an open journal for its one writer; readers that probe it are waited for."""
    if sys.platform == "win32":
        return True
    import fcntl

    give_up_at = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.001)
        except OSError:
            return True  # a file system without locks: readers go by the process
        else:
            return True


def release_lock(descriptor: int) -> None:
    """Unlock a journal, also when a forked child holds a copy of the open file."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_locked(descriptor: int) -> bool | None:
    """Tell whether somebody writes the journal that is open here for reading.

    Returns:
        None where the file system or the platform has no such lock.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _started_at_on_linux(pid: int) -> float | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name of the program stands in brackets and may hold anything, also brackets.
    state, *fields = stat.rpartition(")")[2].split()
    if state == "Z":
        return None
    return int(fields[18]) / os.sysconf("SC_CLK_TCK")


def _booted_at() -> float:
    """Return when the machine was booted, as the wall clock stands now."""
    for line in Path("/proc/stat").read_text("ascii").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0
