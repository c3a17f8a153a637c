"""A server that is asked nothing takes little memory."""

import asyncio
from pathlib import Path

from nbtrack.lab.desk import Desk
from nbtrack.lab.resting import Resting
from nbtrack.lab.service import Service
from nbtrack.lab.workspaces import Workspaces
from nbtrack.store.database import scratch
from nbtrack.store.resident import RESIDENT


async def test_duckdb_is_let_go_again_and_again(tmp_path: Path) -> None:
    desk = Desk(Workspaces(tmp_path, tmp_path / "registry"), threads=1)
    resting = Resting(desk, idle_s=0.01)

    resting.begin()

    for _ in range(2):
        with scratch() as window:
            assert window.rows("SELECT 1") == [(1,)]
        async with asyncio.timeout(20):
            while RESIDENT._connection is not None:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
    resting.close()
    desk.close()


async def test_a_running_server_rests(service: Service) -> None:
    task = service._resting._beating
    assert task is not None
    assert not task.done()

    await service.close()

    await asyncio.wait({task}, timeout=20)
    assert task.cancelled()
