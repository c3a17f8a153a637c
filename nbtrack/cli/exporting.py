"""`nbtrack export`."""

import contextlib
import os
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtrack.cli.choosing import asked, named_or_met
from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import plural
from nbtrack.cli.writing import STDOUT, expect_room, made
from nbtrack.errors import UsageError
from nbtrack.query import ApiRun, Sheet
from nbtrack.store import Reader

FORMATS = ("parquet", "csv", "json")


@dataclass(frozen=True, slots=True)
class Target:
    """One file to write.

    Attributes:
        path: Where it is to lie.
        runs: Whose rows.
    """

    path: Path
    runs: Sequence[ApiRun]


def export(arguments: Namespace, screen: Screen) -> int:
    """Write the rows of runs to files, or to where commands print."""
    form = _format(arguments)
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        runs = [ApiRun(root, reader, facts) for facts in named_or_met(reader.runs(), arguments)]
        if not runs:
            screen.note(f"No run has {asked(arguments)}: nothing was exported.")
            return 0
        if arguments.out == STDOUT:
            _print(Sheet.of_rows(runs, arguments.keys), form, screen)
            return 0
        targets = _targets(arguments.out, form, runs)
        expect_room([target.path for target in targets], is_forced=arguments.force)
        rows = [_write(target, form, arguments.keys) for target in targets]
    said = [
        {"path": str(target.path), "runs": [run.uid for run in target.runs], "rows": count}
        for target, count in zip(targets, rows, strict=True)
    ]
    if arguments.json:
        screen.json({"workspace": str(root), "format": form, "files": said})
        return 0
    for target, count in zip(targets, rows, strict=True):
        of = plural(len(target.runs), "run")
        screen.line(f"{target.path}: {plural(count, 'row')} of {of}.")
    return 0


def _format(arguments: Namespace) -> str:
    """Return what is to be written.

    Raises:
        UsageError: If that cannot be told, or cannot be written there.
    """
    given: str | None = arguments.format
    if arguments.out == STDOUT:
        if given == "parquet":
            raise UsageError("Parquet is not printed. Type --format csv, or -o FILE.parquet.")
        if arguments.json:
            raise UsageError("--json says which files were written; with -o - there are none.")
        return given or "csv"
    suffix = Path(arguments.out).suffix[1:].lower()
    if given or not suffix or Path(arguments.out).is_dir():
        return given or FORMATS[0]
    if suffix not in FORMATS:
        raise UsageError(f"what is {arguments.out!r} to hold? Type --format {', '.join(FORMATS)}.")
    return suffix


def _targets(out: str, form: str, runs: Sequence[ApiRun]) -> list[Target]:
    """Return one file for all runs, or, where `out` is a folder, one for each."""
    path = Path(out).expanduser()
    is_folder = path.is_dir() or out.endswith(("/", os.sep)) or not path.suffix
    if not is_folder:
        return [Target(path, runs)]
    return [Target(path / f"{run.uid}.{form}", [run]) for run in runs]


def _write(target: Target, form: str, keys: Sequence[str] | None) -> int:
    """Write a file and return how many rows it has."""
    sheet = Sheet.of_rows(target.runs, keys)
    with made(target.path) as path:
        sheet.write(path, form)
    return sheet.row_count


def _print(sheet: Sheet, form: str, screen: Screen) -> None:
    """Print rows as they come; each is written as a text of its own."""
    (sheet.write_csv if form == "csv" else sheet.write_json)(screen.raw())
