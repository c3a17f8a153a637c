"""Whether somebody may have put something into a run's folder."""

import os
from pathlib import Path

import pytest

from nbtrack.store import Doorstep, doorstep


@pytest.fixture
def now_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which goes on when it is told to."""
    clock = [100.0]
    monkeypatch.setattr(doorstep.time, "monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def step(tmp_path: Path, now_s: list[float]) -> Doorstep:
    """Of a folder in which nothing has come for long."""
    made = Doorstep(tmp_path)
    assert made.has_news()
    now_s[0] += doorstep.SETTLES_S
    assert not made.has_news()
    return made


def changed(folder: Path) -> None:
    """Let the folder's time be another one, however coarse the clock of its disk is."""
    found = folder.stat()
    os.utime(folder, ns=(found.st_atime_ns, found.st_mtime_ns + 2_000_000_000))


def test_what_comes_is_news_until_the_clock_of_the_disk_has_moved_on(step, tmp_path, now_s):
    (tmp_path / "stop").touch()
    changed(tmp_path)
    assert step.has_news()
    now_s[0] += doorstep.SETTLES_S / 2
    assert step.has_news()
    now_s[0] += doorstep.SETTLES_S / 2
    assert not step.has_news()


def test_what_goes_is_news_too(step, tmp_path, now_s):
    (tmp_path / "edits").mkdir()
    changed(tmp_path)
    assert step.has_news()
    now_s[0] += doorstep.SETTLES_S
    assert not step.has_news()
    (tmp_path / "edits").rmdir()
    changed(tmp_path)

    assert step.has_news()


def test_more_can_be_expected(step, now_s):
    step.expect_more()
    assert step.has_news()
    now_s[0] += doorstep.SETTLES_S

    assert not step.has_news()


def test_a_folder_that_tells_nothing_is_looked_at(step, tmp_path):
    tmp_path.rmdir()

    assert step.has_news()
