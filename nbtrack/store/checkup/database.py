"""The database: whether it can be read, and whether it says what the journals say."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nbtrack.errors import Error
from nbtrack.store.agreement import Account, Stored, differences, replayed_account, stored_accounts
from nbtrack.store.checkup.finding import Finding, Level, counted, size_text
from nbtrack.store.database import DamagedError, Database, NewerError, UnavailableError
from nbtrack.store.ingest import Ingester
from nbtrack.store.layout import is_trashed, uids
from nbtrack.store.rebuilding import FOLDER, Progress, Rebuilt, is_rebuilding, rebuild
from nbtrack.store.tail import Tail

SUBJECT = "database"
WAIT_S = 5.0
_REPAIR = "nbtrack doctor --repair"


def examine_database(root: Path, *, repair: bool, progress: Progress) -> Iterator[Finding]:
    """Yield what is found about the database.

    Args:
        root: The workspace.
        repair: Whether to make a database anew that is damaged or disagrees with the
            journals, and to bring one up to date that is behind.
        progress: Told how many runs were compared, and of how many.
    """
    yield from _examine_leftovers(root, repair=repair)
    if not Database(root).path.exists():
        yield from _without_database(root, repair=repair)
        return
    try:
        with Database(root, wait_s=WAIT_S).reading() as window:
            stored = stored_accounts(window) if window else None
    except DamagedError as error:
        yield _made_anew(root, _first_line(error), repair=repair)
    except UnavailableError as error:
        yield _unavailable(error)
    else:
        yield from _examine_content(root, stored, repair=repair, progress=progress)


def _examine_leftovers(root: Path, *, repair: bool) -> Iterator[Finding]:
    path = Database(root).path
    for kept in _set_aside(path, "corrupt"):
        yield _kept(kept, "a damaged database that was set aside; its runs were read from the")
    for kept in _set_aside(path, "before-rebuild"):
        yield _kept(kept, "the database as it was before it was made anew from the")
    log = path.with_name(path.name + ".wal")
    if log.exists() and not path.exists():
        if repair:
            with suppress(UnavailableError):
                Database(root).set_log_aside()
        done = repair and not log.exists()
        yield Finding(
            Level.WARNING,
            SUBJECT,
            f"{log.name} lies there without its database; the next one could take it for its own"
            + (": it is set aside." if done else "."),
            "" if done else f"Set it aside: {_REPAIR}",
            is_repaired=done,
        )
    if is_rebuilding(root) is None:
        folder = path.parent / FOLDER
        if repair:
            shutil.rmtree(folder, ignore_errors=True)
        yield Finding(
            Level.NOTE,
            SUBJECT,
            f"{folder} is left of a rebuild that was killed. It is of no use"
            + (", and removed." if repair else "; the next one removes it."),
            is_repaired=repair,
        )


def _set_aside(path: Path, word: str) -> list[Path]:
    """Return databases that were set aside, and logs whose database was not."""
    found = path.parent.glob(f"{path.name}.{word}-*")
    return sorted(one for one in found if one.suffix != ".wal" or not one.with_suffix("").exists())


def _kept(path: Path, what: str) -> Finding:
    text = f"{path.name} ({size_text(path.stat().st_size)}) is {what} journals."
    return Finding(Level.NOTE, SUBJECT, text, f"Remove it when nothing is missing: rm {path}")


def _without_database(root: Path, *, repair: bool) -> Iterator[Finding]:
    behind = _behind(root, {})
    if not behind:
        yield Finding(Level.OK, SUBJECT, "there is none yet; the first run makes it.")
        return
    done = repair and _caught_up(root)
    yield Finding(
        Level.NOTE,
        SUBJECT,
        "there was none; it is made from the journals."
        if done
        else f"there is none; {counted(len(behind), 'run')} are read from their journals, "
        "which is slower.",
        "" if done else f"Make it: {_REPAIR}",
        is_repaired=done,
    )


def _made_anew(root: Path, problem: str, *, repair: bool, keep: bool = False) -> Finding:
    """Return what is said of a database that cannot be trusted, made anew if wanted."""
    if not repair:
        return Finding(Level.ERROR, SUBJECT, problem, f"Make it anew from the journals: {_REPAIR}")
    try:
        rebuilt = rebuild(root, keep=keep)
    except Error as error:
        return Finding(Level.ERROR, SUBJECT, f"{problem} {error}", "Try again: nbtrack rebuild")
    return Finding(Level.ERROR, SUBJECT, f"{problem} {_in_words(rebuilt)}", is_repaired=True)


def _in_words(rebuilt: Rebuilt) -> str:
    text = (
        f"It is made anew from the journals: {counted(rebuilt.runs, 'run')}, "
        f"{counted(rebuilt.points, 'point')}."
    )
    if rebuilt.carried:
        names = ", ".join(rebuilt.carried)
        text += f" Taken from the old one, because their journals cannot tell: {names}."
    if rebuilt.set_aside:
        text += f" The old one is kept as {rebuilt.set_aside.name}."
    return text


def _unavailable(error: UnavailableError) -> Finding:
    text = _first_line(error)
    if isinstance(error, NewerError):
        return Finding(Level.ERROR, SUBJECT, f"{text}.", "")
    return Finding(
        Level.WARNING,
        SUBJECT,
        f"it cannot be looked at: {text}. Nothing is lost meanwhile: runs are in their journals.",
        "Close whatever has it open (a notebook with duckdb.connect, DBeaver), then look again.",
    )


def _examine_content(
    root: Path, stored: Stored | None, *, repair: bool, progress: Progress
) -> Iterator[Finding]:
    if stored is None:
        yield from _without_database(root, repair=repair)  # empty, or of an older nbtrack
        return
    wrong = _wrong_tables(stored)
    accounts = sorted(stored.accounts.items())
    for done, (uid, account) in enumerate(accounts):
        progress(done, len(accounts))
        for finding in _compare_safely(root, uid, account):
            if finding.level is Level.ERROR:
                wrong.append(f"{uid} has {finding.text}")
            else:
                yield finding
    progress(len(accounts), len(accounts))
    if wrong:
        problem = "it does not say what the journals say: " + "; ".join(wrong) + "."
        yield _made_anew(root, problem, repair=repair, keep=True)
        return
    yield from _examine_watermarks(root, stored, repair=repair)
    points = sum(account.points for account in stored.accounts.values())
    yield Finding(
        Level.OK,
        SUBJECT,
        f"{counted(len(accounts), 'run')}, {counted(points, 'point')}: "
        "it says what the journals say, to the last value.",
    )


def _wrong_tables(stored: Stored) -> list[str]:
    return [
        *(f"{uid} is there twice" for uid in stored.twice),
        *(
            f"{counted(count, 'row')} of {table} belong to no run"
            for table, count in stored.orphans.items()
        ),
    ]


def _compare_safely(root: Path, uid: str, stored: Account) -> Iterator[Finding]:
    """Yield an error for each disagreement, and anything else that is worth knowing."""
    try:
        yield from _compare(root, uid, stored)
    except Exception as error:  # noqa: BLE001 - one bad run must not hide the others
        text = f"it cannot be compared: {type(error).__name__}: {error}"
        yield Finding(Level.WARNING, uid, text)


def _compare(root: Path, uid: str, stored: Account) -> Iterator[Finding]:
    try:
        with Tail.open(root, uid) as tail:
            size = tail.size
    except LookupError:
        if is_trashed(root, uid):
            return  # its rows go as soon as somebody tidies up
        yield Finding(
            Level.WARNING,
            uid,
            f"its journal is gone; the database has {counted(stored.fold.rows, 'row')} of it.",
            "Bring the journal back from a backup, if there is one. To forget the run: "
            f"nbtrack rm {uid}",
        )
        return
    if size < stored.fold.position:
        yield _knows_more(
            uid, stored, f"its journal was {stored.fold.position:,} bytes long and has {size:,} now"
        )
        return
    replayed = replayed_account(root, uid, stored.fold.position)
    if replayed.fold.damaged > stored.fold.damaged:
        yield _knows_more(uid, stored, "its journal was damaged after it went into the database")
        return
    for text in differences(stored, replayed):
        yield Finding(Level.ERROR, uid, text)


def _knows_more(uid: str, stored: Account, why: str) -> Finding:
    return Finding(
        Level.WARNING,
        uid,
        f"{why}. The database still has all {counted(stored.fold.rows, 'row')} that went in, and "
        "keeps them, also when it is made anew.",
        "Bring the journal back from a backup, if there is one.",
    )


def _examine_watermarks(root: Path, stored: Stored, *, repair: bool) -> Iterator[Finding]:
    done = {uid: account.fold.position for uid, account in stored.accounts.items()}
    behind = _behind(root, done)
    if not behind:
        return
    is_repaired = repair and _caught_up(root)
    what = counted(sum(behind.values()), "byte")
    yield Finding(
        Level.NOTE,
        SUBJECT,
        f"{what} of {counted(len(behind), 'ended run')} "
        + (
            "were not in it and are now."
            if is_repaired
            else "are not in it yet; readers find them in the journals."
        ),
        "" if is_repaired else f"Bring them in: {_REPAIR}",
        is_repaired=is_repaired,
    )


def _behind(root: Path, done: dict[str, int]) -> dict[str, int]:
    """Return how much of the journals that nobody writes is not in the database, by uid."""
    found = {}
    with suppress(Error):
        for uid in uids(root):
            new = _whole_bytes_after(root, uid, done.get(uid, 0))
            if new > 0:
                found[uid] = new
    return found


def _whole_bytes_after(root: Path, uid: str, position: int) -> int:
    try:
        with Tail.open(root, uid, position) as tail:
            if tail.size <= position or tail.is_locked():
                return 0
            tail.entries_before(tail.size, 1)
            return tail.size - position if tail.position > position else 0
    except Error:
        return 0


def _caught_up(root: Path) -> bool:
    Ingester(root).ingest_left_behind()
    with suppress(UnavailableError), Database(root).reading() as window:
        return window is not None
    return False


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
