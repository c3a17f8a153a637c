"""With what code a run was made, as it is kept with the run."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.clock import SystemClock
from nbtrack.query import Api
from nbtrack.runs.provenance import Provenance
from nbtrack.settings import Place

ROOT = Path(__file__).parents[3]
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A repository with a script, in which code runs."""
    folder = tmp_path / "digits"
    (folder / "src").mkdir(parents=True)
    (folder / "src/train.py").write_text('password = "hunter2"\nlr = 0.1\n')
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    return folder


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", *WHO, "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


def kept(run) -> dict[str, str]:
    """Return the texts of a run's files."""
    return {file.name: file.path.read_text() for file in Api(run.root).run(run.path).files()}


def noted(run) -> dict:
    return Api(run.root).run(run.path).metadata


def test_the_repository_is_known_and_what_was_changed_in_it(project) -> None:
    (project / "src/train.py").write_text("lr = 0.2\n")

    with nbtrack.init() as run:
        pass

    assert noted(run)["git"] == {
        "remote": "",
        "commit": git(project, "rev-parse", "HEAD"),
        "branch": "main",
        "dirty": True,
        "root": str(project),
    }
    assert "+lr = 0.2" in kept(run)["diff.patch"]


def test_the_packages_are_kept(project) -> None:
    with nbtrack.init() as run:
        pass

    lines = kept(run)["requirements.txt"].splitlines()
    assert any(line.startswith("numpy==") for line in lines)


def test_the_script_is_kept_by_its_name_in_the_repository_and_without_secrets(project) -> None:
    with nbtrack.init(settings={"program": "src/train.py"}) as run:
        pass

    assert kept(run)["code/src/train.py"] == 'password = "***"\nlr = 0.1\n'
    assert noted(run)["codePath"] == "code/src/train.py"
    assert noted(run)["codePathLocal"] == str(project / "src/train.py")


def test_a_notebook_is_kept_as_it_was_at_the_end_without_its_outputs(project) -> None:
    path = project / "a.ipynb"
    path.write_text(json.dumps(notebook("lr = 0.1")))
    with nbtrack.init(settings={"notebook_name": "a.ipynb"}) as run:
        path.write_text(json.dumps(notebook('password = "x"\nlr = 0.25')))

    [cell] = json.loads(kept(run)["code/a.ipynb"])["cells"]
    assert "".join(cell["source"]) == 'password = "***"\nlr = 0.25'
    assert cell["outputs"] == []
    assert json.loads(kept(run)["code/a.ipynb"])["metadata"] == {"kernelspec": {"name": "python3"}}


def notebook(source: str) -> dict:
    output = {"output_type": "stream", "name": "stdout", "text": "much"}
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1}
    metadata = {"kernelspec": {"name": "python3"}, "widgets": {"state": {}}}
    cells = [{**cell, "source": source, "outputs": [output]}]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"save_code": False}, {"code/src/train.py"}),
        ({"disable_code": True}, {"code/src/train.py", "diff.patch"}),
        ({"disable_git": True}, {"diff.patch"}),
        ({"x_save_requirements": False}, {"requirements.txt"}),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_each_kind_has_a_switch(project, settings, missing) -> None:
    (project / "src/train.py").write_text("lr = 0.2\n")

    with nbtrack.init(settings={"program": "src/train.py", **settings}) as run:
        pass

    everything = {"code/src/train.py", "diff.patch", "requirements.txt"}
    assert set(kept(run)) == everything - missing
    assert ("git" in noted(run)) == ("disable_git" not in settings)


def test_the_argument_beats_the_setting(project) -> None:
    given = {"program": "src/train.py", "save_code": True}
    with nbtrack.init(settings=given, save_code=False) as run:
        pass

    assert "code/src/train.py" not in kept(run)


def test_what_cannot_be_kept_as_code_is_left_out(project) -> None:
    (project / "weights.py").write_bytes(b"\xff\xfe\x00")
    for name in ("weights.py", "missing.py", "src", "broken.ipynb"):
        (project / "broken.ipynb").write_text("[1]")
        with nbtrack.init(settings={"program": name}) as run:
            pass
        assert [file for file in kept(run) if file.startswith("code/")] == []
        assert run.state == "finished"


def test_variables_that_can_change_a_training_are_noted_and_no_others(project, monkeypatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("HF_TOKEN", "a secret")
    monkeypatch.setenv("BANK_ACCOUNT", "12345")
    with nbtrack.init() as run:
        pass
    with nbtrack.init(settings={"x_disable_meta": True}) as other:
        pass

    variables = noted(run)["variables"]
    assert (variables["CUDA_VISIBLE_DEVICES"], variables["HF_TOKEN"]) == ("0,1", "***")
    assert "BANK_ACCOUNT" not in variables
    assert "variables" not in noted(other)


def test_settings_say_what_the_repository_does_not(project) -> None:
    given = {"git_commit": "0a1b", "git_remote_url": "https://ada:x@example.org/a.git"}
    with nbtrack.init(settings=given) as run:
        pass

    assert noted(run)["git"]["commit"] == "0a1b"
    assert noted(run)["git"]["remote"] == "https://example.org/a.git"


def test_the_code_of_a_folder_is_kept(project) -> None:
    with nbtrack.init(settings={"code_dir": "src"}) as run:
        pass
    with nbtrack.init(settings={"code_dir": "src", "disable_code": True}) as other:
        assert other.log_code(project) is None

    assert "code/train.py" in kept(run)
    assert "code/train.py" not in kept(other)


def test_a_folder_that_is_missing_is_told(project) -> None:
    with nbtrack.init(settings={"code_dir": "missing"}) as run:
        pass

    [notice] = Api(run.root).run(run.path)._facts.notices
    assert "code_dir could not be looked up: UsageError: root must be a folder" in notice.text


def test_a_working_directory_that_is_gone_is_no_trouble(project, tmp_path, monkeypatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    with nbtrack.init(project="p", dir=tmp_path) as run:
        pass
    monkeypatch.chdir(project)

    assert "requirements.txt" in kept(run)


def test_a_system_without_threads_is_told(project, monkeypatch) -> None:
    def refuse(_thread) -> None:
        raise RuntimeError("can't start new thread")

    with nbtrack.init() as run:
        monkeypatch.setattr("nbtrack.runs.provenance.Thread.start", refuse)
        Provenance(SystemClock()).begin(run, Place())
        monkeypatch.undo()

    texts = [notice.text for notice in Api(run.root).run(run.path)._facts.notices]
    assert any(text.endswith("cannot be looked up: can't start new thread.") for text in texts)


def test_a_disabled_run_looks_at_nothing(project) -> None:
    with nbtrack.init(mode="disabled"):
        names = [thread.name for thread in threading.enumerate()]

    assert "nbtrack-provenance" not in names


def test_a_git_that_hangs_holds_up_neither_the_beginning_nor_the_end(
    project, tmp_path, monkeypatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tools / "git").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr("nbtrack.capture.repository.TIMEOUT_S", 3.0)
    monkeypatch.setattr("nbtrack.runs.provenance.PATIENCE_S", 0.2)

    with nbtrack.init() as run:
        run.log({"loss": 1})

    found = Api(run.root).run(run.path)
    assert "git" not in found.metadata
    assert found.summary["loss"] == 1
    texts = [notice.text for notice in found._facts.notices]
    [text] = texts
    assert text.startswith("the repository, packages, the machine, changes since the commit")
    assert text.endswith(" took too long to look up and may be missing.")


def test_great_changes_hold_up_nothing_else(project, monkeypatch) -> None:
    """A git that has much to compare may take longer than the end of a run waits."""
    given = threading.Event()
    monkeypatch.setattr("nbtrack.capture.repository.differences", lambda _: given.wait(30) and {})

    with nbtrack.init() as run:
        wait_until((Path(run.dir) / "requirements.txt").exists, what="the packages")
        wait_until(lambda: "cpu_count" in Api(run.root).run(run.path).metadata, what="the machine")
        given.set()


def test_a_script_is_kept_as_it_runs(tmp_path) -> None:
    """In a process of its own: its main module, its folder, nothing set."""
    script = tmp_path / "train.py"
    script.write_text("import nbtrack\nnbtrack.init(project='p').finish()\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NBTRACK_SILENT": "1"}
    subprocess.run([sys.executable, "train.py"], cwd=tmp_path, env=environment, check=True)

    [run] = Api(tmp_path).runs("p")
    assert run.file("code/train.py").path.read_text() == script.read_text()


def test_a_program_that_is_installed_is_no_code_of_the_run(project) -> None:
    """Here that is pytest."""
    with nbtrack.init() as run:
        pass

    assert [name for name in kept(run) if name.startswith("code/")] == []
