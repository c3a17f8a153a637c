"""Names of the module that mean the process, or the run that was opened last."""

import os
import pickle

import pytest

import nbtrack
from nbtrack.errors import AuthenticationError, CommError, Error
from nbtrack.runs import session


@pytest.fixture(autouse=True)
def said(tmp_path, monkeypatch):
    """What the user is told; every test has a workspace of its own."""
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(session(), "voice", lambda level, text: heard.append((level, text)))
    yield heard
    for run in session().open_runs():
        run.finish()


def begin(**arguments) -> nbtrack.Run:
    return nbtrack.init(project="digits", settings={"x_disable_stats": True}, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("log", [{"loss": 1}]),
        ("define_metric", ["loss"]),
        ("save", ["*.py"]),
        ("restore", ["model.pt"]),
        ("alert", ["title", "text"]),
        ("mark_preempting", []),
    ],
)
def test_before_there_is_a_run_each_says_what_to_type(name, arguments):
    with pytest.raises(Error, match=rf"You must call nbtrack.init\(\) before nbtrack.{name}\(\)"):
        getattr(nbtrack, name)(*arguments)


def test_each_means_the_run_that_was_opened_last(tmp_path):
    (tmp_path / "notes.txt").write_text("kept")
    run = begin()

    nbtrack.alert("loss is NaN", "at epoch 3")
    (copy,) = nbtrack.save(str(tmp_path / "notes.txt"), base_path=str(tmp_path))
    nbtrack.mark_preempting()
    nbtrack.log({"loss": 1})

    assert copy.startswith(run.dir)
    file = nbtrack.restore("notes.txt")
    assert file is not None
    with file:
        assert file.read() == "kept"
    assert nbtrack.Api().run(run.path).state == "preempting"


def test_join_is_an_old_name_of_finish():
    run = begin()

    nbtrack.join(exit_code=1)

    assert run.state == "failed"
    nbtrack.join()


def test_nobody_has_to_log_in():
    assert nbtrack.login(key="x" * 40, relogin=True, host="https://example.org") is True
    assert nbtrack.require("service") is None
    assert nbtrack.termsetup(None, None) is None


def test_words_to_the_terminal_are_said_as_nbtrack_speaks(said):
    nbtrack.termlog("hello", prefix=False)
    nbtrack.termwarn("careful", repeat=False)
    nbtrack.termwarn("careful", repeat=False)
    nbtrack.termerror("broken")
    nbtrack.termerror("broken")

    assert said == [
        ("info", "hello"), ("warning", "careful"), ("error", "broken"), ("error", "broken"),
    ]  # fmt: skip


def test_a_pickled_run_is_the_same_run_in_its_process():
    run = begin()

    assert pickle.loads(pickle.dumps(run)) is run  # noqa: S301 - our own bytes
    assert nbtrack._attach(run.id) is run


def test_a_pickled_run_that_has_ended_meanwhile_says_how_to_go_on_with_it():
    run = begin()
    pickled = pickle.dumps(run)
    run.finish()

    with pytest.raises(Error, match=r'is finished: nobody can attach.*resume="must"'):
        pickle.loads(pickled)  # noqa: S301 - our own bytes


def test_the_errors_are_found_where_other_trackers_have_them():
    assert nbtrack.errors.CommError is nbtrack.CommError
    assert issubclass(AuthenticationError, CommError)


def test_a_label_of_an_integration_is_taken():
    assert begin()._label(code="trainer", repo="x") is None
