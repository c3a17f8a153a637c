"""Many processes work with one workspace, and some of them die or do not let go."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from faultkit import LONG, Kernel, counting
from waiting import wait_until

from nbtrack.query import RunIndex
from nbtrack.records import RunState
from nbtrack.store import Ingester, Reader
from nbtrack.store.layout import database_path, uids

HOLD_S = 30.0 if LONG else 3.0
ROUNDS = 12 if LONG else 2
ROWS = 20_000

HOLD = """
import sys, duckdb
def opened():
    while True:  # DuckDB does not wait: whoever comes in a window of ours tries again
        try:
            return duckdb.connect(sys.argv[1])
        except duckdb.IOException:
            pass
with opened() as connection:
    print("held", flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.timeout(600 if LONG else 240)


def test_two_ingesters_and_four_kernels_that_are_killed_store_each_row_once(tmp_path):
    chance = random.Random("company")
    logged = 0

    for _ in range(ROUNDS):
        logged += round_of_kills(tmp_path, chance)
    root = tmp_path / ".nbtrack"
    ingest_all(root)

    assert len(uids(root)) == 4 * ROUNDS
    rows = [Reader(root).run(uid).rows for uid in uids(root)]
    with duckdb.connect(str(database_path(root)), read_only=True) as connection:
        stored = connection.execute(
            "SELECT count(*), count(DISTINCT (run_id, step)) FROM history"
        ).fetchone()
        numbers = connection.execute(
            "SELECT count(*), count(DISTINCT (run_id, value)) FROM metrics JOIN keys "
            "USING (run_id, key_id) WHERE name = 'number'"
        ).fetchone()
    assert stored == numbers == (sum(rows), sum(rows))
    # A call that was cut short may have left its row.
    assert logged <= sum(rows) <= logged + 4 * ROUNDS


def round_of_kills(folder: Path, chance: random.Random) -> int:
    """Kill four kernels and, while they log, one of two ingesters; return what was logged."""
    with contextlib.ExitStack() as stack:
        ingesters = [stack.enter_context(Kernel(folder, "ingest_all")) for _ in range(2)]
        kernels = [stack.enter_context(Kernel(folder, "bounded", ROWS)) for _ in range(4)]
        for kernel in kernels:
            kernel.wait_for_rows(chance.randrange(1, ROWS // 4))
            kernel.run_for(chance.uniform(0, 0.4))
            kernel.kill()
            ingesters.pop(0).kill()
            ingesters.append(stack.enter_context(Kernel(folder, "ingest_all")))
        return sum(kernel.acknowledged.total for kernel in kernels)


def test_a_stranger_who_holds_the_database_harms_nobody(tmp_path):
    """A notebook of the user's own, or a database browser, may keep the file open."""
    folders = [tmp_path / "a", tmp_path / "b"]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with contextlib.ExitStack() as stack:
        kernels = [stack.enter_context(Kernel(folder, "steady")) for folder in folders]
        for kernel in kernels:
            kernel.wait_for_rows(10)
        root = kernels[0].root
        reader = Reader(root)
        ingest_all(root)

        with held(database_path(root)):
            end_s = time.monotonic() + HOLD_S
            assert not any(Ingester(root).ingest(uid) for uid in uids(root))
            tails = [reader.follow(uid, reader.run(uid).position) for uid in uids(root)]
            while time.monotonic() < end_s:
                for tail in tails:
                    wait_until(tail.poll, what="live rows")
                assert all(reader.run(uid).state.goes_on for uid in uids(root))
        said = [kernel.end() for kernel in kernels]

    assert said == [("", ""), ("", "")]
    logged = sorted(kernel.acknowledged.total for kernel in kernels)
    assert all(Ingester(root).ingest(uid) for uid in uids(root))
    assert sorted(reader.run(uid).rows for uid in uids(root)) == logged
    for uid in uids(root):
        steps = [row["_step"] for row in reader.rows(uid)]
        assert steps == [row["number"] for row in reader.rows(uid)] == list(range(len(steps)))


def test_eight_kernels_a_watcher_a_reader_and_a_stranger_do_not_hinder_each_other(tmp_path):
    """A day in the life of a workspace, all of it at once."""
    logging = tmp_path / "a"
    logging.mkdir()
    folders = [logging, *(tmp_path / str(number) for number in range(7))]
    for folder in folders[1:]:
        folder.symlink_to(logging)
    with contextlib.ExitStack() as stack:
        sums = stack.enter_context(counting("eight kernels in company"))
        kernels = [stack.enter_context(Kernel(folder, "steady", 1.0)) for folder in folders]
        for kernel in kernels:
            kernel.wait_for_rows(10)
        root = kernels[0].root
        watcher = stack.enter_context(contextlib.closing(RunIndex(root)))
        ingest_all(root)

        watch(root, watcher, HOLD_S / 2)
        with held(database_path(root)):
            watch(root, watcher, HOLD_S)
        watch(root, watcher, HOLD_S / 2)
        ended = [kernel.end() for kernel in kernels]

        assert ended == [("", "")] * len(kernels)
        found = [[row["number"] for row in Reader(root).rows(uid)] for uid in uids(root)]
        logged = sorted(kernel.acknowledged.total for kernel in kernels)
        sums.update(faults=1, acknowledged=sum(logged), lost=sum(logged) - sum(map(len, found)))
        assert sorted(map(len, found)) == logged
        assert all(numbers == list(range(len(numbers))) for numbers in found)
        states = [facts.state for facts in Reader(root).runs()]
        assert states == [RunState.FINISHED] * len(kernels)


def ingest_all(root: Path) -> None:
    """Let each run go into the database once; others use it, too."""
    left = set(uids(root))

    def is_done() -> bool:
        left.difference_update([uid for uid in left if Ingester(root).ingest(uid)])
        return not left

    wait_until(is_done, what="ingesting all runs")


def watch(root: Path, watcher: RunIndex, duration_s: float) -> None:
    """Look as a server and a command line do; every run must be seen to go on."""
    reader = Reader(root)
    followers = [reader.follow(uid, reader.run(uid).position) for uid in uids(root)]
    end_s = time.monotonic() + duration_s
    while time.monotonic() < end_s:
        changed: set[str] = set()
        for follower in followers:
            wait_until(follower.poll, what="live rows")
        wait_until(lambda: listed(watcher, changed) == len(followers), what="live lists")  # noqa: B023
        assert all(run.state.goes_on for run in Reader(root).runs())
    for follower in followers:
        follower.close()


def listed(watcher: RunIndex, changed: set[str]) -> int:
    """Return how many runs have changed since the set was begun."""
    changed.update(facts.opened.uid for facts in watcher.poll()[0])
    return len(changed)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Let another process have the database open for writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield
        assert process.poll() is None
    finally:
        process.communicate()
