"""A run hears who asks it to end: soon, and each of them once."""

import sys

import pytest
from storekit import START_US, UID, opened_run
from waiting import wait_until

from nbtrack.clock import SystemClock
from nbtrack.records import RunChanged
from nbtrack.runs import recorder
from nbtrack.runs.company import Ear, Host
from nbtrack.runs.recorder import Recorder, Track
from nbtrack.store import Journal, doorstep, request_stop, run_folder, stop_requested
from nbtrack.store.control import encode_control

LONG_S = 60.0


@pytest.fixture
def root(tmp_path):
    run_folder(tmp_path, UID).mkdir(parents=True)
    return tmp_path


def test_a_wish_is_heard_once_and_taken_back(root):
    ear = Ear(root, UID)
    request_stop(root, UID)

    assert [ear.hears("stop") for _ in range(3)] == [0, None, None]
    assert not stop_requested(root, UID)
    request_stop(root, UID)
    assert ear.hears("stop") == 0


def test_each_process_of_a_run_hears_a_wish_once(root):
    (run_folder(root, UID) / "parts").mkdir()
    ears = [Ear(root, UID) for _ in range(2)]
    request_stop(root, UID)

    for ear in ears:
        assert [ear.hears("stop") for _ in range(3)] == [0, None, None]
    request_stop(root, UID)
    assert [ear.hears("stop") for ear in ears] == [0, 0]


def test_a_wish_that_cannot_be_taken_back_is_heard_once(root):
    """Else it would interrupt ten times a second what the program does about the first."""
    ear = Ear(root, UID)
    stop = run_folder(root, UID) / "stop"
    stop.mkdir()

    assert [ear.hears("stop") for _ in range(3)] == [0, None, None]
    assert stop.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one looks in turns")
def test_who_asks_does_not_wait_for_a_turn(tmp_path, monkeypatch):
    root = tmp_path / ".nbtrack"
    track = Track(
        Journal.create(root, opened_run(UID)),
        SystemClock(),
        active_us=lambda: 0,
        on_trouble=lambda *_: None,
    )
    turns, told = [], []
    track.on_turn = lambda: turns.append(None)
    writing = Recorder(SystemClock(), on_stop=told.append)
    monkeypatch.setattr(recorder, "PERIOD_S", 0.01)
    writing.add(UID, track, root, Host(track, root, UID, take=lambda _: True, is_new=True))
    wait_until(lambda: len(turns) >= 3)
    monkeypatch.setattr(recorder, "PERIOD_S", LONG_S)

    request_stop(root, UID)

    wait_until(lambda: told == [UID])
    writing.remove(UID)
    track.close()
    request_stop(root, UID)  # wakes the thread, which sees that it has ended
    wait_until(lambda: not writing._thread.is_alive())


def test_a_change_is_taken_at_once_where_a_killed_process_left_its_own_half_written(
    tmp_path, monkeypatch
):
    """The folder of changes stays then, and what is moved into it leaves the run's as it was."""
    root, now_s = tmp_path / ".nbtrack", [0.0]
    monkeypatch.setattr(doorstep.time, "monotonic", lambda: now_s[0])
    track = Track(
        Journal.create(root, opened_run(UID)),
        SystemClock(),
        active_us=lambda: 0,
        on_trouble=lambda *_: None,
    )
    taken = []
    track.on_edit = taken.append
    host = Host(track, root, UID, take=lambda _: True, is_new=True)
    edits = run_folder(root, UID) / "edits"
    edits.mkdir()
    (edits / "1.draft").touch()
    for _ in range(10):
        host.attend(due=False)
        now_s[0] += 1

    change = RunChanged(START_US, {"name": "renamed"})
    (edits / "2.json").write_bytes(encode_control(change))
    host.attend(due=False)

    assert taken == [change]
    track.close()
