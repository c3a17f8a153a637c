"""The list of runs tells what changed and stays quiet otherwise."""

import math
import shutil

import pytest
from storekit import START_US, UID, opened_run, row, rows
from waiting import wait_until

from nbtrack.query import RunIndex
from nbtrack.records import Closed, RunState
from nbtrack.store import Journal, run_folder


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


def test_a_run_that_is_taken_up_again_is_told_within_four_looks(root, index):
    """Runs that have ended are looked at in turns; there may be thousands."""
    uids = [f"{UID}-{n}" for n in range(8)]
    for uid in uids:
        journal = Journal.create(root, opened_run(uid))
        journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
        journal.close()
    index.poll()

    again = [Journal.reopen(root, uid) for uid in uids]
    for journal in again:
        journal.append([opened_run(), *rows(range(1), "loss")])
    told = [uid for _ in range(4) for uid in uids_of(index.poll()[0])]

    assert sorted(told) == uids
    for journal in again:
        journal.close()


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
