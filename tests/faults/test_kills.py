"""What `log()` acknowledged is there after SIGKILL, exactly once, in order."""

import random
import shutil
from collections import Counter

import pytest
from faultkit import LONG, Found, Kernel, counting, look, only_run
from storekit import START_US, logged, opened_run, row
from waiting import wait_until

from nbtrack.records import ConfigChanged, Opened, SummaryChanged
from nbtrack.store import Ingester, Journal, Reader, Tail
from nbtrack.store.entries import Rows
from nbtrack.store.layout import journal_path
from nbtrack.store.liveness import is_locked

KILLS = 75 if LONG else 3
KILLS_OF_RECOVERIES = 100 if LONG else 4
WAYS = {"one_thread": 0.3, "four_threads": 0.3, "text": 0.25, "turning": 0.5, "ingest": 0.4}
KILLED = "a-killed-run"

pytestmark = pytest.mark.timeout(3_600 if LONG else 240)


@pytest.mark.parametrize("way", WAYS)
def test_what_log_acknowledged_survives_a_killed_kernel(tmp_path, way):
    """By whoever looks first, by a second one, and after it went into the database."""
    chance = random.Random(f"kills {way}")

    with counting(f"kernel killed: {way}") as sums:
        for kill in range(KILLS):
            with Kernel(tmp_path / str(kill), way) as kernel:
                kernel.wait_for_rows()
                kernel.run_for(chance.uniform(0, WAYS[way]))
            found = looks(kernel)
            sums.update(faults=1, acknowledged=kernel.acknowledged.total)
            sums.update(lost=found.lost, duplicated=found.duplicated)
            assert found.faults == (0, 0, 0, 0), (kill, found)
            shutil.rmtree(kernel.folder)


def test_a_recovery_that_is_killed_begins_again(tmp_path):
    chance = random.Random("recoveries")
    count = 300
    journal = Journal.create(tmp_path / "killed", opened_run(KILLED))
    journal.spill()
    for step in range(count):
        assert journal.keep(row(step, {"loss": step / 8, "text": "x" * 12_000}))
        if step == 99:
            journal.append([row(one, {"loss": one / 8}) for one in range(100)], 100)
    journal.abandon()

    with counting("recovery killed") as sums:
        for kill in range(KILLS_OF_RECOVERIES):
            folder = tmp_path / "copies"
            folder.mkdir()
            (folder / "killed").symlink_to(tmp_path / "killed")
            with Kernel(folder, "recover_copies") as kernel:
                kernel.wait_for_rows(2)
                kernel.run_for(chance.uniform(0, 0.1))
            root = folder / str(kernel.acknowledged.total - 1)
            steps = Counter(one["_step"] for one in Reader(root).rows(KILLED))
            sums.update(faults=1, acknowledged=count, lost=count - len(steps))
            sums.update(duplicated=steps.total() - len(steps))
            assert steps == Counter(range(count)), kill
            rows = Reader(root).rows(KILLED)
            assert all(logged(one)["loss"] == one["_step"] / 8 for one in rows)
            shutil.rmtree(folder)


def test_a_write_that_a_kill_cut_short_is_not_told_twice(tmp_path):
    """The kernel looks at signals between the pages of a large write."""
    journal = Journal.create(tmp_path / "killed", opened_run(KILLED))
    journal.spill()
    records = [
        ConfigChanged(START_US, {"lr": 0.1}),
        *(row(step, {"loss": step / 8, "text": "x" * (step % 3)}) for step in range(20)),
        SummaryChanged(START_US, {"best": 1}),
        *(row(step, {"loss": step / 8}) for step in range(20, 30)),
        SummaryChanged(START_US, {"best": 1}),
    ]
    assert all(journal.keep(record) for record in records)
    before = journal.position
    journal.append(records, journal.kept)
    journal.abandon()
    whole = journal.path.read_bytes()

    for cut in range(before, len(whole), 1 if LONG else 7):
        root = tmp_path / str(cut)
        shutil.copytree(tmp_path / "killed", root)
        journal_path(root, KILLED).write_bytes(whole[:cut])

        with Tail.open(root, KILLED) as tail:
            said = [entry for entry in tail.entries() if not isinstance(entry, Rows | Opened)]

        assert [one["_step"] for one in Reader(root).rows(KILLED)] == list(range(30)), cut
        assert len(said) == 3, cut


def looks(kernel: Kernel) -> Found:
    """Return what is found the last time, or the first time when something is wrong.

    A killed kernel may have been about to start git: until that is another program it has
    the kernel's files, and the run goes on for whoever looks.
    """
    root, uid = kernel.root, only_run(kernel.root)
    with journal_path(root, uid).open("rb") as journal:
        wait_until(lambda: not is_locked(journal.fileno()), what="the lock to be free")
    way = "text" if kernel.way == "text" else "numbers"
    for _ in range(2):
        found = look(root, uid, way, kernel.acknowledged)
        if any(found.faults):
            return found
    Ingester(root).ingest_left_behind()
    assert Ingester(root).ingest(uid)
    return look(root, uid, way, kernel.acknowledged)
