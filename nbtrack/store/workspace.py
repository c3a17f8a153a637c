"""The folder of a workspace: made once, never half, and numbered per project."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from nbtrack.errors import StoreError
from nbtrack.store.layout import make_private

_IGNORE = "*\n"


def open_workspace(root: Path) -> Path:
    """Make sure that a workspace is there and can be written.

    Args:
        root: The `.nbtrack` folder.

    Returns:
        `root`.

    Raises:
        StoreError: If it cannot be made or written.
    """
    try:
        make_private(root / "runs")
        make_private(root / "projects")
        _keep_out_of_git(root)
        with tempfile.TemporaryFile(dir=root):
            return root
    except OSError as error:
        raise StoreError(f"the workspace {root} cannot be written: {error.strerror}.") from error


def next_number(root: Path, project: str) -> int:
    """Return how many runs of a project were numbered before, plus one.

    One byte is appended to a file per project, so that kernels need no lock. Two that
    ask in the same instant may get the same number.
    """
    path = root / "projects" / sha256(project.encode()).hexdigest()[:32]
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, b".")
        return os.fstat(file).st_size
    finally:
        os.close(file)


def _keep_out_of_git(root: Path) -> None:
    try:
        with (root / ".gitignore").open("x", encoding="utf-8") as file:
            file.write(_IGNORE)
    except FileExistsError:
        pass
