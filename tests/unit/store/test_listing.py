"""Which runs there are is asked several times a second, and answered from what is known."""

import os
import time

import pytest
from storekit import UID, opened_run

from nbtrack.store import Journal, listing, run_folder, trash_run
from nbtrack.store.layout import runs_folder
from nbtrack.store.listing import TAKEN_UP, RunFolders, note_taking_up

HOUR_NS = 3_600_000_000_000


def begun(root, *uids) -> None:
    for uid in uids:
        Journal.create(root, opened_run(uid)).close()


def left_alone(root) -> None:
    """Let the folder of runs look as if nothing had changed for an hour."""
    long_ago_ns = time.time_ns() - HOUR_NS
    os.utime(runs_folder(root), ns=(long_ago_ns, long_ago_ns))


@pytest.fixture
def folders(root):
    return RunFolders(root)


def test_without_a_workspace_there_are_no_runs(folders):
    assert folders.uids() == frozenset()


def test_the_first_run_of_a_workspace_is_there_at_once(root, folders):
    folders.uids()

    begun(root, UID)

    assert folders.uids() == {UID}


def test_a_folder_that_did_not_change_is_not_listed_again(root, folders, monkeypatch):
    begun(root, UID)
    left_alone(root)
    known = folders.uids()
    monkeypatch.setattr(listing, "uids", lambda _: pytest.fail("it was listed"))

    assert folders.uids() is known


def test_runs_that_come_and_go_are_seen_at_once(root, folders):
    begun(root, UID)
    left_alone(root)
    folders.uids()

    begun(root, f"{UID}-1")
    assert folders.uids() == {UID, f"{UID}-1"}

    left_alone(root)
    folders.uids()
    trash_run(root, UID)
    assert folders.uids() == {f"{UID}-1"}


def test_two_changes_within_one_tick_of_the_file_system_are_both_seen(root, folders):
    begun(root, UID)
    now_ns = time.time_ns()
    os.utime(runs_folder(root), ns=(now_ns, now_ns))
    folders.uids()

    begun(root, f"{UID}-1")
    os.utime(runs_folder(root), ns=(now_ns, now_ns))

    assert folders.uids() == {UID, f"{UID}-1"}


def test_where_a_folder_does_not_tell_its_changes_it_is_listed_now_and_then(
    root, folders, monkeypatch
):
    begun(root, UID)
    left_alone(root)
    folders.uids()
    begun(root, f"{UID}-1")
    left_alone(root)
    monkeypatch.setattr(listing, "LISTED_ANEW_S", 0.0)

    assert folders.uids() == {UID, f"{UID}-1"}


def test_a_run_that_goes_on_is_told_to_all_who_look(root, folders):
    begun(root, UID)
    before = folders.taken_up

    Journal.reopen(root, UID).close()
    once = folders.taken_up
    Journal.reopen(root, UID).close()

    assert len({before, once, folders.taken_up}) == 3


def test_a_link_in_the_place_of_the_sign_is_not_written_through(root, tmp_path):
    """A workspace may be shared with somebody who wishes ill."""
    begun(root, UID)
    other = tmp_path / "precious"
    other.write_text("mine")
    (root / TAKEN_UP).symlink_to(other)

    note_taking_up(root)

    assert other.read_text() == "mine"


def test_a_pipe_in_the_place_of_the_sign_is_not_waited_for(root):
    begun(root, UID)
    os.mkfifo(root / TAKEN_UP)

    Journal.reopen(root, UID).close()

    assert run_folder(root, UID).is_dir()
