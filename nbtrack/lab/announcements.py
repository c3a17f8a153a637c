"""What kernels announce: one small file per workspace, in a folder of the user's own.

Nothing is believed that somebody else owns, nothing is followed, nothing is waited for.
Every function reads the disk: call them on a thread that may wait.
"""

import json
import os
import re
import stat
from pathlib import Path

from nbtrack.errors import StoreError

WORKSPACE = ".nbtrack"
"""Name of every workspace's folder."""
_MOST_BYTES = 16_384  # a path is 4,096 bytes long at most
_OLD_S = 7 * 86_400.0  # a disk that is away for a weekend comes back
_OURS = re.compile(r"[0-9a-f]{32}\.(?:json|\d+)")


def announced(registry: Path) -> list[Path]:
    """Return the paths that kernels announced, the newest first."""
    files = sorted(registry.glob("*.json"), key=_announced_at, reverse=True)
    return [path for file in files if (path := _path_in(file)) is not None]


def sweep(registry: Path, now_s: float) -> int:
    """Remove announcements that are older than a week and whose workspace is gone.

    So are files that a kernel left which was killed while it announced. All else stays:
    what is young, another user's, a link, or of a workspace that cannot be looked at.

    Args:
        registry: Folder of the announcements; where there is none nothing is done.
        now_s: Seconds since the epoch.

    Returns:
        How many files are gone.
    """
    try:
        folder = os.open(registry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _is_old(folder, entry.name, now_s)]
        return sum(_removed(registry, folder, name) for name in names)
    finally:
        os.close(folder)


def _is_old(folder: int, name: str, now_s: float) -> bool:
    if _OURS.fullmatch(name) is None:
        return False
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    is_own_file = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid()
    return is_own_file and now_s - found.st_mtime > _OLD_S


def _removed(registry: Path, folder: int, name: str) -> bool:
    """Remove an old file, unless it announces a workspace that may be there."""
    if name.endswith(".json") and not _is_gone(_path_in(registry / name)):
        return False
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return False
    return True


def _is_gone(workspace: Path | None) -> bool:
    """Tell whether a folder is surely not there; a disk that does not answer tells nothing."""
    if workspace is None:
        return False
    try:
        workspace.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):  # ValueError: a zero byte
        return False
    return False


def _announced_at(file: Path) -> float:
    try:
        return file.lstat().st_mtime
    except OSError:
        return 0.0


def _path_in(file: Path) -> Path | None:
    """Return the path that a kernel announced, or None when it cannot be believed."""
    try:
        path = Path(json.loads(_read_own(file))["path"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None
    return path if path.is_absolute() and path.name == WORKSPACE else None


def _read_own(file: Path) -> bytes:
    """Read a small regular file of the current user.

    Raises:
        StoreError: If it is someone else's, a link, or too long.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(file, flags)
    try:
        if os.fstat(descriptor).st_uid != os.getuid():
            raise StoreError(f"{file} belongs to another user.")
        content = os.read(descriptor, _MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > _MOST_BYTES:
        raise StoreError(f"{file} is longer than {_MOST_BYTES} bytes.")
    return content
