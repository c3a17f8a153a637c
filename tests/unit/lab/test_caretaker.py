"""The server keeps its workspaces in order, off its event loop, and ends with it."""

import asyncio
import logging
import os
import threading
from pathlib import Path

import pytest
from storekit import START_US, UID, opened_run, rows
from waiting import wait_until

from nbtrack.clock import SystemClock
from nbtrack.lab.caretaker import Caretaker
from nbtrack.lab.workspaces import Workspaces
from nbtrack.records import Closed, RunState
from nbtrack.store import Journal
from nbtrack.store.layout import sealed_path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / ".nbtrack"
    journal = Journal.create(root, opened_run(UID))
    journal.append([*rows(range(10), "loss"), Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    return root


def caretaker(folder: Path, interval_s: float = 0.01) -> Caretaker:
    workspaces = Workspaces(folder, folder / "registry")
    log = logging.getLogger("caretaker")
    return Caretaker(workspaces, SystemClock(), interval_s=interval_s, log=log)


async def test_runs_are_indexed_and_packed_while_the_server_runs(tmp_path, root):
    keeping = caretaker(tmp_path)

    keeping.start()
    await asyncio.to_thread(wait_until, sealed_path(root, UID).exists)
    await keeping.close()

    assert "nbtrack-caretaker" not in [thread.name for thread in threading.enumerate()]


async def test_it_ends_at_once_while_it_rests(tmp_path, root):
    keeping = caretaker(tmp_path, interval_s=3600)
    keeping.start()

    await asyncio.wait_for(keeping.close(), 5)

    assert not keeping._thread.is_alive()
    assert not sealed_path(root, UID).exists()


async def test_trouble_is_told_once(tmp_path, root, caplog):
    (root / "settings.toml").write_text("retention_days = 'x'")
    keeping = caretaker(tmp_path)

    keeping.start()
    await asyncio.to_thread(wait_until, lambda: "above 0" in caplog.text)
    (root / "settings.toml").write_text("retention_days = 'y'")
    await asyncio.to_thread(wait_until, lambda: "'y'" in caplog.text)
    await keeping.close()

    assert caplog.text.count("'x'") == 1


async def test_announcements_of_workspaces_that_are_gone_are_swept(tmp_path, root):
    left = tmp_path / "registry" / f"{'0' * 32}.json"
    left.parent.mkdir()
    left.write_text('{"path": "/gone/.nbtrack"}')
    os.utime(left, (1, 1))
    keeping = caretaker(tmp_path)

    keeping.start()
    await asyncio.to_thread(wait_until, lambda: not left.exists())
    await keeping.close()
