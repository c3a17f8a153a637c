"""Going on with a run: resume, rewind, fork."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import nbtrack
from nbtrack.errors import Error, RunNotFoundError, UsageError
from nbtrack.runs import Run, session
from nbtrack.store import Ingester, Reader, seal, trashed


@pytest.fixture(autouse=True)
def said(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    heard: list[str] = []
    monkeypatch.setattr(session(), "voice", lambda _level, text: heard.append(text))
    yield heard
    for run in session().open_runs():
        run.finish()


def begin(**arguments) -> Run:
    settings = {"x_disable_stats": True}
    return nbtrack.init(**{"project": "again", "settings": settings, **arguments})


def first(rows: int = 3, **arguments) -> Run:
    """Log some rows to a run called `first`, and end it."""
    run = begin(**{"id": "first", "name": "one", "config": {"lr": 0.1}, "tags": ["a"], **arguments})
    run.define_metric("loss", summary="min,mean")
    for step in range(rows):
        run.log({"loss": 2.0 - step, "step": step, "nested": {"text": f"row {step}"}})
    run.summary["note"] = "kept"
    run.finish()
    return run


def rows_of(run: Run) -> list[dict]:
    run.flush()
    return list(Reader(run.root).rows(run.uid))


def steps_of(run: Run) -> list[int]:
    return [row["_step"] for row in rows_of(run)]


@pytest.mark.parametrize("mode", ["allow", "must"])
def test_a_resumed_run_goes_on_where_it_ended(mode):
    before = first()

    run = begin(id="first", resume=mode, config={"lr": 0.2, "batch": 8})
    state = Reader(run.root).run(run.uid).state
    run.log({"loss": -1.0})

    assert (run.uid, run.resumed, run.starting_step) == (before.uid, True, 3)
    assert (run.name, run.tags, state) == ("one", ("a",), "running")
    assert run.config.as_dict() == {"lr": 0.2, "batch": 8}
    assert run.summary["note"] == "kept"
    assert run.summary["loss"].as_dict() == {"min": -1.0, "mean": 0.5}
    run.finish()
    facts = Reader(run.root).run(run.uid)
    assert steps_of(run) == [0, 1, 2, 3]
    assert (facts.state, facts.config["lr"]) == ("finished", 0.2)
    assert facts.summary["loss"] == {"min": -1.0, "mean": 0.5}


def test_active_time_goes_on_and_the_pause_does_not_count():
    before = first()
    ended = Reader(before.root).run(before.uid)

    run = begin(id="first", resume="allow")
    run.log({"loss": 0.0})
    last = rows_of(run)[-1]

    assert last["_runtime"] >= ended.active_us / 1e6
    assert last["_runtime"] - ended.active_us / 1e6 <= last["_timestamp"] - ended.ended_us / 1e6


def test_name_notes_and_tags_that_are_given_are_new():
    first()

    run = begin(id="first", resume="must", name="two", notes="more", tags=["b"])
    run.finish()

    opened = Reader(run.root).run(run.uid).opened
    assert (opened.name, opened.notes, opened.tags) == ("two", "more", ("b",))


def test_what_is_logged_twice_is_dropped():
    first()
    run = begin(id="first", resume="must")

    run.log({"loss": 9.0}, step=1)

    assert steps_of(run) == [0, 1, 2]
    assert run.status().dropped_rows == 1


def test_a_run_that_was_killed_is_resumed_with_all_that_it_took(tmp_path):
    code = """
        import os, nbtrack
        run = nbtrack.init(project="again", id="first", settings={"x_disable_stats": True})
        for step in range(5):
            run.log({"loss": step})
        os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], timeout=60, check=False)

    run = begin(id="first", resume="must")
    for loss in (5, 6):
        run.log({"loss": loss})

    assert [row["loss"] for row in rows_of(run)] == list(range(7))
    run.finish()
    Ingester(run.root).ingest(run.uid)
    assert [row["loss"] for row in rows_of(run)] == list(range(7))


def test_a_resumed_run_that_is_killed_loses_nothing_either(tmp_path):
    first()
    code = """
        import os, nbtrack
        settings = {"x_disable_stats": True}
        run = nbtrack.init(project="again", id="first", resume="must", settings=settings)
        for step in range(3, 8):
            run.log({"step": step})
        os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], timeout=60, check=False)

    run = begin(id="first", resume="must")

    assert [row["step"] for row in rows_of(run)] == list(range(8))


def test_a_run_that_is_still_written_is_not_resumed():
    begin(id="first")

    with pytest.raises(Error, match="still being written"):
        begin(id="first", resume="must", reinit="create_new")


def test_must_and_never_say_what_is_there():
    with pytest.raises(UsageError, match="found no run 'first'"):
        begin(id="first", resume="must")
    with pytest.raises(UsageError, match="needs"):
        begin(resume="must")
    first()
    with pytest.raises(UsageError, match="Give another id"):
        begin(id="first", resume="never")


def test_an_id_that_is_given_again_begins_anew_and_says_so(said):
    before = first()

    run = begin(id="first")

    assert run.uid != before.uid
    assert any('resume="allow"' in text for text in said)
    assert steps_of(before) == [0, 1, 2]


def test_auto_goes_on_with_a_run_that_did_not_finish():
    run = begin(resume="auto")
    run.log({"loss": 1.0})
    run.finish(1)

    again = begin(resume=True)
    again.finish()
    fresh = begin(resume="auto")

    assert (again.uid, again.resumed) == (run.uid, True)
    assert fresh.uid != run.uid


def test_a_run_that_is_not_to_be_resumed_ends_what_auto_remembers():
    run = begin(resume="auto")
    run.finish(1)
    begin().finish()

    assert begin(resume="auto").uid != run.uid


def test_a_fork_begins_with_the_history_of_another_run():
    before = first(5)

    run = begin(id="second", fork_from="first?_step=2")
    run.log({"loss": 7.0})

    assert (run.starting_step, run.resumed, run.step) == (3, False, 4)
    assert run.config["lr"] == 0.1
    assert run.summary["loss"].as_dict() == {"min": 0.0, "mean": 2.5}
    old, new = rows_of(before), rows_of(run)
    assert new[:3] == old[:3]
    assert new[3]["_step"] == 3
    assert new[3]["_runtime"] >= new[2]["_runtime"]
    assert len(old) == 5
    facts = Reader(run.root).run(run.uid)
    assert facts.opened.branched_from.endswith("/again/first?_step=2")
    assert Ingester(run.root).ingest(run.uid)
    assert rows_of(run) == new
    assert Reader(run.root).run(run.uid).opened == facts.opened


def test_a_run_goes_back_to_a_step_with_its_files():
    before = first(5)
    (Path(before.dir) / "model.pt").write_text("weights")

    run = begin(resume_from="first?_step=1")
    run.log({"loss": 7.0})
    run.finish()

    assert (run.id, run.name, run.step) == ("first", "one", 3)
    assert (Path(run.dir) / "model.pt").read_text() == "weights"
    assert [one.uid for one in trashed(run.root)] == [before.uid]
    assert [facts.opened.uid for facts in Reader(run.root).runs()] == [run.uid]
    assert steps_of(run) == [0, 1, 2]
    assert [row["loss"] for row in rows_of(run)] == [2.0, 1.0, 7.0]
    assert nbtrack.Api(before.root).run("again/first").uid == run.uid


@pytest.mark.parametrize(
    "wrong",
    [
        {"resume": "perhaps"},
        {"resume": 3},
        {"fork_from": "first"},
        {"fork_from": "first?_step=-1"},
        {"resume_from": "first?step=1"},
        {"resume_from": 3},
        {"resume": "allow", "fork_from": "first?_step=1"},
        {"resume_from": "first?_step=1", "fork_from": "first?_step=1"},
        {"fork_from": "first?_step=9"},
        {"fork_from": "first?_step=1", "id": "first"},
    ],
)
def test_what_cannot_be_gone_on_with_is_refused_and_nothing_is_left(wrong):
    run = first()
    with pytest.raises(UsageError):
        begin(**wrong)
    assert len(Reader(run.root).runs()) == 1
    assert nbtrack.run is None


def test_a_run_that_is_not_there_cannot_be_forked():
    with pytest.raises(RunNotFoundError):
        begin(fork_from="nobody?_step=1")


@pytest.mark.parametrize(
    "arguments",
    [
        {"id": "first", "resume": "must"},
        {"resume_from": "first?_step=2"},
        {"fork_from": "first?_step=2"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_run_whose_journal_was_sealed_can_be_gone_on_with(arguments):
    before = first()
    assert Ingester(before.root).ingest(before.uid)
    assert seal(before.root, before.uid)

    run = begin(**arguments)
    run.log({"loss": -1.0})

    assert steps_of(run) == [0, 1, 2, 3]
    assert run.summary["loss"]["min"] == -1.0
    if "fork_from" in arguments:
        assert steps_of(before) == [0, 1, 2]
