"""Processor, memory, disks and network of the machine, or of the container around us.

Loads psutil: only threads of ours import this module.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

import psutil

from nbtrack.capture.cgroups import ControlGroups
from nbtrack.capture.processes import MEBIBYTE

GIBIBYTE = 2**30
ROOT_DISK = "/"
MOST_DISKS = 8
BLOCK_DEVICES = Path("/sys/dev/block")
WHOLE_DISKS = Path("/sys/block")
_NO_DISKS = ("loop", "ram", "zram", "sr", "fd", "md")
_LOOPBACKS = ("lo", "loopback")


class Machine:
    """Load and memory of what this process may use.

    In a container with limits these are the container's: 2 of 64 processors that are busy
    are 100 % where no more than 2 may be used.
    """

    def __init__(self, groups: ControlGroups, elapsed_s: Callable[[], float]) -> None:
        """Begin without a reading.

        Args:
            groups: Of this process.
            elapsed_s: A clock that only moves forward.
        """
        self._groups = groups
        self._elapsed_s = elapsed_s
        self._last: tuple[float, float] | None = None

    def read(self) -> dict[str, float]:
        """Read both; the processor's load is the mean since this thread's last look."""
        usable, available = usable_memory(self._groups)
        return {
            **self._load(),
            "memory_percent": 100 * (usable - available) / usable,
            "proc.memory.availableMB": available / MEBIBYTE,
        }

    def _load(self) -> dict[str, float]:
        limit = self._groups.processors()
        used_s = limit.used_s() if limit is not None and limit.processors < _count() else None
        if limit is None or used_s is None:
            return {"cpu": _load_of_machine()}
        now = (self._elapsed_s(), used_s)
        last, self._last = self._last, now
        if last is None or now[0] <= last[0]:
            return {}
        share = (now[1] - last[1]) / (now[0] - last[0]) / limit.processors
        return {"cpu": min(max(100 * share, 0.0), 100.0)}


class DiskTraffic:
    """What was read from and written to disks since the first look, 2**20 bytes."""

    def __init__(self, paths: Iterable[str], first: dict[str, tuple[int, int]]) -> None:
        """Keep which disks; those below some paths, or all where that cannot be known.

        Args:
            paths: On the disks.
            first: Where the counters began, by name; a disk that comes later is added.
        """
        self._paths = tuple(paths)
        self._first = first

    def read(self) -> dict[str, float]:
        """Read the disks; one that comes later counts from then on."""
        counters = psutil.disk_io_counters(perdisk=True) or {}
        named = [name for name in map(device_of, self._paths) if name in counters]
        values: dict[str, float] = {}
        for name in dict.fromkeys(named) or islice(_whole_disks(counters), MOST_DISKS):
            now = counters[name].read_bytes, counters[name].write_bytes
            first = self._first.setdefault(f"disk {name}", now)
            values[f"disk.{name}.in"] = max(now[0] - first[0], 0) / MEBIBYTE
            values[f"disk.{name}.out"] = max(now[1] - first[1], 0) / MEBIBYTE
        return values


class NetworkTraffic:
    """Bytes sent and received since the first look, without those to the machine itself."""

    def __init__(self, first: dict[str, tuple[int, int]]) -> None:
        """Keep where the counters began, by name; without one they begin with the first look."""
        self._first = first

    def read(self) -> dict[str, float]:
        """Read all interfaces together."""
        found = psutil.net_io_counters(pernic=True).items()
        real = [one for name, one in found if not name.lower().startswith(_LOOPBACKS)]
        now = sum(one.bytes_sent for one in real), sum(one.bytes_recv for one in real)
        first = self._first.setdefault("network", now)
        return {
            "network.sent": float(max(now[0] - first[0], 0)),
            "network.recv": float(max(now[1] - first[1], 0)),
        }


def disk_space(path: str) -> dict[str, float]:
    """Read how full the disk below a path is."""
    usage = psutil.disk_usage(path)
    return {
        f"disk.{path}.usagePercent": float(usage.percent),
        f"disk.{path}.usageGB": usage.used / GIBIBYTE,
    }


def usable_processors(groups: ControlGroups) -> float:
    """Return how many processors this process may use; a container's may be a fraction."""
    limit = groups.processors()
    return _count() if limit is None else min(_count(), limit.processors)


def usable_memory(groups: ControlGroups) -> tuple[int, int]:
    """Return the memory that this process may use and what is left of it, bytes."""
    memory = psutil.virtual_memory()
    container = groups.memory()
    if container is None or container[0] >= memory.total:
        return memory.total, memory.available
    limit, used = container
    return limit, max(min(limit - used, memory.available), 0)


def device_of(path: str, devices: Path = BLOCK_DEVICES) -> str | None:
    """Return what the system calls the disk below a path, or None where it does not say."""
    try:
        number = os.stat(path).st_dev  # noqa: PTH116 - a path of the settings
        return (devices / f"{os.major(number)}:{os.minor(number)}").resolve(strict=True).name
    except (OSError, AttributeError):  # a container's layers are no disk
        return None


def _whole_disks(counters: Mapping[str, object]) -> Iterable[str]:
    whole = {path.name for path in WHOLE_DISKS.iterdir()} if WHOLE_DISKS.is_dir() else counters
    return (name for name in sorted(counters) if name in whole and not name.startswith(_NO_DISKS))


def _count() -> float:
    """Return how many processors the process may be put on."""
    own = _own_processors()
    return float(len(own)) if own else float(psutil.cpu_count() or 1)


def _own_processors() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _load_of_machine() -> float:
    """Return the load of the processors on which this process may run."""
    own = _own_processors()
    if not own or len(own) == psutil.cpu_count():
        return float(psutil.cpu_percent())
    loads = psutil.cpu_percent(percpu=True)
    chosen = [loads[number] for number in own if number < len(loads)]
    return sum(chosen) / len(chosen) if chosen else float(psutil.cpu_percent())
