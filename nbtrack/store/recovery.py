"""What a killed writer had taken and not written: from its spill into its journal.

Whoever looks at a run first does it. The journal's lock says that the writer is gone and
keeps a second helper out; the last mark in the journal says what it has already, so that
nothing comes twice, however often a recovery is cut short.
"""

import contextlib
import os
from pathlib import Path

from nbtrack.errors import StoreError
from nbtrack.store import liveness
from nbtrack.store.control import MalformedError
from nbtrack.store.journal import Journal
from nbtrack.store.layout import JOURNAL, run_folder
from nbtrack.store.spill import NAME, decode_record, read_spill, remove_spill


def recover(root: Path, uid: str) -> int:
    """Bring the journal of a run whose writer is gone up to date with its spill.

    Does nothing where there is no spill, the writer lives, or the folder cannot be
    written: then the spill stays for the next one who looks.

    Returns:
        How many records came back.

    Raises:
        UsageError: If `uid` is malformed.
    """
    folder = run_folder(root, uid)
    if not (folder / NAME).exists() or _is_written(folder / JOURNAL):
        return 0
    try:
        journal = Journal.reopen(root, uid)
    except StoreError:
        return 0
    try:
        return _bring_back(journal, folder)
    except StoreError:
        return 0
    finally:
        journal.close()


def _is_written(path: Path) -> bool:
    """Tell whether a writer lives, without waiting for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return True
    try:
        return liveness.is_locked(descriptor) is not False
    finally:
        os.close(descriptor)


def _bring_back(journal: Journal, folder: Path) -> int:
    missing = [entry for entry in read_spill(folder) if entry.sequence > journal.marked]
    records = []
    for entry in missing:
        with contextlib.suppress(MalformedError):
            record = decode_record(entry.payload)
            if record is not None:
                records.append(record)
    if missing:
        journal.append(records, missing[-1].sequence)
    remove_spill(folder)
    return len(records)
