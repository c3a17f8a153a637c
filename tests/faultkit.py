"""What fault tests share: kernels to be killed, what they acknowledged, what is found.

A kernel is a fresh interpreter that runs `faults/kernel.py`. Each of its threads counts
the calls of `log()` that returned in a mapped file, which outlives the process.
"""

import contextlib
import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from storekit import logged
from waiting import wait_until

from nbtrack.records import Json
from nbtrack.store import Reader
from nbtrack.store.layout import uids

LONG = os.environ.get("NBTRACK_FAULTS") == "long"
MOST_THREADS = 128
TESTS = Path(__file__).parent
SCRIPT = TESTS / "faults" / "kernel.py"

TEXT_BYTES = 40_000
LARGE_TEXT_BYTES = 5_000_000  # more than a spill holds
LARGE_EVERY = 40


FIGURES: list[tuple[str, Counter[str], float]] = []
"""What each scenario counted, and how long it took, seconds."""
COLUMNS = ("faults", "acknowledged", "lost", "duplicated")


@contextlib.contextmanager
def counting(scenario: str) -> Iterator[Counter[str]]:
    """Count what is done to runs and what is lost; `table` shows it, of failed tests too."""
    sums: Counter[str] = Counter()
    began_s = time.monotonic()
    try:
        yield sums
    finally:
        FIGURES.append((scenario, sums, time.monotonic() - began_s))


def table(figures: list[tuple[str, Counter[str], float]]) -> str:
    """Return the figures as a table with their sums below."""
    total: Counter[str] = sum((sums for _, sums, _ in figures), Counter())
    rows = [*figures, ("all", total, sum(seconds for _, _, seconds in figures))]
    head = f"{'scenario':<44}" + "".join(f"{name:>14}" for name in COLUMNS) + f"{'seconds':>10}"
    lines = [
        f"{scenario:<44}" + "".join(f"{sums[name]:>14,}" for name in COLUMNS) + f"{seconds:>10,.0f}"
        for scenario, sums, seconds in rows
    ]
    return "\n".join([head, *lines])


def values_of(way: str, thread: int, number: int) -> dict[str, Json]:
    """Return the `number`-th row that a thread of a kernel logs."""
    values: dict[str, Json] = {"thread": thread, "number": number, "loss": number / 8}
    if way == "text":
        large = number % LARGE_EVERY == LARGE_EVERY - 1
        values["text"] = f"{number} {_filling(LARGE_TEXT_BYTES if large else TEXT_BYTES)}"
    elif number % 50 == 0:
        values["odd"] = "a shape of its own"
    return values


@cache
def _filling(size: int) -> str:
    return random.Random(size).randbytes(size // 2).hex()


class Acknowledged:
    """How many calls of `log()` returned, by thread, in a file that all may map."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8 * MOST_THREADS))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8 * MOST_THREADS)
        self.counts = memoryview(self._memory).cast("Q")

    @property
    def total(self) -> int:
        return sum(self.counts)


class Kernel:
    """A process that logs; killed at the latest when its block ends."""

    def __init__(self, folder: Path, way: str, *arguments: object, under: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.way = way
        self._counted = folder / f"acknowledged-{random.randbytes(4).hex()}"
        self.acknowledged = Acknowledged(self._counted)
        command = [sys.executable, str(SCRIPT), way, str(folder), str(self._counted)]
        self.process = subprocess.Popen(
            [*under.split(), *command, *map(str, arguments)],
            env={
                **os.environ,
                "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}",
                "NBTRACK_QUIET": "true",  # what is said then is trouble
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # what it forks is killed along
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def root(self) -> Path:
        return self.folder / ".nbtrack"

    def wait_for_rows(self, count: int = 1) -> None:
        def logs() -> bool:
            assert self.process.poll() is None, self.process.communicate()
            return self.acknowledged.total >= count

        wait_until(logs, what=f"logging {count} rows", poll_s=0.001)

    def run_for(self, duration_s: float) -> None:
        """Let it go on for a while, in which it must not end."""
        try:
            self.process.wait(duration_s)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"the kernel ended: {self.process.communicate()}")

    def kill(self) -> None:
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def end(self, timeout_s: float = 60) -> tuple[str, str]:
        """Close its input, which ends it; return what it printed."""
        out, err = self.process.communicate(timeout=timeout_s)
        assert self.process.returncode == 0, err
        return out, err


@dataclass(frozen=True)
class Found:
    """What a reader finds of a kernel's rows.

    Attributes:
        rows: How many.
        lost: Acknowledged and not there.
        duplicated: More often there than once.
        unasked: There, and logged by no call, not even by one that was cut short.
        misplaced: Out of order, or with other values than were logged.
    """

    rows: int = 0
    lost: int = 0
    duplicated: int = 0
    unasked: int = 0
    misplaced: int = 0

    @property
    def faults(self) -> tuple[int, int, int, int]:
        return (self.lost, self.duplicated, self.unasked, self.misplaced)


def look(root: Path, uid: str, way: str, acknowledged: Acknowledged) -> Found:
    """Read a run and compare it with what its kernel acknowledged."""
    reader = Reader(root)
    try:
        return _compare(reader.rows(uid), way, list(acknowledged.counts))
    finally:
        reader.close()


def _compare(rows: Iterator[dict[str, Json]], way: str, acknowledged: list[int]) -> Found:
    seen: Counter[tuple[int, int]] = Counter()
    latest = [-1] * len(acknowledged)
    last_step = -1
    misplaced = 0
    for row in rows:
        values = logged(row)
        thread, number, step = values["thread"], values["number"], row["_step"]
        fits = latest[thread] < number and last_step < step
        misplaced += not (fits and values == values_of(way, thread, number))
        latest[thread], last_step = number, step
        seen[thread, number] += 1
    return Found(
        rows=seen.total(),
        lost=sum(
            (thread, number) not in seen
            for thread, count in enumerate(acknowledged)
            for number in range(count)
        ),
        duplicated=seen.total() - len(seen),
        unasked=sum(number > acknowledged[thread] for thread, number in seen),
        misplaced=misplaced,
    )


def only_run(root: Path) -> str:
    (uid,) = uids(root)
    return uid
