"""Every run's folder: its journal from the first byte to the last, and what lies beside it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtrack.clock import SystemClock
from nbtrack.errors import Error
from nbtrack.records import Opened, RunState
from nbtrack.store.checkup.finding import Finding, Level, counted, size_text
from nbtrack.store.fold import Fold
from nbtrack.store.frames import FORMAT, MAGIC
from nbtrack.store.layout import (
    JOURNAL,
    SEALED,
    journal_path,
    run_folder,
    runs_folder,
    sealed_path,
    uids,
)
from nbtrack.store.pages import PAGE
from nbtrack.store.rebuilding import Progress
from nbtrack.store.recovery import recover
from nbtrack.store.requests import WISHES, clear_stop, stop_requested
from nbtrack.store.spill import NAME, is_spill, read_spill
from nbtrack.store.tail import Tail

SUBJECT = "journals"
PIECE_BYTES = 4 << 20
MOST_NAMED = 3
CRASHED = "crashed: its process is gone and it was never finished."

_KNOWN = (JOURNAL, SEALED, NAME, PAGE, "stop", "files", "edits", "parts")
_VERSION_AT = len(MAGIC) - 1


@dataclass(slots=True)
class _Journal:
    """What was read of one journal.

    Attributes:
        fold: What it comes to.
        said: Its first record, None where that is none or damaged.
        size: Of the file, bytes.
        position: Up to where there are whole frames.
        foreign: Frames of kinds that only a newer nbtrack knows.
        nameless: Shapes that are named nowhere.
        locked: Whether somebody writes it; None where that cannot be asked.
    """

    fold: Fold
    said: Opened | None
    size: int
    position: int
    foreign: int
    nameless: int
    locked: bool | None


def examine_journals(root: Path, *, repair: bool, progress: Progress) -> Iterator[Finding]:
    """Yield what is found about the runs.

    Args:
        root: The workspace.
        repair: Whether to remove stop flags that nobody waits for any more.
        progress: Told how many runs were looked at, and of how many.
    """
    try:
        found = sorted(uids(root))
    except Error as error:
        yield Finding(Level.ERROR, SUBJECT, str(error))
        return
    size, whole = 0, 0
    crashed: list[str] = []
    for done, uid in enumerate(found):
        progress(done, len(found))
        findings = list(_examine_safely(root, uid, repair=repair))
        yield from (finding for finding in findings if finding.text != CRASHED)
        crashed += [uid for finding in findings if finding.text == CRASHED]
        size += _size_of(journal_path(root, uid)) + _size_of(sealed_path(root, uid))
        whole += not any(finding.is_trouble for finding in findings)
    progress(len(found), len(found))
    yield from _examine_others(root)
    if crashed:
        yield Finding(
            Level.NOTE,
            SUBJECT,
            f"{counted(len(crashed), 'run')} crashed (the process is gone, it was never "
            f"finished): {_named(crashed)}.",
            "To see all of them: nbtrack ls --state crashed",
        )
    what = "all of it can be read" if whole == len(found) else f"{whole} of them without trouble"
    text = f"{counted(len(found), 'run')}, {size_text(size)} of journals: {what}."
    yield Finding(Level.OK, SUBJECT, text if found else "there are no runs yet.")


def _examine_safely(root: Path, uid: str, *, repair: bool) -> Iterator[Finding]:
    try:
        yield from _examine_run(root, uid, repair=repair)
    except Exception as error:  # noqa: BLE001 - one bad run must not hide the others
        yield Finding(
            Level.ERROR,
            uid,
            f"looking at it fails: {type(error).__name__}: {error}",
            "The other runs are not touched by that.",
        )


def _examine_run(root: Path, uid: str, *, repair: bool) -> Iterator[Finding]:
    folder = run_folder(root, uid)
    yield from _examine_spill(root, uid)
    yield from _examine_folder(folder, uid)
    try:
        journal = _read(root, uid)
    except LookupError:
        yield from _without_journal(folder, uid)
        return
    except Error as error:
        yield Finding(Level.ERROR, uid, str(error), "Look at its permissions, and at the disk.")
        return
    yield from _examine_bytes(folder, uid, journal)
    yield from _examine_identity(uid, journal)
    yield from _examine_state(root, uid, journal, repair=repair)


def _read(root: Path, uid: str) -> _Journal:
    fold, said = Fold(uid), None
    with Tail.open(root, uid) as tail:
        locked = tail.is_locked()
        began_at = -1
        while tail.position > began_at:
            began_at = tail.position
            entries = tail.entries_before(tail.size, PIECE_BYTES)
            if began_at == 0 and entries and isinstance(entries[0], Opened):
                said = entries[0]
            fold.add(entries, tail.position)
        fold.damaged = tail.damaged
        return _Journal(
            fold=fold,
            said=said,
            size=tail.size,
            position=tail.position,
            foreign=tail.foreign,
            nameless=len(tail.nameless),
            locked=locked,
        )


def _examine_spill(root: Path, uid: str) -> Iterator[Finding]:
    """Bring back what a killed kernel left, as any reader does; say what cannot be."""
    folder = run_folder(root, uid)
    if not (folder / NAME).exists():
        return
    is_whole, left = is_spill(folder), len(read_spill(folder))
    back = recover(root, uid)
    if back:
        yield Finding(
            Level.NOTE,
            uid,
            f"its kernel was killed; {counted(back, 'record')} that it had not written yet are "
            "in the journal now.",
            is_repaired=True,
        )
    if not is_whole:
        yield Finding(
            Level.WARNING,
            uid,
            f"its {NAME} is damaged: what was logged in the last 0.1 s of its kernel cannot be "
            "read. It is kept beside the journal.",
        )
    elif (folder / NAME).exists() and left and not _is_written(root, uid):
        yield Finding(
            Level.WARNING,
            uid,
            f"its kernel was killed, and what it had not written yet cannot be brought into the "
            f"journal: {folder} cannot be written, or the disk is full.",
            "Make it writable, then: nbtrack doctor --repair",
        )


def _is_written(root: Path, uid: str) -> bool:
    try:
        with Tail.open(root, uid) as tail:
            return tail.is_locked() is not False
    except Error:
        return False


def _examine_folder(folder: Path, uid: str) -> Iterator[Finding]:
    strange = sorted(entry.name for entry in os.scandir(folder) if not _is_known(entry.name))
    if strange:
        yield Finding(
            Level.NOTE,
            uid,
            f"not nbtrack's, and left alone: {_named(strange)}.",
        )


def _is_known(name: str) -> bool:
    return name.startswith(_KNOWN)


def _without_journal(folder: Path, uid: str) -> Iterator[Finding]:
    if not any(folder.iterdir()):
        yield Finding(
            Level.NOTE,
            uid,
            "its folder is empty: a kernel was killed in the moment it began the run.",
        )
        return
    yield Finding(
        Level.WARNING,
        uid,
        "its journal is gone. What the database has of it can still be read.",
        "Bring the journal back from a backup, if there is one.",
    )


def _examine_bytes(folder: Path, uid: str, journal: _Journal) -> Iterator[Finding]:
    torn = journal.size - journal.position
    start = _bytes_at(folder / JOURNAL, journal.position) if torn > 0 else b""
    is_torn_frame = MAGIC.startswith(start[: len(MAGIC)]) if start else True
    newer = _newer_version(folder / JOURNAL)
    if newer:
        yield Finding(
            Level.WARNING,
            uid,
            f"its journal has format {newer}, this nbtrack reads format {FORMAT}.",
            "Upgrade: pip install --upgrade nbtrack",
        )
        return
    if journal.foreign:
        yield Finding(
            Level.NOTE,
            uid,
            f"{counted(journal.foreign, 'part')} of its journal come from a newer nbtrack and "
            "are passed over.",
            "Upgrade to see them: pip install --upgrade nbtrack",
        )
    if journal.nameless:
        yield Finding(
            Level.WARNING,
            uid,
            f"the names of {counted(journal.nameless, 'set')} of metrics are lost in its "
            "journal; what was logged under them cannot be read.",
            "Bring the journal back from a backup, if there is one.",
        )
    damaged = journal.fold.damaged + (0 if is_torn_frame else torn)
    if damaged:
        yield Finding(
            Level.WARNING,
            uid,
            f"{size_text(damaged)} of its journal are damaged: what stood there is lost, unless "
            "the database has it, and nothing else. The file was changed, or its disk fails.",
            "Bring the journal back from a backup, if there is one, and look at the disk.",
        )
    elif torn > 0 and not journal.locked:
        yield Finding(
            Level.NOTE,
            uid,
            f"the last {size_text(torn)} of its journal are a write that was cut short; readers "
            "pass over it.",
        )


def _examine_identity(uid: str, journal: _Journal) -> Iterator[Finding]:
    if not journal.position and not journal.fold.is_run:
        if not journal.fold.damaged and journal.size == 0:
            yield Finding(Level.NOTE, uid, "its journal is empty: its kernel never got further.")
    elif journal.fold.opened is None:
        yield Finding(
            Level.WARNING,
            uid,
            "its journal does not say any more which run it is; it is shown under its uid.",
        )
    elif journal.said is not None and journal.said.uid != uid:
        yield Finding(
            Level.NOTE,
            uid,
            f"its journal was begun as {journal.said.uid!r}; the name of the folder counts.",
        )


def _examine_state(root: Path, uid: str, journal: _Journal, *, repair: bool) -> Iterator[Finding]:
    if not journal.fold.is_run:
        return
    facts = journal.fold.facts(locked=journal.locked, now_us=SystemClock().now_us())
    if facts.state is RunState.CRASHED:
        yield Finding(Level.NOTE, uid, CRASHED)
    asked = [wish for wish in WISHES if stop_requested(root, uid, wish)]
    for wish in asked if not facts.state.goes_on else ():
        if repair:
            clear_stop(root, uid, wish)
        yield Finding(
            Level.NOTE,
            uid,
            f"somebody asked it to {wish} after it had ended"
            + (": that is forgotten." if repair else "."),
            is_repaired=repair,
        )


def _examine_others(root: Path) -> Iterator[Finding]:
    known = set(uids(root))
    strange = sorted(
        entry.name for entry in os.scandir(runs_folder(root)) if entry.name not in known
    )
    if strange:
        yield Finding(Level.NOTE, SUBJECT, f"no runs, and left alone: {_named(strange)}.")


def _named(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _newer_version(path: Path) -> int:
    start = _bytes_at(path, 0)
    is_ours = len(start) > _VERSION_AT and start.startswith(MAGIC[:_VERSION_AT])
    return start[_VERSION_AT] if is_ours and start[_VERSION_AT] > FORMAT else 0


def _bytes_at(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(len(MAGIC))
    except OSError:
        return b""


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
