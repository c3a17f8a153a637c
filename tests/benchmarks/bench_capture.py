"""What reading the machine costs, and what a busy loop feels of it; printed, not asserted.

    python tests/benchmarks/bench_capture.py

A reading's cost is the processor time of the sampler's thread. How long it holds the
interpreter is told twice: as the processor time between two of its rests, which no other
process on the machine can spoil, and as the gaps that a computing main thread sees with
and without readings, in turns.
"""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench_core import Line

from nbtrack.capture import SystemSampler, Wanted
from nbtrack.capture.breath import Breath
from nbtrack.capture.readings import readings_of
from nbtrack.capture.system import Tools
from nbtrack.clock import SystemClock

READINGS = 300
ROUNDS = 12
ROUND_S = 0.7
WORKERS = 16
WORKER = "import threading\nfor _ in range(8): threading.Thread(target=input, daemon=True)\ninput()"
DEFAULT_S = 15.0
FIRST = 5  # readings in the first 15 s


class Watch(Breath):
    """A breath that notes how much its thread computed between two rests."""

    def __init__(self) -> None:
        super().__init__()
        self.held_s: list[float] = []
        self._used_s = 0.0

    def begin(self) -> None:
        """The thread has just waited."""
        super().begin()
        self._used_s = time.thread_time()

    def take(self) -> None:
        """Rest if it is time."""
        before_s, used_s = self._since_s, time.thread_time()
        super().take()
        if self._since_s != before_s:
            self.held_s.append(used_s - self._used_s)
            self._used_s = time.thread_time()


def main() -> None:
    """Print the table."""
    print(f"capture: Python {sys.version.split()[0]}, {sys.platform}")
    lines = [*costs("alone"), *gaps()]
    with workers():
        lines += costs(f"with {WORKERS} workers")
    for line in lines:
        print(f"  {line.what:<44}{line.value:>24}   {line.promise}".rstrip())


def costs(where: str) -> Iterator[Line]:
    """Read again and again, on a thread of its own."""
    spent, held = in_thread(_readings)
    p50_ms, p99_ms = (1e3 * at(spent, share) for share in (0.5, 0.99))
    yield Line(f"one reading of all, {where}, p50 (p99)", f"{p50_ms:.2f} ({p99_ms:.2f}) ms")
    share = 100 * statistics.fmean(spent) / DEFAULT_S
    first = 100 * FIRST * statistics.fmean(spent) / DEFAULT_S
    yield Line(
        "  of one core, every 15 s (the first 15 s)", f"{share:.3f} ({first:.3f}) %", "<= 1 %"
    )
    longest = f"{1e3 * at(held, 0.99):.2f} ({1e3 * max(held):.2f}) ms"
    yield Line("  computed between two rests, p99 (most)", longest, "<= 1 ms")


def _readings() -> tuple[list[float], list[float]]:
    watch, clock = Watch(), SystemClock()
    readings = readings_of(Wanted(), Tools(clock.elapsed_s, watch.take, lambda *_: None))
    spent = []
    for _ in range(READINGS):
        time.sleep(0.002)
        watch.begin()
        began_s = time.thread_time()
        for read in readings.values():
            read()
            watch.take()
        spent.append(time.thread_time() - began_s)
        watch.held_s.append(time.thread_time() - watch._used_s)
    return spent, watch.held_s


def gaps() -> Iterator[Line]:
    """Compute in the main thread, in turns with and without readings every 0.1 s."""
    without, during = [], []
    for _ in range(ROUNDS):
        without.append(spin())
        with sampling():
            during.append(spin())
    for name, rounds in (("without", without), ("with", during)):
        found = [gap for gaps in rounds for gap in gaps]
        said = f"{1e6 * at(found, 0.99):.1f} us / {1e3 * at(found, 0.99999):.2f} ms"
        yield Line(f"gaps of a busy loop {name}, p99 / p99.999", said)
    long = [
        statistics.median(sum(gap > 0.001 for gap in gaps) / ROUND_S for gaps in rounds)
        for rounds in (without, during)
    ]
    yield Line("  of more than 1 ms, per second (without)", f"{long[1]:.1f} ({long[0]:.1f})")
    done = [statistics.median(len(gaps) for gaps in rounds) for rounds in (without, during)]
    yield Line("  turns of the loop lost, median", f"{100 * (1 - done[1] / done[0]):.1f} %")


def spin() -> list[float]:
    """Return the time between the rounds of a loop that does nothing else, seconds."""
    clock = time.perf_counter
    found = []
    end_s = last_s = clock()
    end_s += ROUND_S
    while last_s < end_s:
        now_s = clock()
        found.append(now_s - last_s)
        last_s = now_s
    return found


@contextmanager
def sampling() -> Iterator[None]:
    """Read the machine ten times a second."""
    sampler = SystemSampler(lambda _: None, SystemClock(), Wanted(interval_s=0.1))
    sampler.start()
    time.sleep(0.3)
    yield
    sampler.stop()


@contextmanager
def workers() -> Iterator[None]:
    """Have children, as a data loader does."""
    command = [sys.executable, "-c", WORKER]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(WORKERS)]
    try:
        yield
    finally:
        for child in children:
            child.communicate(b"\n")


def in_thread(
    work: Callable[[], tuple[list[float], list[float]]],
) -> tuple[list[float], list[float]]:
    """Return what a function returns in a thread of its own."""
    found: list[tuple[list[float], list[float]]] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def at(values: list[float], share: float) -> float:
    """Return a quantile."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


if __name__ == "__main__":
    main()
