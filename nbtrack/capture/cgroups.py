"""The limits of the container or the batch job around this process, from its control groups.

Linux has two versions of control groups, and both nest: a limit of any group above the
process holds. In a container the group is the root of what is mounted there; on a host,
below systemd or a batch system, it lies some folders down. On other systems there is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
UNLIMITED = 1 << 60  # the first version says so by the greatest number of pages
_MICROSECONDS, _NANOSECONDS = 1e6, 1e9


@dataclass(frozen=True, slots=True)
class ProcessorLimit:
    """How many processors' time a group may use.

    Attributes:
        processors: May be a fraction.
        group: The folder that says so, and how much was used.
    """

    processors: float
    group: Path

    def used_s(self) -> float | None:
        """Return the processor seconds that the group has used, or None if it cannot say."""
        counted = _words(self.group / "cpu.stat").get("usage_usec")
        if counted is not None:
            return counted / _MICROSECONDS
        counted = _number(self.group / "cpuacct.usage")
        return None if counted is None else counted / _NANOSECONDS


class ControlGroups:
    """The groups around this process that limit it; looked up once, read again and again.

    A limit that changes is seen; one that is set where there was none is not.
    """

    def __init__(self, mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> None:
        """Look where they lie.

        Args:
            mount: Where control groups are mounted.
            membership: Says in which groups the process is.
        """
        paths = _paths(membership)
        below = ("unified", "") if (mount / "unified").is_dir() else ("",)
        modern = [one for name in below for one in _upward(mount / name, paths.get("", "/"))]
        for_processors = [*modern, *_upward(mount / "cpu", paths.get("cpu", "/"))]
        for_memory = [*modern, *_upward(mount / "memory", paths.get("memory", "/"))]
        self._processors = [group for group in for_processors if _quota(group)]
        self._memory = [group for group in for_memory if _memory_limit(group)]

    def processors(self) -> ProcessorLimit | None:
        """Return the tightest limit on processor time, or None where there is none."""
        found = [(quota, group) for group in self._processors if (quota := _quota(group))]
        return ProcessorLimit(*min(found)) if found else None

    def memory(self) -> tuple[int, int] | None:
        """Return the tightest limit on memory and what is used of it, bytes, or None.

        File pages that the kernel can drop at once do not count as used.
        """
        found = [(limit, group) for group in self._memory if (limit := _memory_limit(group))]
        if not found:
            return None
        limit, group = min(found)
        used = _first(group, "memory.current", "memory.usage_in_bytes")
        statistics = _words(group / "memory.stat")
        droppable = statistics.get("total_inactive_file", statistics.get("inactive_file", 0))
        return limit, max((used or 0) - droppable, 0)


def _paths(membership: Path) -> dict[str, str]:
    """Return the group of the process by controller; that of the second version by ""."""
    try:
        lines = membership.read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    parts = [line.split(":", 2) for line in lines]
    named = [(one[1], one[2]) for one in parts if len(one) == 3]  # noqa: PLR2004 - id:names:path
    return {name: path for names, path in named for name in names.split(",")}


def _upward(mount: Path, path: str) -> list[Path]:
    """Return the folders of a group and of those above it that can be seen from here."""
    names = [name for name in path.split("/") if name not in ("", "..")]
    folders = [mount.joinpath(*names[:count]) for count in range(len(names), -1, -1)]
    return [folder for folder in folders if folder.is_dir()]


def _quota(group: Path) -> float | None:
    """Return how many processors a group may use; None for any number."""
    quota, period = next(_quotas(group), (0, 0))
    return quota / period if quota > 0 and period > 0 else None


def _quotas(group: Path) -> Iterator[tuple[int, int]]:
    try:
        said = (group / "cpu.max").read_text().split()
        yield int(said[0]), int(said[1])  # "max 100000" is no limit
    except (OSError, ValueError, IndexError):
        quota, period = (_number(group / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        if quota and period:
            yield quota, period


def _memory_limit(group: Path) -> int | None:
    """Return how much memory a group may use, bytes; None for any amount."""
    limit = _first(group, "memory.max", "memory.limit_in_bytes")
    return limit if limit is not None and limit < UNLIMITED else None


def _first(group: Path, *names: str) -> int | None:
    return next((found for name in names if (found := _number(group / name)) is not None), None)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # "max" is no number
        return None


def _words(path: Path) -> dict[str, int]:
    """Return what a file says in lines of a name and a number."""
    try:
        words = path.read_text().split()
    except OSError:
        return {}
    pairs = zip(words[::2], words[1::2], strict=False)
    return {name: int(number) for name, number in pairs if number.isdecimal()}
