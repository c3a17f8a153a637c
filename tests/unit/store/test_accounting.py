"""Every byte of a workspace is somewhere in its account, and only once."""

import os
from pathlib import Path

import pytest
from storekit import START_US, UID, opened_run, rows

from nbtrack.records import Closed, RunState
from nbtrack.store import (
    Ingester,
    Journal,
    Room,
    next_number,
    open_workspace,
    seal,
    trash_run,
    usage,
)
from nbtrack.store.layout import database_path, run_folder


@pytest.fixture
def workspace(root, tmp_path):
    """A workspace with some of everything, and with what nobody expects there."""
    open_workspace(root)
    next_number(root, "digits")
    for uid in ("a", "b", "c"):
        journal = Journal.create(root, opened_run(uid))
        journal.append(rows(range(100), "loss"))
        journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
        journal.close()
        Ingester(root).ingest(uid)
    seal(root, "b")
    trash_run(root, "c")
    (root / "nbtrack.duckdb.corrupt-20260101-000000").write_bytes(b"x" * 5000)
    files = run_folder(root, "a") / "files" / "deep"
    files.mkdir(parents=True)
    (files / "model.bin").write_bytes(b"m" * 70_000)
    (run_folder(root, "a") / "notes.txt").write_text("odd")
    with (root / "hole").open("wb") as file:
        file.truncate(1 << 20)
    (root / "runs" / "NOT A RUN").write_bytes(b"y" * 10)
    (root / "link").symlink_to(tmp_path)
    return root


def walked(root):
    bytes_, blocks = root.lstat().st_size, root.lstat().st_blocks
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            found = Path(folder, name).lstat()
            bytes_, blocks = bytes_ + found.st_size, blocks + found.st_blocks
    return Room(bytes_, 512 * blocks)


def test_the_sum_is_what_walking_finds(workspace):
    assert usage(workspace).total == walked(workspace)


def test_everything_has_its_place(workspace, root):
    found = usage(workspace)

    a, b = found.runs["a"], found.runs["b"]
    assert set(found.runs) == {"a", "b"}
    assert (a.journal.bytes > 0, a.sealed, b.journal) == (True, Room(), Room())
    assert b.sealed.bytes == (run_folder(root, "b") / "journal.nbz").stat().st_size
    assert a.files.bytes >= 70_000
    assert a.other.bytes >= 3
    assert found.database.bytes == database_path(root).stat().st_size
    assert found.set_aside.bytes == 5000
    assert found.trash.bytes > 0
    assert found.projects.bytes > 0
    assert found.other.bytes >= (1 << 20) > found.other.on_disk
    assert found.unreadable == ()


def test_the_shares_of_the_database_come_to_the_whole(workspace):
    found = usage(workspace)

    assert sum((run.database for run in found.runs.values()), Room()) == found.database
    assert found.runs["a"].database.bytes == pytest.approx(found.runs["b"].database.bytes, abs=1)


def test_the_spill_of_an_open_run_counts(root, journal):
    journal.spill()

    found = usage(root)

    assert found.runs[UID].spill == Room(4 << 20, 4 << 20)
    assert found.total == walked(root)


def test_without_a_workspace_nothing_is_taken(root):
    assert usage(root).total == Room()
