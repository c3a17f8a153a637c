"""All runs of a workspace, kept so that looking again costs little.

A run that has ended and is read to its end is not opened again, only asked for its
size, and that seldom: the folder of runs says which there are, the database which have
come into it, and a file of the workspace that some run was taken up again. The database
is attached only when it has changed.
"""

import math
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path

from nbtrack.clock import Clock
from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.store.database import Database, Stamp, UnavailableError
from nbtrack.store.facts import RunFacts
from nbtrack.store.fold import Fold
from nbtrack.store.layout import trashed_uids
from nbtrack.store.listing import RunFolders
from nbtrack.store.live import LiveRun
from nbtrack.store.runrow import read_runs, watermarks
from nbtrack.store.sealing import JournalSizes
from nbtrack.store.tail import Tail

ROUND_S = 30.0  # until every run that has ended was asked for its size again, whatever was said
TAKING_UP_S = 3.0  # from the word that a run is taken up to its first entry: milliseconds


class Catalogue:
    """The runs of a workspace. Used by one thread at a time."""

    def __init__(self, root: Path, database: Database, clock: Clock) -> None:
        """Keep where to look; the first look reads everything."""
        self._root = root
        self._folders = RunFolders(root)
        self._sizes = JournalSizes(root)
        self._database = database
        self._clock = clock
        self._stamp: Stamp | None = None
        self._stored: dict[str, Fold] = {}
        self._settled: dict[str, tuple[int, RunFacts]] = {}
        self._live: dict[str, LiveRun] = {}
        self._names: frozenset[str] = frozenset()
        self._listed: frozenset[str] = frozenset()
        self._compared = self._stored
        self._homeless: set[str] = set()
        self._unsettled: set[str] = set()
        self._found: dict[str, RunFacts] = {}
        self._turns: Iterable[str] = iter(())
        self._looked_s = -math.inf
        self._taken_up: int | None = None
        self._taken_up_s = -math.inf

    def look(self, *, in_turns: bool = False) -> dict[str, RunFacts]:
        """Return the facts of all runs by uid; the same object where nothing has changed.

        Args:
            in_turns: Ask of the runs that have ended only those that may go on, and some of
                the others: ten thousand questions take a tenth of a second.

        Raises:
            StoreError: If the folder of runs cannot be read. A journal that cannot is
                passed over, or told as far as the database has it.
        """
        ingested = self._read_database()
        self._list()
        due = self._due(ingested) if in_turns else self._names
        told = {uid: self._facts_of(uid) for uid in due}
        lost = {uid for uid, facts in told.items() if facts is None} & self._found.keys()
        news = {
            uid: facts
            for uid, facts in told.items()
            if facts is not None and self._found.get(uid) is not facts
        }
        if lost or news:
            kept = {uid: facts for uid, facts in self._found.items() if uid not in lost}
            self._found = kept | news
        return self._found

    def close(self) -> None:
        """Close all journals."""
        while self._live:
            self._live.popitem()[1].close()

    def _list(self) -> None:
        """Bring up to date which runs there are; seldom is one only in the database."""
        folders = self._folders.uids()
        if folders is self._listed and self._stored is self._compared and not self._homeless:
            return
        self._listed, self._compared = folders, self._stored
        self._homeless = self._stored.keys() - folders
        names = folders.union(self._homeless - trashed_uids(self._root))
        if names == self._names:
            return
        for uid in self._settled.keys() - names:
            del self._settled[uid]
        for uid in self._live.keys() - names:
            self._live.pop(uid).close()
        self._names = names
        self._unsettled = set(names - self._settled.keys())
        self._found = {uid: facts for uid, facts in self._found.items() if uid in names}

    def _due(self, ingested: Iterable[str]) -> Collection[str]:
        """Return the runs that may have changed, and those whose turn it is."""
        now_s = self._clock.elapsed_s()
        passed_s, self._looked_s = now_s - self._looked_s, now_s
        taken_up = self._folders.taken_up
        if taken_up != self._taken_up:
            self._taken_up, self._taken_up_s = taken_up, now_s
        if now_s - self._taken_up_s <= TAKING_UP_S or passed_s >= ROUND_S:
            return self._names
        share = math.ceil(len(self._settled) * passed_s / ROUND_S)
        turn = self._next_in_turn(share)
        return self._unsettled.union(self._live, turn, ingested).intersection(self._names)

    def _next_in_turn(self, count: int) -> list[str]:
        found = list(islice(self._turns, count))
        if len(found) < count:
            self._turns = iter(tuple(self._settled))
        return found

    def _read_database(self) -> Collection[str]:
        """Take over what is new in the database; return of which runs."""
        stamp = self._database.stamp()
        if stamp == self._stamp:
            return ()
        try:
            with self._database.reading() as window:
                found = watermarks(window) if window else {}
                changed = [uid for uid, done in found.items() if self._ingested(uid) != done]
                news = read_runs(window, changed) if window and changed else {}
        except UnavailableError:
            return ()  # the journals say the same, only slower
        kept = {uid: fold for uid, fold in self._stored.items() if uid in found}
        self._stored = {**kept, **{uid: fold for uid, (_, fold) in news.items()}}
        self._stamp = stamp
        return news

    def _ingested(self, uid: str) -> int | None:
        fold = self._stored.get(uid)
        return fold.position if fold else None

    def _facts_of(self, uid: str) -> RunFacts | None:
        try:
            return self._look_at(uid)
        except StoreError:
            return self._last_known(uid)

    def _last_known(self, uid: str) -> RunFacts | None:
        live = self._live.pop(uid, None)
        if live is not None:
            live.close()
            return live.facts
        if uid in self._settled:
            return self._settled[uid][1]
        stored = self._stored.get(uid)
        return stored.facts(locked=None, now_us=self._clock.now_us()) if stored else None

    def _look_at(self, uid: str) -> RunFacts | None:
        live = self._live.get(uid)
        if live is None:
            size = self._sizes.of(uid)
            settled = self._settled.get(uid)
            if settled and settled[0] == size:
                return settled[1]
            live = self._begin(uid, size)
            if live is None:
                return self._settled[uid][1] if uid in self._settled else None
        while live.poll():
            pass
        if live.is_over:
            self._settle(uid, live)
        return live.facts

    def _begin(self, uid: str, size: int) -> LiveRun | None:
        """Open a journal, unless all of it is in the database, or there is none yet."""
        stored = self._stored.get(uid)
        if stored and (size < 0 or (stored.closed and stored.position >= size)):
            now_us = self._clock.now_us()
            self._put(uid, size, stored.facts(locked=False, now_us=now_us))
            return None
        if size <= 0:
            return None
        fold = stored.copy() if stored else Fold(uid)
        try:
            tail = Tail.open(self._root, uid, fold.position)
        except RunNotFoundError:
            return None
        live = self._live[uid] = LiveRun(tail, fold, self._clock)
        live.poll()  # a journal is empty for an instant, and until then no run
        if live.fold.is_run:
            self._settled.pop(uid, None)
            self._unsettled.add(uid)
            return live
        self._live.pop(uid).close()
        return None

    def _settle(self, uid: str, live: LiveRun) -> None:
        self._live.pop(uid, None)
        self._put(uid, live.size, live.facts)
        live.close()

    def _put(self, uid: str, size: int, facts: RunFacts) -> None:
        """Note that a run has ended, and how long its journal is."""
        self._settled[uid] = (size, facts)
        self._unsettled.discard(uid)
