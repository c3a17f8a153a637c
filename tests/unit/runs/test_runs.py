"""A run from `init()` to its end, with the real store below it."""

import json
import math
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Thread

import pytest

import nbtrack
from nbtrack.errors import Error, RunNotFoundError, UsageError
from nbtrack.runs import KILLED, session
from nbtrack.settings import Place, Settings
from nbtrack.store import Reader, request_stop
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _workspace(tmp_path, monkeypatch):
    """Every test has a workspace and a session of its own."""
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    yield
    for run in session().open_runs():
        run.finish()
    session().place = Place()


@pytest.fixture
def said(monkeypatch) -> list[tuple[str, str]]:
    """What the user is told."""
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(session(), "voice", lambda level, text: heard.append((level, text)))
    return heard


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / ".nbtrack"


def script(code: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of its own and wait for it."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "NBTRACK_DIR": str(tmp_path), **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_is_logged_comes_back_and_the_run_is_finished(root):
    run = nbtrack.init(project="digits", name="first", config={"lr": 0.1})
    assert nbtrack.run is run
    assert run.state == "running"
    run.log({"loss": 0.5, "val": {"acc": 1}})
    nbtrack.log({"loss": float("nan"), "note": "half way"})
    run.finish()

    stored = Reader(root).run(run.uid)
    rows = list(Reader(root).rows(run.uid))

    assert (stored.state, stored.opened.name, stored.config) == ("finished", "first", {"lr": 0.1})
    assert rows[0]["loss"] == 0.5
    assert rows[0]["val.acc"] == 1
    assert rows[1]["loss"] != rows[1]["loss"]
    assert rows[1]["note"] == "half way"
    assert [row["_step"] for row in rows] == [0, 1]
    assert nbtrack.run is None


def test_what_was_flushed_can_be_read_while_the_run_goes_on(root):
    run = nbtrack.init(project="digits")
    run.log({"loss": 1.0})
    run.flush()

    stored = Reader(root).run(run.uid)

    assert stored.state == "running"
    assert stored.summary["loss"] == 1.0


def test_an_open_row_is_stored_at_the_end(root):
    run = nbtrack.init(project="digits")
    run.log({"loss": 1.0}, step=4)
    run.finish()

    assert [row["_step"] for row in Reader(root).rows(run.uid)] == [4]


def test_the_summary_is_the_same_in_the_run_and_in_the_store(root):
    run = nbtrack.init(project="digits")
    run.log({"loss": 1.0, "val": {"acc": 0.5}})
    run.summary["best"] = {"epoch": 3}
    run.log({"loss": 0.5, "text": None})
    run.finish()

    here = {key: value for key, value in run.summary.as_dict().items() if key[0] != "_"}
    stored = {
        key: value for key, value in Reader(root).run(run.uid).summary.items() if key[0] != "_"
    }

    assert here == stored == {"loss": 0.5, "val": {"acc": 0.5}, "best": {"epoch": 3}}


def test_name_notes_and_tags_can_be_set_later(root):
    run = nbtrack.init(project="digits", tags="one")
    run.name, run.notes, run.tags = "other", "why", ["a", "b"]
    run.finish()

    opened = Reader(root).run(run.uid).opened

    assert (opened.name, opened.notes, opened.tags) == ("other", "why", ("a", "b"))
    with pytest.raises(UsageError, match="name stays"):
        run.name = "late"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.log({"a": 1}), "is finished: nothing can be logged"),
        (lambda run: run.config.update({"a": 1}), "is finished"),
        (lambda run: run.summary.update({"a": 1}), "is finished"),
    ],
    ids=["log", "config", "summary"],
)
def test_a_finished_run_says_which_it_is(call, message):
    run = nbtrack.init(project="digits", name="early-bird")
    run.finish()
    run.finish()

    with pytest.raises(UsageError, match=f"run 'early-bird' .*{message}"):
        call(run)


def test_a_late_row_is_counted_and_said_once(said):
    run = nbtrack.init(project="digits", name="late")
    run.log({"a": 1}, step=10)
    run.log({"a": 1}, step=3)
    run.log({"a": 1}, step=4)

    assert run.status().dropped_rows == 2
    assert len(said) == 1
    assert "step 3 after step 10 in run 'late'" in said[0][1]


@pytest.mark.parametrize(
    ("raised", "state", "code"),
    [
        (None, "finished", 0),
        (ValueError("x"), "failed", 1),
        (KeyboardInterrupt(), "killed", 255),
        (SystemExit(0), "finished", 0),
        (SystemExit(3), "failed", 3),
    ],
    ids=["ok", "error", "interrupt", "exit-0", "exit-3"],
)
def test_a_block_ends_its_run_as_it_went(root, raised, state, code):
    def train():
        with nbtrack.init(project="digits"):
            if raised:
                raise raised

    if raised is None:
        train()
    else:
        with pytest.raises(type(raised)) as caught:
            train()
        assert caught.value is raised

    [stored] = Reader(root).runs()
    assert (stored.state, stored.exit_code) == (state, code)


def test_in_a_script_a_second_init_returns_the_open_run(said):
    first = nbtrack.init(project="digits")
    second = nbtrack.init(project="other", config={"lr": 1})

    assert second is first
    assert "is still open and is returned" in said[0][1]


def test_in_a_notebook_a_second_init_finishes_the_open_run(said):
    session().place = Place(in_notebook=True)
    first = nbtrack.init(project="digits", name="one")
    second = nbtrack.init(project="digits", name="two")

    assert (first.state, second.state) == ("finished", "running")
    assert "'one' was still open and is finished now" in said[0][1]


def test_several_runs_can_be_open_and_the_global_one_stays():
    first = nbtrack.init(project="digits")
    second = nbtrack.init(project="digits", reinit="create_new")

    assert nbtrack.run is first
    assert {first.state, second.state} == {"running"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"project": "a/b"}, "project must not contain /"),
        ({"name": 3}, r"name must be text, not 3 \(int\)"),
        ({"id": "a b/"}, "id must not contain /"),
        ({"mode": "cloud"}, "mode must be one of"),
        ({"reinit": "maybe"}, "reinit must be one of"),
        ({"settings": {"nope": 1}}, "unknown setting 'nope'"),
        ({"tags": [3]}, "a tag is text"),
        ({"group": 3}, "group must be text"),
        ({"entity": "a/b"}, "entity must not contain /"),
        ({"dir": 3}, r"dir must be the path of a folder, not 3 \(int\)"),
        ({"settings": {"x_stats_sampling_interval": "1"}}, r"must be a number, not .1. \(str\)"),
        ({"settings": {"x_stats_sampling_interval": math.inf}}, "must be 0.1 to 86400 seconds"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_argument_is_refused_and_no_run_is_left(arguments, message, root):
    with pytest.raises(UsageError, match=message):
        nbtrack.init(**arguments)

    assert nbtrack.run is None
    assert Reader(root).runs() == []


def test_an_unknown_argument_is_a_type_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'projct'"):
        nbtrack.init(projct="digits")


def test_a_run_takes_no_other_attributes():
    run = nbtrack.init(project="digits")

    with pytest.raises(Error, match=r"Attribute lr is not supported.*run.config\['lr'\]"):
        run.lr = 0.1


def test_before_init_the_names_say_so():
    assert nbtrack.run is None
    nbtrack.finish()
    with pytest.raises(Error, match=r"call nbtrack.init\(\) before nbtrack.log\(\)"):
        nbtrack.log({"a": 1})
    with pytest.raises(Error, match=r"before nbtrack\.config"):
        nbtrack.config["lr"] = 1
    with pytest.raises(Error, match=r"before nbtrack\.config"):
        nbtrack.config.lr = 1


def test_a_workspace_that_cannot_be_written_is_replaced_with_a_warning(tmp_path, said):
    """A path below a file cannot be made, whoever asks."""
    (tmp_path / "file").write_text("")

    run = nbtrack.init(project="digits", dir=tmp_path / "file")
    run.log({"a": 1})
    run.finish()

    assert run.root != tmp_path / "file" / ".nbtrack"
    assert next(iter(Reader(run.root).rows(run.uid)))["a"] == 1
    assert "cannot be written" in said[0][1]
    assert str(run.root) in said[0][1]


def test_a_disabled_run_keeps_nothing(root):
    run = nbtrack.init(project="digits", mode="disabled", config={"lr": 1})
    run.log({"loss": 0.5})

    assert (run.disabled, run.step, run.config.lr) == (True, 0, 1)
    assert run.name == f"dummy-{run.id}"
    assert run.summary.loss == 0.5
    assert not root.exists()
    run.finish()
    assert nbtrack.run is None


def test_hostile_names_are_only_text(root):
    name = "<script>alert(1)</script> ../../etc/passwd \u202e"
    run = nbtrack.init(project="'; DROP TABLE runs; --", name=name)
    run.log({"</script>'\";--": 1})
    run.finish()

    stored = Reader(root).run(run.uid)

    assert stored.opened.name == name
    assert stored.opened.project == "'; DROP TABLE runs; --"
    assert "</script>'\";--" in next(Reader(root).rows(run.uid))


def test_a_stop_request_reaches_whoever_stops(root, monkeypatch):
    asked = []
    monkeypatch.setattr(session(), "stopper", asked.append)
    run = nbtrack.init(project="digits")

    request_stop(root, run.uid)
    wait_until(lambda: asked)

    assert asked == [run]
    session().end(KILLED, reason="stopped")
    assert Reader(root).run(run.uid).state == "killed"


def test_an_observer_that_raises_ends_nothing(said):
    class Broken:
        def run_opened(self, _run):
            raise RuntimeError("opened")

        run_closing = run_closed = run_opened

    observer = Broken()
    session().observe(observer)
    try:
        run = nbtrack.init(project="digits")
        run.log({"a": 1})
        run.finish()
    finally:
        session().unobserve(observer)

    assert run.state == "finished"
    assert any("RuntimeError: opened" in text for _, text in said)


@pytest.mark.parametrize(
    ("ending", "state", "code"),
    [
        ("", "finished", 0),
        ("import sys; sys.exit(0)", "finished", 0),
        ("import sys; sys.exit(3)", "failed", 3),
        ("import sys; sys.exit(True)", "failed", 1),
        ("import sys; sys.exit(2**70)", "failed", 1),
        ("import sys; sys.exit('bad')", "failed", 1),
        ("raise ValueError('x')", "failed", 1),
        ("raise KeyboardInterrupt", "killed", 255),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "killed", 255),
        ("import os; os._exit(0)", "crashed", None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "crashed", None),
    ],
    ids=[
        "end",
        "exit-0",
        "exit-3",
        "exit-true",
        "exit-huge",
        "exit-text",
        "error",
        "ctrl-c",
        "sigterm",
        "_exit",
        "sigkill",
    ],
)
def test_the_end_of_a_script_ends_its_run(tmp_path, root, ending, state, code):
    script(
        f"""
        import nbtrack
        run = nbtrack.init(project="digits")
        run.log({{"a": 1}})
        run.flush()
        {ending}
        """,
        tmp_path,
    )

    stored = Reader(root).runs()[0]

    assert (stored.state, stored.exit_code) == (state, code)
    assert [row["a"] for row in Reader(root).rows(stored.opened.uid)] == [1]


def test_sigterm_still_ends_a_script(tmp_path):
    done = script(
        "import nbtrack, os, signal\n"
        "run = nbtrack.init(project='digits')\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print('still here')",
        tmp_path,
    )

    assert done.returncode == -signal.SIGTERM
    assert "still here" not in done.stdout


def test_a_handler_of_the_users_is_called_after_ours(tmp_path, root):
    done = script(
        """
        import nbtrack, os, signal
        signal.signal(signal.SIGTERM, lambda *_: print("mine"))
        run = nbtrack.init(project="digits")
        os.kill(os.getpid(), signal.SIGTERM)
        print(run.state)
        """,
        tmp_path,
    )

    assert done.stdout.split() == ["mine", "killed"]


def test_a_forked_child_leaves_the_run_alone(tmp_path, root):
    done = script(
        """
        import os, sys, nbtrack
        run = nbtrack.init(project="digits")
        run.log({"a": 1})
        child = os.fork()
        if child == 0:
            run.log({"a": 99})
            nbtrack.log({"a": 98})
            sys.exit(0)
        os.waitpid(child, 0)
        run.log({"a": 2})
        print(run.state)
        """,
        tmp_path,
    )
    stored = Reader(root).runs()[0]

    assert "running" in done.stdout, done.stderr
    assert stored.state == "finished"
    assert [row["a"] for row in Reader(root).rows(stored.opened.uid)] == [1, 2]


def test_a_forked_child_may_end_the_run_and_another_threads_locks_do_not_hold_it(tmp_path, root):
    """A child of a data loader runs the `finally` and `with` blocks of its parent."""
    done = script(
        """
        import os, signal, sys, threading, nbtrack
        run = nbtrack.init(project="digits")
        held, go_on = threading.Event(), threading.Event()

        def hold():
            with run.summary._lock, nbtrack.runs.session().opening:
                held.set()
                go_on.wait()

        threading.Thread(target=hold).start()
        held.wait()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            run.summary["best"] = 99
            run.finish()
            nbtrack.init(mode="disabled").finish()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        go_on.set()
        print(status)
        """,
        tmp_path,
    )
    [stored] = Reader(root).runs()

    assert done.stdout.split() == ["0"], done.stderr
    assert "could not be written" not in done.stderr
    assert stored.state == "finished"


def test_a_finish_that_was_interrupted_is_completed_by_the_next(root, monkeypatch):
    """Ctrl-C while the rest is written must not leave a run that looks crashed."""
    run = nbtrack.init(project="digits")
    run.log({"a": 1})
    close = run.track.close

    def interrupted():
        monkeypatch.setattr(run.track, "close", close)
        raise KeyboardInterrupt

    monkeypatch.setattr(run.track, "close", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.finish()
    run.finish()

    stored = Reader(root).run(run.uid)
    assert (stored.state, stored.exit_code) == ("finished", 0)
    assert nbtrack.run is None
    assert session().open_runs() == ()


def test_what_a_thread_had_to_say_is_said_at_the_end_of_a_script(said):
    run = nbtrack.init(project="digits")
    thread = Thread(target=lambda: [run.log({"a": 1}, step=step) for step in (5, 3)])
    thread.start()
    thread.join()
    assert said == []

    run.finish()

    assert "step 3 after step 5" in said[0][1]


def test_config_keys_may_be_numbers_and_come_back_as_text():
    run = nbtrack.init(project="digits", config={1: "one"})

    assert run.config.as_dict() == {"1": "one"}


def test_the_environment_chooses_the_mode_unless_settings_say_it(monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "disabled")

    assert Settings.read(Settings(silent=True), None).mode == "disabled"
    assert Settings.read(Settings(mode="online"), None).mode == "online"
    assert Settings.read({"mode": "online"}, "offline").mode == "offline"


def test_the_api_sees_a_run_that_still_goes_on():
    run = nbtrack.init(project="digits", config={"lr": 0.1})
    run.log({"loss": 0.25})

    found = nbtrack.Api().run(run.path)

    assert (found.id, found.name, found.state) == (run.id, run.name, "running")
    assert found.config == {"lr": 0.1}
    assert [row["loss"] for row in found.scan_history()] == [0.25]
    with pytest.raises(RunNotFoundError, match="nowhere"):
        nbtrack.Api().run("digits/nowhere")


def test_the_import_is_lean(tmp_path):
    done = script(
        """
        import json, sys
        import nbtrack
        heavy = ["duckdb", "numpy", "IPython", "anywidget", "ipywidgets", "plotly", "psutil"]
        print(json.dumps([name for name in heavy if name in sys.modules]))
        """,
        tmp_path,
    )

    assert json.loads(done.stdout) == []


def test_a_damaged_database_is_told_once_and_nothing_is_lost(root, said):
    """A repair in silence would leave a mysterious large file."""
    first = nbtrack.init(project="digits", name="first")
    first.log({"loss": 0.5})
    first.finish()
    (root / "nbtrack.duckdb").write_bytes(b"this is no database" * 1_000)
    said.clear()

    for number in range(2):
        run = nbtrack.init(project="digits", name=f"later-{number}")
        run.log({"loss": number})
        run.finish()

    told = [text for _, text in said if "was damaged" in text]
    (kept,) = root.glob("nbtrack.duckdb.corrupt-*[0-9]")
    assert len(told) == 1
    assert kept.name in told[0]
    assert "nothing is lost" in told[0]
    assert next(Reader(root).rows(first.uid))["loss"] == 0.5
