"""A workspace, and runs that are really written into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.panels.making import Writer
from tests.unit.panels.screen import Screen, patched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty workspace."""
    root = tmp_path / ".nbtrack"
    root.mkdir(mode=0o700)
    return root


@pytest.fixture
def write(root: Path) -> Iterator[Callable[[], Writer]]:
    """Return a function that begins a run; what is open at the end is closed."""
    writers: list[Writer] = []

    def begin() -> Writer:
        writers.append(Writer(root))
        return writers[-1]

    yield begin
    for writer in writers:
        writer.close()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Return a place where panels are shown."""
    screen = patched(Screen(), monkeypatch)
    yield screen
    screen.stage.close(timeout_s=5)
