"""All runs of a workspace, kept so that looking again costs little.

A run that has ended and is read to its end is not opened again, only asked for its
size. The database is attached only when it has changed.
"""

from pathlib import Path

from nbtrack.clock import Clock
from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.store.database import Database, Stamp, UnavailableError
from nbtrack.store.facts import RunFacts
from nbtrack.store.fold import Fold
from nbtrack.store.layout import trashed_uids, uids
from nbtrack.store.live import LiveRun
from nbtrack.store.runrow import read_runs, watermarks
from nbtrack.store.sealing import JournalSizes
from nbtrack.store.tail import Tail

TURNS = 4  # glances until every run that has ended was asked for its size again


class Catalogue:
    """The runs of a workspace. Used by one thread at a time."""

    def __init__(self, root: Path, database: Database, clock: Clock) -> None:
        """Keep where to look; the first look reads everything."""
        self._root = root
        self._sizes = JournalSizes(root)
        self._database = database
        self._clock = clock
        self._stamp: Stamp | None = None
        self._stored: dict[str, Fold] = {}
        self._settled: dict[str, tuple[int, RunFacts]] = {}
        self._live: dict[str, LiveRun] = {}
        self._turn = 0

    def look(self, *, in_turns: bool = False) -> dict[str, RunFacts]:
        """Return the facts of all runs by uid; the same object where nothing has changed.

        Args:
            in_turns: Ask only some of the runs that have ended whether they go on, others
                the next time: a thousand questions take milliseconds.

        Raises:
            StoreError: If the folder of runs cannot be read. A journal that cannot is
                passed over, or told as far as the database has it.
        """
        self._read_database()
        names = set(uids(self._root))
        if gone := self._stored.keys() - names:
            names |= gone - trashed_uids(self._root)
        self._turn = (self._turn + 1) % TURNS
        resting = {
            uid: settled[1]
            for uid, settled in self._settled.items()
            if in_turns and hash(uid) % TURNS != self._turn
            if uid in names and uid not in self._live
        }
        due = (uid for uid in names if uid not in resting)
        found = {uid: facts for uid in due if (facts := self._facts_of(uid)) is not None} | resting
        for uid in self._settled.keys() - names:
            del self._settled[uid]
        for uid in self._live.keys() - names:
            self._live.pop(uid).close()
        return found

    def close(self) -> None:
        """Close all journals."""
        while self._live:
            self._live.popitem()[1].close()

    def _read_database(self) -> None:
        stamp = self._database.stamp()
        if stamp == self._stamp:
            return
        try:
            with self._database.reading() as window:
                found = watermarks(window) if window else {}
                changed = [uid for uid, done in found.items() if self._ingested(uid) != done]
                news = read_runs(window, changed) if window and changed else {}
        except UnavailableError:
            return  # the journals say the same, only slower
        kept = {uid: fold for uid, fold in self._stored.items() if uid in found}
        self._stored = {**kept, **{uid: fold for uid, (_, fold) in news.items()}}
        self._stamp = stamp

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
            self._settled[uid] = (size, stored.facts(locked=False, now_us=now_us))
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
            return live
        self._live.pop(uid).close()
        return None

    def _settle(self, uid: str, live: LiveRun) -> None:
        self._live.pop(uid, None)
        self._settled[uid] = (live.size, live.facts)
        live.close()
