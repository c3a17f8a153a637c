"""`nbtrack rm` and `nbtrack restore`."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from nbtrack.cli.choosing import asked, named_or_met
from nbtrack.cli.place import chosen, workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.table import Column, show_table
from nbtrack.cli.words import age, plural
from nbtrack.clock import SystemClock
from nbtrack.errors import Error, RunNotFoundError, UsageError
from nbtrack.store import (
    Reader,
    RunFacts,
    TrashedRun,
    purge_run,
    restore_run,
    size_text,
    trash_run,
    trashed,
)

MOST_SHOWN = 20
_COLUMNS = (
    Column("NAME", least=12),
    Column("PROJECT", least=8, weight=1),
    Column("UID"),
    Column("DELETED", is_number=True),
    Column("SIZE", is_number=True),
)


def remove(arguments: Namespace, screen: Screen) -> int:
    """Move runs to the trash, or remove them for good."""
    root = workspace(arguments)
    targets = _targets(root, arguments)
    if not targets:
        screen.note(f"No run has {asked(arguments)}: nothing was removed.")
        return 0
    for text in list(targets.values())[:MOST_SHOWN]:
        screen.note(f"  {text}")
    if len(targets) > MOST_SHOWN:
        screen.note(f"  and {len(targets) - MOST_SHOWN:,} more")
    what = plural(len(targets), "run")
    question = f"Remove {what} for good?" if arguments.purge else f"Move {what} to the trash?"
    if not screen.confirm(question, yes=arguments.yes):
        return 1
    if arguments.purge:
        return _purge(root, list(targets), screen)
    code = _each(list(targets), lambda uid: _trash(root, uid, screen), screen)
    if code == 0:
        screen.line(f"To bring back: nbtrack restore {' '.join(list(targets)[:MOST_SHOWN])}")
    return code


def restore(arguments: Namespace, screen: Screen) -> int:
    """Bring runs back, or say which could be."""
    root = workspace(arguments)
    held = trashed(root)
    if not arguments.runs:
        _show(held, screen)
        return 0
    found = {_held(held, given).uid: None for given in arguments.runs}
    return _each(list(found), lambda uid: _restore(root, uid, screen), screen)


def _targets(root: Path, arguments: Namespace) -> dict[str, str]:
    """Return which runs are meant, by uid, with a line about each."""
    reader = Reader(root)
    try:
        runs = reader.runs()
    finally:
        reader.close()
    if not arguments.runs or asked(arguments) or not arguments.purge:
        return {one.opened.uid: _described(one) for one in named_or_met(runs, arguments)}
    held = trashed(root)
    found: dict[str, str] = {}
    for one in arguments.runs:
        in_trash = _named(held, one)
        if in_trash:
            found |= {run.uid: f"{run.name}  {run.uid}  in the trash" for run in in_trash}
        else:
            facts = chosen(runs, one)
            found[facts.opened.uid] = _described(facts)
    return found


def _described(facts: RunFacts) -> str:
    opened = facts.opened
    rows = plural(facts.rows, "row")
    return f"{opened.name}  {opened.uid}  {opened.project}, {facts.state}, {rows}"


def _trash(root: Path, uid: str, screen: Screen) -> None:
    run = trash_run(root, uid)
    screen.line(f"{run.name} ({run.uid}) is in the trash.")


def _purge(root: Path, uids: Sequence[str], screen: Screen) -> int:
    freed = 0

    def purge(uid: str) -> None:
        nonlocal freed
        freed += purge_run(root, uid)

    code = _each(uids, purge, screen)
    screen.line(f"{size_text(freed)} are free again.")
    return code


def _restore(root: Path, uid: str, screen: Screen) -> None:
    restore_run(root, uid)
    screen.line(f"{uid} is back.")


def _each(uids: Sequence[str], work: Callable[[str], None], screen: Screen) -> int:
    """Do something to each run; one that fails hinders no other."""
    code = 0
    for uid in uids:
        try:
            work(uid)
        except Error as error:
            screen.error(str(error))
            code = 1
    return code


def _show(held: Sequence[TrashedRun], screen: Screen) -> None:
    if not held:
        screen.note("The trash is empty.")
        return
    now_us = SystemClock().now_us()
    rows = [
        [run.name, run.project, run.uid, age(run.trashed_us, now_us), size_text(run.bytes)]
        for run in held
    ]
    show_table(screen, _COLUMNS, rows)


def _named(held: Sequence[TrashedRun], given: str) -> list[TrashedRun]:
    same = [run for run in held if run.uid == given]
    return same or [run for run in held if given in (run.name, run.uid.rpartition("-")[2])]


def _held(held: Sequence[TrashedRun], given: str) -> TrashedRun:
    found = _named(held, given)
    if len(found) == 1:
        return found[0]
    if found:
        uids = ", ".join(run.uid for run in found)
        raise UsageError(f"{given!r} may be {uids}. Type the uid of the one that you mean.")
    raise RunNotFoundError(
        f"no run {given!r} is in the trash ({plural(len(held), 'run')}). To see it: nbtrack restore"
    )
