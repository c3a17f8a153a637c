"""The questions, and how one tracker answers one of them once.

A question that reads has a store that is filled once and read in every round. All others
get an empty store each time.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report import Reading, Table, quantile
from roster import Tracker
from workplace import Worker, WorkerError, Workplace

READY_S = 60.0
WRITERS = 4
RATE = 1_000


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured.

    Attributes:
        rounds: How often each question is put to each tracker.
        calls: Calls of `log()` in a hot loop, at most.
        cold_calls: Calls of `log()` with work between them.
        limit_s: Longest time for the calls of one loop.
        paced_s: How long the four writers write.
        crowds: How often the four writers write, at most `rounds`.
        points: Points that are read back.
        runs: Runs that are listed.
        making_s: Longest time in which those runs are made.
    """

    rounds: int
    calls: int
    cold_calls: int
    limit_s: float
    paced_s: float
    crowds: int
    points: int
    runs: int
    making_s: float


FULL = Scale(3, 3_000, 500, 1.5, 10.0, 2, 100_000, 1_000, 120.0)
QUICK = Scale(1, 1_000, 200, 0.5, 2.0, 1, 20_000, 100, 15.0)


class Question:
    """What is asked; `ask` answers it once."""

    tables: tuple[Table, ...] = ()
    is_rare = False

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def fills(self) -> tuple[str, dict[str, float]] | None:
        """Return the task that fills the store which every round reads, or None."""
        return None

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Yield what this round gave."""
        raise NotImplementedError


class Logging(Question):
    """How long a call of `log()` takes."""

    shapes = ((1, 0), (10, 0), (100, 0), (10, 2))
    tables = tuple(
        Table(
            1,
            f"log() of {metrics} float{'s' if metrics > 1 else ''}, "
            + (f"{work_ms} ms of numpy work between calls" if work_ms else "hot loop"),
            "us",
            has_tail=True,
        )
        for metrics, work_ms in shapes
    )

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Log in four ways, each in a process of its own."""
        for table, (metrics, work_ms) in zip(self.tables, self.shapes, strict=True):
            calls = self.scale.cold_calls if work_ms else self.scale.calls
            limit_s = self.scale.limit_s + 2 * calls * work_ms / 1e3
            answer = place.do("log", metrics=metrics, work_ms=work_ms, calls=calls, limit_s=limit_s)
            times = answer["times_us"]
            note = "" if len(times) == calls else f"{len(times):,} calls"
            p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
            yield Reading(table, place.tracker.name, p50, p99, note)


class Throughput(Question):
    """How fast rows are stored for good, and what they take on the disk."""

    speed = Table(2, "rows of 10 floats until finish() returned", "points/s", is_more_better=True)
    size = Table(3, "on the disk after finish(), the whole store", "bytes/point")
    tables = (speed, size)

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Log rows, finish, count and weigh what is there."""
        name = place.tracker.name
        rows = place.tracker.rows
        points = rows * 10
        seconds = place.do("throughput", rows=rows)["seconds"]
        place.settle()
        sizes = weigh(place.store)
        found = place.do("count")["rows"]
        missing = f", {rows - found:,} ROWS NOT FOUND" if found != rows else ""
        yield Reading(self.speed, name, points / seconds, note=f"{points:,} points{missing}")
        largest = ", ".join(
            f"{kind or 'other'} {size / points:.1f}"
            for kind, size in sizes.most_common(3)
            if size / points >= 0.05
        )
        note = f"{points:,} points: {largest}"
        yield Reading(self.size, name, sum(sizes.values()) / points, note=note)


class Starting(Question):
    """How long the first lines of a notebook take."""

    both = Table(4, "import and init() in a fresh process", "ms")
    init = Table(4, "  of that init()", "ms")
    tables = (both, init)
    times = 3

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Start some times; the very first, which fills caches, is no reading."""
        place.do("start")
        for _ in range(self.times):
            answer = place.do("start")
            whole = (answer["import_s"] + answer["init_s"]) * 1e3
            yield Reading(self.both, place.tracker.name, whole)
            yield Reading(self.init, place.tracker.name, answer["init_s"] * 1e3)


class Killing(Question):
    """How many rows a kill takes back."""

    lost = Table(5, f"rows lost by kill -9 of a loop of {RATE:,} rows/s", "rows")
    tables = (lost,)

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Log, kill, and count what the tracker's own reader finds afterwards."""
        worker = paced(place, 0, seconds=60.0)
        start(place, [worker])
        wait_for_rows(place)
        # Trackers write in periods: the kill comes at any moment of one.
        time.sleep(2 + random.random())
        worker.kill()
        place.settle()
        logged = acknowledged(place, 0)
        try:
            found = place.do("count")["rows"]
        except WorkerError as error:
            yield Reading(self.lost, place.tracker.name, float(logged), note=f"unreadable: {error}")
            return
        lost = max(0, logged - found)
        yield Reading(self.lost, place.tracker.name, float(lost), note=f"of {logged:,}")


class Crowd(Question):
    """What several kernels do to each other."""

    calls = Table(
        6, f"log() of 10 floats, {WRITERS} processes, {RATE:,} rows/s each", "us", has_tail=True
    )
    tables = (calls,)
    is_rare = True

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Let all begin at the same moment, log, finish; count what is there."""
        answers, deaths = self.written(place)
        if deaths:
            place.clear()
            place.do("start")
            answers, later = self.written(place)
            deaths = [f"{len(deaths)} of {WRITERS} DIED on a new store ({deaths[0]})", *later]
        place.settle()
        times = sorted(time_us for answer in answers for time_us in answer["times_us"])
        note = ", ".join([told(answers, place), *deaths])
        p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
        yield Reading(self.calls, place.tracker.name, p50, p99, note)

    def written(self, place: Workplace) -> tuple[list[dict[str, Any]], list[str]]:
        """Let four processes write; return the answers, and why some have none."""
        workers = [paced(place, index, self.scale.paced_s) for index in range(WRITERS)]
        start(place, workers)
        return answers_of(workers, self.scale.paced_s + 120)


class ReadingBack(Question):
    """How long a metric takes to come back."""

    seconds = Table(7, "one metric read back as Python floats, the first time in a process", "ms")
    again = Table(7, "  the same again in the same process", "ms")
    tables = (seconds, again)

    def fills(self) -> tuple[str, dict[str, float]]:
        """Store the points."""
        return "fill", {"rows": self.scale.points}

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """Read them."""
        answer = place.do("read")
        note = f"{answer['points']:,} points"
        yield Reading(self.seconds, place.tracker.name, answer["seconds"] * 1e3, note=note)
        yield Reading(self.again, place.tracker.name, answer["again_s"] * 1e3)


class Listing(Question):
    """How long a list of many runs takes."""

    seconds = Table(8, "all runs with config and summary, the first time in a process", "ms")
    again = Table(8, "  the same again in the same process", "ms")
    tables = (seconds, again)

    def fills(self) -> tuple[str, dict[str, float]]:
        """Make the runs."""
        return "make_runs", {"runs": self.scale.runs, "limit_s": self.scale.making_s}

    def ask(self, place: Workplace) -> Iterator[Reading]:
        """List them; what could not be made in time is reckoned from what could."""
        answer = place.do("list_runs")
        runs, share = answer["runs"], self.scale.runs / max(1, answer["runs"])
        note = f"{runs:,} runs" + (
            "" if runs == self.scale.runs else f", scaled to {self.scale.runs:,}"
        )
        yield Reading(self.seconds, place.tracker.name, answer["seconds"] * 1e3 * share, note=note)
        yield Reading(self.again, place.tracker.name, answer["again_s"] * 1e3 * share)


QUESTIONS: tuple[type[Question], ...] = (
    Logging,
    Throughput,
    Starting,
    Killing,
    Crowd,
    ReadingBack,
    Listing,
)


def takes_part(tracker: Tracker, question: Question) -> bool:
    """Return whether a tracker is asked."""
    return not any(table.question in tracker.absent for table in question.tables)


def weigh(folder: Path) -> Counter[str]:
    """Return the bytes of all files below a folder by the end of their names."""
    sizes: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            kind = ".tfevents" if ".tfevents." in path.name else path.suffix
            sizes[kind] += path.stat().st_size
    return sizes


def paced(place: Workplace, index: int, seconds: float) -> Worker:
    """Start a process that waits for `start` and then logs at a pace."""
    place.path(f"acknowledged-{index}").write_bytes(bytes(8))
    return place.begin(
        "paced",
        name=f"writer-{index}",
        rate=RATE,
        seconds=seconds,
        ready=str(place.path(f"ready-{index}")),
        go=str(place.path("go")),
        acknowledged=str(place.path(f"acknowledged-{index}")),
    )


def start(place: Workplace, workers: list[Worker]) -> None:
    """Let the workers begin at the same moment, when all have imported their tracker."""
    waited_for(lambda: all(place.path(f"ready-{i}").exists() for i in range(len(workers))))
    place.path("go").touch()


def wait_for_rows(place: Workplace) -> None:
    """Wait until the first row is logged."""
    waited_for(lambda: acknowledged(place, 0) > 0)


def waited_for(condition: Any) -> None:  # noqa: ANN401 - a function
    """Wait for a condition.

    Raises:
        WorkerError: If it does not come.
    """
    end = time.monotonic() + READY_S
    while not condition():
        if time.monotonic() > end:
            raise WorkerError(f"not ready within {READY_S:.0f} s")
        time.sleep(0.01)


def acknowledged(place: Workplace, index: int) -> int:
    """Return how many calls of `log()` returned."""
    return int.from_bytes(place.path(f"acknowledged-{index}").read_bytes(), "little")


def answers_of(workers: list[Worker], timeout_s: float) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the answers of those that have one, and what became of the others."""
    answers, deaths = [], []
    for worker in workers:
        try:
            answers.append(worker.answer(timeout_s))
        except WorkerError as error:
            deaths.append(str(error)[:80])
    return answers, deaths


def told(answers: list[dict[str, Any]], place: Workplace) -> str:
    """Say how many rows were logged and found, and what failed."""
    logged = sum(answer["rows"] for answer in answers)
    found = place.do("count")["rows"]
    failed = [failure for answer in answers for failure in answer["init_errors"]]
    errors = sum(answer["errors"] for answer in answers)
    parts = [f"{logged:,} rows logged, {logged - found:,} not found"]
    if failed:
        parts.append(f"init() raised {len(failed)} x ({failed[0]})")
    if errors:
        parts.append(f"{errors:,} calls raised")
    return ", ".join(parts)
