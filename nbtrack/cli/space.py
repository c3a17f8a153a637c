"""`nbtrack du` and `nbtrack gc`."""

import shutil
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.table import Column, show_table
from nbtrack.cli.words import plural
from nbtrack.clock import MICROSECONDS, SystemClock
from nbtrack.settings import WorkspaceSettings
from nbtrack.store import (
    Reader,
    Room,
    RunFacts,
    RunUsage,
    Tended,
    Upkeep,
    Usage,
    size_text,
    trashed,
    usage,
)

MOST_NAMED = 5
LONGEST_S = 3_600.0  # whoever types gc has the time
DAY_US = 86_400 * MICROSECONDS
_COLUMNS = (
    Column("NAME", least=12),
    Column("PROJECT", least=8, weight=1),
    Column("UID"),
    Column("JOURNAL", is_number=True, weight=3),
    Column("FILES", is_number=True, weight=4),
    Column("IN DATABASE", is_number=True, weight=2),
    Column("TOTAL", is_number=True),
)
_PARTS = {
    "database": "database",
    "log": "database's log",
    "trash": "trash",
    "set_aside": "set aside",
    "projects": "counters",
    "other": "everything else",
}


def show_usage(arguments: Namespace, screen: Screen) -> int:
    """Print what takes the space."""
    root = workspace(arguments)
    taken = usage(root)
    facts = _facts(root)
    if arguments.json:
        screen.json({"workspace": str(root), **_described(root, taken, facts)})
        return 0
    if taken.runs:
        show_table(screen, _COLUMNS, [_row(run, facts) for run in taken.runs.values()])
        screen.line()
    for name, room in _parts(taken):
        if room.on_disk:
            screen.parts((f"{size_text(room.on_disk):>10}", ""), (f"  {name}", ""))
    screen.parts((f"{size_text(taken.total.on_disk):>10}", "bold"), (f"  in all, {root}", ""))
    for problem in taken.unreadable:
        screen.error(problem)
    return 1 if taken.unreadable else 0


def collect(arguments: Namespace, screen: Screen) -> int:
    """Tidy up, or say what that would do."""
    root = workspace(arguments)
    if arguments.dry_run:
        return _foresee(root, arguments, screen)
    with screen.progress("tidying up") as tell:

        def is_stopped() -> bool:
            tell(0, 0)
            return False

        done = Upkeep(root, SystemClock(), is_stopped).tend(LONGEST_S, seal_after_s=0.0)
    if arguments.json:
        screen.json({"workspace": str(root), "is_dry_run": False, **_told(done)})
    else:
        _say(done, screen)
    return 0 if done.is_done and not done.notes else 1


def _row(run: RunUsage, facts: dict[str, RunFacts]) -> list[str]:
    opened = facts[run.uid].opened if run.uid in facts else None
    files = run.files + run.spill
    return [
        opened.name if opened else "?",
        opened.project if opened else "?",
        run.uid,
        size_text((run.journal + run.sealed).on_disk),
        size_text(files.on_disk),
        size_text(run.database.on_disk),
        size_text(run.total.on_disk),
    ]


def _parts(taken: Usage) -> Iterator[tuple[str, Room]]:
    count = plural(len(taken.runs), "run")
    yield f"journals and files of {count}", sum((run.total for run in taken.runs.values()), Room())
    for name, called in _PARTS.items():
        yield called, getattr(taken, name)


def _described(root: Path, taken: Usage, facts: dict[str, RunFacts]) -> dict[str, Any]:
    return {
        "total_bytes": taken.total.on_disk,
        "free_bytes": shutil.disk_usage(root).free,
        "parts": {name: getattr(taken, name).on_disk for name in _PARTS},
        "runs": [_run_described(run, facts) for run in taken.runs.values()],
        "unreadable": list(taken.unreadable),
    }


def _run_described(run: RunUsage, facts: dict[str, RunFacts]) -> dict[str, Any]:
    opened = facts[run.uid].opened if run.uid in facts else None
    return {
        "uid": run.uid,
        "name": opened.name if opened else None,
        "project": opened.project if opened else None,
        "total_bytes": run.total.on_disk,
        "journal_bytes": (run.journal + run.sealed).on_disk,
        "files_bytes": run.files.on_disk,
        "database_bytes": run.database.on_disk,
    }


def _facts(root: Path) -> dict[str, RunFacts]:
    reader = Reader(root)
    try:
        return {facts.opened.uid: facts for facts in reader.runs()}
    finally:
        reader.close()


def _told(done: Tended) -> dict[str, Any]:
    return {**asdict(done), "notes": list(done.notes)}


def _say(done: Tended, screen: Screen) -> None:
    said = [
        (done.ingested, "brought into the database"),
        (done.sealed, "packed"),
        (done.trashed, "moved to the trash because of their age"),
        (done.purged, "removed for good from the trash"),
    ]
    for count, what in said:
        if count:
            screen.line(f"{plural(count, 'run')} {what}.")
    if done.bytes_freed > 0:
        screen.line(f"{size_text(done.bytes_freed)} are free again.")
    elif not any(count for count, _ in said) and done.is_done:
        screen.line("Nothing was to be done.")
    for note in done.notes:
        screen.error(note)
    if not done.is_done and not done.notes:
        screen.error("somebody else tidies up at this moment. Try again in a while.")


def _foresee(root: Path, arguments: Namespace, screen: Screen) -> int:
    """Say what would be done, and do nothing."""
    to_pack, to_trash = _outdated(root)
    now_us = SystemClock().now_us()
    trash_us = WorkspaceSettings.read(root).trash_days * DAY_US
    to_purge = [run for run in trashed(root) if now_us - run.trashed_us > trash_us]
    if arguments.json:
        said = {
            "seal": to_pack,
            "trash": to_trash,
            "purge": [run.uid for run in to_purge],
            "purge_bytes": sum(run.bytes for run in to_purge),
        }
        screen.json({"workspace": str(root), "is_dry_run": True, **said})
        return 0
    freed = size_text(sum(run.bytes for run in to_purge))
    for uids, what in (
        (to_pack, "would be packed"),
        (to_trash, "would go into the trash because of their age"),
        ([run.uid for run in to_purge], f"would be removed for good from the trash ({freed})"),
    ):
        if uids:
            shown = ", ".join(uids[:MOST_NAMED]) + (", …" if len(uids) > MOST_NAMED else "")
            screen.wrapped(f"{plural(len(uids), 'run')} {what}: {shown}")
    if not (to_pack or to_trash or to_purge):
        screen.line("Nothing is to be done.")
    return 0


def _outdated(root: Path) -> tuple[list[str], list[str]]:
    """Return the uids of runs to pack, and of those that are old enough for the trash."""
    days = WorkspaceSettings.read(root).retention_days
    now_us = SystemClock().now_us()
    unpacked = {uid for uid, run in usage(root).runs.items() if run.journal.bytes}
    ended = [one for one in _facts(root).values() if one.ended_us is not None]
    old = [
        facts.opened.uid
        for facts in ended
        if days is not None
        and now_us - (facts.ended_us or now_us) > days * DAY_US
        and "keep" not in facts.opened.tags
    ]
    return [one.opened.uid for one in ended if one.opened.uid in unpacked], old
