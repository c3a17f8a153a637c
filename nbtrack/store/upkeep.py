"""What somebody has to do for a workspace now and then, and nobody waits for.

Runs whose kernel was killed go into the database, journals of runs that have ended are
packed, and what the user wants deleted is deleted. Nothing is deleted that nobody asked
for: without a retention in the settings runs stay, and then those tagged `keep` stay.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtrack.clock import MICROSECONDS, Clock
from nbtrack.errors import Error
from nbtrack.settings import WorkspaceSettings
from nbtrack.store.compaction import compact
from nbtrack.store.database import Database, UnavailableError
from nbtrack.store.fold import Fold
from nbtrack.store.ingest import Ingester
from nbtrack.store.layout import journal_path, sealed_path, uids
from nbtrack.store.reader import Reader
from nbtrack.store.runrow import read_runs, watermarks
from nbtrack.store.sealing import seal
from nbtrack.store.tail import Tail
from nbtrack.store.trash import half_purged, purge_run, remove_rows, trash_run, trashed
from nbtrack.store.turnstile import only_one

KEEP = "keep"
"""Runs with this tag are not deleted by a retention."""

SEAL_AFTER_S = 60.0  # somebody may still look at it live, or go on with it
_DAY_US = 86_400 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done.

    Attributes:
        ingested: Runs that were left behind and are in the database now.
        sealed: Journals that were packed.
        trashed: Runs that went into the trash because of their age.
        purged: Runs that were deleted for good.
        bytes_freed: On the disk, by all of that.
        is_done: Whether nothing is left to do; False if somebody else is at it.
        notes: What went wrong, in sentences.
    """

    ingested: int = 0
    sealed: int = 0
    trashed: int = 0
    purged: int = 0
    bytes_freed: int = 0
    is_done: bool = True
    notes: tuple[str, ...] = ()


class Upkeep:
    """Keeps a workspace in order. Used by one thread at a time."""

    def __init__(
        self, root: Path, clock: Clock, is_stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Keep the workspace, which need not exist.

        Args:
            root: The `.nbtrack` folder.
            clock: Says how old runs are.
            is_stopped: Asked often whether to end at once, from the thread that tends.
        """
        self._root = root
        self._clock = clock
        self._is_stopped = is_stopped

    def tend(
        self, most_s: float = 20.0, *, seal_after_s: float = SEAL_AFTER_S, compacts: bool = True
    ) -> Tended:
        """Do what is to be done, for a while; the next call goes on with the rest.

        Trouble with one run is noted and hinders no other. Only one at a time tends a
        workspace; a second one returns at once.

        Args:
            most_s: Begin nothing new after so many seconds.
            seal_after_s: Pack the journals of runs that ended so many seconds ago.
            compacts: Whether the database may be copied when much of it is free.
        """
        if not self._root.is_dir():
            return Tended()
        try:
            with only_one(self._root / "upkeep") as is_first:
                if not is_first:
                    return Tended(is_done=False)
                return _Round(self._root, self._clock, self._is_stopped, most_s).tend(
                    seal_after_s, compacts=compacts
                )
        except OSError as error:
            return Tended(is_done=False, notes=(f"{self._root} cannot be kept in order: {error}.",))


class _Round:
    """One round, within its time."""

    def __init__(
        self, root: Path, clock: Clock, is_stopped: Callable[[], bool], most_s: float
    ) -> None:
        self._root = root
        self._clock = clock
        self._now_us = clock.now_us()
        self._is_stopped = is_stopped
        self._end_s = time.monotonic() + most_s
        self._notes: list[str] = []
        self._done: Counter[str] = Counter()

    def tend(self, seal_after_s: float, *, compacts: bool) -> Tended:
        self._each("ingested", self._ingest, lambda: [""])
        self._each("forgotten", self._remove_rows, lambda: [""])
        self._each("sealed", self._seal, lambda: self._to_seal(seal_after_s))
        self._each("trashed", self._trash, self._outdated)
        self._each("purged", self._purge, self._expired)
        if compacts:
            self._each("compacted", self._compact, lambda: [""])
        return Tended(
            ingested=self._done["ingested"],
            sealed=self._done["sealed"],
            trashed=self._done["trashed"],
            purged=self._done["purged"],
            bytes_freed=self._done["bytes"],
            is_done=not self._is_over(),
            notes=tuple(self._notes),
        )

    def _is_over(self) -> bool:
        return self._is_stopped() or time.monotonic() > self._end_s

    def _each(
        self, name: str, work: Callable[[str], int], find: Callable[[], Iterable[str]]
    ) -> None:
        """Do a work for each run that is found; trouble with one is noted."""
        if self._is_over():
            return
        with self._noting():
            for uid in find():
                if self._is_over():
                    return
                with self._noting():
                    self._done[name] += work(uid)

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except UnavailableError:
            pass  # somebody works with the database: the next round is soon
        except (Error, OSError) as error:
            self._notes += [str(error)] if str(error) not in self._notes else []

    # --- what is to be done ------------------------------------------------------------

    def _to_seal(self, after_s: float) -> Iterator[str]:
        """Yield runs that ended a while ago, all of whose journal is in the database."""
        sizes = {uid: size for uid in uids(self._root) if (size := self._unsealed(uid)) >= 0}
        if not sizes:
            return
        with Database(self._root).reading() as window:
            stored = read_runs(window, list(sizes)) if window else {}
        before_us = self._now_us - int(after_s * MICROSECONDS)
        for uid, (_, fold) in stored.items():
            ended_us = fold.closed.time_us if fold.closed else fold.seen_us
            if ended_us <= before_us and self._is_settled(fold, sizes[uid]):
                yield uid

    def _unsealed(self, uid: str) -> int:
        try:
            return journal_path(self._root, uid).lstat().st_size
        except OSError:
            return -1

    def _is_settled(self, fold: Fold, size: int) -> bool:
        """Tell whether a run has ended and nothing of its journal is still to be ingested."""
        if fold.closed and fold.position >= size:
            return True
        with Tail.open(self._root, fold.uid, fold.position) as tail:
            facts = fold.facts(locked=tail.is_locked(), now_us=self._now_us)
            return facts.ended_us is not None and not tail.entries(1)

    def _outdated(self) -> Iterator[str]:
        days = WorkspaceSettings.read(self._root).retention_days
        if days is None:
            return
        with contextlib.closing(Reader(self._root, self._clock)) as reader:
            found = reader.runs()
        there = set(uids(self._root))
        for facts in reversed(found):
            ended_us = facts.ended_us
            is_old = ended_us is not None and self._now_us - ended_us > days * _DAY_US
            if is_old and KEEP not in facts.opened.tags and facts.opened.uid in there:
                yield facts.opened.uid

    def _expired(self) -> Iterator[str]:
        yield from half_purged(self._root)
        days = WorkspaceSettings.read(self._root).trash_days
        for one in reversed(trashed(self._root)):
            if self._now_us - one.trashed_us > days * _DAY_US:
                yield one.uid

    # --- doing it ----------------------------------------------------------------------

    def _ingest(self, _: str) -> int:
        ingester = Ingester(self._root, self._note_damage)
        return ingester.ingest_left_behind(self._is_over)

    def _note_damage(self, path: Path) -> None:
        self._notes.append(
            f"The database of {self._root} was damaged. It is set aside as {path.name} and made "
            "anew from the journals: nothing is lost."
        )

    def _remove_rows(self, _: str) -> int:
        deleted = {one.uid for one in trashed(self._root)}
        if deleted:
            with Database(self._root).reading() as window:
                deleted &= watermarks(window).keys() if window else set()
        return len(deleted) if deleted and remove_rows(self._root, deleted) else 0

    def _seal(self, uid: str) -> int:
        before = journal_path(self._root, uid).lstat().st_size
        if not seal(self._root, uid, self._is_stopped):
            return 0
        self._done["bytes"] += before - sealed_path(self._root, uid).lstat().st_size
        return 1

    def _trash(self, uid: str) -> int:
        trash_run(self._root, uid, self._clock)
        return 1

    def _purge(self, uid: str) -> int:
        self._done["bytes"] += purge_run(self._root, uid)
        return 1

    def _compact(self, _: str) -> int:
        self._done["bytes"] += compact(self._root)
        return 1
