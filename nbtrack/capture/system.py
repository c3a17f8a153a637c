"""How the machine fares under a run, read in the background every few seconds.

Names are those of the field. Shares here are percent, because `cpu` and
`memory_percent` have meant percent wherever these names are used:

    cpu                        of the processors that may be used, 0..100
    proc.cpu.percent           of them, by this process and its children, 0..100
    proc.cpu.threads           threads of this process and its children
    memory_percent             of the memory that may be used, 0..100
    proc.memory.rssMB          resident memory of this process and its children, 2**20 bytes
    proc.memory.percent        the same, of the memory that may be used, 0..100
    proc.memory.availableMB    memory still to be had, 2**20 bytes
    disk.<path>.usagePercent   how full the disk is, 0..100
    disk.<path>.usageGB        what lies on it, 2**30 bytes
    disk.<device>.in, .out     read and written since the run began, 2**20 bytes
    network.sent, .recv        bytes since the run began, without those to the machine itself

In a container, "that may be used" means the container's limits. GPUs: see `gpu`.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from math import nan

from nbtrack.capture.breath import Breath
from nbtrack.clock import Clock
from nbtrack.forks import kept_from_forks
from nbtrack.records import Notice, Record, SystemSample

Emit = Callable[[Record], None]
Reading = Callable[[], Mapping[str, float]]

FIRST_GAPS_S = (0.1, 0.9, 2.0, 4.0, 8.0)
"""Until the usual interval is reached, so that a run of seconds has a curve too. The first
is not 0: a processor's load is a difference between two looks."""
BACK_OFF_LIMIT = 16
"""A reading that keeps failing is tried this many intervals apart at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the open runs want to have read.

    Attributes:
        interval_s: Seconds between two readings, once the first few are made.
        disk_paths: Disks whose space is read; empty for the root's.
        with_children: Whether child processes count.
        gpu_ids: GPUs that are read, by their number; None for those that CUDA may use.
    """

    interval_s: float = 15.0
    disk_paths: tuple[str, ...] = ()
    with_children: bool = True
    gpu_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What a reading may need.

    Attributes:
        elapsed_s: A clock that only moves forward.
        breathe: To be called between the parts of a long reading.
        tell: Takes a level, a cause and a text; each cause is told once.
        kept: What outlives a change of what is wanted: where counters began.
    """

    elapsed_s: Callable[[], float]
    breathe: Callable[[], None]
    tell: Callable[[str, str, str], None]
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)


Source = Callable[[Wanted, Tools], Mapping[str, Reading]]


def gaps_s(interval_s: float) -> Iterator[float]:
    """Return the seconds to wait before each reading: short ones first."""
    first = (min(gap, interval_s) for gap in FIRST_GAPS_S)
    return itertools.chain(first, itertools.repeat(interval_s))


def _readings_of_machine(wanted: Wanted, tools: Tools) -> Mapping[str, Reading]:
    from nbtrack.capture.readings import readings_of

    return readings_of(wanted, tools)


class SystemSampler:
    """Read the machine every few seconds, on a thread of its own.

    What cannot be read is left out, told once as a `Notice` and tried again at growing
    intervals; everything else goes on. While it is paused nothing is read; where a reading
    was missed, one of NaN marks the gap.

    Attributes:
        is_waiting: Whether a reading is due and waits for the end of a pause.

    Args:
        emit: Takes each `SystemSample` and `Notice`.
        clock: Where the time comes from.
        wanted: What is read, and how often.
        source: Returns the readings by name; called on the sampler's thread.
        added: Readings that the user added, looked at each time.
    """

    def __init__(
        self,
        emit: Emit,
        clock: Clock,
        wanted: Wanted | None = None,
        *,
        source: Source = _readings_of_machine,
        added: Mapping[str, Reading] | None = None,
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._wanted = wanted or Wanted()
        self._source = source
        self._added = {} if added is None else added
        self._readings: Mapping[str, Reading] | None = None
        self._read_for: Wanted | None = None
        self._failures: dict[str, int] = {}
        self._skipped: dict[str, int] = {}
        self._names: dict[str, float] = {}
        self.is_waiting = False
        self._breath = Breath()
        self._tools = Tools(clock.elapsed_s, self._breath.take, self._tell)
        self._told: set[str] = set()
        self._stopped = False
        self._called = threading.Event()
        self._going = threading.Event()
        self._is_paused = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read until `stop`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="nbtrack-system", daemon=True)
            self._thread.start()

    def begin_anew(self, wanted: Wanted) -> None:
        """Read soon, and then as it is wanted now: another run has begun or ended."""
        self._wanted = wanted
        self._told.clear()  # by now there may be somebody who was not told
        self._called.set()

    def pause(self) -> None:
        """Read nothing until `resume`; costs next to nothing, as each cell ends with it."""
        self._is_paused = True

    def resume(self) -> None:
        """Go on reading."""
        self._is_paused = False
        if self.is_waiting:  # waking a thread costs more than all else at a cell's beginning
            self._going.set()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Read no more.

        Args:
            timeout_s: How long to wait for a reading that is under way, seconds.
        """
        self._stopped = True
        self._called.set()
        self._going.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        with kept_from_forks(), contextlib.suppress(ImportError):
            import_module("nbtrack.capture.readings")  # what is missing, the source says
        while not self._stopped:
            self._called.clear()
            for name in self._current():
                self._read(name)  # what a load is the difference to
            for gap_s in gaps_s(self._wanted.interval_s):
                if not self._wait(gap_s):
                    break
                self.sample()

    def _wait(self, gap_s: float) -> bool:
        """Wait for the next reading; return whether it is due, and nothing begins anew."""
        is_called = self._called.wait(gap_s)
        self._breath.begin()
        if is_called or self._stopped:
            return False
        if not self._is_paused:
            return True
        missed_us = self._clock.now_us()
        self._await_going()
        if self._names and not self._stopped:
            self._emit(SystemSample(missed_us, dict.fromkeys(self._names, nan)))
        return False

    def _await_going(self) -> None:
        self._going.clear()
        self.is_waiting = True  # from here on `resume` and `stop` wake us
        if self._is_paused and not self._stopped:
            self._going.wait()
        self.is_waiting = False

    def sample(self) -> None:
        """Read everything once."""
        values: dict[str, float] = {}
        for name in self._current():
            values.update(self._read(name))
            self._breath.take()
        if values and not self._stopped:
            self._names = values
            self._emit(SystemSample(self._clock.now_us(), values))

    def _current(self) -> list[str]:
        """Return the names of what is to be read now."""
        if self._readings is None or self._read_for != self._wanted:
            wanted = self._wanted
            try:
                self._readings = self._source(wanted, self._tools)
            except Exception as error:  # noqa: BLE001 - the sampler thread's edge
                self._readings = {}
                self._fail("machine", error)
            self._read_for = wanted
        return [*self._readings, *tuple(self._added)]

    def _read(self, name: str) -> dict[str, float]:
        """Take one reading; one that fails is left out for 1, 3, 7, ... turns."""
        if self._skipped.get(name, 0) > 0:
            self._skipped[name] -= 1
            return {}
        reading = (self._readings or {}).get(name) or self._added.get(name)
        if reading is None:  # taken away meanwhile
            return {}
        try:
            values = {_name(key): float(value) for key, value in reading().items()}
        except Exception as error:  # noqa: BLE001 - the sampler thread's edge
            self._fail(name, error)
            return {}
        self._failures.pop(name, None)
        return values

    def _fail(self, name: str, error: Exception) -> None:
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        self._skipped[name] = min(2**failures, BACK_OFF_LIMIT) - 1
        text = (
            f"The {name} cannot be read now ({type(error).__name__}: {error}). "
            "It is tried again later; everything else is recorded."
        )
        self._tell("warning", f"system: {name}", text)

    def _tell(self, level: str, cause: str, text: str) -> None:
        if cause not in self._told:
            self._told.add(cause)
            self._emit(Notice(self._clock.now_us(), level, cause, text))


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"readings are called by texts like 'fan.0.rpm', not by {key!r}")
    return key
