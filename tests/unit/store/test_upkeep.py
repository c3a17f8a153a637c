"""What is done now and then: all that is due, nothing that nobody asked for, a bit at a time."""

import contextlib

import pytest
from storekit import SECOND_US, START_US, UID, opened_run, rows

from nbtrack.records import Closed, RunState
from nbtrack.store import Ingester, Journal, Reader, Upkeep, restore_run, trash_run, trashed
from nbtrack.store.layout import journal_path, sealed_path
from nbtrack.store.turnstile import only_one, passed

DAY_US = 86_400 * SECOND_US


class FakeClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.us = START_US + 3600 * SECOND_US

    def now_us(self) -> int:
        return self.us

    def elapsed_s(self) -> float:
        return self.us / SECOND_US


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def upkeep(root, clock):
    return Upkeep(root, clock)


def ended(root, uid=UID, end_us=START_US + 10 * SECOND_US, **changes):
    journal = Journal.create(root, opened_run(uid, **changes))
    journal.append(rows(range(10), "loss"))
    journal.append([Closed(end_us, RunState.FINISHED, 0, 0)])
    journal.close()


def killed(root, uid=UID):
    """Leave a run as a killed kernel does: rows in its spill, no end."""
    journal = Journal.create(root, opened_run(uid))
    journal.spill()
    for one in rows(range(10), "loss"):
        journal.keep(one)
    journal.abandon()


def set_retention(root, text):
    (root / "settings.toml").write_text(text)


def listed(root):
    with contextlib.closing(Reader(root)) as reader:
        return sorted(facts.opened.uid for facts in reader.runs())


def test_a_run_that_ended_is_ingested_and_sealed(root, upkeep):
    ended(root)

    tended = upkeep.tend()

    assert (tended.ingested, tended.sealed, tended.is_done, tended.notes) == (1, 1, True, ())
    assert sealed_path(root, UID).exists()
    assert len(list(Reader(root).rows(UID))) == 10
    assert (upkeep.tend().ingested, upkeep.tend().sealed) == (0, 0)


def test_a_run_of_a_killed_kernel_is_recovered_ingested_and_sealed(root, upkeep):
    """Nobody has looked at it, and its journal alone says that all of it is ingested."""
    killed(root)
    Ingester(root).ingest(UID)

    tended = upkeep.tend()

    assert (tended.sealed, tended.notes) == (1, ())
    assert len(list(Reader(root).rows(UID))) == 10


def test_what_only_the_spill_has_is_ingested(root, upkeep):
    journal = Journal.create(root, opened_run(UID))
    journal.spill()
    Ingester(root).ingest(UID)
    for one in rows(range(10), "loss"):
        journal.keep(one)
    journal.abandon()

    assert upkeep.tend().ingested == 1


def test_a_torn_end_is_sealed_with_the_rest(root, upkeep):
    killed(root)
    Reader(root).run(UID)
    with journal_path(root, UID).open("ab") as file:
        file.write(b"\xffNB\x01half a frame")
    data = journal_path(root, UID).read_bytes()

    assert upkeep.tend().sealed == 1

    from nbtrack.store import unseal

    unseal(root, UID)
    assert journal_path(root, UID).read_bytes() == data


def test_running_runs_and_such_that_ended_just_now_are_left_alone(root, journal, upkeep, clock):
    journal.append(rows(range(10), "loss"))
    ended(root, "fresh", end_us=clock.us - SECOND_US)

    assert upkeep.tend().sealed == 0
    assert upkeep.tend(seal_after_s=0.5).sealed == 1

    assert journal_path(root, UID).exists()
    assert sealed_path(root, "fresh").exists()


def test_without_a_retention_nothing_is_deleted(root, upkeep, clock):
    ended(root)
    clock.us += 10_000 * DAY_US

    tended = upkeep.tend()

    assert (tended.trashed, tended.purged, listed(root)) == (0, 0, [UID])


def test_a_retention_deletes_old_runs_and_later_for_good(root, upkeep, clock):
    ended(root, "old")
    ended(root, "kept", tags=("keep",))
    ended(root, "young", end_us=START_US + 50 * DAY_US)
    set_retention(root, "retention_days = 60\ntrash_days = 5\n")
    clock.us = START_US + 61 * DAY_US

    first = upkeep.tend()
    assert (first.trashed, first.purged) == (1, 0)
    assert listed(root) == ["kept", "young"]
    assert [one.uid for one in trashed(root)] == ["old"]

    clock.us += 6 * DAY_US
    second = upkeep.tend()
    assert (second.trashed, second.purged, trashed(root)) == (0, 1, [])
    assert second.bytes_freed > 0
    assert listed(root) == ["kept", "young"]


def test_what_a_user_deleted_goes_after_thirty_days(root, upkeep, clock):
    ended(root)
    trash_run(root, UID, clock)
    clock.us += 29 * DAY_US
    assert upkeep.tend().purged == 0

    clock.us += 2 * DAY_US

    assert upkeep.tend().purged == 1


def test_settings_that_cannot_be_read_delete_nothing_and_are_noted(root, upkeep, clock):
    ended(root)
    set_retention(root, "retention_days = -1")
    clock.us += 100 * DAY_US

    tended = upkeep.tend()

    assert "above 0" in tended.notes[0]
    assert (tended.sealed, tended.trashed, listed(root)) == (1, 0, [UID])


def test_rows_that_could_not_be_removed_go_at_the_next_upkeep(root, upkeep):
    ended(root)
    upkeep.tend()
    with passed(root, exclusive=False, wait_s=1):
        trash_run(root, UID)

    upkeep.tend()

    (root / "trash").rename(root / "away")
    assert listed(root) == []


def test_a_run_that_came_back_is_ingested_again(root, upkeep):
    ended(root)
    upkeep.tend()
    trash_run(root, UID)
    with passed(root, exclusive=False, wait_s=1):
        restore_run(root, UID)

    assert upkeep.tend().ingested == 1


def test_only_one_tends_a_workspace(root, upkeep):
    ended(root)

    with only_one(root / "upkeep") as is_first:
        assert is_first
        assert not upkeep.tend().is_done

    assert upkeep.tend().sealed == 1


def test_what_does_not_fit_into_the_time_is_done_later(root, upkeep):
    for n in range(3):
        ended(root, f"{UID}-{n}")

    assert not upkeep.tend(most_s=0).is_done
    assert upkeep.tend().sealed == 3


def test_whoever_asks_to_stop_is_heard(root, clock):
    ended(root)

    tended = Upkeep(root, clock, lambda: True).tend()

    assert (tended.ingested, tended.sealed, tended.is_done) == (0, 0, False)


def test_trouble_with_one_run_hinders_no_other(root, upkeep):
    ended(root, "a")
    ended(root, "b")
    Ingester(root).ingest("a")
    (root / "runs" / "a" / "journal.nbz").mkdir()

    tended = upkeep.tend()

    assert (tended.sealed, len(tended.notes)) == (1, 1)
    assert "'a'" in tended.notes[0]
    assert listed(root) == ["a", "b"]


def test_a_workspace_that_is_not_there_is_not_made(root, upkeep):
    assert upkeep.tend().is_done
    assert not root.exists()
