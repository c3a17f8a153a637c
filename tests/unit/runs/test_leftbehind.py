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


def test_runs_of_killed_kernels_are_indexed_once_per_workspace(tmp_path):
    root = tmp_path / ".nbtrack"
    left(root, UID)
    left_behind = LeftBehind(on_trouble=lambda *_: None, after_s=0.0)

    left_behind.look_after(root)
    wait_until(lambda: indexed(root) == [UID])
    left(root, "later")
    left_behind.look_after(root)

    assert "nbtrack-left-behind" not in [thread.name for thread in threading.enumerate()]
    assert indexed(root) == [UID]


def test_trouble_is_told_and_raises_nowhere(tmp_path):
    root = tmp_path / ".nbtrack"
    root.write_bytes(b"a file")
    told = []

    LeftBehind(on_trouble=lambda *said: told.append(said), after_s=0.0).look_after(root)

    ((cause, text),) = wait_until(lambda: told)
    assert cause.startswith("left behind")
    assert "not indexed yet" in text
