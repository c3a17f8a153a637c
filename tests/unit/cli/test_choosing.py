"""Runs that are chosen by what they meet, not by their names."""

import json

import pytest

from nbtrack.store import Reader


def names(done) -> list[str]:
    return [run["name"] for run in json.loads(done.out)["runs"]]


def test_runs_are_listed_by_a_regular_expression_of_their_names(filled, command):
    done = command("ls", "--json", "--name-regex", "^(quiet|slow)-")

    assert names(done) == ["slow-crab", "quiet-fox"]


def test_all_that_is_asked_must_be_met(filled, command):
    done = command("ls", "--json", "--name-regex", "-", "--state", "failed", "--project", "letters")

    assert names(done) == ["quiet-fox"]


def test_a_malformed_expression_is_a_wrong_call(filled, command):
    done = command("ls", "--name-regex", "(")

    assert done.code == 2
    assert "RE2" in done.err


def test_runs_are_removed_by_what_they_meet(filled, command):
    done = command("rm", "--name-regex", "otter$", "--yes")

    assert done.code == 0
    assert sorted(facts.opened.name for facts in Reader(filled).runs())[1:] == [
        "quiet-fox",
        "slow-crab",
    ]


def test_nothing_met_removes_nothing(filled, command):
    done = command("rm", "--project", "nowhere", "--yes")

    assert (done.code, done.out) == (0, "")
    assert "project 'nowhere'" in done.err
    assert len(Reader(filled).runs()) == 5


@pytest.mark.parametrize(
    "arguments",
    [["rm", "--yes"], ["rm", "quiet-fox", "--state", "failed"], ["rm", "--purge", "--yes"]],
    ids=" ".join,
)
def test_which_runs_must_be_said_in_one_way(arguments, filled, command):
    assert command(*arguments).code == 2
    assert len(Reader(filled).runs()) == 5


def test_runs_are_chosen_by_an_expression(filled, command):
    done = command("ls", "--json", "--filter", "state = failed and project = letters")

    assert names(done) == ["quiet-fox"]


def test_an_expression_that_cannot_be_read_is_a_wrong_call(filled, command):
    done = command("ls", "--filter", "config.lr <")

    assert done.code == 2
    assert "expected a value" in done.err


def test_an_address_names_its_run(filled, command):
    """What people copy is `run.url`."""
    facts = Reader(filled).runs()[0]
    opened = facts.opened
    lab = f"http://localhost:8888/lab/tree/a.ipynb?nbtrack={opened.entity}/{opened.project}"
    page = (filled / "runs" / opened.uid / "report.html").as_uri()

    for address in (f"{lab}/runs/{opened.id}", page):
        done = command("show", address, "--json")
        assert json.loads(done.out)["run"]["uid"] == opened.uid
    assert command("show", "https://example.org/").code == 2
