"""`init()` takes what every generation of its users types."""

import os
import threading
from pathlib import Path

import pytest

import nbtrack
from nbtrack.errors import ConfigError, Error, StepOrderError, UsageError
from nbtrack.runs import session
from nbtrack.store import Reader


@pytest.fixture(autouse=True)
def said(tmp_path, monkeypatch):
    """What the user is told; every test has a workspace of its own."""
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    monkeypatch.setenv("NBTRACK_X_DISABLE_STATS", "1")
    monkeypatch.chdir(tmp_path)
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(session(), "voice", lambda level, text: heard.append((level, text)))
    yield heard
    for run in session().open_runs():
        run.finish()


def test_arguments_without_names_come_in_the_order_of_the_field(tmp_path):
    run = nbtrack.init("me", "digits", tmp_path / "there", "first", "one", "a note", ["t"])

    assert run.path == "me/digits/first"
    assert (run.name, run.notes, run.tags) == ("one", "a note", ("t",))
    assert run.root == tmp_path / "there" / ".nbtrack"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("force", True),
        ("anonymous", "allow"),
        ("tensorboard", True),
        ("sync_tensorboard", True),
        ("monitor_gym", True),
    ],
)
def test_an_argument_without_a_meaning_is_taken_and_that_is_said_once(name, value, said):
    for _ in range(2):
        nbtrack.init(**{name: value}).finish()

    (told,) = [text for level, text in said if level == "warning"]
    assert f"nbtrack.init({name}={value!r}) is taken and has no effect: " in told


def test_an_argument_that_says_no_is_not_spoken_of(said):
    nbtrack.init(force=False, magic=False, anonymous=None)

    assert said == []


def test_the_mode_shared_says_nothing_as_long_as_nothing_is_ignored(said):
    run = nbtrack.init(mode="shared")
    run.log({"loss": 1})

    assert (run.disabled, run.offline, run.settings.mode, said) == (False, False, "shared", [])


def test_settings_give_what_is_no_argument_and_arguments_beat_them():
    run = nbtrack.init(
        name="mine", settings={"run_name": "theirs", "run_group": "g", "run_tags": ["a", "b"]}
    )

    assert (run.name, run.group, run.tags) == ("mine", "g", ("a", "b"))


@pytest.mark.parametrize("prefix", ["NBTRACK_", "WANDB_"])
def test_variables_give_what_nobody_says(monkeypatch, prefix):
    said = {
        "NAME": "one", "NOTES": "n", "TAGS": "a, b", "JOB_TYPE": "train", "RUN_GROUP": "g",
        "RUN_ID": "id1", "PROJECT": "digits", "ENTITY": "me", "MODE": "dryrun",
    }  # fmt: skip
    for name, text in said.items():
        monkeypatch.setenv(prefix + name, text)

    run = nbtrack.init(settings={"run_group": "h"})

    assert run.path == "me/digits/id1"
    assert (run.name, run.notes, run.tags) == ("one", "n", ("a", "b"))
    assert (run.job_type, run.group, run.offline) == ("train", "h", True)


def test_ours_is_read_before_its_twin(monkeypatch):
    monkeypatch.setenv("WANDB_PROJECT", "theirs")
    monkeypatch.setenv("NBTRACK_PROJECT", "ours")

    assert nbtrack.init().project == "ours"


def test_the_file_of_the_workspace_comes_last(tmp_path, monkeypatch):
    (tmp_path / ".nbtrack").mkdir()
    (tmp_path / ".nbtrack" / "settings.toml").write_text(
        'retention_days = 90\nproject = "filed"\nrun_group = "filed"\nquiet = true\n'
    )
    monkeypatch.setenv("NBTRACK_RUN_GROUP", "said")

    run = nbtrack.init()

    assert (run.project, run.group, run.settings.quiet) == ("filed", "said", True)


def test_a_file_that_cannot_be_understood_is_told_before_a_run_begins(tmp_path):
    (tmp_path / ".nbtrack").mkdir()
    (tmp_path / ".nbtrack" / "settings.toml").write_text("projet = 'digits'")

    with pytest.raises(UsageError, match=r"unknown setting 'projet' in .*settings.toml"):
        nbtrack.init()
    assert nbtrack.run is None


def test_variables_are_read_once_until_teardown(monkeypatch, said):
    nbtrack.init().finish()
    monkeypatch.setenv("WANDB_PROJECT", "later")

    for _ in range(2):
        run = nbtrack.init()
    assert run.project != "later"
    told = [text for _, text in said if "WANDB_PROJECT has changed" in text]
    assert len(told) == 1
    assert "nbtrack.teardown()" in told[0]

    nbtrack.teardown()

    assert (run.state, nbtrack.run) == ("finished", None)
    assert nbtrack.init().project == "later"


def test_a_moved_workspace_is_found_after_teardown(tmp_path, monkeypatch):
    assert nbtrack.init().root == tmp_path / ".nbtrack"
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path / "other"))

    nbtrack.teardown(exit_code=2)

    assert [one.state for one in Reader(tmp_path / ".nbtrack").runs()] == ["failed"]
    assert nbtrack.init().root == tmp_path / "other" / ".nbtrack"


def test_the_settings_of_a_run_say_who_it_is_and_cannot_change():
    given = nbtrack.Settings(capture_loggers={"train": "INFO"})

    run = nbtrack.init(project="digits", settings=given)

    assert run.settings.run_id == run.id
    assert (run.settings.run_name, run.settings.project) == (run.name, "digits")
    assert run.settings.resumed is False
    assert run.settings.capture_loggers == {"train": "INFO"}
    assert run.settings.capture_loggers is not given.capture_loggers
    with pytest.raises(AttributeError):
        run.settings.quiet = True  # type: ignore[misc]


def test_setup_says_what_every_run_begins_with():
    nbtrack.setup({"project": "digits", "run_group": "all"})

    assert nbtrack.init().group == "all"
    run = nbtrack.init(settings={"run_group": "one"}, reinit=True)
    assert (run.project, run.group) == ("digits", "one")


def test_a_quiet_run_says_warnings_and_no_news(said):
    run = nbtrack.init(settings={"quiet": True})
    assert nbtrack.init(settings={"quiet": True}) is run
    assert said == []

    run.log({"loss": 1}, step=5)
    run.log({"loss": 1}, step=3)

    assert [level for level, _ in said] == ["warning"]


@pytest.mark.parametrize("settings", [{"silent": True}, {"show_warnings": False}])
def test_what_is_not_to_be_said_is_not_said(said, settings):
    run = nbtrack.init(settings=settings)
    run.log({"loss": 1}, step=5)
    run.log({"loss": 1}, step=3)
    nbtrack.termwarn("careful")

    assert [text for level, text in said if level == "warning"] == []
    assert run.status().dropped_rows == 1


def test_a_strict_run_raises_where_a_row_would_be_dropped(said):
    run = nbtrack.init(settings={"strict": True})
    run.log({"loss": 1}, step=5)

    with pytest.raises(StepOrderError, match="step 3 after step 5"):
        run.log({"loss": 2}, step=3)

    run.log({"loss": 3}, step=6, commit=True)
    run.finish()
    assert [row["loss"] for row in Reader(run.root).rows(run.uid)] == [1, 3]
    assert run.status().dropped_rows == 1


def test_a_stop_calls_what_the_settings_name():
    asked = threading.Event()
    run = nbtrack.init(settings={"stop_fn": asked.set})

    session().stop(run.uid)

    assert asked.is_set()


def test_an_init_waits_no_longer_for_another_than_it_is_told():
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with session().opening:
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        with pytest.raises(Error, match=r"another thread goes on for more than 0.05 s"):
            nbtrack.init(settings={"init_timeout": 0.05})
    finally:
        release.set()
        thread.join()


def test_keys_of_the_config_can_be_left_out_or_chosen():
    given = {"lr": 0.1, "batch": 8, "path": "x"}

    run = nbtrack.init(config=given, config_exclude_keys=["path"])
    assert run.config.as_dict() == {"lr": 0.1, "batch": 8}
    run.finish()
    run = nbtrack.init(config=given, config_include_keys=["lr"])
    assert run.config.as_dict() == {"lr": 0.1}
    run.finish()

    with pytest.raises(UsageError, match="exclude each other"):
        nbtrack.init(config=given, config_include_keys=["lr"], config_exclude_keys=["path"])


def test_defaults_of_the_working_directory_hold_where_nothing_is_said():
    Path("config-defaults.yaml").write_text(
        "wandb_version: 1\nlr: {desc: rate, value: 0.5}\nmodel: {depth: 3, width: 8}\n"
    )

    run = nbtrack.init(config={"model": {"depth": 4}, "batch": 2})

    assert run.config.as_dict() == {
        "lr": 0.5, "model": {"depth": 4, "width": 8}, "batch": 2,
    }  # fmt: skip


def test_allowing_changes_at_the_beginning_allows_them_later():
    run = nbtrack.init(config={"lr": 0.1}, allow_val_change=True)
    run.config.lr = 0.2
    run.finish()

    run = nbtrack.init(config={"lr": 0.1}, settings={"allow_val_change": False})
    with pytest.raises(ConfigError, match="Attempted to change value of key 'lr'"):
        run.config.lr = 0.2


def test_values_of_a_trial_are_kept_whatever_the_script_says(said):
    session().locked = {"lr": 0.01, "model": {"depth": 2}}

    run = nbtrack.init(config={"lr": 0.1, "model": {"depth": 9, "width": 8}, "batch": 4})
    run.config.update({"lr": 5}, allow_val_change=True)

    assert run.config.as_dict() == {"lr": 0.01, "model": {"depth": 2, "width": 8}, "batch": 4}
    told = [text for _, text in said if "locked" in text]
    assert told[0] == "Config item 'lr' was locked by 'sweep' (ignored update)."
    assert len(told) == 2


def test_addresses_of_a_run_are_never_missing():
    run = nbtrack.init(project="digits", settings={"sweep_id": "s1"})

    assert run.url == (run.root / "runs" / run.uid / "report.html").as_uri()
    assert run.project_url == run.sweep_url == run.root.as_uri()
    assert run.sweep_id == "s1"


def test_in_jupyterlab_they_lead_to_the_notebook(tmp_path, monkeypatch):
    notebook = tmp_path / "my work" / "train.ipynb"
    place = nbtrack.settings.Place(
        notebook=str(notebook), server_root=tmp_path, server_url="http://localhost:8888/"
    )
    monkeypatch.setattr(session(), "place", place)

    run = nbtrack.init(entity="me", project="dig its", id="i1", settings={"sweep_id": "s1"})

    page = "http://localhost:8888/lab/tree/my%20work/train.ipynb?nbtrack="
    assert run.url == f"{page}me/dig%20its/runs/i1"
    assert run.project_url == f"{page}me/dig%20its"
    assert run.sweep_url == f"{page}me/dig%20its/sweeps/s1"


def test_a_disabled_run_has_no_address():
    run = nbtrack.init(mode="disabled")

    assert (run.url, run.project_url, run.sweep_url) == (None, None, None)
