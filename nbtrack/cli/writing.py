"""Files that commands write where their user says: whole or not at all, and never over others."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbtrack.errors import StoreError, UsageError

STDOUT = "-"
"""Stands for a file where the user wants it printed."""


def expect_room(paths: Sequence[Path], *, is_forced: bool) -> None:
    """Expect that no file is there that would be lost.

    Raises:
        UsageError: If one is, and the user did not force it.
    """
    there = [str(path) for path in paths if path.exists()]
    if there and not is_forced:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise UsageError(f"{there[0]!r}{more} is there already. To overwrite it, add --force.")


@contextlib.contextmanager
def made(path: Path) -> Iterator[Path]:
    """Lend a file, private to its user, that takes its name when it is whole.

    Raises:
        StoreError: If it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(f"cannot write {str(path)!r}: {error.strerror}.") from error
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {str(path)!r}: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
