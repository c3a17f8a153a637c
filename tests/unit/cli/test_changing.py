"""Runs are stopped, finished and tagged, one by one or many at once."""

import json
import os

import pytest
from storekit import opened_run

from nbtrack.records import ClockTurned
from nbtrack.store import Journal, Reader, asked_exit_code, run_folder, stop_requested

LIVE = "20260102-030410-00000006"
IDLE = "20260102-030411-00000007"
CRASHED = "20260102-030407-00000003"
FOX = "20260102-030406-00000002"
OTTERS = ("20260102-030405-00000001", "20260102-030409-00000005")


@pytest.fixture
def live(filled):
    """A run of this very process, among others that ended."""
    journal = Journal.create(filled, opened_run(LIVE, name="live-wire"))
    yield filled
    journal.close()


@pytest.fixture
def left_open(live):
    """Another run of this very process, in which nothing goes on."""
    opened = opened_run(IDLE, name="left-open")
    journal = Journal.create(live, opened)
    journal.append([ClockTurned(opened.time_us, 0, running=False)])
    yield live
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
    assert "nothing is left to stop" in said["failed"][FOX]
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


# --- finish --------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "code"), [([], 0), (["--exit-code", "-3"], -3)])
def test_a_run_that_was_left_open_is_asked_to_finish(given, code, left_open, command):
    done = command("finish", "left-open", *given)

    assert (done.code, done.err) == (0, "")
    assert done.out == f"left-open ({IDLE}) is asked to finish.\n"
    assert stop_requested(left_open, IDLE, "finish")
    assert asked_exit_code(left_open, IDLE, "finish") == code


def test_what_cannot_be_finished_is_told_and_hinders_no_other(left_open, command):
    done = command("finish", FOX, CRASHED, LIVE, IDLE, "--json")

    said = json.loads(done.out)
    assert (done.code, said["finished"]) == (1, [IDLE])
    assert "is failed already: nothing is left to finish" in said["failed"][FOX]
    assert "has crashed: its process is gone" in said["failed"][CRASHED]
    assert "run('digits/" in said["failed"][CRASHED]
    assert "is at work: wait until its cell or script has ended, or stop it" in said["failed"][LIVE]
    assert not stop_requested(left_open, LIVE, "finish")
    assert Reader(left_open).run(CRASHED).state == "crashed"


def test_of_chosen_runs_only_those_are_finished_in_which_nothing_goes_on(left_open, command):
    done = command("finish", "--project", "digits", "--yes", "--json")

    assert (done.code, json.loads(done.out)["finished"]) == (0, [IDLE])


def test_an_exit_code_is_a_number(left_open, command, capsys):
    with pytest.raises(SystemExit) as ended:
        command("finish", IDLE, "--exit-code", "bad")

    assert ended.value.code == 2
    assert "'bad' is no whole number: 0 says that all is well" in capsys.readouterr().err
    assert "64 bits" in command("finish", IDLE, "--exit-code", str(2**63)).err
    assert not stop_requested(left_open, IDLE, "finish")


def test_a_request_that_cannot_be_written_is_said_with_who_can(left_open, command):
    (run_folder(left_open, IDLE) / "finish").mkdir()  # root may write anywhere else

    done = command("finish", IDLE)

    assert (done.code, done.out) == (1, "")
    assert "Whoever may write to its folder can." in done.err
    assert not list(run_folder(left_open, IDLE).glob(".*"))


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
