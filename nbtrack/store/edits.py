"""Changing a run that somebody else writes, or nobody any more.

A journal has one writer. Where there is none, whoever changes the run becomes that for a
moment. Where there is one, the change lies in the run's folder as a little file, and the
writer takes it over as it takes what its own user says, a fraction of a second later. Who
left it there waits for that, and takes it back if nobody comes: a change is made or is
refused, and never hangs in between.

A change sets values and names them all, so that one that is told twice (its writer was
killed after taking it over and before the file was gone) changes nothing the second time.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.records import Closed, ConfigChanged, RunChanged, SummaryChanged
from nbtrack.store.control import MalformedError, decode_control, encode_control
from nbtrack.store.ingest import Ingester
from nbtrack.store.journal import Journal
from nbtrack.store.layout import PRIVATE_FILE, PRIVATE_FOLDER, run_folder
from nbtrack.store.recovery import recover

_NO_LINK = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

Edit: TypeAlias = RunChanged | ConfigChanged | SummaryChanged
"""What can be changed of a run that another process writes."""

WAIT_S = 5.0
PAUSE_S = 0.01
LOOK_S = 0.2
MOST_BYTES = 4 << 20
DRAFT_S = 60.0
"""So old is a draft that nobody finishes any more: it takes milliseconds."""
_FOLDER = "edits"
_READY = ".json"
_TAKEN = ".taken"
_DRAFT = ".draft"


def edit_run(
    root: Path,
    uid: str,
    records: Sequence[Edit | Closed],
    *,
    is_written: Callable[[], bool],
    wait_s: float = WAIT_S,
) -> None:
    """Change a run; when this returns, every reader sees it.

    Args:
        root: The workspace.
        uid: Of the run.
        records: What changes. Their time is that of the run's last sign of life, because
            a change is none.
        is_written: Tells whether the run has a writer that lives.
        wait_s: How long the writer has to take the change over, seconds.

    Raises:
        UsageError: If the uid is malformed.
        RunNotFoundError: If there is no such run.
        StoreError: If the change could not be made. Nothing is changed then.
    """
    if is_written():
        left = _leave(run_folder(root, uid), records)
        if _was_taken(left, is_written, wait_s):
            return
        if is_written():
            if _taken_back(left):
                raise StoreError(_not_taken(uid, wait_s))
            return
        left.unlink(missing_ok=True)
        _clear(left.parent)
    _append(root, uid, records)


@contextlib.contextmanager
def taken_edits(root: Path, uid: str) -> Iterator[list[Edit]]:
    """Give what others want to be changed in a run, oldest first, to its writer.

    At the end of the block they are told that it is in the journal. The writer asks many
    times a second; where nothing is wanted, it costs a `stat`. What cannot be understood
    is dropped.
    """
    if not may_be_edited(root, uid):
        yield []
        return
    folder = run_folder(root, uid) / _FOLDER
    claimed = [_claimed(path) for path in sorted(folder.glob(f"*{_READY}"))]
    yield [edit for path in claimed if path for edit in _read(path)]
    _clear(folder)


def may_be_edited(root: Path, uid: str) -> bool:
    """Tell whether somebody is leaving a change just now; costs a `stat`."""
    return os.path.exists(run_folder(root, uid) / _FOLDER)  # noqa: PTH110 - never raises


def _was_taken(left: Path, is_written: Callable[[], bool], wait_s: float) -> bool:
    """Wait until the writer has taken a change over; False if it is gone, or too slow."""
    give_up_at = time.monotonic() + wait_s
    while time.monotonic() < give_up_at:
        look_again_at = time.monotonic() + LOOK_S
        while time.monotonic() < look_again_at:
            if not left.exists() and not left.with_suffix(_TAKEN).exists():
                return True
            time.sleep(PAUSE_S)
        if not is_written():
            return False
    return False


def _leave(folder: Path, records: Sequence[Edit | Closed]) -> Path:
    """Put a change where the writer looks, all of it at once."""
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    lines = b"\n".join(encode_control(record) for record in records)
    for _ in range(10):  # the writer removes an empty folder, maybe just now
        with contextlib.suppress(FileNotFoundError):
            return _written(folder / _FOLDER, name, lines)
    raise StoreError(f"cannot leave a change in {str(folder)!r}.")


def _written(folder: Path, name: str, data: bytes) -> Path:
    ready = folder / (name + _READY)
    draft = folder / (name + _DRAFT)
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        os.close(os.open(folder, _NO_LINK))  # in a shared workspace one could lead anywhere
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.rename(ready)
    except FileNotFoundError:
        raise
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise StoreError(f"cannot leave a change in {str(folder)!r}: {error}.") from error
    return ready


def _taken_back(left: Path) -> bool:
    """Take back a change; False if the writer was faster."""
    try:
        left.unlink()
    except FileNotFoundError:
        return False
    with contextlib.suppress(OSError):
        left.parent.rmdir()
    return True


def _claimed(path: Path) -> Path | None:
    """Make a change the writer's; None if it was taken back."""
    claimed = path.with_suffix(_TAKEN)
    try:
        path.rename(claimed)
    except OSError:
        return None
    return claimed


def _read(path: Path) -> list[Edit]:
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
        said = [decode_control(line) for line in data.split(b"\n") if line]
    except (OSError, MalformedError):
        return []
    return [one for one in said if isinstance(one, Edit)]


def _clear(folder: Path) -> None:
    """Remove what was taken over, and the folder if nothing more is being left there."""
    for path in folder.glob(f"*{_TAKEN}"):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{_DRAFT}"):
            if abs(time.time() - path.stat().st_mtime) > DRAFT_S:  # whoever wrote it was killed
                path.unlink()
        folder.rmdir()


def _append(root: Path, uid: str, records: Sequence[Edit | Closed]) -> None:
    """Be the writer for a moment."""
    if not run_folder(root, uid).exists():
        raise RunNotFoundError(f"no run {uid!r} in {str(root)!r}.")
    recover(root, uid)  # what a killed writer left comes before what is said now
    journal = Journal.reopen(root, uid)
    try:
        journal.append(records)
    finally:
        journal.close()
    Ingester(root).ingest(uid)  # if it is free; everybody reads the journal, too


def _not_taken(uid: str, wait_s: float) -> str:
    return (
        f"run {uid!r} is being written by another process, which did not take the change over "
        f"within {wait_s:g} s: is it suspended, or of an older nbtrack? Nothing is changed. Try "
        "again, or when the run has ended."
    )
