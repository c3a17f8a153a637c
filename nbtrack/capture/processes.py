"""This process and its children, read together.

Workers of a data loader are part of what a run costs. Memory that a fork shares with its
parent is counted in both, as every process monitor does. On Linux one small file says all
of a process, and the kernel says who its children are; a walk over all processes of the
machine, as psutil makes it, takes a hundred times as long. Elsewhere it is psutil's walk.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

MEBIBYTE = 2**20
PROC = Path("/proc")
_STAT_BYTES = 4096
_CHILDREN_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process uses.

    Attributes:
        pid: Of the process.
        used_s: Processor time, with that of its children that have ended, seconds.
        resident: Memory, bytes.
        threads: How many.
    """

    pid: int
    used_s: float
    resident: int
    threads: int


class ProcessTree:
    """Reads the process and its children.

    Attributes:
        pids: Of the processes that were read last.
    """

    def __init__(
        self, *, with_children: bool = True, breathe: Callable[[], None] = lambda: None
    ) -> None:
        """Begin without a reading.

        Args:
            with_children: Whether child processes count.
            breathe: Called between two processes.
        """
        self.pids = frozenset({os.getpid()})
        self._with_children = with_children
        self._breathe = breathe
        self._usages = _linux_usages if _says_children(os.getpid()) else _usages
        self._used_s = 0.0
        self._read_s: float | None = None

    def read(self, now_s: float, processors: float, usable_memory: int) -> dict[str, float]:
        """Read memory, threads and, from the second time on, the share of the processors.

        Args:
            now_s: Seconds on a clock that only moves forward.
            processors: How many the process may use.
            usable_memory: What it may use, bytes.
        """
        found: list[Usage] = []
        for usage in self._usages(os.getpid(), with_children=self._with_children):
            found.append(usage)
            self._breathe()
        self.pids = frozenset(usage.pid for usage in found)
        resident = sum(usage.resident for usage in found)
        return {
            **self._share(sum(usage.used_s for usage in found), now_s, processors),
            "proc.cpu.threads": float(sum(usage.threads for usage in found)),
            "proc.memory.rssMB": resident / MEBIBYTE,
            "proc.memory.percent": 100 * resident / usable_memory,
        }

    def _share(self, used_s: float, now_s: float, processors: float) -> dict[str, float]:
        """Return the share of the processors since the last look.

        A child that ends hands its time to its parent, so the sum of all goes on; it falls
        only where a child was never waited for.
        """
        spent_s, self._used_s = used_s - self._used_s, used_s
        last_s, self._read_s = self._read_s, now_s
        if last_s is None or now_s <= last_s:
            return {}
        share = max(spent_s, 0.0) / (now_s - last_s) / processors
        return {"proc.cpu.percent": min(100 * share, 100.0)}


def _says_children(pid: int) -> bool:
    return (PROC / str(pid) / "task" / str(pid) / "children").exists()


def _linux_usages(root: int, *, with_children: bool) -> Iterator[Usage]:
    """Yield what `root` and its children use; one that has ended meanwhile is left out."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    waiting = [root]
    seen = {root}
    while waiting:
        pid = waiting.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):
            said = _read(f"/proc/{pid}/stat", _STAT_BYTES)
            words = said[said.rindex(b")") + 2 :].split()  # a name may hold anything
            used = sum(map(int, words[11:15]))
            yield Usage(pid, used / ticks, int(words[21]) * page, int(words[17]))
            new = _children(pid) - seen if with_children else set()
            seen |= new
            waiting += new


def _children(pid: int) -> set[int]:
    """Return the children that any thread of a process has started."""
    found: set[int] = set()
    for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names, not paths
        with contextlib.suppress(OSError):
            said = _read(f"/proc/{pid}/task/{thread}/children", _CHILDREN_BYTES)
            found.update(map(int, said.split()))
    return found


def _read(path: str, most_bytes: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, most_bytes)
    finally:
        os.close(descriptor)


def _usages(root: int, *, with_children: bool) -> Iterator[Usage]:
    process = psutil.Process(root)
    children = process.children(recursive=True) if with_children else []
    for one in (process, *children):
        with contextlib.suppress(psutil.Error), one.oneshot():
            times = one.cpu_times()
            waited_s = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            used_s = times.user + times.system + waited_s
            yield Usage(one.pid, used_s, one.memory_info().rss, one.num_threads())
