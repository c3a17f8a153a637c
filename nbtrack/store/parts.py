"""The parts of a run: what processes other than its writer log to it.

    <root>/runs/<uid>/parts/runs/<name>/    one process's part: a journal and a spill

A journal has one writer. A process that joins a run writes a journal of its own, with a
lock and a spill of its own, so that what it logged outlives it as if it were alone. Who
writes the run takes the parts into its journal (see `gathering`); where nobody does, one
of those that joined goes on with it (see `leading`), and what is left behind when all
are gone is brought in by whoever looks first.

The folder of parts is laid out as a workspace is. A part whose process has a say in how
the run ends has a name that begins with `v`; the others are guests.
"""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nbtrack.errors import StoreError
from nbtrack.records import Opened
from nbtrack.store import liveness
from nbtrack.store.footing import footing_of
from nbtrack.store.journal import Journal
from nbtrack.store.layout import (
    NETWORK_WORD,
    PRIVATE_FILE,
    READING,
    journal_path,
    make_private,
    run_folder,
    sealed_path,
    uids,
)
from nbtrack.store.listing import TAKEN_UP
from nbtrack.store.workspace import said_network, say_network

FOLDER = "parts"
_WITH_A_SAY, _GUEST = "v", "g"
_TRIES = 3
_BESIDE = ("gate", NETWORK_WORD, TAKEN_UP)
"""What lies beside the parts: how their file system keeps locks, and that one was recovered."""


def parts_root(root: Path, uid: str) -> Path:
    """Return the folder of a run's parts; it need not exist.

    Raises:
        UsageError: If the uid is malformed.
    """
    return run_folder(root, uid) / FOLDER


def has_parts(root: Path, uid: str) -> bool:
    """Tell whether other processes log to a run, or did; costs one `stat`."""
    return os.path.exists(parts_root(root, uid))  # noqa: PTH110 - never raises


def open_part(root: Path, opened: Opened, *, has_say: bool) -> Journal:
    """Join a run.

    Args:
        root: The workspace.
        opened: Who the run is, with this process as its owner.
        has_say: Whether the run goes on as long as this process does, and ends as it ends.

    Returns:
        The journal of this process's part, without a spill.

    Raises:
        UsageError: If the uid is malformed.
        StoreError: If the folder cannot be written, or locks prove nothing there.
    """
    footing = footing_of(root)
    if footing.is_shared:
        raise StoreError(
            f"run {opened.uid!r} cannot be joined: the workspace {footing.reason}, where nobody "
            "can tell which process lives. Give the processes runs of one group: "
            "nbtrack.init(group=...)."
        )
    folder = parts_root(root, opened.uid)
    for _ in range(_TRIES):  # who ends the run may be removing the folder just now
        with contextlib.suppress(FileNotFoundError, StoreError):
            return _made(root, folder, opened, has_say=has_say)
    return _made(root, folder, opened, has_say=has_say)


@contextlib.contextmanager
def one_joins(root: Path, timeout_s: float) -> Iterator[None]:
    """Let one process after the other begin or join runs: two that come together share one.

    Raises:
        StoreError: If another process takes longer than `timeout_s`, or the workspace
            cannot be written.
    """
    descriptor = os.open(root / "joining", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        give_up_at = time.monotonic() + timeout_s
        while not liveness.take_lock(descriptor):
            if time.monotonic() > give_up_at:
                raise StoreError(f"another process joins a run in {str(root)!r} and does not end.")
        yield
    finally:
        liveness.release_lock(descriptor)
        os.close(descriptor)


def part_names(root: Path, uid: str) -> list[str]:
    """Return the names of a run's parts, oldest first; none where it has none."""
    return sorted(uids(parts_root(root, uid)), key=lambda name: name[1:])


def has_say(name: str) -> bool:
    """Tell whether the process of a part has a say in how the run ends."""
    return name.startswith(_WITH_A_SAY)


def is_written(root: Path, uid: str, name: str) -> bool:
    """Tell whether the process of a part lives; True where that cannot be asked."""
    try:
        descriptor = os.open(journal_path(parts_root(root, uid), name), READING)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return liveness.is_locked(descriptor) is not False
    finally:
        os.close(descriptor)


def is_led(root: Path, uid: str) -> bool:
    """Tell whether a process writes the journal of a run; True where nobody can."""
    try:
        descriptor = os.open(journal_path(root, uid), READING)
    except FileNotFoundError:
        return not sealed_path(root, uid).exists()
    except OSError:
        return True
    try:
        return liveness.is_locked(descriptor) is not False
    finally:
        os.close(descriptor)


def goes_on(root: Path, uid: str) -> bool:
    """Tell whether a process lives that joined a run and has a say in how it ends."""
    if not has_parts(root, uid):
        return False
    try:
        return any(is_written(root, uid, name) for name in part_names(root, uid) if has_say(name))
    except StoreError:
        return False


def remove_part(root: Path, uid: str, name: str) -> None:
    """Remove a part that the run's journal has; the folder with the last of them."""
    parts = parts_root(root, uid)
    shutil.rmtree(run_folder(parts, name), ignore_errors=True)
    with contextlib.suppress(OSError):
        (parts / "runs").rmdir()
        for known in _BESIDE:
            (parts / known).unlink(missing_ok=True)
        parts.rmdir()


def _made(root: Path, folder: Path, opened: Opened, *, has_say: bool) -> Journal:
    make_private(folder)
    said = said_network(root)
    if said is not None:
        say_network(folder, is_network=said)
    name = f"{_WITH_A_SAY if has_say else _GUEST}-{time.time_ns():020d}-{secrets.token_hex(6)}"
    return Journal.create(folder, replace(opened, uid=name))
