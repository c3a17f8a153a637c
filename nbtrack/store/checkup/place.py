"""The folder of a workspace: who may read it, what it lies on, how much room there is."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from nbtrack.store.checkup.finding import Finding, Level, counted, size_text
from nbtrack.store.footing import footing_of
from nbtrack.store.layout import PRIVATE_FILE, PRIVATE_FOLDER

SUBJECT = "workspace"
LITTLE_BYTES = 1_000_000_000
NOTHING_BYTES = 50_000_000  # a dozen open runs allocate as much for their spills

_OTHERS = 0o077


def examine_place(root: Path, *, repair: bool) -> Iterator[Finding]:
    """Yield what is found about the folder itself.

    Args:
        root: The workspace.
        repair: Whether to make it private.
    """
    if not root.is_dir():
        yield _missing(root)
        return
    yield from _examine_permissions(root, repair=repair)
    yield _examine_room(root)
    yield _examine_file_system(root)


def _missing(root: Path) -> Finding:
    if root.exists():
        return Finding(Level.ERROR, SUBJECT, f"{root} is no folder.", "Rename that file.")
    return Finding(
        Level.ERROR,
        SUBJECT,
        f"there is no workspace {root}.",
        "It is made by the first nbtrack.init(). Name another one with --dir.",
    )


def _examine_permissions(root: Path, *, repair: bool) -> Iterator[Finding]:
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            Level.ERROR,
            SUBJECT,
            f"you may not read and write {root}.",
            f"Ask whoever owns it, or type chmod u+rwx {root}",
        )
        return
    if not hasattr(os, "geteuid"):  # Windows keeps permissions elsewhere
        return
    foreign, open_paths = _looked_through(root)
    if foreign:
        yield Finding(
            Level.WARNING,
            SUBJECT,
            f"{counted(foreign, 'file')} and folders in {root} belong to another user.",
            f"Make them yours: sudo chown -R {os.geteuid()} {root}",
        )
    if not open_paths:
        yield Finding(Level.OK, SUBJECT, f"{root} is private to you.")
        return
    failed = [path for path in open_paths if repair and not _made_private(path)]
    done = repair and not failed
    yield Finding(
        Level.WARNING,
        SUBJECT,
        f"other users of this machine can read {counted(len(open_paths), 'file')} and folders "
        f"in {root}" + (": they are private now." if done else "."),
        "" if done else "Make them private: nbtrack doctor --repair",
        is_repaired=done,
    )


def _looked_through(root: Path) -> tuple[int, list[Path]]:
    """Return how many paths are another user's, and those that others can reach.

    Behind a private folder nothing can be reached.
    """
    foreign, reached = 0, []
    todo = [(root.resolve(), True)]
    while todo:
        path, is_open = todo.pop()
        try:
            found = path.lstat()
            children = list(path.iterdir()) if stat.S_ISDIR(found.st_mode) else []
        except OSError:
            continue
        foreign += found.st_uid != os.geteuid()
        is_open = is_open and bool(found.st_mode & _OTHERS) and not stat.S_ISLNK(found.st_mode)
        if is_open:
            reached.append(path)
        todo += [(child, is_open) for child in children]
    return foreign, reached


def _made_private(path: Path) -> bool:
    try:
        path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
    except OSError:
        return False
    return True


def _examine_room(root: Path) -> Finding:
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        return Finding(Level.WARNING, SUBJECT, f"the free space cannot be asked: {error}.")
    text = f"{size_text(free)} are free."
    if free >= LITTLE_BYTES:
        return Finding(Level.OK, SUBJECT, text)
    level = Level.WARNING if free >= NOTHING_BYTES else Level.ERROR
    return Finding(level, SUBJECT, f"only {text}", "Make room; `nbtrack du` shows what takes it.")


def _examine_file_system(root: Path) -> Finding:
    footing = footing_of(root)
    if not footing.is_shared:
        return Finding(Level.OK, SUBJECT, "it lies on a local file system, locks hold.")
    return Finding(
        Level.NOTE,
        SUBJECT,
        f"the workspace {footing.reason}: kernels write only journals, and the database of this "
        f"machine lies in {footing.folder}.",
        "Runs are listed fastest on a local disk: set NBTRACK_DIR.",
    )
