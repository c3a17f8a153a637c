"""The list of all runs, kept once for every browser that watches it."""

import asyncio
import gc
from collections.abc import Sequence
from heapq import nlargest
from logging import Logger, LoggerAdapter
from typing import TypeAlias

from nbtrack import panels, query
from nbtrack.errors import Error
from nbtrack.lab.desk import Desk
from nbtrack.lab.runkeys import RunKey, Runs, runs_of
from nbtrack.lab.survey import Survey
from nbtrack.lab.workspaces import Workspace
from nbtrack.panels.protocol_lists import RunRow
from nbtrack.store import RunFacts

AnyLogger: TypeAlias = Logger | LoggerAdapter[Logger]

# 100,000 runs are three million objects: one search for cycles among them holds the whole
# server up for seconds, so that after so many news the collector passes over what is there.
# While they are read the first time it would search again and again: 1 s of 6 with 10,000.
_MANY = 5_000


class Listing:
    """All runs of all workspaces, as of the last look.

    Attributes:
        runs: By workspace and uid. Never changed; replaced by a look that finds news.
        survey: What there is to choose from in them.
    """

    def __init__(self, desk: Desk, log: AnyLogger) -> None:
        """Keep where to read and where to tell trouble."""
        self.runs: Runs = {}
        self.survey = Survey()
        self._desk = desk
        self._log = log
        self._indexes: dict[str, query.RunIndex] = {}
        self._watchers: set[object] = set()
        self._told: set[str] = set()
        self._looking = asyncio.Lock()

    def add(self, watcher: object) -> None:
        """Note that somebody goes on asking what is new."""
        self._watchers.add(watcher)

    def discard(self, watcher: object) -> None:
        """Note that somebody asks no more."""
        self._watchers.discard(watcher)

    def known(self, workspace_id: str, uids: Sequence[str]) -> list[RunFacts] | None:
        """Return those of some runs that are there; None while nobody watches them."""
        if not self._watchers:
            return None
        runs = self.runs
        return [runs[key] for uid in uids if (key := (workspace_id, uid)) in runs]

    async def look(self) -> None:
        """Look for what is new since the last look.

        Raises:
            Error: If not one workspace can be read. While one can, the trouble of the
                others is only logged.
        """
        async with self._looking:
            read = self._read if self.runs else self._read_first
            self.runs = await self._desk.on_thread(read, self.runs)

    async def rest(self) -> None:
        """Close the journals of running runs, unless somebody watches."""
        async with self._looking:
            if not self._watchers:
                await self._desk.on_thread(self._close)

    async def newest(self, workspace_id: str | None, most: int) -> tuple[list[RunRow], int]:
        """Return the newest rows of one workspace, or of all for None, and how many there are."""

        def read() -> tuple[list[RunRow], int]:
            found = runs_of(self.runs, workspace_id)
            some = nlargest(most, found, key=lambda key: (found[key].opened.time_us, key[1]))
            return [panels.run_row(found[key], key[0]) for key in some], len(found)

        return await self._desk.beside(read)

    def _read_first(self, before: Runs) -> Runs:
        """Read all runs, during which the collector rests: none of what comes is waste."""
        was_on = gc.isenabled()
        gc.disable()
        try:
            return self._read(before)
        finally:
            if was_on:
                gc.enable()

    def _read(self, before: Runs) -> Runs:
        known = self._desk.workspaces.known()
        ids = {workspace.id for workspace in known}
        for workspace_id in self._indexes.keys() - ids:
            self._indexes.pop(workspace_id).close()
        news: dict[RunKey, RunFacts] = {}
        gone = {key for key in before if key[0] not in ids}
        failures = [self._read_one(workspace, news, gone) for workspace in known]
        errors = [failure for failure in failures if failure is not None]
        if errors and len(errors) == len(known):
            raise errors[0]
        if not news and not gone:
            return before
        if len(news) > _MANY:
            gc.freeze()
        return {key: facts for key, facts in before.items() if key not in gone} | news

    def _read_one(
        self, workspace: Workspace, news: dict[RunKey, RunFacts], gone: set[RunKey]
    ) -> Error | None:
        try:
            index = self._indexes.get(workspace.id)
            if index is None:
                index = self._indexes[workspace.id] = query.RunIndex(workspace.root)
            changed, removed = index.poll()
        except Error as error:
            self._tell_once(str(error))
            return error
        news.update(((workspace.id, facts.opened.uid), facts) for facts in changed)
        gone.update((workspace.id, uid) for uid in removed)
        return None

    def _close(self) -> None:
        for index in self._indexes.values():
            index.close()

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._log.warning("nbtrack: %s", message)
