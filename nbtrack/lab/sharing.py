"""Ingesting for kernels that do not: those whose workspace is on a network file system.

It goes on as long as the server runs, also while no browser is connected, on a thread
of its own: the first time, it may take a minute.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from nbtrack.lab.listing import AnyLogger
from nbtrack.lab.workspaces import Workspaces
from nbtrack.store import SharedIngesting

if TYPE_CHECKING:
    from pathlib import Path


class Sharing:
    """Tends the shared workspaces that the server knows."""

    def __init__(self, workspaces: Workspaces, *, interval_s: float, log: AnyLogger) -> None:
        """Keep the parts; `begin` starts the work.

        Args:
            workspaces: Those that the server knows.
            interval_s: Time between two rounds, seconds.
            log: Where trouble is told.
        """
        self._workspaces = workspaces
        self._interval_s = interval_s
        self._log = log
        self._tended: dict[Path, SharedIngesting] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="nbtrack-sharing")
        self._beating: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, on the server's event loop."""
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat(), name="nbtrack-sharing")

    def close(self) -> None:
        """End, and let other servers go on; a round that is in progress ends by itself."""
        if self._beating is not None:
            self._beating.cancel()
        self._pool.submit(self._let_go)
        self._pool.shutdown(wait=False)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(self._pool, self._tend)
            await asyncio.sleep(self._interval_s)

    def _tend(self) -> None:
        try:
            roots = {workspace.root for workspace in self._workspaces.known()}
            for root in self._tended.keys() - roots:
                self._tended.pop(root).close()
            for root in roots:
                self._tended.setdefault(root, SharedIngesting(root)).tend()
        except Exception:  # noqa: BLE001 - the edge of our thread: the next round tries again
            self._log.exception("nbtrack: a shared workspace is not brought up to date")

    def _let_go(self) -> None:
        for one in self._tended.values():
            one.close()
