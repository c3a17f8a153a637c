"""`nbtrack cells`, `nbtrack reproduce` and `nbtrack diff`: how runs were made."""

import contextlib
import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from nbtrack.cli.place import chosen, workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import plural, span
from nbtrack.cli.writing import STDOUT, expect_room, made
from nbtrack.errors import UsageError
from nbtrack.query import ApiRun, Comparison, checked_tolerance, contrast
from nbtrack.store import Reader, RunFacts, size_text

_COLOURS = {"error": "red", "interrupted": "yellow"}
_OF_LINES = {"+": "green", "-": "red", "~": "yellow", "@": "blue"}


def list_cells(arguments: Namespace, screen: Screen) -> int:
    """Print the cells that made a run, one after the other."""
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        run = ApiRun(root, reader, chosen(reader.runs(), arguments.run))
        cells = run.cells()
    if arguments.json:
        screen.json({"workspace": str(root), "uid": run.uid, "cells": cells})
        return 0
    if not cells:
        screen.note(
            f"No cells of run {run.name!r} are known: a script made it, or nobody followed."
        )
    for cell in cells:
        _print_cell(cell, screen)
    return 0


def reproduce(arguments: Namespace, screen: Screen) -> int:
    """Write a notebook that makes a run again."""
    out = arguments.out
    if out == STDOUT and arguments.json:
        raise UsageError("--json says which file was written; with -o - there is none.")
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        run = ApiRun(root, reader, chosen(reader.runs(), arguments.run))
        notebook = run.notebook()
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if out == STDOUT:
        screen.raw().write(text)
        return 0
    path = Path(out).expanduser()
    if path.is_dir() or not path.name:
        raise UsageError(f"{out!r} is a folder. Type -o {str(path / 'again.ipynb')!r}.")
    expect_room([path], is_forced=arguments.force)
    with made(path) as part:
        part.write_text(text, "utf-8", errors="replace")
    count = len(notebook["cells"]) - 1
    if arguments.json:
        screen.json({"workspace": str(root), "uid": run.uid, "path": out, "cells": count})
    else:
        screen.line(f"{path}: {plural(count, 'cell')} of run {run.name!r}.")
    return 0


def diff(arguments: Namespace, screen: Screen) -> int:
    """Print what differs between two runs, or write it as a page."""
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        runs = reader.runs()
        pair = (chosen(runs, arguments.first), chosen(runs, arguments.second))
        if arguments.out is not None:
            return _write_diff(root, pair, arguments, screen)
        found = contrast(root, reader, *pair, tolerance=arguments.tolerance)
    if arguments.json:
        screen.json({"workspace": str(root), **found.as_dict()})
        return 0
    screen.line(found.title(), "bold")
    for name, lines in found.sections():
        screen.line()
        screen.line(name.upper(), "dim")
        for line in lines:
            screen.line(line.expandtabs(), _OF_LINES.get(line[:1], ""))
    return 0


def _write_diff(
    root: Path, pair: tuple[RunFacts, RunFacts], arguments: Namespace, screen: Screen
) -> int:
    from nbtrack import reports

    tolerance = checked_tolerance(arguments.tolerance)
    path = Path(arguments.out).expanduser()
    if path.suffix.lower() not in (".html", ".pdf"):
        html = str(path.with_suffix(".html"))
        raise UsageError(f"a diff is written as .html or .pdf. Type -o {html!r}.")
    expect_room([path], is_forced=arguments.force)
    names = [facts.opened.name for facts in pair]
    sections = [
        reports.Section(kind, tolerance=tolerance)
        for kind in reports.KINDS
        if kind in ("overview", "comparison", "divergence", "differences", "changes")
    ]
    comparison = Comparison.of_uids(root, [facts.opened.uid for facts in pair])
    written = reports.write_report(
        comparison, path, title=f"{names[0]} and {names[1]}", sections=sections
    )
    size = path.stat().st_size
    if arguments.json:
        screen.json({"workspace": str(root), "path": str(written.path), "bytes": size})
    else:
        screen.line(f"{written.path}: {names[0]!r} and {names[1]!r}, {size_text(size)}.")
    return 0


def _print_cell(cell: dict[str, Any], screen: Screen) -> None:
    count, status = cell["execution_count"], cell["status"]
    spent = f", {span(cell['duration'])}" if cell["duration"] is not None else ""
    before = " (before the run)" if cell["before"] and status != "before" else ""
    screen.parts(
        (f"[{' ' if count is None else count}] ", "bold"),
        (status, _COLOURS.get(status, "dim")),
        (f"{before}{spent}", "dim"),
    )
    for line in cell["source"].split("\n"):
        screen.line(f"    {line.expandtabs()}")
    if cell["error"]:
        screen.line(f"    {cell['error']}", "red")
    screen.line()
