"""Asking a run to end: a little file in its folder that its process looks for.

Whoever writes the run looks when the file is moved to its place, where the system tells
(see `doorbell`), and ten times a second. The file of a run that is to finish holds the exit
code; it is there at once or not at all.
"""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from nbtrack.errors import StoreError
from nbtrack.store.layout import READING, run_folder

Wish: TypeAlias = Literal["stop", "finish"]
"""How somebody wants a run to end: now, or when nothing goes on in it."""
WISHES: tuple[Wish, ...] = get_args(Wish)

_MODE = 0o644  # no secret, and another user may write the run
_MOST_BYTES = 32


def request_stop(root: Path, uid: str) -> None:
    """Ask a run to stop; its kernel sees it at its next look, a fraction of a second later.

    Raises:
        UsageError: If `uid` is malformed.
        StoreError: If there is no such run, or its folder cannot be written.
    """
    _request(root, uid, "stop")


def request_finish(root: Path, uid: str, exit_code: int = 0) -> None:
    """Ask a run to finish as soon as no code of its process works.

    Args:
        root: The workspace.
        uid: Of the run.
        exit_code: How it ends: 0 as `finished`, with any other number as `failed`.

    Raises:
        UsageError: If `uid` is malformed.
        StoreError: If there is no such run, or its folder cannot be written.
    """
    _request(root, uid, "finish", str(int(exit_code)))  # True is 1


def stop_requested(root: Path, uid: str, wish: Wish = "stop") -> bool:
    """Tell whether somebody asked a run to end; a folder that cannot be read says nothing."""
    return os.path.exists(run_folder(root, uid) / wish)  # noqa: PTH110 - never raises


def stop_sign(root: Path, uid: str, wish: Wish = "stop") -> tuple[int, int] | None:
    """Return what tells one request to end from the next; None where there is none."""
    try:
        found = (run_folder(root, uid) / wish).stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns)


def asked_exit_code(root: Path, uid: str, wish: Wish) -> int:
    """Return with which exit code a run is asked to end; 0 where none is said."""
    try:
        descriptor = os.open(run_folder(root, uid) / wish, READING)
        try:
            text = os.read(descriptor, _MOST_BYTES)
            return int(text) if len(text) < _MOST_BYTES else 0
        finally:
            os.close(descriptor)
    except (OSError, ValueError):  # taken back, or anybody's text
        return 0


def clear_stop(root: Path, uid: str, wish: Wish = "stop") -> None:
    """Take back what somebody asked; harmless where nothing was asked."""
    with contextlib.suppress(OSError):
        (run_folder(root, uid) / wish).unlink()


def _request(root: Path, uid: str, wish: Wish, text: str = "") -> None:
    folder = run_folder(root, uid)
    draft = folder / f".{wish}-{secrets.token_hex(4)}"
    try:
        _write(draft, text)
        draft.replace(folder / wish)  # a link in its place, which could lead anywhere, goes
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise StoreError(
            f"cannot ask run {uid!r} to {wish}: {error}. Whoever may write to its folder can."
        ) from error


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        path.chmod(_MODE)  # whatever the umask is
