"""Lets the server rest: DuckDB is let go while nobody asks it anything."""

import asyncio

from nbtrack import store
from nbtrack.lab.desk import Desk

IDLE_S = 5.0


class Resting:
    """Gives memory back that was needed for a question and is not any more.

    Live runs are read from their journals, so that the server of somebody who trains
    seldom asks DuckDB anything.
    """

    def __init__(self, desk: Desk, *, idle_s: float = IDLE_S) -> None:
        """Keep whose threads do it, and after how long, seconds; `begin` starts it."""
        self._desk = desk
        self._idle_s = idle_s
        self._beating: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, on the server's event loop."""
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat(), name="nbtrack-resting")

    def close(self) -> None:
        """End."""
        if self._beating is not None:
            self._beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._idle_s)
            await self._desk.on_thread(store.rest, self._idle_s)
