"""The server ingests for kernels that do not, whether a browser is there or not."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from run_writer import Writer

from nbtrack.lab.service import Service
from nbtrack.lab.sharing import Sharing
from nbtrack.lab.workspaces import Workspaces
from nbtrack.store import footing_of, lease, open_workspace
from nbtrack.store.database import Database
from nbtrack.store.layout import database_path

Write = Callable[..., Writer]


def stored(root: Path) -> int:
    with Database(root).reading() as window:
        return window.rows("SELECT count(*) FROM nb.history")[0][0] if window else 0


async def test_a_running_server_ingests_for_living_kernels(
    service: Service, root: Path, write: Write
) -> None:
    open_workspace(root, is_network=True)
    run = write("brave-otter")
    run.log(3, loss=0.5)

    async with asyncio.timeout(20):
        while stored(root) < 3:  # noqa: ASYNC110 - a database gives no event
            await asyncio.sleep(0.01)

    assert lease.is_ours(footing_of(root).folder)
    await service.close()
    async with asyncio.timeout(20):
        while lease.is_ours(footing_of(root).folder):  # noqa: ASYNC110 - nor does a file
            await asyncio.sleep(0.01)


async def test_where_kernels_ingest_the_server_does_not(tmp_path: Path, write: Write) -> None:
    run = write("brave-otter", root=tmp_path / ".nbtrack")
    run.log(3, loss=0.5)
    sharing = Sharing(
        Workspaces(tmp_path, tmp_path / "registry"), interval_s=1, log=logging.getLogger()
    )

    sharing._tend()

    assert not database_path(tmp_path / ".nbtrack").exists()
    sharing.close()


async def test_trouble_with_one_round_does_not_end_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing:
        def known(self) -> list[object]:
            raise ZeroDivisionError

    sharing = Sharing(Failing(), interval_s=1, log=logging.getLogger())  # type: ignore[arg-type]

    sharing._tend()

    assert "not brought up to date" in caplog.text
    sharing.close()
