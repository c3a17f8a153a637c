"""Where a workspace keeps what: the one place that makes a path out of a run's uid.

    <root>/nbtrack.duckdb          what was ingested, see `database`
    <root>/gate, <root>/lock       who may open it, see `turnstile`; on a network file system
                                   these three lie elsewhere, see `footing`
    <root>/network-filesystem      whether it lies on one, where somebody said so
    <root>/taken-up                grows when a run that had ended goes on, see `listing`
    <root>/upkeep                  who keeps it in order, see `upkeep`
    <root>/settings.toml           what its user has set, see `nbtrack.settings`
    <root>/runs/<uid>/journal.nbj  the truth about one run, see `journal`
    <root>/runs/<uid>/journal.nbz  the same, packed once the run has ended, see `sealing`
    <root>/runs/<uid>/stop         present while somebody wants the run to stop, see `requests`
    <root>/runs/<uid>/finish       the same for one that is to finish
    <root>/runs/<uid>/files/       what belongs to the run
    <root>/runs/<uid>/edits/       changes that others leave for the run's writer
    <root>/runs/<uid>/parts/       what processes log that joined the run, see `parts`
    <root>/trash/<uid>/            a run that was deleted, see `trash`

Folders are private to their user. Nothing here opens a journal or the database.
"""

import os
import re
from pathlib import Path

from nbtrack.errors import StoreError, UsageError

JOURNAL = "journal.nbj"
SEALED = "journal.nbz"
GONE = ".gone"
"""Ends the name of a folder in the trash that cannot be restored any more."""
DATABASE = "nbtrack.duckdb"
NETWORK_WORD = "network-filesystem"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600

_UID = re.compile(r"[0-9a-z-]{1,64}")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | _NO_LINK
"""How journals and spills are opened to be read: line ends stay; a pipe in the place of one,
which others may put into a shared workspace, is not waited for, and no link is followed."""


def run_folder(root: Path, uid: str) -> Path:
    """Return the folder of a run; it need not exist.

    Raises:
        UsageError: If `uid` is not 1 to 64 of the characters `0-9a-z-`: uids come from
            browsers too, and must not lead out of the workspace.
    """
    if not isinstance(uid, str) or not is_uid(uid):
        raise UsageError(f"{uid!r} is no run uid: 1 to 64 of the characters 0-9, a-z and '-'.")
    return runs_folder(root) / uid


def is_uid(name: str) -> bool:
    """Tell whether a name can be that of a run's folder."""
    return _UID.fullmatch(name) is not None


def runs_folder(root: Path) -> Path:
    """Return the folder in which every run has its own."""
    return root / "runs"


def journal_path(root: Path, uid: str) -> Path:
    """Return where the journal of a run lies; it need not exist.

    Raises:
        UsageError: If `uid` is malformed.
    """
    return run_folder(root, uid) / JOURNAL


def sealed_path(root: Path, uid: str) -> Path:
    """Return where the journal of a run lies once it is packed; it need not exist.

    Raises:
        UsageError: If `uid` is malformed.
    """
    return run_folder(root, uid) / SEALED


def trash_folder(root: Path) -> Path:
    """Return the folder of the runs that were deleted; it need not exist."""
    return root / "trash"


def is_trashed(root: Path, uid: str) -> bool:
    """Tell whether a run was deleted, or is being deleted for good.

    What the database still has of such a run is not told any more.
    """
    path = trash_folder(root) / uid
    return os.path.lexists(path) or os.path.lexists(f"{path}{GONE}")


def trashed_uids(root: Path) -> set[str]:
    """Return the uids of all runs that `is_trashed` knows, in one look."""
    try:
        with os.scandir(trash_folder(root)) as entries:
            return {entry.name.removesuffix(GONE) for entry in entries}
    except OSError:
        return set()


def database_path(root: Path) -> Path:
    """Return where the database lies in a workspace; `footing` says whether it does."""
    return root / DATABASE


def uids(root: Path) -> list[str]:
    """Return the uids of all run folders, in no order; none where there is no workspace."""
    try:
        with os.scandir(runs_folder(root)) as entries:
            return [entry.name for entry in entries if is_uid(entry.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot list the runs in {str(root)!r}: {error}.") from error


def make_private(folder: Path) -> None:
    """Make a folder and the missing ones above it, each readable by its user only."""
    missing = [folder, *folder.parents]
    missing = [one for one in missing if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
