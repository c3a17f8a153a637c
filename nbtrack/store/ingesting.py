"""Journals go into the database, every byte of them exactly once.

A transaction inserts what a piece of a journal says and moves the run's watermark past
it: both or neither is stored. What the database has is never guessed from what was sent.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.store import lease
from nbtrack.store.database import (
    CORRUPT,
    DamagedError,
    Database,
    NewerError,
    OutdatedError,
    UnavailableError,
    Window,
)
from nbtrack.store.fold import Fold
from nbtrack.store.footing import footing_of
from nbtrack.store.keystats import Keys
from nbtrack.store.layout import uids
from nbtrack.store.loading import Piece, load
from nbtrack.store.recovery import recover
from nbtrack.store.runrow import insert_run, read_runs, update_run, watermark, watermarks
from nbtrack.store.sealing import JournalSizes
from nbtrack.store.tail import Tail

PIECE_BYTES = 4 << 20  # 0.4 million numbers: the database is held for a fraction of a second
PATIENCE_S = 60.0
MOST_TRIES = 3
MOST_TOGETHER = 32


class _MovedError(Exception):
    """Somebody else has ingested of this journal meanwhile, or the database is a new one."""


@dataclass(slots=True)
class _Progress:
    """How far a journal is ingested, and what it comes to until there.

    Attributes:
        tail: Of the journal, at the watermark.
        fold: Of the journal up to the watermark.
        keys: Of the run up to there.
        run_id: In the database; None before the first piece.
    """

    tail: Tail
    fold: Fold
    keys: Keys
    run_id: int | None


class Ingesting:
    """The work of one `Ingester`. Used by one thread at a time.

    Attributes:
        refusal: Why the database is left alone until this nbtrack is updated, or "".
    """

    def __init__(
        self,
        root: Path,
        database: Database | None = None,
        *,
        above: int = 0,
        on_damage: Callable[[Path], None] | None = None,
    ) -> None:
        """Keep the workspace.

        Args:
            root: Where the journals lie.
            database: Where they go, by default the workspace's.
            above: New runs get a `run_id` greater than this.
            on_damage: Told where a damaged database was set aside.
        """
        self._root = root
        self._database = database or Database(root)
        self._above = above
        self._on_damage = on_damage
        self._progress: dict[str, _Progress] = {}
        self._holes: dict[str, float] = {}
        self.refusal = ""

    def ingest(self, uid: str) -> bool:
        """See `Ingester.ingest`."""
        for _ in range(MOST_TRIES):
            try:
                self._ingest_all(uid)
            except _MovedError:
                self._forget(uid)
            except (DamagedError, OutdatedError):
                self._forget_all()
                if not self._set_aside():
                    return False
            except NewerError as error:
                self.refusal = str(error)
                self._forget(uid)
                return False
            except (UnavailableError, StoreError, RunNotFoundError):
                self._forget(uid)
                return False
            else:
                return True
        return False

    def ingest_left_behind(self, is_stopped: Callable[[], bool]) -> int:
        """See `Ingester.ingest_left_behind`."""
        footing = footing_of(self._root)
        if not footing.is_shared:
            return self._ingest_behind(is_stopped)
        with lease.taken(footing.folder) as is_ours:
            return self._ingest_behind(is_stopped) if is_ours else 0

    def _ingest_behind(self, is_stopped: Callable[[], bool]) -> int:
        behind = [(uid, size) for uid, size in self._behind() if self._is_left(uid, size)]
        parts = itertools.takewhile(lambda _: not is_stopped(), together(behind))
        return sum(self._ingest_together(uids) for uids in parts)

    def ingest_strictly(self, uids: Sequence[str]) -> list[str]:
        """Let journals go into the database, together if they are small.

        Returns:
            Those that cannot be read.

        Raises:
            UnavailableError: If the database cannot be written.
        """
        try:
            with self._database.writing() as window:
                unreadable = [uid for uid in uids if not self._has_begun(window, uid)]
            begun = tuple(self._progress)
            unreadable += [uid for uid in begun if not self._has_ended(uid)]
        finally:
            self._forget_all()
        return unreadable

    def _has_begun(self, window: Window, uid: str) -> bool:
        try:
            self._begin(window, uid)
        except (StoreError, RunNotFoundError):
            self._forget(uid)
            return False
        return True

    def _has_ended(self, uid: str) -> bool:
        try:
            self._ingest_all(uid)
        except StoreError:
            return False
        return True

    def _ingest_all(self, uid: str) -> None:
        """Ingest what a journal holds now; a run that is written faster would hold us for ever."""
        if uid not in self._progress:
            with self._database.writing() as window:
                self._begin(window, uid)
        progress = self._progress[uid]
        end = progress.tail.size
        while progress.tail.position < end and self._ingest_piece(progress):
            pass
        if progress.fold.closed is not None:
            self._forget(uid)

    def _begin(self, window: Window, uid: str) -> None:
        """See how far a journal is ingested, and go on at once."""
        tail = Tail.open(self._root, uid)
        self._progress[uid] = progress = _Progress(tail, Fold(uid), Keys(), None)
        found = read_runs(window, [uid]).get(uid)
        if found is not None:
            progress.run_id, progress.fold = found
            progress.keys = Keys.read(window, progress.run_id)
            tail.go_to(progress.fold.position)
        piece = self._next_piece(progress)
        if piece is not None:
            self._store(window, progress, piece)

    def _ingest_piece(self, progress: _Progress) -> bool:
        known = _watermark(progress)
        piece = self._next_piece(progress)
        if piece is None:
            return False
        with self._database.writing() as window:
            if watermark(window, progress.fold.uid) != known:
                raise _MovedError
            self._store(window, progress, piece)
        return True

    def _next_piece(self, progress: _Progress) -> Piece | None:
        """Take some more of a journal, if it can be what its writer wrote.

        Parts of a batch may come from another host in any order. A hole that is filled in
        a moment looks like damage, and what it holds must not be passed over for ever.

        Raises:
            UnavailableError: If one should look again later.
        """
        uid, damaged = progress.fold.uid, progress.tail.damaged
        piece = _next_piece(progress)
        is_whole = progress.tail.damaged == damaged or progress.fold.closed is not None
        if is_whole or not footing_of(self._root).is_shared:
            self._holes.pop(uid, None)
        elif time.monotonic() - self._holes.setdefault(uid, time.monotonic()) < PATIENCE_S:
            raise UnavailableError(f"a part of the journal of run {uid!r} is still to come")
        return piece

    def _behind(self) -> Iterator[tuple[str, int]]:
        """Yield runs that may have something new, and how many bytes."""
        try:
            with self._database.reading() as window:
                done = watermarks(window) if window else {}
        except DamagedError:
            if not self._set_aside():
                return
            done = {}
        except UnavailableError:
            return
        sizes = JournalSizes(self._root)
        for uid in uids(self._root):
            recover(self._root, uid)  # what stands in a spill is not in the size
            new = sizes.of(uid) - done.get(uid, 0)
            if new > 0:
                yield uid, new

    def _is_left(self, uid: str, new: int) -> bool:
        """Tell whether nobody ingests what he writes, and the new part is no torn end."""
        try:
            with Tail.open(self._root, uid) as tail:
                tail.go_to(tail.size - new)
                return not tail.is_locked() and bool(tail.entries(1))
        except (StoreError, RunNotFoundError):
            return False

    def _ingest_together(self, uids: Sequence[str]) -> int:
        """Ingest journals in one transaction; each for itself where that fails."""
        try:
            with self._database.writing() as window:
                for uid in uids:
                    self._begin(window, uid)
        except (UnavailableError, StoreError, RunNotFoundError):
            self._forget_all()
        done = [self.ingest(uid) for uid in uids]
        for uid in uids:
            self._forget(uid)
        return sum(done)

    def _store(self, window: Window, progress: _Progress, piece: Piece) -> None:
        if progress.run_id is None:
            progress.run_id = insert_run(window, progress.fold, self._above)
        else:
            update_run(window, progress.fold, progress.run_id)
        load(window, progress.run_id, progress.keys, piece)
        progress.keys.write(window, progress.run_id)

    def _set_aside(self) -> bool:
        try:
            path = self._database.set_aside()
        except UnavailableError:
            return False
        if self._on_damage is not None and CORRUPT in path.name:  # not: of an older version
            self._on_damage(path)
        return True

    def _forget(self, uid: str) -> None:
        progress = self._progress.pop(uid, None)
        if progress is not None:
            progress.tail.close()

    def _forget_all(self) -> None:
        for uid in list(self._progress):
            self._forget(uid)


def together(behind: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Put small journals together, so that opening does not take most of the time."""
    uids: list[str] = []
    size = 0
    for uid, new in behind:
        uids.append(uid)
        size += new
        if size >= PIECE_BYTES or len(uids) >= MOST_TOGETHER:
            yield uids
            uids, size = [], 0
    if uids:
        yield uids


def _watermark(progress: _Progress) -> tuple[int, int] | None:
    return None if progress.run_id is None else (progress.run_id, progress.fold.position)


def _next_piece(progress: _Progress) -> Piece | None:
    """Take some more of the journal into the fold; None at its end."""
    tail, fold = progress.tail, progress.fold
    began_at, first_line, damaged = tail.position, fold.line_count, tail.damaged
    entries = tail.entries(PIECE_BYTES)
    if tail.position == began_at:
        return None
    fold.turned = []
    fold.add(entries, tail.position, tail.damaged - damaged)
    return Piece(entries, first_line, fold.turned)
