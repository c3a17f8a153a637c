"""What others change of an open run is seen in the run's own object."""

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.records import ConfigChanged, RunChanged, SummaryChanged
from nbtrack.store import edit_run


@pytest.fixture
def run(tmp_path):
    run = nbtrack.init(
        project="digits",
        dir=tmp_path,
        name="first",
        config={"lr": 0.1, "nested": {"a": 1}},
        settings=nbtrack.Settings(silent=True, x_disable_stats=True),
    )
    yield run
    run.finish()


@pytest.fixture
def seen(run):
    return nbtrack.Api(run.root.parent).run(run.path)


def test_a_run_is_called_what_others_call_it(run, seen):
    seen.name = "renamed"
    seen.tags = ["best", "kept"]
    seen.notes = "after all"

    assert (run.name, run.tags, run.notes) == ("renamed", ("best", "kept"), "after all")
    assert "'renamed'" in repr(run)


def test_config_that_others_set_is_there(run, seen):
    seen.config["lr"] = 0.2
    seen.config["batch"] = [32]
    seen.update()

    assert run.config.as_dict() == {"lr": 0.2, "nested": {"a": 1}, "batch": [32]}
    run.config.update({"lr": 0.2})  # it is that already: not a change that a script must not make


def test_a_summary_that_others_change_is_there(run, seen):
    run.summary.update({"best": {"loss": 0.3, "acc": 0.9}, "kept": 1})
    seen.load()
    del seen.summary["best"]
    seen.summary["kept"] = {"inner": 2}
    seen.summary.update({"word": "good"})

    assert run.summary.as_dict() == {"kept": {"inner": 2}, "word": "good"}


def test_what_the_run_says_after_others_holds(run, seen):
    seen.name = "theirs"
    run.name = "mine"

    assert run.name == "mine"
    run.flush()
    seen.load()
    assert seen.name == "mine"


def test_a_change_that_makes_no_sense_changes_nothing(run):
    """Changes come as files: anybody who may write the folder can leave one."""
    odd = RunChanged(1, {"tags": "abc", "name": 7, "id": "other", "notes": "kept"})
    edit_run(run.root, run.uid, [odd], is_written=lambda: True)

    assert (run.id != "other", run.tags, run.name, run.notes) == (True, (), "first", "kept")


def test_a_change_is_seen_while_the_loop_logs(run):
    changes = [ConfigChanged(1, {"seen": 1}), SummaryChanged(1, {("deep", "er"): 2})]
    edit_run(run.root, run.uid, changes, is_written=lambda: True)

    def step():
        run.log({"loss": 1.0})
        return "seen" in run.config and run.summary["deep"]["er"] == 2

    assert wait_until(step)
