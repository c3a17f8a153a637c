"""What is known of one run, for people and for programs."""

import json

import pytest
from storekit import START_US, opened_run

from nbtrack.records import ConfigChanged, Notice, SummaryChanged
from nbtrack.store import Journal, run_folder

UID = "20260102-030405-0000beef"


@pytest.fixture
def rich(root):
    """A run with something of everything, some of it hostile."""
    journal = Journal.create(
        root, opened_run(UID, name="rich", tags=("a", "b"), notes="why\n- not")
    )
    journal.append([ConfigChanged(START_US, {"optimizer": {"lr": 0.1}, "evil": "\x1b[31mred"})])
    journal.append([SummaryChanged(START_US, {"best": float("nan")})])
    journal.append([Notice(START_US, "warning", "test", "steps went back", 3)])
    journal.close()
    folder = run_folder(root, UID) / "files" / "models"
    folder.mkdir(parents=True)
    (folder / "best.pt").write_bytes(b"x" * 2_048)
    return root


def test_a_run_is_shown_with_all_that_is_known(rich, command):
    done = command("show", "rich")

    assert done.code == 0
    for said in (
        f"ada/digits/{UID[-8:]}",
        UID,
        "a, b",
        "why - not",
        "crashed",
        "2026-01-02T03:04:05+00:00",
        "optimizer.lr = 0.1",
        "best = NaN",
        "steps went back (3 times)",
        "models/best.pt",
        str(run_folder(rich, UID)),
    ):
        assert said in done.out
    assert "\x1b" not in done.out


def test_a_run_is_shown_to_programs(rich, command):
    run = json.loads(command("show", UID, "--json").out)["run"]

    assert (run["uid"], run["tags"], run["config"]["optimizer"]) == (UID, ["a", "b"], {"lr": 0.1})
    assert run["summary"]["best"] == "NaN"
    assert run["files"] == [{"name": "models/best.pt", "bytes": 2_048}]
    assert [(one["cause"], one["count"]) for one in run["notices"]] == [("test", 3)]
    assert run["folder"] == str(run_folder(rich, UID))


def test_an_unknown_run_is_one_line_with_a_guess(filled, command):
    done = command("show", "quiet-fax")

    assert (done.code, done.out) == (1, "")
    assert "Did you mean 'quiet-fox'?" in done.err


def test_a_name_of_two_runs_shows_neither(filled, command):
    done = command("show", "brave-otter")

    assert (done.code, done.out) == (2, "")
    assert "Type the uid" in done.err


def test_hostile_names_are_shown_harmless(filled, command):
    done = command("show", "20260102-030408-00000004")

    assert done.code == 0
    assert not set("\x1b\x07\u202e") & set(done.out + done.err)
