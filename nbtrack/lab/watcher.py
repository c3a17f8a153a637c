"""The one clock of the server extension: it beats only while a browser is connected."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tornado.websocket import WebSocketClosedError

from nbtrack.errors import Error
from nbtrack.lab.connection import Connection
from nbtrack.lab.listing import AnyLogger, Listing

_REST = 4  # times as long as a look took: with 100,000 runs it takes 0.1 s
_CLOSING_S = 1.0  # the server does not wait longer for a browser that does not read


class Watcher:
    """Looks for news several times a second and lets the connections send them.

    Every connection has at most one task; one that waits for a slow browser, or for a
    slow disk, holds up nobody else.
    """

    def __init__(
        self, listing: Listing, *, run_interval_s: float, list_interval_s: float, log: AnyLogger
    ) -> None:
        """Keep the parts.

        Args:
            listing: The list of runs.
            run_interval_s: Time between two looks at the followed runs, seconds.
            list_interval_s: Time between two looks at the list of runs, seconds.
            log: Where trouble is told.
        """
        self._listing = listing
        self._run_interval_s = run_interval_s
        self._list_interval_s = list_interval_s
        self._log = log
        self._connections: set[Connection] = set()
        self._advancing: dict[Connection, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._looked_at_s = 0.0
        self._took_s = 0.0
        self._beating: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return len(self._connections)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is going on: no socket, no task."""
        tasks = (self._beating, self._looking, *self._advancing.values(), *self._closing)
        return not self._connections and all(task is None or task.done() for task in tasks)

    def add(self, connection: Connection) -> None:
        """Keep a connection supplied from now on."""
        self._connections.add(connection)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat(), name="nbtrack-watcher")

    def discard(self, connection: Connection) -> None:
        """Forget a connection whose socket has closed."""
        self._connections.discard(connection)
        advancing = self._advancing.pop(connection, None)
        closing = asyncio.create_task(
            self._guarded(self._close(connection, advancing)), name="nbtrack-close"
        )
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Let go of all connections and end, within about a second."""
        for connection in tuple(self._connections):
            self.discard(connection)
        own = [task for task in (self._beating, self._looking) if task is not None]
        for task in own:
            task.cancel()
        pending = {*own, *self._closing}
        if pending:
            await asyncio.wait(pending, timeout=_CLOSING_S)

    async def _beat(self) -> None:
        while self._connections:
            self._look_at_the_list()
            for connection in self._connections:
                self._let_advance(connection)
            await asyncio.sleep(self._run_interval_s)

    def _look_at_the_list(self) -> None:
        if not any(connection.watches for connection in self._connections):
            return
        now_s = asyncio.get_running_loop().time()
        if now_s - self._looked_at_s < max(self._list_interval_s, _REST * self._took_s):
            return
        if self._looking is None or self._looking.done():
            self._looked_at_s = now_s
            self._looking = asyncio.create_task(self._guarded(self._look()), name="nbtrack-list")

    async def _look(self) -> None:
        began_s = asyncio.get_running_loop().time()
        try:
            await self._listing.look()
        finally:
            self._took_s = asyncio.get_running_loop().time() - began_s

    def _let_advance(self, connection: Connection) -> None:
        task = self._advancing.get(connection)
        if task is None or task.done():
            self._advancing[connection] = asyncio.create_task(
                self._guarded(connection.advance()), name="nbtrack-advance"
            )

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except WebSocketClosedError:
            pass  # the handler tells `discard` in a moment
        except Error as error:
            self._log.warning("nbtrack: %s", error)
        except Exception:  # noqa: BLE001 - the edge of our tasks: the next beat tries again
            self._log.exception("nbtrack: the browser is not told what is new")

    async def _close(self, connection: Connection, advancing: asyncio.Task[None] | None) -> None:
        # Not cancelled: a store thread may be reading for it, and a closed socket ends it soon.
        if advancing is not None:
            await asyncio.wait({advancing})
        await connection.close()
        await self._listing.rest()
