"""Files that belong to a run: copies in the folder `files` of the run's own.

A copy appears whole or not at all, and links are never written through.
"""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nbtrack.errors import StoreError, UsageError
from nbtrack.store.layout import make_private, run_folder
from nbtrack.store.outputlog import OUTPUT_LOG

FILES = "files"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC  # a pipe must not be waited for
_NO_SUCH_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


def files_folder(root: Path, uid: str) -> Path:
    """Return the folder of a run's files; it need not exist.

    Raises:
        UsageError: If the uid is malformed.
    """
    return run_folder(root, uid) / FILES


def open_file(root: Path, uid: str, name: str) -> BinaryIO:
    """Open a file of a run for reading; the name may come from anywhere.

    Each folder on the way is opened by itself and no link is followed, so that nothing
    outside of the run's files can be reached, whoever changes them meanwhile.

    Args:
        root: The workspace.
        uid: Of the run.
        name: Path below the run's files, with `/`.

    Raises:
        UsageError: If the uid or the name is malformed, or the name is that of no file.
        StoreError: If it cannot be opened.
    """
    try:
        descriptor = _descended(files_folder(root, uid), _parts_of(name))
    except OSError as error:
        if error.errno in _NO_SUCH_FILE:
            raise _no_file(name) from None
        raise StoreError(f"cannot open the run's file {name[:200]!r}: {error}.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file(name)
    return os.fdopen(descriptor, "rb")


def _parts_of(name: str) -> list[str]:
    parts = name.split("/")
    if "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        raise UsageError(
            f"{name[:200]!r} is no name of a run's file: names are paths below its files, "
            "like 'code/train.py'."
        )
    return parts


def _descended(folder: Path, parts: list[str]) -> int:
    """Return a descriptor of what stands at the end of a path."""
    held = os.open(folder, _FOLDER)
    for depth, part in enumerate(parts, 1):
        try:
            below = os.open(part, _FILE if depth == len(parts) else _FOLDER, dir_fd=held)
        finally:
            os.close(held)
        held = below
    return held


def _no_file(name: str) -> UsageError:
    return UsageError(
        f"the run has no file {name[:200]!r}. Its files may have changed: look again."
    )


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all; what stood at the target is replaced.

    Args:
        source: A file.
        target: Its place; folders that are missing are made.

    Raises:
        StoreError: If it cannot be read or written.
    """
    try:
        with source.open("rb") as original, _whole(target) as copy:
            shutil.copyfileobj(original, copy, 1 << 20)
            shutil.copystat(source, copy.name)
    except OSError as error:
        raise StoreError(f"cannot keep a copy of {str(source)!r}: {error}.") from error


def write_file(target: Path, content: str | bytes) -> None:
    """Write a file, whole or not at all; what stood there is replaced.

    Args:
        target: Its place; folders that are missing are made.
        content: Bytes, or a text: UTF-8 will say it; what it cannot say becomes `?`.

    Raises:
        StoreError: If it cannot be written.
    """
    try:
        with _whole(target) as file:
            file.write(content.encode(errors="replace") if isinstance(content, str) else content)
    except OSError as error:
        raise StoreError(f"cannot write {str(target)!r}: {error}.") from error


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    """Lend a file that takes the target's place when it is written; its `name` is a path."""
    make_private(target.parent)
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        os.close(descriptor)
        with open(part, "wb") as file:  # noqa: PTH123 - a name of a temporary file is text
            yield file
        os.replace(part, target)  # noqa: PTH105 - as above
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)  # noqa: PTH108 - as above
        raise


def carry_files(root: Path, source: str, target: str) -> None:
    """Copy the files of one run to another that has none yet; links stay links.

    What the one printed stays with it.

    Raises:
        UsageError: If a uid is malformed.
        StoreError: If they cannot be copied.
    """
    folder = files_folder(root, source)
    if not folder.is_dir():
        return

    def left_out(where: str, _names: list[str]) -> list[str]:
        return [OUTPUT_LOG] if Path(where) == folder else []

    target_folder = files_folder(root, target)
    try:
        shutil.copytree(folder, target_folder, symlinks=True, ignore=left_out, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise StoreError(f"cannot copy the files of run {source!r}: {error}.") from error
