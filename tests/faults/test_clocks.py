"""Clocks that are set, machines that sleep, and a run of days: on a clock that tests turn."""

import random
import tracemalloc

import pytest
from faultkit import LONG
from storekit import START_US, UID, opened_run

from nbtrack.clock import MICROSECONDS
from nbtrack.records import ConsoleText, Heartbeat, Row, RunState, Stream, SystemSample
from nbtrack.runs.company import Host
from nbtrack.runs.recorder import BEAT_S, Recorder, Track
from nbtrack.runs.stopwatch import Stopwatch
from nbtrack.store import Ingester, Journal, Reader
from nbtrack.store.layout import journal_path

HOUR_S = 3_600
DAYS = 5
BEATS = DAYS * 24 * HOUR_S // int(BEAT_S)
SPARSE = 1 if LONG else 10

pytestmark = pytest.mark.timeout(900 if LONG else 240)


class TurnedClock:
    """A clock that only a test turns; a machine that sleeps turns the wall clock alone."""

    def __init__(self) -> None:
        self.wall_us = START_US
        self.seconds = 100.0

    def now_us(self) -> int:
        return self.wall_us

    def elapsed_s(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.set_by(seconds)

    def set_by(self, seconds: float) -> None:
        self.wall_us += round(seconds * MICROSECONDS)


class Followed:
    """A run whose recorder's turns the test takes itself, one after the other."""

    def __init__(self, root) -> None:
        self.root = root
        self.clock = TurnedClock()
        self.watch = Stopwatch(self.clock)
        self.told: list[tuple[str, str]] = []
        journal = Journal.create(root, opened_run(UID))
        journal.spill()
        self.track = Track(
            journal,
            self.clock,
            active_us=self.watch.active_us,
            on_trouble=lambda *said: self.told.append(said),
        )
        self.recorder = Recorder(self.clock, on_stop=lambda _: None)
        self.host = Host(self.track, root, UID, take=lambda _: True, is_new=True)
        self.reader = Reader(root, self.clock)
        self.step = 0

    def log(self) -> None:
        self.track.emit(Row(self.step, self.clock.now_us(), {"loss": self.step / 8}))
        self.step += 1

    def beat(self) -> None:
        self.recorder._attend(UID, self.track, self.host, due=True)


@pytest.fixture
def run(tmp_path):
    run = Followed(tmp_path / ".nbtrack")
    yield run
    run.track.close()
    run.reader.close()


@pytest.mark.parametrize("hours", [-30, -2, 2, 30], ids=str)
def test_a_clock_that_is_set_makes_no_run_crash_and_no_time_active(run, hours):
    for turn in range(12):
        if turn == 6:
            run.clock.set_by(hours * HOUR_S)
            run.beat()
        run.clock.pass_by(BEAT_S)
        run.log()
        run.beat()
        facts = run.reader.run(UID)
        assert facts.state is RunState.RUNNING
        assert [one.state for one in run.reader.runs()] == [RunState.RUNNING]
        assert facts.active_us == run.watch.active_us()

    assert run.told == []
    rows = list(run.reader.rows(UID))
    assert [row["_step"] for row in rows] == list(range(12))
    if hours > 0:
        assert [row["_runtime"] for row in rows] == [BEAT_S * (turn + 1) for turn in range(12)]


def test_a_machine_that_slept_for_hours_goes_on(run):
    """The monotonic clock stands still meanwhile; nobody gave a sign of life."""
    run.log()
    run.beat()
    run.clock.set_by(9 * HOUR_S)

    assert run.reader.run(UID).state is RunState.RUNNING
    assert [one.state for one in run.reader.runs()] == [RunState.RUNNING]

    run.beat()
    run.clock.pass_by(1)
    run.log()
    run.beat()
    assert [row["_runtime"] for row in run.reader.rows(UID)] == [0.0, 1.0]
    run.track.close()
    assert run.reader.run(UID).state is RunState.CRASHED


def test_five_days_of_pauses_stay_small(run):
    """Beats all the time, readings each 15 s, a cell of a minute each half an hour."""
    chance = random.Random("days")
    ingester = Ingester(run.root)
    tracemalloc.start()
    memory = []
    for beat in range(0, BEATS, SPARSE):
        run.clock.pass_by(BEAT_S * SPARSE)
        is_busy = beat % 360 < 12 * SPARSE
        run.watch.resume() if is_busy else run.watch.pause()
        if beat % 3 == 0:
            run.track.offer(
                SystemSample(run.clock.now_us(), {"cpu": chance.uniform(0, 100), "gpu": 0.5})
            )
        if is_busy:
            run.log()
            run.track.offer(ConsoleText(run.clock.now_us(), Stream.STDOUT, f"step {run.step}"))
        run.track.offer(Heartbeat(run.clock.now_us(), run.watch.active_us()))
        run.track.drain()
        if beat % (BEATS // 5 // SPARSE * SPARSE) == 0:
            assert ingester.ingest(UID)
            memory.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    facts = run.reader.run(UID)

    assert facts.state is RunState.RUNNING
    assert facts.rows == facts.line_count == run.step
    assert facts.active_us == run.watch.active_us()
    assert facts.notices == ()
    assert journal_path(run.root, UID).stat().st_size < 40_000_000 / SPARSE
    assert memory[-1] < memory[1] + 4_000_000
    assert ingester.ingest(UID)
    again = Reader(run.root, run.clock).run(UID)
    assert (again.rows, again.active_us, again.seen_us) == (
        facts.rows,
        facts.active_us,
        facts.seen_us,
    )
