"""Space and removal: nothing goes without a word, and what went can come back."""

import json
import os
import pty
import subprocess
import sys

import pytest
from storekit import opened_run, rows

from nbtrack.store import Journal, Reader, trashed
from nbtrack.store.layout import database_path

FIRST = "20260102-030405-00000001"


def runs(root) -> set[str]:
    reader = Reader(root)
    try:
        return {facts.opened.uid for facts in reader.runs()}
    finally:
        reader.close()


def test_the_space_of_every_run_and_of_all_is_shown(filled, command):
    done = command("du")
    said = json.loads(command("du", "--json").out)

    assert done.code == 0
    assert "in all" in done.out
    assert done.out.count("brave-otter") == 2
    assert said["total_bytes"] == sum(run["total_bytes"] for run in said["runs"]) + sum(
        said["parts"].values()
    )
    assert len(said["runs"]) == 5


def test_tidying_up_packs_what_has_ended(filled, command):
    foreseen = json.loads(command("gc", "--dry-run", "--json").out)
    before = runs(filled)

    done = json.loads(command("gc", "--json").out)
    again = command("gc")

    assert len(foreseen["seal"]) == done["sealed"] == 5
    assert "Nothing was to be done" in again.out
    assert runs(filled) == before
    assert command("doctor").code == 0
    assert json.loads(command("gc", "--dry-run", "--json").out)["seal"] == []


def test_tidying_up_tells_of_a_damaged_database(filled, command):
    database_path(filled).write_bytes(b"no database" * 1_000)

    done = command("gc")

    assert "was damaged" in done.err
    assert command("doctor").code == 0
    assert len(runs(filled)) == 5


def test_a_removed_run_can_come_back(filled, command):
    before = runs(filled)

    removed = command("rm", "quiet-fox", FIRST, "--yes")
    assert removed.code == 0
    assert "quiet-fox" in removed.out
    assert len(runs(filled)) == 3
    assert "quiet-fox" in command("restore").out
    assert command("restore", "quiet-fox", FIRST).code == 0

    assert runs(filled) == before
    assert "The trash is empty." in command("restore").err
    assert command("doctor").code == 0


def test_purged_runs_are_gone(filled, command):
    command("rm", "quiet-fox", "--yes")

    done = command("rm", "quiet-fox", "slow-crab", "--purge", "--yes")

    assert done.code == 0
    assert "are free again" in done.out
    assert len(runs(filled)) == 3
    assert trashed(filled) == []
    assert command("doctor").code == 0


def test_an_ambiguous_name_removes_nothing(filled, command):
    done = command("rm", "quiet-fox", "brave-otter", "--yes")

    assert done.code == 2
    assert "Type the uid" in done.err
    assert len(runs(filled)) == 5


def test_nobody_asked_nothing_removed(filled, command, monkeypatch):
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115, PTH123 - closed by pytest

    done = command("rm", "quiet-fox")

    assert done.code == 2
    assert "--yes" in done.err
    assert len(runs(filled)) == 5


@pytest.mark.parametrize(("answer", "left"), [(b"y\n", 4), (b"n\n", 5), (b"\n", 5)])
def test_in_a_terminal_one_is_asked(filled, answer, left):
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrack", "--dir", str(filled), "rm", "quiet-fox"],
        stdin=child,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(child)
    os.write(parent, answer)

    assert process.wait(30) == (0 if left == 4 else 1)
    os.close(parent)
    assert len(runs(filled)) == left


def test_a_run_that_is_written_is_not_removed(filled, command):
    journal = Journal.create(filled, opened_run("20260102-030410-00000006", name="live"))
    journal.append(rows(range(3), "loss"))

    done = command("rm", "live", "--yes")
    journal.close()

    assert done.code == 1
    assert len(runs(filled)) == 6


def test_a_run_that_is_not_in_the_trash_cannot_come_back(filled, command):
    done = command("restore", "quiet-fox")

    assert done.code == 1
    assert "in the trash" in done.err
