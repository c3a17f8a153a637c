"""Other people's callbacks, unchanged, with nbtrack in place of wandb.

Run by hand or by `make compat`, in an environment with those libraries. Where one is
missing, its tests are skipped and say so.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import nbtrack
from nbtrack.runs import session

nbtrack.install_as_wandb()
"""Now, because libraries look for wandb when they are imported, and keep the answer."""


@pytest.fixture(autouse=True)
def _workspace(tmp_path, monkeypatch) -> Iterator[None]:
    """Every test has a workspace of its own."""
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    yield
    nbtrack.teardown()


@pytest.fixture
def said(monkeypatch) -> list[tuple[str, str]]:
    """What the user is told."""
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(session(), "voice", lambda level, text: heard.append((level, text)))
    return heard


@pytest.fixture
def stored(tmp_path) -> Callable[[], list[Any]]:
    """Return the runs that were stored, oldest first."""
    return lambda: list(nbtrack.Api(tmp_path / ".nbtrack").runs(order="+created_at"))


@pytest.fixture
def only(stored) -> Callable[[], Any]:
    """Return the one run that was stored."""

    def the_run():
        [run] = stored()
        return run

    return the_run
