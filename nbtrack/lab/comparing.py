"""Several runs beside each other as one page follows them, without a kernel."""

import asyncio
from collections.abc import Sequence
from functools import partial

from nbtrack import query
from nbtrack.clock import Clock
from nbtrack.errors import UsageError
from nbtrack.lab.desk import Desk
from nbtrack.lab.frames import encode_frame, framed
from nbtrack.lab.leases import Leases
from nbtrack.lab.listing import Listing
from nbtrack.panels import CompareChannel, Lookup
from nbtrack.panels.protocol import Reply


class Comparing:
    """Tells the views of one socket of some runs, as `Following` does of one.

    Attributes:
        uid: Of the comparison, as the page calls it.
        lock: Held from reading a message until it is handed to the socket.
        leases: Of its views.
    """

    def __init__(
        self, uid: str, desk: Desk, listing: Listing, clock: Clock, *, lease_s: float
    ) -> None:
        """Keep the parts; `turn_to` says which runs."""
        self.uid = uid
        self.lock = asyncio.Lock()
        self.leases = Leases(clock, lease_s=lease_s)
        self._desk = desk
        self._listing = listing
        self._clock = clock
        self._channel: CompareChannel | None = None

    @property
    def is_reading(self) -> bool:
        """Whether a snapshot was sent and news may follow it."""
        return self._channel is not None and self._channel.is_open

    async def turn_to(self, uids: Sequence[str], workspace_id: str | None) -> None:
        """Compare these runs from now on. The caller holds `lock`.

        Raises:
            RunNotFoundError: If none of them is there.
            StoreError: If the workspace cannot be read.
        """

        def turn() -> CompareChannel:
            home = self._desk.workspaces.home(uids, workspace_id)
            channel = self._channel
            if channel is None or channel.root != home.root:
                roll = partial(self._listing.known, home.id)
                comparison = query.Comparison.of_uids(home.root, uids, roll=roll)
                return CompareChannel(comparison, self.uid)
            channel.turn_to(uids)
            return channel

        self._channel = await self._desk.on_thread(turn)

    async def snapshot(self) -> bytes:
        """Return the runs as they stand, as a frame. The caller holds `lock`.

        Raises:
            Error: If they cannot be read.
        """
        known = self._known()
        return await self._desk.on_thread(lambda: encode_frame(*known.snapshot()))

    async def news(self) -> bytes | None:
        """Return which runs changed, came or went, as a frame, or None. The caller holds `lock`.

        Raises:
            Error: If they cannot be read.
        """
        known, now_s = self._known(), self._clock.elapsed_s()
        return await self._desk.on_thread(lambda: framed(known.news(now_s)))

    async def look_up(self, lookup: Lookup) -> tuple[Reply, bytes]:
        """Return what a view draws.

        Raises:
            Error: If it cannot be read, or something else is asked.
        """
        return await self._desk.on_thread(self._known().look_up, lookup)

    async def demand_presence(self) -> None:
        """Let the news say which runs are gone."""

    async def rest(self) -> None:
        """Let go of files unless a view came meanwhile; a `snapshot` opens them again."""
        async with self.lock:
            if not self.leases.count:
                await self._let_go()

    async def close(self) -> None:
        """Let go of files."""
        async with self.lock:
            await self._let_go()

    async def _let_go(self) -> None:
        if self._channel is not None and self._channel.is_open:
            await self._desk.on_thread(self._channel.rest)

    def _known(self) -> CompareChannel:
        if self._channel is None:
            raise UsageError(f"comparison {self.uid!r} is of no runs yet: say which.")
        return self._channel
