"""What is known of the repository in which the code lies."""

import os
import subprocess
import threading
from pathlib import Path

import pytest
from waiting import wait_until

from nbtrack.capture import differences, repository, repository_of

WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", *WHO, "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


def commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a step")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "digits"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def test_commit_branch_and_remote_are_known(folder) -> None:
    head = commit(folder, train="lr = 0.1\n")
    git(folder, "remote", "add", "origin", "https://ada:s3cret@example.org/ada/digits.git")

    found = repository_of(folder)

    assert found is not None
    assert found.described() == {
        "remote": "https://example.org/ada/digits.git",
        "commit": head,
        "branch": "main",
        "dirty": False,
        "root": str(folder),
    }
    assert differences(found) == {}


def test_a_folder_deep_inside_is_of_its_repository(folder) -> None:
    commit(folder, train="")
    (folder / "notebooks").mkdir()

    found = repository_of(folder / "notebooks")

    assert found is not None
    assert found.root == folder


def test_what_is_not_committed_is_a_patch_that_can_be_applied(folder, tmp_path) -> None:
    head = commit(folder, train="lr = 0.1\n", model="layers = 3\n")
    (folder / "train.py").write_text("lr = 0.2\n")
    git(folder, "mv", "model.py", "net.py")

    found = repository_of(folder)

    assert found is not None
    assert found.is_dirty
    patch = tmp_path / "diff.patch"
    patch.write_text(differences(found)["diff.patch"])
    git(tmp_path, "clone", "-q", str(folder), "again")
    git(tmp_path / "again", "checkout", "-q", head)
    git(tmp_path / "again", "apply", str(patch))
    assert (tmp_path / "again/train.py").read_text() == "lr = 0.2\n"
    assert (tmp_path / "again/net.py").exists()


def test_commits_that_are_nowhere_else_are_kept_as_well(folder, tmp_path) -> None:
    commit(folder, train="lr = 0.1\n")
    git(tmp_path, "clone", "-q", str(folder), "mine")
    mine = tmp_path / "mine"
    commit(mine, train="lr = 0.3\n")

    found = repository_of(mine)

    assert found is not None
    assert (found.is_dirty, found.is_ahead, found.upstream) == (False, True, "origin/main")
    [(name, text)] = differences(found).items()
    assert name == "diff_origin_main.patch"
    assert "+lr = 0.3" in text


def test_a_patch_holds_no_secrets_and_no_notebooks(folder) -> None:
    """A notebook's outputs are images; its cells are kept another way."""
    (folder / "a.ipynb").write_text("{}")
    commit(folder, train="", settings="x = 1\n")
    (folder / "settings.py").write_text('password = "hunter2"\n')
    (folder / "a.ipynb").write_text('{"cells": []}')

    found = repository_of(folder)

    assert found is not None
    text = differences(found)["diff.patch"]
    assert '+password = "***"' in text
    assert "ipynb" not in text


def test_a_patch_that_is_too_long_keeps_the_files_that_fit(folder, monkeypatch) -> None:
    commit(folder, large="x = 1\n", small="y = 1\n", last="z = 1\n")
    (folder / "large.py").write_text("x = 2\n" * 1_000)
    (folder / "small.py").write_text("y = 2\n")
    (folder / "last.py").write_text("z = 2\n")
    monkeypatch.setattr(repository, "LONGEST_DIFF_BYTES", 1_000)

    found = repository_of(folder)

    assert found is not None
    text = differences(found)["diff.patch"]
    assert text.startswith("Some changed files are left out")
    assert "+y = 2" in text
    assert "+z = 2" in text
    assert "x = 2" not in text
    (folder / "small.patch").write_text(text)
    git(folder, "checkout", "-q", "--", "small.py", "last.py")
    git(folder, "apply", "small.patch")
    assert (folder / "last.py").read_text() == "z = 2\n"


def test_a_repository_without_a_commit_is_one_all_the_same(folder) -> None:
    found = repository_of(folder)

    assert found is not None
    assert (found.commit, found.branch, found.is_dirty) == ("", "main", False)
    assert differences(found) == {}


def test_a_commit_that_is_checked_out_alone_has_no_branch(folder) -> None:
    head = commit(folder, train="")
    git(folder, "checkout", "-q", "--detach")

    found = repository_of(folder)

    assert found is not None
    assert (found.commit, found.branch) == (head, "")


def test_where_there_is_no_repository_nothing_is_known(tmp_path) -> None:
    assert repository_of(tmp_path) is None


def test_a_folder_that_only_looks_like_one_is_none(tmp_path) -> None:
    (tmp_path / ".git").mkdir()

    assert repository_of(tmp_path) is None


def test_without_git_nothing_is_known(folder, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert repository_of(folder) is None


def test_a_git_that_hangs_is_given_up_with_all_that_it_started(
    folder, tmp_path, monkeypatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text("#!/bin/sh\nsleep 600 &\necho $! > $0.child\nwait\n")
    (tools / "git").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(repository, "TIMEOUT_S", 0.3)

    assert repository_of(folder) is None
    child = int((tools / "git.child").read_text())
    wait_until(
        lambda: not Path(f"/proc/{child}").exists() or "zombie" in _status(child),
        what="the end of what git started",
    )


def test_no_fork_comes_between_while_git_is_started(folder, monkeypatch) -> None:
    """A child would hold git's pipes open, and who reads them would wait for its end."""
    start, met = subprocess.Popen, []

    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)
        met.append("fork")

    def start_slowly(*args, **settings):
        forking = threading.Thread(target=fork)
        forking.start()
        forking.join(0.05)
        process = start(*args, **settings)
        met.append("start")
        return process

    monkeypatch.setattr(subprocess, "Popen", start_slowly)

    assert repository_of(folder) is not None
    assert met[0] == "start"


def test_a_repository_cannot_have_programs_of_its_own_run(folder, tmp_path) -> None:
    """A cloned repository is foreign text, its settings included."""
    commit(folder, train="x = 1\n")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o700)
    for name in ("core.fsmonitor", "diff.external", "diff.own.textconv", "core.pager"):
        git(folder, "config", name, str(trap))
    (folder / ".gitattributes").write_text("*.py diff=own\n")
    (folder / "train.py").write_text("x = 2\n")

    found = repository_of(folder)

    assert found is not None
    assert "+x = 2" in differences(found)["diff.patch"]
    assert not (tmp_path / "sprung").exists()


def test_variables_of_a_hook_do_not_name_another_repository(folder, tmp_path, monkeypatch) -> None:
    commit(folder, train="")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    assert repository_of(folder) is not None


def _status(process: int) -> str:
    return Path(f"/proc/{process}/status").read_text(errors="replace")
