"""The database anew, from the journals, while everybody goes on working.

The new one is made in a folder beside the old one and takes its place in one step, under
the exclusive lock. Until then readers read the old one and kernels write to it; what
they ingest meanwhile is behind the watermarks of the new one, so that they, or whoever
looks first, bring it up to date. What only the old database knows, because a journal is
lost or was damaged later, is copied from it.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nbtrack.errors import Error, StoreError
from nbtrack.store import liveness
from nbtrack.store.agreement import replayed_account
from nbtrack.store.database import DamagedError, Database, UnavailableError, Window
from nbtrack.store.fold import Fold
from nbtrack.store.ingesting import Ingesting, together
from nbtrack.store.layout import PRIVATE_FILE, PRIVATE_FOLDER, is_trashed, uids
from nbtrack.store.runrow import next_run_id, read_runs
from nbtrack.store.schema import RUN_TABLES
from nbtrack.store.tail import Tail

Progress: TypeAlias = Callable[[int, int], None]
"""Told how much is done, and of how much."""

FOLDER = "rebuilding"
WAIT_S = 10.0  # whoever asks for a new database has the time to wait for the old one
ABOVE_ALL = 1_000_000
"""Where the old database cannot say which `run_id`s it gave, new ones begin behind this."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it.

    Attributes:
        runs: How many are in the new database.
        points: How many numbers, the system's included.
        seconds: How long it took.
        set_aside: Where the old database lies now; None where it was removed, because all
            of it is in the new one, or where there was none.
        carried: Uids of runs that were copied from the old database, because their
            journals are lost or damaged.
    """

    runs: int
    points: int
    seconds: float
    set_aside: Path | None
    carried: tuple[str, ...]


def rebuild(root: Path, progress: Progress | None = None, *, keep: bool = False) -> Rebuilt:
    """Make the database of a workspace anew.

    Killed in its middle it leaves the old one as it was.

    Args:
        root: The workspace.
        progress: Told how many bytes of journals are in, and of how many.
        keep: Whether the old database is kept beside the new one also when it could be
            read. A damaged one is always kept.

    Raises:
        StoreError: If the new database cannot be made, because the disk is full or somebody
            works with the old one all the time, or if another process is at it.
    """
    began_at = time.monotonic()
    try:
        with _alone(root) as folder:
            work = _Rebuilding(root, folder)
            set_aside, carried = work.run(progress or _silent, keep=keep)
            runs, points = work.total()
    except UnavailableError as error:
        raise StoreError(f"the database cannot be made anew: {error}.") from error
    return Rebuilt(runs, points, time.monotonic() - began_at, set_aside, carried)


def is_rebuilding(root: Path) -> bool | None:
    """Tell whether somebody makes the database anew; None if only a trace of it is left."""
    folder = Database(root).path.parent / FOLDER
    if not folder.exists():
        return False
    try:
        descriptor = os.open(_lock_path(folder), os.O_RDONLY)
    except OSError:
        return None
    try:
        return liveness.is_locked(descriptor) or None
    finally:
        os.close(descriptor)


class _Rebuilding:
    """The work of one `rebuild`."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._old = Database(root, wait_s=WAIT_S)
        self._new = Database(folder, wait_s=WAIT_S)
        self._above = ABOVE_ALL

    def run(self, progress: Progress, *, keep: bool) -> tuple[Path | None, tuple[str, ...]]:
        known, above = self._known()
        is_damaged = above is None
        self._above = ABOVE_ALL if above is None else above
        self._read_journals(progress)
        carried = self._carry(known) if known else ()
        self._drop_removed(known)
        keep_as = "corrupt" if is_damaged else "before-rebuild" if keep else None
        is_old = self._old.path.exists()
        kept = self._old.become(self._new, keep_as=keep_as if is_old else None)
        return kept, carried

    def total(self) -> tuple[int, int]:
        """Return how many runs and numbers there are now."""
        query = (
            "SELECT (SELECT count(*) FROM nb.runs), "
            "(SELECT count(*) FROM nb.metrics) + (SELECT count(*) FROM nb.system_metrics)"
        )
        with self._old.reading() as window:
            ((runs, points),) = window.rows(query) if window else [(0, 0)]
        return int(runs), int(points)

    def _known(self) -> tuple[dict[str, Fold], int | None]:
        """Return what the old database knows, and its last `run_id`; None if it is damaged."""
        try:
            with self._old.reading() as window:
                if window is None:
                    return {}, 0
                runs = read_runs(window).items()
                found = {uid: fold for uid, (_, fold) in runs if not is_trashed(self._root, uid)}
                return found, next_run_id(window) - 1
        except DamagedError:
            return {}, None

    def _read_journals(self, progress: Progress) -> None:
        with self._new.writing():
            pass  # it is there also where there are no journals
        ingesting = Ingesting(self._root, self._new, above=self._above)
        sizes = dict(sorted(_sizes(self._root)))
        done, total = 0, sum(sizes.values())
        progress(done, total)
        for few in together(sizes.items()):
            ingesting.ingest_strictly(few)
            done += sum(sizes[uid] for uid in few)
            progress(done, total)

    def _carry(self, known: dict[str, Fold]) -> tuple[str, ...]:
        """Copy what only the old database knows."""
        with self._new.reading() as window:
            found = read_runs(window) if window else {}
        lost = [
            uid
            for uid, fold in known.items()
            if uid not in found or self._knows_more(fold, found[uid][1])
        ]
        if lost:
            with self._old.beside(), self._new.writing() as window:
                for uid in lost:
                    _remove(window, found[uid][0] if uid in found else 0)
                    _copy(window, uid, next_run_id(window, self._above))
        return tuple(lost)

    def _knows_more(self, old: Fold, new: Fold) -> bool:
        """Tell whether what the journal says up to the old watermark is less than it was."""
        if new.position < old.position:
            return True
        if new.damaged <= old.damaged:
            return False
        try:
            replayed = replayed_account(self._root, old.uid, old.position)
        except Error:
            return True
        return replayed.fold.damaged > old.damaged

    def _drop_removed(self, known: dict[str, Fold]) -> None:
        """Forget runs whose journals were removed while they were read."""
        there = {*uids(self._root), *known}
        with self._new.reading() as window:
            found = read_runs(window) if window else {}
        gone = {uid: run_id for uid, (run_id, _) in found.items() if uid not in there}
        if gone:
            with self._new.writing() as window:
                for run_id in gone.values():
                    _remove(window, run_id)


def _remove(window: Window, run_id: int) -> None:
    for table in RUN_TABLES:
        window.run(f"DELETE FROM nb.{table} WHERE run_id = ?", run_id)  # noqa: S608


def _copy(window: Window, uid: str, run_id: int) -> None:
    """Copy a run from the database that is attached beside."""
    of_run = "run_id = (SELECT max(run_id) FROM other.runs WHERE uid = ?)"
    for table in RUN_TABLES:
        window.run(
            f"INSERT INTO nb.{table} SELECT {run_id}, * EXCLUDE (run_id) "  # noqa: S608
            f"FROM other.{table} WHERE {of_run}",
            uid,
        )


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def _sizes(root: Path) -> Iterator[tuple[str, int]]:
    for uid in uids(root):
        with contextlib.suppress(Error), Tail.open(root, uid) as tail:
            yield uid, tail.size


def _lock_path(folder: Path) -> Path:
    return folder.with_name(f"{FOLDER}.lock")


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[Path]:
    """Be the only one who makes the database anew; yield an empty folder for it."""
    folder = Database(root).path.parent / FOLDER
    lock = _lock_path(folder)
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError as error:
        raise StoreError(f"the workspace {root} cannot be written: {error.strerror}.") from error
    try:
        if not liveness.take_lock(descriptor):
            raise StoreError(f"another process makes the database of {root} anew at this moment.")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=PRIVATE_FOLDER)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)  # the file stays: removed, two could hold locks of that name
