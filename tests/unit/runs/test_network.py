"""A run whose workspace is on a network file system."""

import pytest

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.records import Notice
from nbtrack.runs import session
from nbtrack.settings import Settings
from nbtrack.store import Reader, footing_of
from nbtrack.store.layout import DATABASE, database_path, run_folder
from nbtrack.store.spill import NAME


@pytest.fixture(autouse=True)
def _workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    yield
    for run in session().open_runs():
        run.finish()


@pytest.mark.parametrize("way", ["settings", "environment"])
def test_a_kernel_only_writes_its_journal(tmp_path, monkeypatch, capsys, way):
    monkeypatch.setenv("NBTRACK_QUIET", "true")
    if way == "environment":
        monkeypatch.setenv("NBTRACK_NETWORK_FILESYSTEM", "1")
    settings = {"x_network_filesystem": True} if way == "settings" else None
    run = nbtrack.init(project="digits", settings=settings)
    for step in range(10):
        run.log({"loss": step})
    spill = (run_folder(run.root, run.uid) / NAME).exists()
    why = run.status().durability_reason
    run.finish()

    assert not spill
    assert why == "the workspace was said to be on a network file system"
    assert not database_path(run.root).exists()
    assert not (footing_of(run.root).folder / DATABASE).exists()
    assert [row["loss"] for row in Reader(run.root).rows(run.uid)] == list(range(10))
    assert capsys.readouterr() == ("", "")


def test_logging_does_not_wait_for_the_server(monkeypatch):
    """Without a spill each call would write: only the recorder's thread waits."""
    run = nbtrack.init(project="digits", settings={"x_network_filesystem": True})
    run.flush()
    drained = []
    monkeypatch.setattr(run._track, "drain", lambda **_: drained.append(1))

    run._track.emit(Notice(1, "info", "cause", "text", 1))

    assert drained == []


def test_a_run_on_a_local_disk_has_its_spill_and_its_database(tmp_path):
    run = nbtrack.init(project="digits")
    run.log({"loss": 1})
    assert run.status().durability_reason == ""
    assert (run_folder(run.root, run.uid) / NAME).exists()
    run.finish()

    assert database_path(run.root).exists()


def test_one_cannot_say_something_else(monkeypatch):
    with pytest.raises(UsageError, match="must be True, False or None, not 'yes'"):
        Settings(x_network_filesystem="yes")
    monkeypatch.setenv("NBTRACK_NETWORK_FILESYSTEM", "maybe")
    with pytest.raises(UsageError, match=r"must be 1 \(yes\) or 0 \(no\), not 'maybe'"):
        Settings.read(None)
