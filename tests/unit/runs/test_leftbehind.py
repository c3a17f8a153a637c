"""Runs of killed kernels are indexed by the next kernel, once."""

import threading

from storekit import UID, opened_run, rows
from waiting import wait_until

from nbtrack.runs.leftbehind import LeftBehind
from nbtrack.store import Journal
from nbtrack.store.database import Database
from nbtrack.store.runrow import watermarks


def left(root, uid):
    journal = Journal.create(root, opened_run(uid))
    journal.append(rows(range(10), "loss"))
    journal.close()


def indexed(root):
    with Database(root).reading() as window:
        return sorted(watermarks(window)) if window else []


def waiting():
    return [one for one in threading.enumerate() if one.name == "nbtrack-left-behind"]


def test_runs_of_killed_kernels_are_indexed(tmp_path):
    root = tmp_path / ".nbtrack"
    left(root, UID)

    LeftBehind(on_trouble=lambda *_: None, after_s=0.0).look_after(root)

    wait_until(lambda: indexed(root) == [UID])
    wait_until(lambda: not waiting(), what="the end of the thread")


def test_it_is_done_once_per_workspace(tmp_path):
    left_behind = LeftBehind(on_trouble=lambda *_: None, after_s=3600)

    for root in ("a", "b", "a"):
        left_behind.look_after(tmp_path / root)

    timers = waiting()
    for timer in timers:
        timer.cancel()
    assert len(timers) == 2


def test_trouble_is_told_and_raises_nowhere(tmp_path):
    root = tmp_path / ".nbtrack"
    root.write_bytes(b"a file")
    told = []

    LeftBehind(on_trouble=lambda *said: told.append(said), after_s=0.0).look_after(root)

    ((cause, text),) = wait_until(lambda: told)
    assert cause.startswith("left behind")
    assert "not indexed yet" in text


def test_a_process_that_ends_leaves_no_thread_of_it(tmp_path):
    root = tmp_path / ".nbtrack"
    left(root, UID)
    left_behind = LeftBehind(on_trouble=lambda *_: None, after_s=3600)
    left_behind.look_after(root)

    left_behind.stop()

    assert not waiting()
    assert indexed(root) == []
    left_behind.look_after(root)
    assert len(waiting()) == 1
    left_behind.stop()
