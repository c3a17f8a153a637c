"""Runs are stopped and tagged, one by one or many at once."""

import json
import os

import pytest
from storekit import opened_run

from nbtrack.store import Journal, Reader, stop_requested

LIVE = "20260102-030410-00000006"
FOX = "20260102-030406-00000002"
OTTERS = ("20260102-030405-00000001", "20260102-030409-00000005")


@pytest.fixture
def live(filled):
    """A run of this very process, among others that ended."""
    journal = Journal.create(filled, opened_run(LIVE, name="live-wire"))
    yield filled
    journal.close()


def tags_of(root, uid) -> tuple[str, ...]:
    return Reader(root).run(uid).opened.tags


# --- stop ----------------------------------------------------------------------------


def test_a_live_run_is_asked_to_stop(live, command):
    done = command("stop", "live-wire")

    assert done.code == 0
    assert LIVE in done.out
    assert stop_requested(live, LIVE)


def test_a_run_that_ended_hinders_no_other(live, command):
    done = command("stop", FOX, LIVE, "--json")

    said = json.loads(done.out)
    assert done.code == 1
    assert said["stopped"] == [LIVE]
    assert "nothing to stop" in said["failed"][FOX]
    assert stop_requested(live, LIVE)


def test_of_a_project_only_runs_that_go_on_are_stopped(live, command):
    done = command("stop", "--project", "digits", "--yes", "--json")

    assert done.code == 0
    assert json.loads(done.out)["stopped"] == [LIVE]


def test_chosen_runs_are_not_stopped_where_nobody_can_be_asked(live, command, monkeypatch):
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115, PTH123 - closed by pytest

    done = command("stop", "--project", "digits")

    assert done.code == 2
    assert not stop_requested(live, LIVE)


# --- tag -----------------------------------------------------------------------------


def test_tags_are_added_and_removed(filled, command):
    first = command("tag", FOX, "--add", "best", "--add", "keep")
    second = command("tag", FOX, "--remove", "keep", "--add", "best", "--add", "paper")

    assert (first.code, second.code) == (0, 0)
    assert tags_of(filled, FOX) == ("best", "paper")
    assert "best, paper" in second.out


def test_many_runs_are_tagged_at_once(filled, command):
    done = command("tag", "--name-regex", "otter", "--add", "wet", "--yes", "--json")

    assert {run["uid"] for run in json.loads(done.out)["runs"]} == set(OTTERS)
    assert [tags_of(filled, uid) for uid in OTTERS] == [("wet",), ("wet",)]
    assert tags_of(filled, FOX) == ()


def test_a_tag_that_cannot_be_taken_changes_nothing(filled, command):
    done = command("tag", FOX, "--add", "x" * 10_000)

    assert done.code == 1
    assert tags_of(filled, FOX) == ()


@pytest.mark.parametrize(
    "arguments", [["tag", FOX], ["tag", FOX, "--add", "a", "--remove", "a"]], ids=["none", "both"]
)
def test_tags_must_be_said_clearly(arguments, filled, command):
    done = command(*arguments)

    assert done.code == 2
    assert "--add" in done.err or "one of both" in done.err
