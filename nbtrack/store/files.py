"""Files that belong to a run: copies in the folder `files` of the run's own.

A copy appears whole or not at all, and links are never written through.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from nbtrack.errors import StoreError
from nbtrack.store.layout import make_private, run_folder

FILES = "files"


def files_folder(root: Path, uid: str) -> Path:
    """Return the folder of a run's files; it need not exist.

    Raises:
        UsageError: If the uid is malformed.
    """
    return run_folder(root, uid) / FILES


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all; what stood at the target is replaced.

    Args:
        source: A file.
        target: Its place; folders that are missing are made.

    Raises:
        StoreError: If it cannot be read or written.
    """
    part = None
    try:
        make_private(target.parent)
        descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        with source.open("rb") as original, os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(original, copy, 1 << 20)
        shutil.copystat(source, part)
        os.replace(part, target)  # noqa: PTH105 - a name of a temporary file is text
    except OSError as error:
        if part is not None:
            with contextlib.suppress(OSError):
                os.unlink(part)  # noqa: PTH108 - as above
        raise StoreError(f"cannot keep a copy of {str(source)!r}: {error}.") from error


def carry_files(root: Path, source: str, target: str) -> None:
    """Copy the files of one run to another that has none yet; links stay links.

    Raises:
        UsageError: If a uid is malformed.
        StoreError: If they cannot be copied.
    """
    folder = files_folder(root, source)
    if not folder.is_dir():
        return
    try:
        shutil.copytree(folder, files_folder(root, target), symlinks=True, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise StoreError(f"cannot copy the files of run {source!r}: {error}.") from error
