"""Alerts, marks and lines that are written by hand."""

import os
from datetime import timedelta

import pytest

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.runs import Run, session
from nbtrack.store import Ingester, Reader
from nbtrack.store.facts import RunFacts


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(session(), "voice", lambda _level, _text: None)
    run = nbtrack.init(project="alerts", dir=tmp_path, settings={"x_disable_stats": True})
    yield run
    run.finish()


def facts_of(run: Run) -> RunFacts:
    run.flush()
    live = Reader(run.root).run(run.uid)
    Ingester(run.root).ingest(run.uid)
    assert Reader(run.root).run(run.uid).notices == live.notices
    return Reader(run.root).run(run.uid)


def test_an_alert_is_kept_with_its_level_and_text(run):
    run.alert("loss is NaN", "at epoch 3", level="ERROR")
    run.alert("slow", "0.1 steps/s", level=nbtrack.AlertLevel.WARN)

    first, second = facts_of(run).notices

    assert (first.level, first.cause, first.text) == ("error", "alert: loss is NaN", "at epoch 3")
    assert (second.level, second.cause) == ("warning", "alert: slow")


def test_a_title_comes_once_in_a_while_and_is_counted(run):
    for number in range(5):
        run.alert("slow", f"number {number}")
    run.alert("slow", "at once", wait_duration=0)
    (only,) = facts_of(run).notices
    assert (only.text, only.count) == ("number 0", 1)

    for number in range(2):
        run.alert("fast", f"number {number}", wait_duration=timedelta(0))
    assert facts_of(run).notices[1].text == "number 1"


def test_a_loop_that_makes_up_titles_does_not_fill_the_list(run):
    for number in range(500):
        run.alert(f"title {number}", "text")

    assert len(facts_of(run).notices) == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": "", "text": "x"}, UsageError),
        ({"title": "x", "text": 3}, UsageError),
        ({"title": "x", "text": "x", "level": "warn"}, UsageError),
        ({"title": "x", "text": "x", "wait_duration": "1 min"}, TypeError),
    ],
)
def test_wrong_alerts_are_refused(run, wrong, error):
    with pytest.raises(error):
        run.alert(**wrong)


def test_a_preempted_run_says_so_before_and_after(run):
    run.mark_preempting()
    assert facts_of(run).state == "preempting"

    session().end(nbtrack.runs.KILLED, reason="the process got SIGTERM")

    assert facts_of(run).state == "preempted"


def test_a_preempting_run_that_finishes_is_finished(run):
    run.mark_preempting()
    run.finish()

    assert facts_of(run).state == "finished"


def test_pinned_keys_are_known_in_their_order(run):
    run.pin_config_keys(["lr", "batch"])
    run.pin_config_keys(["batch", "lr", "depth"])

    assert facts_of(run).pinned == ("batch", "lr", "depth")
    for keys in ([3], None, 3):
        with pytest.raises(UsageError, match="pin_config_keys takes names"):
            run.pin_config_keys(keys)

    run.pin_config_keys()
    assert facts_of(run).pinned == ()


def test_lines_written_by_hand_stand_in_the_log(run):
    run.write_logs("first\nsecond\n")
    run.write_logs("")
    run.flush()

    assert [line.text for line in Reader(run.root).lines(run.uid)] == ["first", "second", ""]
    run.finish()
    run.write_logs("too late")


def test_config_static_can_only_be_read(run):
    run.config.lr = 0.1
    static = run.config_static

    assert (static.lr, static["lr"]) == (0.1, 0.1)
    for change in (lambda: setattr(static, "lr", 1), lambda: static.update(lr=1)):
        with pytest.raises(AttributeError):
            change()
