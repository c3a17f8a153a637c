"""The list of runs tells what changed and stays quiet otherwise."""

import math
import shutil

import pytest
from storekit import SECOND_US, START_US, UID, opened_run, row, rows
from waiting import wait_until

from nbtrack.query import RunIndex
from nbtrack.records import Closed, RunState
from nbtrack.store import Journal, run_folder
from nbtrack.store.sealing import JournalSizes


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.s = 0.0

    def now_us(self) -> int:
        return START_US + int(self.s * SECOND_US)

    def elapsed_s(self) -> float:
        return self.s


@pytest.fixture
def index(root):
    index = RunIndex(root)
    yield index
    index.close()


def uids_of(listings) -> list[str]:
    return [one.opened.uid for one in listings]


def test_a_workspace_without_runs_is_an_empty_list(index):
    assert index.poll() == ([], [])


def test_runs_are_told_once_newest_first(root, index):
    for n in (0, 1):
        Journal.create(root, opened_run(f"{UID}-{n}", time_us=START_US + n)).close()

    changed, removed = index.poll()

    assert (uids_of(changed), removed) == ([f"{UID}-1", f"{UID}-0"], [])
    assert index.poll() == ([], [])


def test_only_what_changed_is_told(root, journal, ingester, index):
    other = Journal.create(root, opened_run(f"{UID}-0"))
    index.poll()

    journal.append(rows(range(3), "loss"))
    changed, _ = index.poll()
    assert uids_of(changed) == [UID]
    assert changed[0].rows == 3

    assert ingester.ingest(UID)
    assert index.poll() == ([], [])

    other.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    other.close()
    changed, _ = index.poll()
    assert [(one.opened.uid, one.state) for one in changed] == [(f"{UID}-0", RunState.FINISHED)]


def taken_up(root, uids) -> None:
    for uid in uids:
        journal = Journal.reopen(root, uid)
        journal.append([opened_run(uid), *rows(range(1), "loss")])
        journal.close()


def ended(root, count: int) -> list[str]:
    uids = [f"{UID}-{n}" for n in range(count)]
    for uid in uids:
        journal = Journal.create(root, opened_run(uid))
        journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
        journal.close()
    return uids


def test_runs_that_are_taken_up_again_are_told_at_once(root):
    clock = HandClock()
    index = RunIndex(root, clock)
    uids = ended(root, 8)
    index.poll()
    clock.s += 10
    assert index.poll() == ([], [])

    taken_up(root, uids[2:4])

    assert sorted(uids_of(index.poll()[0])) == uids[2:4]
    index.close()


def test_a_run_that_is_taken_up_in_silence_is_told_within_half_a_minute(root, monkeypatch):
    """An older nbtrack does not tell, and others may not be able to."""
    monkeypatch.setattr("nbtrack.store.journal.note_taking_up", lambda _: None)
    clock = HandClock()
    index = RunIndex(root, clock)
    uids = ended(root, 100)
    index.poll()
    clock.s += 10
    index.poll()

    taken_up(root, uids)
    told = []
    for _ in range(31):
        clock.s += 1
        told.append(uids_of(index.poll()[0]))

    assert sorted(uid for some in told for uid in some) == sorted(uids)
    assert max(map(len, told)) < 20  # a bit at a time


def test_what_ended_is_left_alone_between_two_looks(root, monkeypatch):
    """Ten thousand questions take a tenth of a second of a core, twice a second."""
    clock = HandClock()
    index = RunIndex(root, clock)
    ended(root, 100)
    index.poll()
    clock.s += 10
    index.poll()
    asked = []
    monkeypatch.setattr(JournalSizes, "of", lambda _, uid: asked.append(uid) or 0)

    clock.s += 0.5
    index.poll()

    assert len(asked) <= 3
    index.close()


def test_a_pause_is_made_up_for(root, monkeypatch):
    """Nobody looked, so that nobody asked in turns."""
    monkeypatch.setattr("nbtrack.store.journal.note_taking_up", lambda _: None)
    clock = HandClock()
    index = RunIndex(root, clock)
    uids = ended(root, 8)
    index.poll()
    taken_up(root, uids)

    clock.s += 3_600

    assert sorted(uids_of(index.poll()[0])) == uids
    index.close()


def test_a_crash_is_told(journal, index):
    index.poll()
    journal.close()

    changed, _ = wait_until(lambda: (found := index.poll())[0] and found)

    assert changed[0].state is RunState.CRASHED
    assert index.poll() == ([], [])


def test_a_run_that_is_gone_is_told(root, journal, index):
    index.poll()
    journal.close()
    shutil.rmtree(run_folder(root, UID))

    assert index.poll() == ([], [UID])
    assert index.poll() == ([], [])


def test_a_run_is_shown_by_a_few_values_of_its_loss(journal, index):
    journal.append(
        [row(s, {"epoch": s, "loss": math.inf if s == 0 else 1 / s}) for s in range(999)]
    )

    ((listing,), _) = index.poll()

    assert listing.spark_key == "loss"
    assert 20 <= len(listing.spark) <= 40
    assert (listing.spark[0], listing.spark[-1]) == (math.inf, 1 / 998)
