"""Reading and stopping runs without ever blocking the server's event loop.

All work on the store happens on a few threads of our own. More than a few would only
wait for each other: the database is attached for milliseconds, by one at a time.
"""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from nbtrack import panels, query, store
from nbtrack.lab.acting import act, trash
from nbtrack.lab.origins import Origin, origin_of
from nbtrack.lab.places import Place, find_place
from nbtrack.lab.rounds import Rounds
from nbtrack.lab.workspaces import Workspaces
from nbtrack.panels.protocol import Reply, SeriesHead, Window
from nbtrack.panels.protocol_lists import Act, Trash

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Desk:
    """Where requests for runs are handed in; the answers are awaited.

    Attributes:
        workspaces: Those that the server knows.
    """

    def __init__(self, workspaces: Workspaces, *, threads: int) -> None:
        """Keep the workspaces and a pool of at most `threads` threads."""
        self.workspaces = workspaces
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="nbtrack-store")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="nbtrack-list")
        self._rounds = Rounds(self._pool)

    async def on_thread(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do work on a store thread and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: work(*args, **kwargs))

    async def together(self, root: Path, work: Callable[[], _T]) -> _T:
        """Do a short look at a workspace, on one thread with those that come at the same moment."""
        return await self._rounds.take(root, work)

    async def beside(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do work that reads nothing, one after the other: it waits for nobody who reads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._beside, lambda: work(*args, **kwargs))

    async def whole(
        self, uid: str, workspace_id: str | None, *, points: int, lines: int
    ) -> dict[str, Any]:
        """Return a run as it stands: its snapshot, and the buffer in base64.

        Args:
            uid: Of the run.
            workspace_id: Where to look, or None for everywhere.
            points: At most so many per series.
            lines: At most so many last lines of the console.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no such run.
            StoreError: If the store cannot be read.
        """

        def read() -> dict[str, Any]:
            with closing(self._follower(uid, workspace_id)) as follower:
                view = follower.snapshot(points=points, lines=lines)
            snapshot, buffer = panels.snapshot_message(view, 0)
            return {"snapshot": snapshot, "buffer": b64encode(buffer).decode("ascii")}

        return await self.on_thread(read)

    async def bundle(
        self, uid: str, workspace_id: str | None, *, points: int, lines: int
    ) -> dict[str, Any]:
        """Return what a notebook keeps of a run, by MIME type; as `whole` otherwise."""

        def read() -> dict[str, Any]:
            with closing(self._follower(uid, workspace_id)) as follower:
                return panels.frozen_bundle(follower.snapshot(points=points, lines=lines))

        return await self.on_thread(read)

    async def window(
        self, window: Window, workspace_id: str | None
    ) -> tuple[list[SeriesHead], bytes]:
        """Return exact extrema of part of some metrics, and their buffer.

        Raises:
            Error: As `whole`.
        """

        def read() -> tuple[list[SeriesHead], bytes]:
            uid = window["uid"]
            root = self.workspaces.holding(uid, workspace_id).root
            started_us = store.Reader(root).run(uid).opened.time_us
            series = query.Follower(root, uid).window(
                window["keys"], panels.span_of(window), window["points"]
            )
            return panels.pack_series(series, started_us=started_us)

        return await self.on_thread(read)

    async def look_up(self, lookup: panels.Lookup, workspace_id: str | None) -> tuple[Reply, bytes]:
        """Return the answer to a question about a run, and its buffer.

        Raises:
            Error: If it cannot be met.
        """

        def read() -> tuple[Reply, bytes]:
            root = self.workspaces.holding(lookup["uid"], workspace_id).root
            return panels.look_up(root, lookup)

        return await self.on_thread(read)

    async def act(self, intent: Act, workspace_id: str | None) -> Reply:
        """Do something to each of many runs; return what became of each.

        Raises:
            UsageError: If it cannot be meant.
            RunNotFoundError: If the server knows no such workspace.
        """
        return await self.on_thread(act, self.workspaces, intent, workspace_id)

    async def trash(self, intent: Trash, workspace_id: str | None) -> Reply:
        """Return what is in the trash.

        Raises:
            RunNotFoundError: If the server knows no such workspace.
            StoreError: If it cannot be listed.
        """
        return await self.on_thread(trash, self.workspaces, intent, workspace_id)

    async def find(self, path: str) -> Place:
        """Return where a path leads, the server root's workspace first.

        Args:
            path: `entity/project/id`, `entity/project/runs/id`, `entity/project` or
                `entity/project/sweeps/id`; a file's path means nothing here.

        Raises:
            UsageError: If it is malformed.
            RunNotFoundError: If it leads to nothing that the server knows.
            StoreError: If the store cannot be read.
        """

        def look() -> Place:
            return find_place(self.workspaces.known(), path)

        return await self.on_thread(look)

    async def origin(self, uid: str, workspace_id: str | None) -> Origin:
        """Return which notebook and which cell made a run.

        Raises:
            Error: As `whole`.
        """

        def read() -> Origin:
            root = self.workspaces.holding(uid, workspace_id).root
            return origin_of(root, uid, self.workspaces.server_root)

        return await self.on_thread(read)

    async def follow(self, uid: str, workspace_id: str | None) -> query.Follower:
        """Return a follower of a run. It is used on store threads, one call at a time.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no such run.
            StoreError: If the store cannot be read.
        """
        return await self.on_thread(self._follower, uid, workspace_id)

    async def stop(self, uid: str, workspace_id: str | None) -> None:
        """Ask a run to stop: its kernel sees that within a fraction of a second.

        Raises:
            UsageError: If the uid is malformed.
            RunEndedError: If the run has ended.
            RunNotFoundError: If there is no such run.
            StoreError: If the request cannot be written.
        """

        def request() -> None:
            query.stop_run(self.workspaces.holding(uid, workspace_id).root, uid)

        await self.on_thread(request)

    def close(self) -> None:
        """Take no more work; what is in progress ends by itself."""
        for pool in (self._pool, self._beside):
            pool.shutdown(wait=False, cancel_futures=True)

    def _follower(self, uid: str, workspace_id: str | None) -> query.Follower:
        return query.Follower(self.workspaces.holding(uid, workspace_id).root, uid)
