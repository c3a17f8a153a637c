"""Deleting runs: into the trash first, from where they can come back; then for good.

A run in the trash is its folder, moved: that is one step, and from then on no reader
shows it, whatever the database still has of it. Its rows go as soon as the database is
free. A folder that is being deleted for good is renamed first, and stays until the rows
are gone: it says that they are not to be told.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nbtrack.clock import Clock, SystemClock
from nbtrack.errors import RunNotFoundError, StoreError, UsageError
from nbtrack.store.database import Database, UnavailableError, Window
from nbtrack.store.facts import RunFacts
from nbtrack.store.ingest import Ingester
from nbtrack.store.layout import (
    GONE,
    JOURNAL,
    PRIVATE_FILE,
    SEALED,
    is_trashed,
    is_uid,
    make_private,
    run_folder,
    trash_folder,
)
from nbtrack.store.reader import Reader
from nbtrack.store.schema import RUN_TABLES
from nbtrack.store.sealing import locked

NOTE = "trashed.json"
_MOST_NOTE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TrashedRun:
    """A run in the trash.

    Attributes:
        uid: Of the run.
        name: What it was called.
        project: It belonged to.
        trashed_us: When it was deleted, microseconds since the epoch.
        bytes: What its files take on the disk.
    """

    uid: str
    name: str
    project: str
    trashed_us: int
    bytes: int


def trash_run(root: Path, uid: str, clock: Clock | None = None) -> TrashedRun:
    """Move a run that has ended into the trash; no reader shows it from then on.

    Raises:
        Error: As `move_to_trash`.
    """
    trashed = move_to_trash(root, uid, clock)
    remove_rows(root, [uid])
    return trashed


def move_to_trash(root: Path, uid: str, clock: Clock | None = None) -> TrashedRun:
    """Do the part of `trash_run` that counts; `remove_rows` is for many runs at once.

    Raises:
        UsageError: If the uid is malformed, or the run has not ended.
        RunNotFoundError: If there is no such run.
        StoreError: If its folder cannot be moved.
    """
    folder = run_folder(root, uid)
    facts = _ended(root, uid)
    trashed = TrashedRun(
        uid,
        facts.opened.name if facts else uid,
        facts.opened.project if facts else "",
        (clock or SystemClock()).now_us(),
        bytes_of(folder),
    )
    try:
        with contextlib.ExitStack() as stack:
            _keep_writers_out(stack, folder)
            make_private(_safe_trash(root))
            folder.mkdir(exist_ok=True)  # of some runs only the database knows
            _write_note(folder, trashed)
            folder.rename(trash_folder(root) / uid)
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"run {uid!r} cannot be moved to the trash: {error}.") from error
    return trashed


def restore_run(root: Path, uid: str) -> None:
    """Bring a run back from the trash, and let it into the database if that is free.

    Raises:
        UsageError: If the uid is malformed, or there is a run of that uid.
        RunNotFoundError: If there is no such run in the trash.
        StoreError: If its folder cannot be moved.
    """
    folder = run_folder(root, uid)
    held = _in_trash(root, uid)
    if os.path.lexists(folder):
        raise UsageError(
            f"there is a run {uid!r} in {str(root)!r}, so the one in the trash cannot come back. "
            "Delete one of them first."
        )
    if not any((held / name).exists() for name in (JOURNAL, SEALED)):
        raise UsageError(f"run {uid!r} in the trash has no journal: nothing is left to restore.")
    try:
        held.rename(folder)
        (folder / NOTE).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"run {uid!r} cannot be restored: {error}.") from error
    Ingester(root).ingest(uid)


def purge_run(root: Path, uid: str) -> int:
    """Delete a run for good, in the trash or not; nothing brings it back.

    Returns:
        How many bytes its files took on the disk.

    Raises:
        Error: As `delete_files`.
    """
    freed = delete_files(root, uid)
    forget_runs(root, [uid])
    return freed


def delete_files(root: Path, uid: str) -> int:
    """Do the part of `purge_run` that counts; `forget_runs` is for many runs at once.

    Returns:
        How many bytes the files of the run took on the disk.

    Raises:
        UsageError: If the uid is malformed, or the run has not ended.
        RunNotFoundError: If there is no such run.
        StoreError: If something of it cannot be deleted.
    """
    run_folder(root, uid)
    if not is_trashed(root, uid):
        move_to_trash(root, uid)
    held, gone = trash_folder(root) / uid, trash_folder(root) / f"{uid}{GONE}"
    try:
        _expect_folder(trash_folder(root))
        freed = _emptied(gone)
        if os.path.lexists(held):
            held.rename(gone)
            freed += _emptied(gone)
    except FileNotFoundError:
        return 0  # somebody else was faster
    except OSError as error:
        raise StoreError(f"run {uid!r} cannot be deleted: {error}.") from error
    return freed


def forget_runs(root: Path, uids: Sequence[str]) -> None:
    """Remove what the database has of runs whose files are deleted, now if it is free."""
    if not remove_rows(root, uids):
        return
    for uid in uids:
        with contextlib.suppress(OSError):  # upkeep finds what is left
            (trash_folder(root) / f"{uid}{GONE}").rmdir()


def trashed(root: Path) -> list[TrashedRun]:
    """Return the runs in the trash, the one that was deleted last first."""
    found = [_read_note(trash_folder(root) / uid) for uid in _names(root) if is_uid(uid)]
    return sorted(found, key=lambda one: (one.trashed_us, one.uid), reverse=True)


def has_run(root: Path, uid: str) -> bool:
    """Tell whether a run is in a workspace, or in its trash.

    Raises:
        UsageError: If the uid is malformed.
    """
    folder = run_folder(root, uid)
    return (folder.is_dir() and not folder.is_symlink()) or is_trashed(root, uid)


def weight_of(root: Path, uid: str) -> int:
    """Return what the files of a run take on the disk, bytes; in the trash or not.

    Raises:
        UsageError: If the uid is malformed.
        RunNotFoundError: If there is no such run.
    """
    folder = run_folder(root, uid)
    if folder.is_dir() and not folder.is_symlink():
        return bytes_of(folder)
    return _read_note(_in_trash(root, uid)).bytes


def half_purged(root: Path) -> list[str]:
    """Return the uids of runs whose deletion was cut short, or waits for the database."""
    uids = (name.removesuffix(GONE) for name in _names(root) if name.endswith(GONE))
    return [uid for uid in uids if is_uid(uid)]


def remove_rows(root: Path, uids: Iterable[str]) -> bool:
    """Remove what the database has of runs that are in the trash.

    Returns:
        Whether nothing of them is in it now; False if it cannot be used.
    """
    database = Database(root)
    if not database.path.exists():
        return True
    try:
        with database.writing() as window:
            # Asked again, now that nobody ingests: one may be restored meanwhile.
            _remove(window, [uid for uid in uids if _is_only_in_trash(root, uid)])
    except UnavailableError:
        return False
    return True


def bytes_of(folder: Path) -> int:
    """Return what the files in a folder take on the disk; links are not followed."""
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                found = os.lstat(f"{path}/{name}")
                total += getattr(found, "st_blocks", found.st_size // 512 + 1) * 512
    return total


def _ended(root: Path, uid: str) -> RunFacts | None:
    """Return the facts of a run that is not running; None if they cannot be read."""
    folder = run_folder(root, uid)
    if folder.is_symlink():
        raise UsageError(f"{str(folder)!r} is a link and no run's folder; delete it by hand.")
    reader = Reader(root)
    try:
        facts = reader.run(uid)
    except RunNotFoundError:
        if folder.is_dir():
            return None
        raise
    except StoreError:
        return None
    if facts.ended_us is None:
        raise UsageError(
            f"run {facts.opened.name!r} is running. Stop it first: press Stop or Finish in its "
            "panel, or type run.finish() in its notebook. Then delete it."
        )
    return facts


def _keep_writers_out(stack: contextlib.ExitStack, folder: Path) -> None:
    for name in (JOURNAL, SEALED):
        with contextlib.suppress(FileNotFoundError):
            if stack.enter_context(locked(folder / name)) is None:
                raise UsageError(
                    f"run {folder.name!r} is written or packed at this moment. Stop it first, or "
                    "try again in a while."
                )
            return


def _safe_trash(root: Path) -> Path:
    """Return the trash, which must not lead out of the workspace."""
    folder = trash_folder(root)
    if os.path.lexists(folder):
        _expect_folder(folder)
    return folder


def _expect_folder(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        raise StoreError(f"{str(path)!r} is no folder but a link or a file; move it away.")


def _in_trash(root: Path, uid: str) -> Path:
    held = _safe_trash(root) / uid
    if not held.is_dir() or held.is_symlink():
        count = len(trashed(root))
        raise RunNotFoundError(f"no run {uid!r} is in the trash of {str(root)!r} ({count} are).")
    return held


def _names(root: Path) -> list[str]:
    try:
        with os.scandir(_safe_trash(root)) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"the trash of {str(root)!r} cannot be listed: {error}.") from error


def _emptied(gone: Path) -> int:
    """Delete all that is in a folder; return what it took."""
    if not os.path.lexists(gone):
        return 0
    _expect_folder(gone)
    (gone / NOTE).unlink(missing_ok=True)  # nobody was told that it takes room, too
    freed = bytes_of(gone)
    with os.scandir(gone) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                Path(entry.path).unlink()
    return freed


def _write_note(folder: Path, note: TrashedRun) -> None:
    path = folder / NOTE
    path.unlink(missing_ok=True)  # it may be a link of somebody's
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        json.dump(asdict(note), file)


def _read_note(folder: Path) -> TrashedRun:
    """Return what is known of a run in the trash, whatever became of its note."""
    try:
        descriptor = os.open(folder / NOTE, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            said = json.loads(file.read(_MOST_NOTE_BYTES))
        text = {name: str(said[name]) for name in ("name", "project")}
        numbers = {name: int(said[name]) for name in ("trashed_us", "bytes")}
        return TrashedRun(folder.name, text["name"], text["project"], **numbers)
    except (OSError, ValueError, TypeError, LookupError, RecursionError, OverflowError):
        changed_us = folder.lstat().st_mtime_ns // 1_000
        return TrashedRun(folder.name, folder.name, "", changed_us, bytes_of(folder))


def _is_only_in_trash(root: Path, uid: str) -> bool:
    return is_trashed(root, uid) and not os.path.lexists(run_folder(root, uid))


def _remove(window: Window, uids: list[str]) -> None:
    found = window.rows("SELECT run_id FROM nb.runs WHERE list_contains(?, uid)", uids)
    if not found:
        return
    ids = ", ".join(str(int(run_id)) for (run_id,) in found)
    for table in RUN_TABLES:
        window.run(f"DELETE FROM nb.{table} WHERE run_id IN ({ids})")  # noqa: S608 - whole numbers
