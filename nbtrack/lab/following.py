"""One run as one socket follows it, for as long as somebody looks."""

import asyncio
from dataclasses import dataclass, field

from nbtrack import panels, query
from nbtrack.clock import Clock
from nbtrack.errors import Error
from nbtrack.lab.desk import Desk
from nbtrack.lab.frames import encode_frame
from nbtrack.lab.leases import Leases


@dataclass(frozen=True, slots=True)
class Terms:
    """How much is sent, and for how long.

    Attributes:
        points: At most so many points per series in a snapshot.
        lines: At most so many last lines of the console in a snapshot.
        lease_s: A view that has not been heard of for so long gets nothing more, seconds.
        gap_s: After a pause longer than this a snapshot is sent instead of all that
            came meanwhile, seconds.
    """

    points: int = 2_000
    lines: int = 1_000
    lease_s: float = 30.0
    gap_s: float = 5.0


@dataclass
class Following:
    """Gives the news of a run, in order, to the views of one socket.

    The journal is the queue: nothing is read before the socket can take it, and a
    socket that stops reading costs no memory here.

    Attributes:
        uid: Of the run.
        workspace_id: Where the run is, or None for wherever it is found.
        points: At most so many per series in a snapshot, as the page wants it; None for as
            many as the terms say.
        lock: Held from reading a message until it is handed to the socket, so that
            messages leave in the order of their sequence numbers.
    """

    uid: str
    workspace_id: str | None
    desk: Desk
    terms: Terms
    clock: Clock
    points: int | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _follower: query.Follower | None = None
    _sequence: int = 0
    _started_us: int = 0
    _read_at_s: float = 0.0

    def __post_init__(self) -> None:
        """Begin without a view."""
        self.leases = Leases(self.clock, lease_s=self.terms.lease_s)

    @property
    def is_reading(self) -> bool:
        """Whether a snapshot was sent and news may follow it."""
        return self._follower is not None

    async def snapshot(self) -> bytes:
        """Return the run as it stands now, as a frame. The caller holds `lock`.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no such run.
            StoreError: If the store cannot be read.
        """
        if self._follower is None:
            self._follower = await self.desk.follow(self.uid, self.workspace_id)
        follower = self._follower
        self._read_at_s = self.clock.elapsed_s()
        # It holds more than the last append did, so that other views must not take it for known.
        self._sequence += 1

        points = self.points or self.terms.points

        def read() -> bytes:
            view = follower.snapshot(points=points, lines=self.terms.lines)
            self._started_us = view.run.opened.time_us
            return encode_frame(*panels.snapshot_message(view, self._sequence))

        return await self.desk.on_thread(read)

    async def news(self) -> bytes | None:
        """Return what came since the last message, as a frame, or None. The caller holds `lock`.

        Raises:
            Error: As `snapshot`.
        """
        follower = self._follower
        if follower is None:
            return None
        now_s = self.clock.elapsed_s()
        if now_s - self._read_at_s > self.terms.gap_s:
            return await self.snapshot()
        self._read_at_s = now_s

        def read() -> bytes | None:
            news = follower.poll()
            if news is None:
                return None
            number = self._sequence + 1
            message = panels.append_message(news, self.uid, number, started_us=self._started_us)
            return encode_frame(*message)

        frame = await self.desk.together(follower.root, read)
        if frame is not None:
            self._sequence += 1
        return frame

    async def demand_presence(self) -> None:
        """See that the run is still there; else let go of it, and the next lease looks for it anew.

        Raises:
            RunNotFoundError: If its folder or its workspace is gone.
        """
        try:
            await self.desk.on_thread(self.desk.workspaces.holding, self.uid, self.workspace_id)
        except Error:
            await self.close()
            raise

    async def rest(self) -> None:
        """Let go of the run's files unless a view came meanwhile; a `snapshot` opens them again."""
        async with self.lock:
            if not self.leases.count:
                await self._let_go()

    async def close(self) -> None:
        """Let go of the run's files."""
        async with self.lock:
            await self._let_go()

    async def _let_go(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            await self.desk.on_thread(follower.close)
