"""What a killed writer had taken and not written: from its spill into its journal.

Whoever looks at a run first does it. The journal's lock says that the writer is gone and
keeps a second helper out; the last mark in the journal says what it has already, so that
nothing comes twice, however often a recovery is cut short. Where locks prove nothing
(see `footing`) the process must be gone from this very host, and the helper has the
lease. A kill can also end a `write`
in its middle: what stands behind the last mark is looked up, too.
"""

import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nbtrack.errors import StoreError
from nbtrack.records import Control, Opened, Record, Row
from nbtrack.store import lease, liveness
from nbtrack.store.control import MalformedError, decode_control, encode_control
from nbtrack.store.footing import footing_of
from nbtrack.store.frames import PIECE_BYTES, FrameFile, Kind, PlainFile
from nbtrack.store.journal import Journal
from nbtrack.store.layout import JOURNAL, READING, run_folder
from nbtrack.store.parts import has_parts
from nbtrack.store.spill import (
    NAME,
    decode_record,
    is_newer,
    is_spill,
    read_spill,
    remove_spill,
    set_spill_aside,
)

if TYPE_CHECKING:
    from nbtrack.store.entries import Entry


def recover(root: Path, uid: str) -> int:
    """Bring the journal of a run that nobody writes up to date with what was left beside it.

    That is its writer's spill, and the parts of processes that had joined it and are gone.

    Returns:
        How many records came back.

    Raises:
        UsageError: If `uid` is malformed.
    """
    count = recover_spill(root, uid)
    if not has_parts(root, uid):
        return count
    from nbtrack.store.leading import settle  # needs numpy

    return count + settle(root, uid)


def recover_spill(root: Path, uid: str) -> int:
    """Bring the journal of a run whose writer is gone up to date with its spill.

    Does nothing where there is no spill, the writer lives, the folder cannot be written, or
    a newer nbtrack wrote what is there: then the spill stays for the next one who looks.

    Returns:
        How many records came back.

    Raises:
        UsageError: If `uid` is malformed.
    """
    folder = run_folder(root, uid)
    if not os.path.exists(folder / NAME) or is_newer(folder):  # noqa: PTH110 - never raises
        return 0
    footing = footing_of(root)
    if not footing.is_shared:
        return 0 if _is_written(folder / JOURNAL) else _recovered(root, uid)
    with lease.taken(footing.folder) as is_ours:
        return _recovered(root, uid) if is_ours and _is_gone(folder / JOURNAL) else 0


def _recovered(root: Path, uid: str) -> int:
    try:
        journal = Journal.reopen(root, uid)
    except (StoreError, OSError):
        return 0
    try:
        return _bring_back(journal, run_folder(root, uid))
    except (StoreError, OSError):
        return 0
    finally:
        journal.close()


def _is_written(path: Path) -> bool:
    """Tell whether a writer lives, without waiting for it."""
    try:
        descriptor = os.open(path, READING)
    except OSError:
        return True
    try:
        return liveness.is_locked(descriptor) is not False
    finally:
        os.close(descriptor)


def _is_gone(path: Path) -> bool:
    """Tell whether the process that wrote a journal last was one of this host and is gone."""
    try:
        descriptor = os.open(path, READING)
    except OSError:
        return False
    try:
        owners = [
            said.owner
            for found in FrameFile(PlainFile(descriptor), 0).frames()
            if found.kind == Kind.CONTROL and isinstance(said := _said(found.payload), Opened)
        ]
    finally:
        os.close(descriptor)
    return bool(owners) and liveness.is_gone_from_here(owners[-1])


def _said(payload: memoryview) -> Control | None:
    with contextlib.suppress(MalformedError):
        return decode_control(payload)
    return None


def _bring_back(journal: Journal, folder: Path) -> int:
    if not is_spill(folder):
        set_spill_aside(folder)
        return 0
    missing = [entry for entry in read_spill(folder) if entry.sequence > journal.marked]
    records: list[Record] = []
    if missing:
        written = _Written(journal)
        for entry in missing:
            with contextlib.suppress(MalformedError):
                record = decode_record(entry.payload)
                if record is not None and not written.has(record):
                    records.append(record)
        journal.append(records, missing[-1].sequence)
    remove_spill(folder)
    return len(records)


class _Written:
    """What the journal has of the batch whose mark is missing."""

    def __init__(self, journal: Journal) -> None:
        self._steps: set[int] = set()
        self._controls: Counter[bytes] = Counter()
        descriptor = os.open(journal.path, READING)
        from nbtrack.store.tail import Tail  # it recovers a run before it reads it

        with Tail(journal.path, PlainFile(descriptor), journal.marked_at) as tail:
            while tail.position < journal.position:
                for entry in tail.entries(PIECE_BYTES):
                    self._add(entry)

    def has(self, record: Record) -> bool:
        """Tell whether a record is there; another one that is equal may still be missing."""
        if isinstance(record, Row):
            return record.step in self._steps
        said = encode_control(cast("Control", record))
        self._controls[said] -= 1
        return self._controls[said] >= 0

    def _add(self, entry: "Entry") -> None:
        from nbtrack.store.entries import Lines, Rows

        if isinstance(entry, Rows):
            if entry.shape.stream == "metric":
                self._steps.update(entry.steps.tolist())
        elif not isinstance(entry, Lines):
            self._controls[encode_control(entry)] += 1
