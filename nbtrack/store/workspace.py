"""The folder of a workspace: made once, never half, and numbered per project."""

import contextlib
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from nbtrack.errors import StoreError
from nbtrack.store.layout import NETWORK_WORD, make_private

_IGNORE = "*\n"
_SAYS = {b"1": True, b"0": False}


def open_workspace(root: Path, *, is_network: bool | None = None) -> Path:
    """Make sure that a workspace is there and can be written.

    Args:
        root: The `.nbtrack` folder.
        is_network: Whether it lies on a network file system; None leaves it to `footing`.
            Said once, it holds for all processes until something else is said.

    Returns:
        `root`.

    Raises:
        StoreError: If it cannot be made or written.
    """
    try:
        make_private(root / "runs")
        make_private(root / "projects")
        _keep_out_of_git(root)
        if is_network is not None:
            say_network(root, is_network=is_network)
        with tempfile.TemporaryFile(dir=root):
            return root
    except OSError as error:
        raise StoreError(f"the workspace {root} cannot be written: {error.strerror}.") from error


def said_network(root: Path) -> bool | None:
    """Return what was said about the file system of a workspace, None if nothing.

    Raises:
        OSError: If there is no telling.
    """
    try:
        descriptor = os.open(f"{root}/{NETWORK_WORD}", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return _SAYS.get(os.read(descriptor, 1))
    finally:
        os.close(descriptor)


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


def say_network(root: Path, *, is_network: bool) -> None:
    """Leave word for all processes; they must agree on where the database lies.

    Raises:
        OSError: If the folder cannot be written.
    """
    if said_network(root) is is_network:
        return
    descriptor, name = tempfile.mkstemp(dir=root)
    try:
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor
            file.write(f"{int(is_network)}\n")
        Path(name).replace(root / NETWORK_WORD)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
