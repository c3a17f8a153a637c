"""`Api()` reads at once what was logged, also of runs that are being written."""

import math
import sys

import pytest
from storekit import START_US, UID, opened_run, row, rows

from nbtrack.errors import MissingDependencyError, RunNotFoundError, UsageError
from nbtrack.query import Api, on_read
from nbtrack.records import Closed, ConfigChanged, ConsoleText, RunState, Stream, SystemSample
from nbtrack.store import Journal


@pytest.fixture
def api(root) -> Api:
    return Api(root)


@pytest.fixture
def run(journal, api):
    journal.append([ConfigChanged(START_US, {"lr": 0.1}), *rows(range(10), "loss")])
    journal.append([row(10, {"loss": math.nan, "text": "last", "n": 3})])
    return api.run("digits/0000abcd")


@pytest.mark.parametrize(
    "path",
    [
        "0000abcd",
        UID,
        "digits/0000abcd",
        "ada/digits/0000abcd",
        "/ada/digits/0000abcd",
        "ada/digits/runs/0000abcd",
        "ada/digits:0000abcd",
    ],
)
@pytest.mark.usefixtures("journal")
def test_a_run_has_many_names(api, path):
    assert api.run(path).uid == UID


@pytest.mark.parametrize("path", ["", "a//b", "a/b/c/d", "a/b/runs/c/d", 7, None])
def test_what_is_no_path_says_how_one_looks(api, path):
    with pytest.raises(UsageError, match="'entity/project/id', 'project/id' or 'id'"):
        api.run(path)


@pytest.mark.usefixtures("journal")
def test_a_run_that_is_not_there_comes_with_one_that_is(api):
    with pytest.raises(
        RunNotFoundError, match=r"no run 'brave-oter' in project 'digits' \(1 run\)"
    ):
        api.run("digits/brave-oter")
    with pytest.raises(RunNotFoundError, match=r"Did you mean '0000abcd' \(brave-otter\)"):
        api.run("digits/brave-oter")
    with pytest.raises(ValueError, match=r"in project 'letters' \(0 runs\)\.$"):
        api.run("letters/0000abcd")


def test_the_newest_of_two_runs_with_one_id_is_meant(root, api):
    for n in (0, 1):
        Journal.create(root, opened_run(f"{UID}-{n}", id="same", time_us=START_US + n)).close()

    assert api.run("same").uid == f"{UID}-1"


def test_a_name_means_a_run_where_only_one_has_it(root, api):
    for n, name in enumerate(["first", "twin", "twin", "r0"]):
        Journal.create(root, opened_run(f"{UID}-{n}", id=f"r{n}", name=name)).close()

    assert api.run("digits/first").id == "r0"
    assert api.run("r0").name == "first"  # an id comes before a name
    with pytest.raises(UsageError, match="2 runs are called 'twin': type the id of one, 'digits/r"):
        api.run("twin")


def test_projects_and_what_paths_mean(root, api):
    for n, project in enumerate(["digits", "letters", "digits"]):
        opened = opened_run(f"{UID}-{n}", project=project, id=f"r{n}", time_us=START_US + n)
        Journal.create(root, opened).close()

    assert [(one.name, one.run_count) for one in api.projects()] == [("digits", 2), ("letters", 1)]
    assert api.projects("bob") == []
    assert api.project("digits").created_at == "2026-01-02T03:04:05Z"
    assert api.from_path("ada/letters") == api.project("letters")
    assert api.from_path("/digits").path == ["ada", "digits"]
    assert api.from_path("ada/digits/runs/r2").uid == f"{UID}-2"
    assert api.from_path("r1").uid == f"{UID}-1"
    with pytest.raises(RunNotFoundError, match="no project 'cats'; there are 'digits', 'letters'"):
        api.project("cats")
    with pytest.raises(RunNotFoundError, match="no run 'cats'"):
        api.from_path("cats")


@pytest.mark.parametrize("per_page", [0, -1, "50", None])
def test_a_page_has_a_size(api, per_page):
    with pytest.raises(UsageError, match="per_page must be a whole number above 0"):
        api.runs(per_page=per_page)


def test_runs_of_a_project_oldest_first(root, api):
    for n, project in enumerate(["digits", "letters", "digits"]):
        opened = opened_run(f"{UID}-{n}", project=project, time_us=START_US + n)
        Journal.create(root, opened).close()

    assert [one.uid[-1] for one in api.runs()] == ["0", "1", "2"]
    assert [one.uid[-1] for one in api.runs("digits", order="-created_at")] == ["2", "0"]
    assert len(api.runs("ada/letters")) == 1
    assert len(api.runs("bob/letters")) == 0
    assert api.runs()[-1].project == "digits"
    assert [one.project for one in api.runs()[:2]] == ["digits", "letters"]
    with pytest.raises(IndexError):
        api.runs()[3]


@pytest.mark.parametrize("path", ["a/b/c", "", "/"])
def test_what_is_no_project_is_said(api, path):
    with pytest.raises(UsageError, match="'entity/project' or 'project'"):
        api.runs(path)


@pytest.mark.parametrize("order", ["loss", "+", "", 3, None, "-config."])
def test_an_order_that_is_not_known_is_said(api, order):
    with pytest.raises(UsageError, match=r"order is a field with \+ or -|runs have no field"):
        api.runs(order=order)


@pytest.mark.usefixtures("run")
def test_the_workspace_may_be_given_by_its_folder(root):
    assert len(Api(root.parent).runs()) == 1


@pytest.mark.usefixtures("run")
def test_by_default_the_workspace_is_that_of_new_runs(root, monkeypatch):
    monkeypatch.chdir(root.parent)

    assert len(Api().runs()) == 1


def test_a_run_says_who_it_is(run):
    assert run.path == ["ada", "digits", "0000abcd"]
    assert (run.name, run.state, run.config) == ("brave-otter", "running", {"lr": 0.1})
    assert (run.tags, run.notes, run.group, run.job_type) == ([], None, "", "")
    assert (run.summary["n"], run.lastHistoryStep) == (3, 10)
    assert run.created_at == "2026-01-02T03:04:05Z"
    assert repr(run) == "<Run ada/digits/0000abcd (running)>"


def test_a_run_is_looked_at_again_when_asked(journal, run):
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    assert run.state == "running"

    assert run.load().state == "finished"


def test_what_waits_in_this_process_is_written_before_a_read(journal, run):
    """`run.log()` and, in the next line, `Api()`."""
    waiting = rows(range(11, 13), "loss")

    def flush():
        journal.append([waiting.pop(0)] if waiting else [])

    end = on_read(flush)
    assert [one["loss"] for one in run.scan_history(["loss"], min_step=11)] == [11]
    end()
    end()
    assert len(list(run.scan_history(["loss"], min_step=11))) == 1


def test_scan_history_gives_every_row_as_it_was_logged(run):
    found = list(run.scan_history())

    assert len(found) == 11
    assert found[3] == {"_step": 3, "_timestamp": START_US / 1e6 + 3, "_runtime": 3.0, "loss": 3.0}
    assert list(run.scan_history(["n", "text"])) == [{"n": 3, "text": "last"}]
    assert list(run.scan_history(["loss"], min_step=2, max_step=4)) == [{"loss": 2}, {"loss": 3}]


def test_history_is_a_data_frame(run):
    frame = run.history()

    assert list(frame.columns) == ["_step", "_timestamp", "_runtime", "loss", "n", "text"]
    assert len(frame) == 11
    assert list(run.history(keys=["loss"]).columns) == ["_step", "loss"]


def test_history_is_a_sample_with_both_ends(run):
    found = run.history(4, pandas=False)

    assert [one["_step"] for one in found] == [0, 3, 7, 10]
    assert run.history(1, pandas=False)[0]["_step"] == 10
    assert run.history(keys=["n"], pandas=False) == [{"_step": 10, "n": 3}]
    assert run.history(keys=["missing"], pandas=False) == []


def test_without_pandas_history_says_what_to_type(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingDependencyError, match=r"pip install pandas\n.*pandas=False"):
        run.history()
    assert len(run.history(pandas=False)) == 11


@pytest.mark.parametrize("samples", [0, -1, 2.5, "all"])
def test_a_sample_has_a_size(run, samples):
    with pytest.raises(UsageError, match="samples must be a whole number above 0"):
        run.history(samples)


def test_a_stream_is_one_that_there_is(run):
    with pytest.raises(UsageError, match="stream must be 'default' or 'system', not 'events'"):
        run.history(stream="events", pandas=False)


def test_a_scan_takes_what_others_take(run):
    assert len(list(run.scan_history(use_cache=False))) == 11


def test_keys_are_a_list(run):
    with pytest.raises(UsageError, match=r"keys must be a list of names like \['loss'\]"):
        run.history(keys="loss")


def test_readings_of_the_machine_are_a_history_too(journal, run):
    for n in range(3):
        journal.append([SystemSample(START_US + n, {"cpu": n, "gpu.0.temp": 40.0})])

    found = run.history(stream="system", pandas=False)

    assert found[1] == {
        "_timestamp": (START_US + 1) / 1e6,
        "system.cpu": 1,
        "system.gpu.0.temp": 40,
    }
    assert len(run.history(2, ["system.cpu"], stream="system")) == 2


def test_console_lines(journal, run):
    journal.append([ConsoleText(START_US + n, Stream.STDERR, f"line {n}") for n in range(3)])

    assert run.console_logs(last=1) == [
        {
            "number": 2,
            "timestamp": (START_US + 2) / 1e6,
            "level": "error",
            "label": "stderr",
            "content": "line 2",
        }
    ]
    assert len(run.console_logs()) == 3
    journal.append([ConsoleText(START_US, Stream.STDERR, "careful", None, "warning", "urllib3")])
    (line,) = run.console_logs(last=1)
    assert (line["level"], line["label"]) == ("warning", "urllib3")
