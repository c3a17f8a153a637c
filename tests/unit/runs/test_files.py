"""Files of a run: what is kept, under which name, and when it is copied again."""

import os
from pathlib import Path

import pytest

import nbtrack
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.runs import Run, session


@pytest.fixture
def said(monkeypatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(session(), "voice", lambda _level, text: heard.append(text))
    return heard


@pytest.fixture
def work(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "work"
    (folder / "models" / "deep").mkdir(parents=True)
    (folder / "models" / "a.pt").write_text("a")
    (folder / "models" / "deep" / "b.pt").write_text("b")
    (folder / "notes[1].txt").write_text("notes")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(work, tmp_path, monkeypatch, said) -> Run:
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    run = nbtrack.init(project="files", dir=tmp_path, settings={"x_disable_stats": True})
    yield run
    run.finish()


def names(run: Run) -> list[str]:
    folder = Path(run.dir)
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def kept(run: Run, name: str) -> str:
    return (Path(run.dir) / name).read_text()


def test_a_pattern_is_looked_for_now_and_keeps_the_folders_below_the_working_directory(run):
    found = run.save("models/*.pt")

    assert found == [str(Path(run.dir) / "models" / "a.pt")]
    assert names(run) == ["models/a.pt"]
    assert kept(run, "models/a.pt") == "a"


def test_two_stars_and_folders_mean_all_below(run):
    run.save("models/**/*.pt")
    assert names(run) == ["models/a.pt", "models/deep/b.pt"]

    run.save("models")
    assert names(run) == ["models/a.pt", "models/deep/b.pt"]


def test_base_path_says_what_is_left_out(run, work):
    run.save(str(work / "models" / "deep" / "*.pt"), base_path=work / "models")

    assert names(run) == ["deep/b.pt"]


def test_an_absolute_path_keeps_one_folder_and_says_so(run, work, said):
    run.save(str(work / "models" / "deep" / "b.pt"))

    assert names(run) == ["deep/b.pt"]
    assert any("base_path" in text for text in said)


def test_a_live_file_is_copied_again_when_it_has_changed(run, work):
    run.save("models/a.pt", policy="live")
    (work / "models" / "a.pt").write_text("changed")

    run.files.refresh()
    assert kept(run, "models/a.pt") == "changed"

    (work / "models" / "a.pt").unlink()
    run.finish()
    assert kept(run, "models/a.pt") == "changed"


def test_now_is_now_and_end_is_the_end(run, work):
    run.save("models/a.pt", policy="now")
    (promised,) = run.save("models/deep/b.pt", policy="end")
    for path in work.rglob("*.pt"):
        path.write_text("changed")
    run.files.refresh()
    assert not Path(promised).exists()

    run.finish()

    assert (kept(run, "models/a.pt"), kept(run, "models/deep/b.pt")) == ("a", "changed")


def test_what_is_written_into_the_folder_of_the_run_belongs_to_it(run):
    path = Path(run.dir) / "own.txt"
    path.write_text("own")

    assert run.save(str(path)) == [str(path)]
    assert path.read_text() == "own"
    assert path.is_relative_to(run.sync_dir)


def test_nothing_found_is_said_and_a_pattern_that_is_a_name_is_recognised(run, said):
    assert run.save("nothing.pt") == []
    assert run.save("notes[1].txt") == []
    assert any("found no file" in text for text in said)
    assert any("glob=False" in text for text in said)
    assert names(run) == []

    run.save("notes[1].txt", glob=False)
    assert names(run) == ["notes[1].txt"]


def test_saving_without_a_name_and_from_elsewhere_does_nothing(run):
    assert run.save() == []
    assert run.save("s3://bucket/model.pt") == []


def test_the_copy_is_no_link(run, work):
    (work / "link.pt").symlink_to(work / "models" / "a.pt")
    run.save("link.pt")

    assert not (Path(run.dir) / "link.pt").is_symlink()
    assert kept(run, "link.pt") == "a"


@pytest.mark.parametrize(
    "wrong",
    [
        {"glob_str": "models/*.pt", "policy": "later"},
        {"glob_str": 3},
        {"glob_str": ""},
        {"glob_str": "models/a.pt", "base_path": "models/deep"},
        {"glob_str": "../models/../outside.txt"},
        {"glob_str": "models/a.pt", "base_path": 3},
    ],
)
def test_what_cannot_be_saved_is_refused(run, work, wrong):
    (work.parent / "outside.txt").write_text("outside")
    with pytest.raises(UsageError):
        run.save(**wrong)


def test_an_ended_run_keeps_no_more(run):
    run.finish()
    with pytest.raises(UsageError):
        run.save("models/a.pt")


def test_a_file_is_restored_from_this_run_or_another(run, work, tmp_path):
    run.save("models/a.pt", policy="now")
    run.finish()
    other = nbtrack.init(project="files", dir=tmp_path, settings={"x_disable_stats": True})

    with other.restore("models/a.pt", run_path=run.path) as file:
        assert file.read() == "a"
    with other.restore("models/a.pt") as file:
        assert file.read() == "a"
    assert other.restore("nothing.pt") is None
    other.finish()


def test_a_file_that_is_there_wins_unless_it_is_to_be_replaced(run, tmp_path):
    run.save("models/a.pt", policy="now")
    (tmp_path / "here" / "models").mkdir(parents=True)
    (tmp_path / "here" / "models" / "a.pt").write_text("mine")

    with run.restore("models/a.pt", root=tmp_path / "here") as file:
        assert file.read() == "mine"
    with run.restore("models/a.pt", root=tmp_path / "here", replace=True) as file:
        assert file.read() == "a"


@pytest.mark.parametrize("name", ["../journal.nbj", "/etc/passwd", "", "models/../../spill.nbs"])
def test_no_name_leads_out_of_the_files(run, name):
    with pytest.raises(UsageError):
        run.restore(name)


def test_a_link_in_the_files_is_not_followed(run, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (Path(run.dir) / "link").symlink_to(tmp_path / "secret")

    assert run.restore("link", root=tmp_path / "there") is None


def test_runs_that_are_not_there_have_no_files(run):
    with pytest.raises(RunNotFoundError):
        run.restore("a.pt", run_path="nobody")
