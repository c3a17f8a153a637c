"""`run.log_code()`: which files are kept, and where."""

from pathlib import Path

import pytest

import nbtrack


@pytest.fixture
def project(tmp_path) -> Path:
    """A folder of sources, with what lies about in such folders."""
    for name in (
        "train.py",
        "requirements.txt",
        "notes.md",
        "lib/model.py",
        ".git/hook.py",
        "venv/pyvenv.cfg",
        "venv/lib/site.py",
        "wandb/run-1/old.py",
        ".nbtrack/runs/x/files/code/train.py",
    ):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "project"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    with nbtrack.init() as run:
        yield run


def names(run, kept) -> list[str]:
    return [Path(path).relative_to(run.dir).as_posix() for path in kept]


def test_sources_are_kept_and_nothing_that_lies_about(run, project):
    kept = run.log_code(project)

    assert names(run, kept) == ["code/requirements.txt", "code/train.py", "code/lib/model.py"]
    assert (Path(run.dir) / "code/lib/model.py").read_text() == "lib/model.py"


def test_the_working_directory_is_the_root_by_default(run, project, monkeypatch):
    monkeypatch.chdir(project / "lib")

    assert names(run, nbtrack.log_code()) == ["code/model.py"]


def test_functions_say_what_is_kept_and_what_is_left_out(run, project):
    kept = run.log_code(
        project,
        include_fn=lambda path, root: Path(path).is_relative_to(root) and path.endswith("e.py"),
        exclude_fn=lambda path: path.endswith("train.py"),
    )
    assert kept is None

    kept = run.log_code(project, include_fn=lambda path: path.endswith((".md", ".py")))
    assert names(run, kept) == ["code/notes.md", "code/train.py", "code/lib/model.py"]


def test_a_second_parameter_with_a_default_is_not_the_root(run, project):
    kept = run.log_code(project, include_fn=lambda path, end=".md": path.endswith(end))

    assert names(run, kept) == ["code/notes.md"]


def test_no_file_is_said_and_gives_none(run, tmp_path):
    (tmp_path / "empty").mkdir()

    assert run.log_code(tmp_path / "empty") is None
    assert any(cause.startswith("no code") for _, cause in nbtrack.runs.session()._told)


def test_a_root_that_is_no_folder_is_refused(run, project):
    with pytest.raises(nbtrack.UsageError, match="root must be a folder"):
        run.log_code(project / "train.py")


def test_a_run_that_is_over_or_disabled_keeps_nothing(run, project):
    run.finish()
    with pytest.raises(nbtrack.UsageError, match="is finished"):
        run.log_code(project)
    assert nbtrack.init(mode="disabled").log_code(project) is None
    nbtrack.teardown()
