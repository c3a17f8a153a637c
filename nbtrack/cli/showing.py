"""`nbtrack show`."""

import contextlib
import json
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbtrack.cli.listing import described, iso_time
from nbtrack.cli.place import chosen, workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import age, plural, span
from nbtrack.clock import MICROSECONDS, SystemClock
from nbtrack.query import ApiFile, ApiRun
from nbtrack.records import Json, Notice
from nbtrack.store import Reader, RunFacts, run_folder, size_text

MOST_NOTICES = 5
MOST_FILES = 20
LONGEST_VALUE = 200
_LABEL = 10
_COLOURS = {"error": "red", "warning": "yellow"}


def show(arguments: Namespace, screen: Screen) -> int:
    """Print what is known of one run."""
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        facts = chosen(reader.runs(), arguments.run)
        files = ApiRun(root, reader, facts).files()
    folder = run_folder(root, facts.opened.uid)
    if arguments.json:
        screen.json({"workspace": str(root), "run": _described(facts, files, folder)})
        return 0
    _say_identity(facts, screen)
    _say_times(facts, screen)
    _field(screen, "lies in", str(folder))
    _say_values(screen, "CONFIG", facts.config)
    _say_values(screen, "SUMMARY", facts.summary)
    _say_notices(facts.notices[-MOST_NOTICES:], len(facts.notices), screen)
    _say_files(files, screen)
    return 0


def _described(facts: RunFacts, files: list[ApiFile], folder: Path) -> dict[str, Any]:
    notices = [
        {
            "time": iso_time(one.time_us),
            "level": one.level,
            "cause": one.cause,
            "title": one.title,
            "text": one.text,
            "count": one.count,
        }
        for one in facts.notices
    ]
    return {
        **described(facts),
        "lines": facts.line_count,
        "folder": str(folder),
        "notices": notices,
        "files": [{"name": one.name, "bytes": one.size} for one in files],
    }


def _say_identity(facts: RunFacts, screen: Screen) -> None:
    opened = facts.opened
    screen.line(opened.name, "bold")
    _field(screen, "path", f"{opened.entity}/{opened.project}/{opened.id}")
    _field(screen, "uid", opened.uid)
    _field(screen, "group", opened.group)
    _field(screen, "job type", opened.job_type)
    _field(screen, "tags", ", ".join(opened.tags))
    _field(screen, "notes", " ".join((opened.notes or "").split()))
    _field(screen, "state", str(facts.state) + (f": {facts.reason}" if facts.reason else ""))
    _field(screen, "exit code", "" if facts.exit_code is None else str(facts.exit_code))


def _say_times(facts: RunFacts, screen: Screen) -> None:
    opened = facts.opened
    now_us = SystemClock().now_us()
    for label, time_us in (("started", opened.time_us), ("ended", facts.ended_us)):
        if time_us is not None:
            _field(screen, label, f"{iso_time(time_us) or '?'} ({age(time_us, now_us)} ago)")
    _field(screen, "active", span(facts.active_us / MICROSECONDS))
    step = "" if facts.step is None else f", last step {facts.step:,}"
    lines = plural(facts.line_count, "line")
    _field(screen, "logged", f"{plural(facts.rows, 'row')}{step}, {lines} of console")
    _field(screen, "by", f"{opened.user or '?'} on {opened.owner.host}")
    _field(screen, "notebook", opened.notebook or "")


def _field(screen: Screen, label: str, text: str) -> None:
    if text:
        screen.wrapped(text, first=(f"{label:<{_LABEL}} ", "dim"), indent=_LABEL + 1)


def _say_values(screen: Screen, title: str, values: Mapping[str, Json]) -> None:
    shown = list(_leaves(values))
    if not shown:
        return
    screen.line()
    screen.line(title, "dim")
    for name, value in shown:
        screen.parts((f"  {name}", ""), (" = ", "dim"), (_text(value), ""))


def _leaves(values: Mapping[str, Json], above: str = "") -> Iterator[tuple[str, Json]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _say_notices(notices: tuple[Notice, ...], count: int, screen: Screen) -> None:
    if not notices:
        return
    screen.line()
    more = f", the last {len(notices)} of {count}" if count > len(notices) else ""
    screen.line(f"NOTICES{more}", "dim")
    for one in notices:
        times = f" ({one.count:,} times)" if one.count > 1 else ""
        mark = (f"  {one.level}", _COLOURS.get(one.level, ""))
        said = one.text if one.title is None else f"{one.title}: {one.text}"
        screen.wrapped(f"{said}{times}", first=mark, indent=_LABEL + 1)


def _say_files(files: list[ApiFile], screen: Screen) -> None:
    if not files:
        return
    screen.line()
    screen.line("FILES", "dim")
    for one in files[:MOST_FILES]:
        screen.line(f"  {size_text(one.size):>10}  {one.name}")
    if len(files) > MOST_FILES:
        screen.line(f"  and {len(files) - MOST_FILES:,} more")
