"""What is changed through `Api()` is stored, also of runs that others write."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from storekit import START_US, UID, opened_run, row, rows
from waiting import wait_until

import nbtrack
from nbtrack.errors import (
    CommError,
    MissingDependencyError,
    RunNotFoundError,
    SampledWarning,
    UsageError,
)
from nbtrack.query import Api
from nbtrack.records import Closed, ConfigChanged, EnvironmentNoted, RunState, SystemSample
from nbtrack.store import Journal, run_folder, seal, stop_requested, trashed

CLOSED = Closed(START_US + 5_000_000, RunState.FINISHED, 0, 5_000_000)


@pytest.fixture
def api(root) -> Api:
    return Api(root)


@pytest.fixture
def over(journal, api):
    """A run that ended."""
    journal.append([ConfigChanged(START_US, {"lr": 0.1, "net": {"depth": 3}})])
    journal.append([*rows(range(3), "loss"), row(3, {("val", "acc"): 0.5, "n": 1}), CLOSED])
    journal.close()
    return api.run("0000abcd")


def again(run, api):
    """The run as somebody finds it who looks for the first time."""
    return Api(run._root).run(run.uid)


def test_what_is_set_is_stored_at_once(api, over):
    over.name = "baseline"
    over.notes = "better than the last\ud800"
    over.tags = ["best", "paper", "best"]
    over.group = "night"
    over.job_type = "eval"

    found = again(over, api)
    assert (found.name, found.display_name) == ("baseline", "baseline")
    assert (found.notes, found.tags) == ("better than the last?", ["best", "paper"])
    assert (found.group, found.job_type, found.state) == ("night", "eval", "finished")
    assert (found.heartbeat_at, found.duration) == (over.heartbeat_at, 5.0)
    assert found.heartbeat_at == "2026-01-02T03:04:10Z"


def test_what_is_changed_inside_is_stored_by_update(api, over):
    over.tags.append("best")
    over.config["net"]["depth"] = 4
    over.config["path"] = nbtrack.UsageError
    over.summary["best"] = {"acc": 0.9}
    over.summary["val"]["acc"] = 0.6
    del over.summary["n"]
    assert again(over, api).config == {"lr": 0.1, "net": {"depth": 3}}

    over.update()

    found = again(over, api)
    assert found.tags == ["best"]
    assert found.config == {
        "lr": 0.1,
        "net": {"depth": 4},
        "path": "nbtrack.errors.UsageError",
    }
    assert found.summary == {**found.summary, "best": {"acc": 0.9}, "val": {"acc": 0.6}}
    assert "n" not in found.summary
    assert found.summary["loss"] == 2
    assert found.rawconfig["lr"] == {"value": 0.1}


def test_a_summary_stores_itself(api, over):
    over.summary.update({"best": 1}, worst=2)

    assert (again(over, api).summary["best"], again(over, api).summary["worst"]) == (1, 2)


def test_an_update_without_a_change_writes_nothing(root, over):
    journal = run_folder(root, UID) / "journal.nbj"
    before = journal.stat().st_size

    over.update()
    over.save()
    assert over.config is not None
    assert over.summary is not None
    over.update()

    assert journal.stat().st_size == before


def test_setting_one_thing_keeps_what_waits_for_update(api, over):
    over.config["lr"] = 0.2
    over.name = "other"
    over.update()

    assert again(over, api).config["lr"] == 0.2


def test_two_who_change_different_things_both_are_heard(api, over):
    other = again(over, api)
    over.config["lr"] = 0.2
    other.config["batch"] = 32
    other.update()
    over.update()

    assert again(over, api).config == {"lr": 0.2, "net": {"depth": 3}, "batch": 32}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", 3, r"name must be text, not 3 \(int\). Type name='3'"),
        ("notes", b"x", "notes must be text"),
        ("tags", ["x" * 65], "a tag is text of 1 to 64 characters"),
        ("tags", 3, "tags must be a list of text"),
        ("group", None, "group must be text, not None"),
    ],
)
def test_what_cannot_be_set_is_said(api, over, field, value, said):
    with pytest.raises(UsageError, match=said):
        setattr(over, field, value)
    over.update()
    assert again(over, api).name == "brave-otter"


def test_config_keys_stay(over):
    del over.config["lr"]

    with pytest.raises(UsageError, match=r"cannot be removed: 'lr'.*run.config\['lr'\] = None"):
        over.update()


def test_a_summary_takes_what_can_be_logged(over):
    over.summary["f"] = object()

    with pytest.raises(TypeError):
        over.update()


def test_a_run_of_this_very_process_is_changed(tmp_path):
    with nbtrack.init(dir=tmp_path, project="digits", settings={"silent": True}) as run:
        found = nbtrack.Api(tmp_path).run(run.path)
        found.name = "from outside"
        found.summary.update({"best": 1})
        assert found.load().name == "from outside"
    assert nbtrack.Api(tmp_path).run(run.path).summary["best"] == 1


_TRAIN = """
import sys, nbtrack
run = nbtrack.init(dir=sys.argv[1], project="digits", id="live", settings={"silent": True})
run.log({"loss": 0.5})
print("ready", flush=True)
sys.stdin.readline()
run.log({"loss": 0.25})
run.finish()
"""


@pytest.fixture
def training(tmp_path):
    command = [sys.executable, "-c", _TRAIN, str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_run_of_another_process_is_changed_while_it_goes_on(tmp_path, training):
    run = Api(tmp_path).run("digits/live")
    run.name = "from outside"
    run.tags.append("watched")
    run.config["note"] = "live"
    run.update()
    assert (run.load().state, run.name) == ("running", "from outside")

    training.communicate("\n", timeout=60)

    found = Api(tmp_path).run("digits/live")
    assert (found.name, found.tags, found.config) == ("from outside", ["watched"], {"note": "live"})
    assert (found.state, found.summary["loss"]) == ("finished", 0.25)


def test_a_run_of_another_process_is_waited_for_and_stopped(tmp_path, training):
    run = Api(tmp_path).run("digits/live")
    with pytest.raises(CommError, match=r"has not ended within 0 s"):
        run.wait_until_finished(timeout_s=0)
    with pytest.raises(UsageError, match="goes on"):
        run.delete()
    with pytest.raises(UsageError, match=r"goes on.*Type run.stop\(\) first"):
        run.update_state("failed")

    run.stop()
    run.wait_until_finished(timeout_s=60)

    assert run.state == "killed"


def test_a_run_that_ended_cannot_be_stopped(root, over):
    with pytest.raises(UsageError, match="is finished already: nothing is left to stop"):
        over.stop()
    with pytest.raises(UsageError, match="nothing is left to finish"):
        over.finish()
    assert not stop_requested(root, UID)
    assert not stop_requested(root, UID, "finish")


def test_a_crashed_run_is_said_to_be_finished(root, journal, api):
    journal.append(rows(range(3), "loss"))
    journal.close()
    run = api.run("0000abcd")
    assert wait_until(lambda: run.load().state) == "crashed"
    ended = run._facts.ended_us

    assert run.update_state("finished")

    found = again(run, api)
    assert (found.state, found.exit_code, found.reason) == ("finished", 0, "set by hand")
    assert found._facts.ended_us == ended
    assert not run.update_state("finished")
    assert run.update_state("pending")
    assert again(run, api).state == "pending"
    with pytest.raises(UsageError, match=r"can be set to 'failed', 'finished', .* not to 'good'"):
        run.update_state("good")


def test_a_run_is_made_for_somebody_else_to_fill(tmp_path):
    api = Api(tmp_path / ".nbtrack")
    made = api.create_run(project="digits", run_id="ordered", entity="ada")

    assert (made.path, made.state) == (["ada", "digits", "ordered"], "pending")
    assert made.name
    assert not made.config
    with pytest.raises(UsageError, match=r"there is a run ada/digits/ordered already"):
        api.create_run(project="digits", run_id="ordered", entity="ada")
    with pytest.raises(UsageError, match="project"):
        api.create_run(project="../digits")
    assert [run.id for run in api.runs("digits", "state = pending")] == ["ordered"]


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_a_run_that_waits_is_taken_up(tmp_path, state):
    made = Api(tmp_path / ".nbtrack").create_run(project="digits", entity="ada")
    made.update_state(state)

    where = {"project": "digits", "entity": "ada", "dir": tmp_path}
    with nbtrack.init(id=made.id, resume="must", **where) as run:
        run.log({"loss": 0.5})

    made.load()
    assert (made.name, made.state, made.summary["loss"]) == (run.name, "finished", 0.5)


def test_a_deleted_run_lies_in_the_trash(api, over):
    over.delete()

    assert len(api.runs()) == 0
    assert [one.uid for one in trashed(over._root)] == [UID]


def test_a_run_whose_journal_is_packed_is_changed_too(root, api, over, ingester):
    assert ingester.ingest(UID)
    assert seal(root, UID)

    over.name = "renamed"

    assert again(over, api).name == "renamed"
    assert [row["loss"] for row in again(over, api).scan_history(["loss"])] == [0, 1, 2]
    assert api.sql("SELECT name FROM runs").rows == [("renamed",)]


def test_files_of_a_run(root, over, tmp_path):
    folder = run_folder(root, UID) / "files"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "best.pt").write_bytes(b"12345")
    (folder / "a[1].txt").write_text("note")
    (folder / "link").symlink_to("/etc/passwd")

    assert [(file.name, file.size) for file in over.files()] == [
        ("a[1].txt", 4),
        ("models/best.pt", 5),
    ]
    assert [file.name for file in over.files(pattern="%.pt")] == ["models/best.pt"]
    assert [file.name for file in over.files(pattern="a[1]._xt")] == ["a[1].txt"]
    assert [file.name for file in over.files(["models/best.pt", "no"])] == ["models/best.pt"]
    target = over.file("models/best.pt").download(tmp_path / "here")
    assert (target, target.read_bytes()) == (tmp_path / "here/models/best.pt", b"12345")
    with pytest.raises(UsageError, match=r"is there already\. Type download\(replace=True\)"):
        over.file("models/best.pt").download(tmp_path / "here")
    assert over.file("models/best.pt").download(tmp_path / "here", exist_ok=True) == target
    with pytest.raises(UsageError, match=r"has no file '\.\./\.\./\.\./etc/passwd'"):
        over.file("../../../etc/passwd")


def test_a_default_history_says_that_it_is_a_sample(root, api):
    journal = Journal.create(root, opened_run())
    journal.append(rows(range(501), "loss"))
    run = api.run("0000abcd")

    with pytest.warns(SampledWarning, match=r"500 of 501 rows.*run.to_pandas\(\)"):
        assert len(run.history()) == 500
    assert len(run.to_pandas()) == 501
    assert len(run.history(501)) == 501
    assert len(run.history(100)) == 100  # whoever asks for a size knows


def test_history_has_an_axis(over, journal):
    found = over.history(keys=["loss"], x_axis="_timestamp", pandas=False)

    assert list(found[0]) == ["_timestamp", "loss"]
    assert [one["loss"] for one in found] == [0, 1, 2]
    with pytest.raises(UsageError, match="x_axis must be the name of a key, not 3"):
        over.history(x_axis=3)
    with pytest.raises(UsageError, match="page_size must be a whole number above 0"):
        over.scan_history(page_size=0)


def test_all_rows_as_frames_of_other_libraries(over, monkeypatch):
    """Neither is installed for these tests; what they are given is seen all the same."""
    polars = SimpleNamespace(DataFrame=lambda columns, **_: columns)
    monkeypatch.setitem(sys.modules, "polars", polars)
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace(table=dict))

    assert over.to_polars(["loss"]) == {"loss": [0.0, 1.0, 2.0]}
    assert over.to_arrow()["val.acc"] == [None, None, None, 0.5]
    for name in ("polars", "pyarrow", "pandas"):
        monkeypatch.setitem(sys.modules, name, None)
    for method, name in (("polars", "polars"), ("arrow", "pyarrow"), ("pandas", "pandas")):
        with pytest.raises(MissingDependencyError, match=f"pip install {name}"):
            getattr(over, f"to_{method}")()


def test_a_column_of_many_types_becomes_one(root, api, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", SimpleNamespace(table=dict))
    journal = Journal.create(root, opened_run())
    mixed = [1, 0.5, "text", [1, 2], None, 1 << 70]
    journal.append([row(n, {"x": value, "y": n / 2, "z": 1}) for n, value in enumerate(mixed)])

    found = api.run("0000abcd").to_arrow()
    assert found["x"] == ["1", "0.5", "text", "[1, 2]", None, str(1 << 70)]
    assert (found["y"][:2], found["z"][:2]) == ([0.0, 0.5], [1, 1])


def test_histories_of_several_runs_come_together(root, api):
    for n in (0, 1):
        journal = Journal.create(root, opened_run(f"{UID}-{n}", id=f"r{n}", time_us=START_US + n))
        journal.append(rows(range(3), "loss"))
        journal.close()

    found = api.runs().histories(2, keys=["loss"])
    assert found == [
        {"run_id": run, "_step": step, "loss": step} for run in ("r0", "r1") for step in (0, 2)
    ]
    assert api.runs().histories(format="pandas").shape == (6, 5)
    with pytest.raises(UsageError, match=r"format is 'default', 'pandas', 'polars' or 'arrow'"):
        api.runs().histories(format="csv")


def test_a_run_says_where_it_ran_and_what_it_has(journal, api):
    journal.append([*rows(range(3), "loss"), SystemSample(START_US, {"cpu": 1.5})])
    journal.append([EnvironmentNoted(START_US, {"gpu_count": 2, "gpu_devices": [{"name": "A"}]})])
    run = api.run("0000abcd")
    run.metadata["gpu_devices"].clear()

    assert run.metadata["startedAt"] == "2026-01-02T03:04:05Z"
    assert (run.metadata["kernel_id"], run.read_only) == ("kernel-1", False)
    assert (run.metadata["gpu_count"], run.metadata["gpu_devices"]) == (2, [{"name": "A"}])
    assert run.system_metrics == {"system.cpu": 1.5}
    assert run.history_keys == {"keys": {"loss": {}}, "lastStep": 2}
    assert run.summary_metrics == run.summary


def test_a_file_is_added_under_its_name_below_a_folder(over, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots/loss.txt").write_text("old")
    over.upload_file("plots/loss.txt")
    (tmp_path / "plots/loss.txt").write_text("new")

    kept = [over.upload_file("plots/loss.txt"), over.upload_file("plots/loss.txt", root="plots")]

    assert [file.name for file in kept] == ["plots/loss.txt", "loss.txt"]
    assert [file.path.read_text() for file in kept] == ["new", "new"]
    assert over.files() == [kept[1], kept[0]]


def test_what_cannot_be_added_is_said_and_no_file_is_made(root, over, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").touch()
    with pytest.raises(UsageError, match=r"no file 'gone\.txt'"):
        over.upload_file("gone.txt")
    with pytest.raises(UsageError, match=r"does not lie in .*root="):
        over.upload_file("here.txt", root="elsewhere")
    over.delete()

    with pytest.raises(RunNotFoundError):
        over.upload_file("here.txt")
    assert not run_folder(root, UID).exists()


def test_what_integrations_read_of_a_run_is_there(api, over):
    over.summary["best"] = 1

    assert over.summary._json_dict == dict(over.summary)
    assert over.username == over.user
    assert json.loads(over.json_config) == over.rawconfig
    assert over.load(force=True).summary.get("best") is None
    assert len(api.runs("digits", include_sweeps=False, lazy=False)) == 1


@pytest.mark.parametrize(
    ("git", "commit"), [({"commit": "1a2b"}, "1a2b"), ({"commit": ""}, None), ("no dict", None)]
)
def test_the_commit_is_that_of_the_repository(journal, api, git, commit):
    assert api.run("0000abcd").commit is None

    journal.append([EnvironmentNoted(START_US, {"git": git})])

    assert api.run("0000abcd").commit == commit
