"""How the machine fares under a run: processor and memory, read in the background.

Names are those of the field. Shares here are percent, because `cpu` and
`memory_percent` have meant percent wherever these names are used:

    cpu                        of all processors of the machine, 0..100
    proc.cpu.percent           of all processors, by this process and its children, 0..100
    proc.cpu.threads           threads of this process and its children
    memory_percent             of the memory that this process may use, 0..100
    proc.memory.rssMB          resident memory of this process and its children, 2**20 bytes
    proc.memory.percent        the same, of the memory that this process may use, 0..100
    proc.memory.availableMB    memory still to be had, 2**20 bytes

In a container "the memory that this process may use" is the container's limit. The home
of psutil, which is loaded by the sampler's own thread.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrack.clock import Clock
from nbtrack.forks import kept_from_forks
from nbtrack.records import Notice, Record, SystemSample

if TYPE_CHECKING:
    import psutil

Emit = Callable[[Record], None]
Reading = Callable[[], dict[str, float]]

MEBIBYTE = 2**20
FIRST_GAPS_S = (0.1, 0.9, 2.0, 4.0, 8.0)
"""Until the usual interval is reached, so that a run of seconds has a curve too. The first
is not 0: a processor's load is a difference between two looks."""
BACK_OFF_LIMIT = 16
"""A reading that keeps failing is tried this many intervals apart at most."""
CONTROL_GROUPS = Path("/sys/fs/cgroup")
_MEMORY_FILES = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)


def gaps_s(interval_s: float) -> Iterator[float]:
    """Return the seconds to wait before each reading: short ones first."""
    first = (min(gap, interval_s) for gap in FIRST_GAPS_S)
    return itertools.chain(first, itertools.repeat(interval_s))


def container_memory(folder: Path = CONTROL_GROUPS) -> tuple[int, int] | None:
    """Return a container's memory limit and use, bytes, or None where there is no limit.

    File pages that the kernel can drop at once do not count as used.
    """
    for limit_name, used_name, statistics_name, inactive_name in _MEMORY_FILES:
        try:
            limit = int((folder / limit_name).read_text())
            used = int((folder / used_name).read_text())
            statistics = (folder / statistics_name).read_text()
        except (OSError, ValueError):  # "max" is no limit
            continue
        words = statistics.split()
        droppable = dict(zip(words[::2], words[1::2], strict=False)).get(inactive_name, "0")
        return limit, max(used - int(droppable), 0)
    return None


class ProcessTree:
    """This process and its children, read together.

    Workers of a data loader are part of what a run costs. Memory that a fork shares with
    its parent is counted in both, as every process monitor does.
    """

    def __init__(self) -> None:
        self._root: psutil.Process | None = None
        self._used_s: dict[tuple[int, float], float] = {}
        self._read_s: float | None = None

    def read(self, now_s: float) -> dict[str, float]:
        """Read memory, threads and, from the second time on, the processor's share.

        Args:
            now_s: Seconds on a clock that only moves forward.
        """
        import psutil

        self._root = self._root or psutil.Process()
        resident, threads, used_s = 0, 0, {}
        for process in [self._root, *self._root.children(recursive=True)]:
            try:
                with process.oneshot():
                    resident += process.memory_info().rss
                    threads += process.num_threads()
                    times = process.cpu_times()
                    used_s[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:  # it ended while it was read
                continue
        values = self._shares(used_s, now_s, psutil.cpu_count() or 1)
        usable = _usable_memory()
        values["proc.cpu.threads"] = float(threads)
        values["proc.memory.rssMB"] = resident / MEBIBYTE
        values["proc.memory.percent"] = 100 * resident / usable[0]
        return values

    def _shares(
        self, used_s: dict[tuple[int, float], float], now_s: float, processors: int
    ) -> dict[str, float]:
        before_s, self._used_s = self._used_s, used_s
        last_s, self._read_s = self._read_s, now_s
        if last_s is None or now_s <= last_s:
            return {}
        spent_s = sum(max(used - before_s.get(key, 0.0), 0.0) for key, used in used_s.items())
        share = spent_s / (now_s - last_s) / processors
        return {"proc.cpu.percent": min(100 * share, 100.0)}


def _usable_memory() -> tuple[int, int]:
    """Return the memory that this process may use and what is left of it, bytes."""
    import psutil

    memory = psutil.virtual_memory()
    container = container_memory()
    if container is None or container[0] >= memory.total:
        return memory.total, memory.available
    limit, used = container
    return limit, max(min(limit - used, memory.available), 0)


def read_machine() -> dict[str, float]:
    """Read the machine's load; the processor's is the mean since this thread's last call."""
    import psutil

    usable, available = _usable_memory()
    return {
        "cpu": psutil.cpu_percent(),
        "memory_percent": 100 * (usable - available) / usable,
        "proc.memory.availableMB": available / MEBIBYTE,
    }


class SystemSampler:
    """Read the machine every few seconds, on a thread of its own.

    What cannot be read is left out, told once as a `Notice` and tried again at growing
    intervals; everything else goes on.

    Args:
        emit: Takes each `SystemSample` and `Notice`.
        clock: Where the time comes from.
        interval_s: Seconds between two readings, once the first few are made.
        readings: What is read, by name; the machine and the process tree unless given.
    """

    def __init__(
        self,
        emit: Emit,
        clock: Clock,
        *,
        interval_s: float = 15.0,
        readings: dict[str, Reading] | None = None,
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._interval_s = interval_s
        tree = ProcessTree()
        self._readings = readings or {
            "load and memory of the machine": read_machine,
            "load and memory of this process": lambda: tree.read(clock.elapsed_s()),
        }
        self._failures: dict[str, int] = {}
        self._skipped: dict[str, int] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read until `stop`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="nbtrack-system", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Read no more.

        Args:
            timeout_s: How long to wait for a reading that is under way, seconds.
        """
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        with kept_from_forks(), contextlib.suppress(ImportError):
            import psutil  # noqa: F401 - the readings say what is missing
        for name in self._readings:
            self._read(name)  # what a load is the difference to
        for gap_s in gaps_s(self._interval_s):
            if self._stopped.wait(gap_s):
                return
            self.sample()

    def sample(self) -> None:
        """Read everything once."""
        values: dict[str, float] = {}
        for name in self._readings:
            values |= self._read(name)
        if values and not self._stopped.is_set():
            self._emit(SystemSample(self._clock.now_us(), values))

    def _read(self, name: str) -> dict[str, float]:
        """Take one reading; one that fails is left out for 1, 3, 7, ... turns."""
        if self._skipped.get(name, 0) > 0:
            self._skipped[name] -= 1
            return {}
        try:
            values = self._readings[name]()
        except Exception as error:  # noqa: BLE001 - the sampler thread's edge
            self._fail(name, error)
            return {}
        self._failures.pop(name, None)
        return values

    def _fail(self, name: str, error: Exception) -> None:
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        self._skipped[name] = min(2**failures, BACK_OFF_LIMIT) - 1
        if failures == 1:
            text = (
                f"The {name} cannot be read now ({type(error).__name__}: {error}). "
                "It is tried again later; everything else is recorded."
            )
            self._emit(Notice(self._clock.now_us(), "warning", f"system: {name}", text))
