"""What the extension keeps for as long as the server runs, put together in one place."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from nbtrack.clock import Clock
from nbtrack.lab.admission import Turns
from nbtrack.lab.connection import Connection, Rights, Send
from nbtrack.lab.desk import Desk
from nbtrack.lab.exporting import Exporting
from nbtrack.lab.following import Terms
from nbtrack.lab.listing import AnyLogger, Listing
from nbtrack.lab.resting import Resting
from nbtrack.lab.sharing import Sharing
from nbtrack.lab.watcher import Watcher
from nbtrack.panels.protocol_lists import RunRow

_T = TypeVar("_T")

MOST_ROWS = 10_000
"""Runs that one answer lists: some megabytes."""


class Service:
    """Answers the routes.

    Attributes:
        desk: Where runs are read and stopped.
        watcher: Keeps the open sockets supplied.
        exporting: Makes files.
    """

    def __init__(  # noqa: PLR0913 - assembled in one place, by the extension
        self,
        desk: Desk,
        listing: Listing,
        watcher: Watcher,
        sharing: Sharing,
        *,
        terms: Terms,
        clock: Clock,
        most_sockets: int,
        most_requests: int,
        log: AnyLogger,
    ) -> None:
        """Keep the parts."""
        self.desk = desk
        self.watcher = watcher
        self.exporting = Exporting(desk.workspaces)
        self._listing = listing
        self._sharing = sharing
        self._resting = Resting(desk)
        self._terms = terms
        self._clock = clock
        self._most_sockets = most_sockets
        self._turns = Turns(most_requests)
        self._log = log

    def begin(self) -> None:
        """Begin what goes on without a browser, on the server's event loop."""
        self._sharing.begin()
        self._resting.begin()

    @property
    def is_full(self) -> bool:
        """Whether no further socket is taken."""
        return self.watcher.connections >= self._most_sockets

    async def rows(
        self, workspace_id: str | None, most: int = MOST_ROWS
    ) -> tuple[list[RunRow], int]:
        """Return the newest runs of a workspace, or of all for None, and how many there are.

        Raises:
            RunNotFoundError: If the server knows no such workspace.
            StoreError: If the store cannot be read.
        """
        await self.desk.on_thread(self.desk.workspaces.named, workspace_id)
        await self._listing.look()
        await self._listing.rest()
        return await self._listing.newest(workspace_id, most)

    async def in_turn(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask something, unless very much is asked already.

        Raises:
            BusyError: If it is.
        """
        return await self._turns.take(ask)

    async def whole(self, uid: str, workspace_id: str | None) -> dict[str, Any]:
        """Return a run as it stands; raises as `Desk.whole`."""
        terms = self._terms
        return await self.desk.whole(uid, workspace_id, points=terms.points, lines=terms.lines)

    async def bundle(self, uid: str, workspace_id: str | None) -> dict[str, Any]:
        """Return what a notebook keeps of a run; raises as `Desk.whole`."""
        terms = self._terms
        return await self.desk.bundle(uid, workspace_id, points=terms.points, lines=terms.lines)

    def connect(
        self, send: Send, *, rights: Rights, workspace_id: str | None, protocol: str | None = None
    ) -> Connection:
        """Return the connection of a socket that has opened.

        Args:
            send: Sends a frame to the page.
            rights: What the person at the page may do.
            workspace_id: Where the page looks, or None for everywhere.
            protocol: Which one the page speaks, if it says so.
        """
        connection = Connection(
            send,
            desk=self.desk,
            listing=self._listing,
            terms=self._terms,
            clock=self._clock,
            rights=rights,
            log=self._log,
            workspace_id=workspace_id,
            protocol=protocol,
        )
        self.watcher.add(connection)
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Forget the connection of a socket that has closed."""
        self.watcher.discard(connection)

    async def close(self) -> None:
        """End everything."""
        await self.watcher.close()
        self._sharing.close()
        self._resting.close()
        self.exporting.close()
        self.desk.close()
