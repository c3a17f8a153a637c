"""`nbtrack doctor` and `nbtrack rebuild`."""

from argparse import Namespace
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import plural
from nbtrack.settings import Place, find_workspace
from nbtrack.store import Finding, Level, examine, size_text
from nbtrack.store import rebuild as rebuild_database

_MARKS = {
    Level.OK: ("ok", "green"),
    Level.NOTE: ("note", "blue"),
    Level.WARNING: ("warning", "yellow"),
    Level.ERROR: ("error", "red"),
}
_REPAIRED = ("repaired", "green")
_INDENT = 10


def check(arguments: Namespace, screen: Screen) -> int:
    """Look at everything; return 1 if something is wrong."""
    root = find_workspace(arguments.dir, Place())
    with screen.progress(f"looking at {root}") as tell:
        found = examine(root, repair=arguments.repair, progress=tell)
        if arguments.json:
            return _as_json(root, list(found), screen)
        return _as_text(found, screen, is_repairing=arguments.repair)


def rebuild(arguments: Namespace, screen: Screen) -> int:
    """Make the database anew."""
    root = workspace(arguments)
    if not screen.confirm(
        f"Make the database of {root} anew from its journals?", yes=arguments.yes
    ):
        return 1
    with screen.progress("reading journals") as tell:
        done = rebuild_database(root, tell)
    if arguments.json:
        aside = str(done.set_aside) if done.set_aside else None
        said = {**asdict(done), "carried": list(done.carried), "set_aside": aside}
        screen.json({"workspace": str(root), **said})
        return 0
    screen.line(
        f"{plural(done.runs, 'run')} and {plural(done.points, 'point')} in {done.seconds:.1f} s."
    )
    if done.carried:
        screen.line(
            "Taken from the old database, because their journals are lost or damaged: "
            + ", ".join(done.carried)
        )
    if done.set_aside:
        size = size_text(done.set_aside.stat().st_size)
        screen.line(f"The old database was damaged. It is kept as {done.set_aside} ({size}).")
    return 0


def _as_json(root: Path, findings: list[Finding], screen: Screen) -> int:
    is_well = not any(finding.is_trouble for finding in findings)
    said = [{**asdict(finding), "level": str(finding.level)} for finding in findings]
    screen.json({"workspace": str(root), "is_well": is_well, "findings": said})
    return 0 if is_well else 1


def _as_text(findings: Iterable[Finding], screen: Screen, *, is_repairing: bool) -> int:
    left: list[Finding] = []
    repaired = 0
    for finding in findings:
        mark, colour = _REPAIRED if finding.is_repaired else _MARKS[finding.level]
        said = f"{finding.subject}: {finding.text}"
        screen.wrapped(said, first=(mark, colour), indent=_INDENT)
        if finding.remedy:
            # In one piece: what is to be typed can be copied.
            screen.line(f"{'':{_INDENT}}→ {finding.remedy}")
        repaired += finding.is_repaired
        left += [finding] if finding.is_trouble else []
    screen.line()
    screen.wrapped(_verdict(left, repaired, is_repairing=is_repairing))
    return 1 if left else 0


def _verdict(left: list[Finding], repaired: int, *, is_repairing: bool) -> str:
    done = f"{plural(repaired, 'thing')} repaired. " if repaired else ""
    if not left:
        return f"{done}All is well."
    errors = sum(finding.level is Level.ERROR for finding in left)
    counts = [(errors, "error"), (len(left) - errors, "warning")]
    said = " and ".join(plural(count, noun) for count, noun in counts if count)
    can = any("--repair" in finding.remedy for finding in left)
    hint = "To repair what can be repaired: nbtrack doctor --repair" if can else ""
    if is_repairing:
        hint = "What is left needs you."
    return f"{done}{said}. {hint}".rstrip()
