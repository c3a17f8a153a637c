"""`nbtrack ls`."""

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from nbtrack.cli.choosing import asked, met
from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.table import Cell, Column, show_table
from nbtrack.cli.words import age, plural, span
from nbtrack.clock import MICROSECONDS, SystemClock
from nbtrack.plots import spark_text
from nbtrack.records import Json
from nbtrack.store import Reader, RunFacts

SPARK_COLUMNS = 16
MOST_VALUES = 6
MOST_DIGITS = 10**9
_FLOAT_END = 10**308

_COLUMNS = (
    Column("STATE"),
    Column("NAME", least=12),
    Column("PROJECT", least=8, weight=1),
    Column("UID"),
    Column("AGE", is_number=True),
    Column("DURATION", is_number=True, weight=3),
    Column("SUMMARY", least=14, weight=2),
    Column("", weight=4),
)
_COLOURS = {"running": "green", "crashed": "red", "failed": "red", "killed": "yellow"}


def list_runs(arguments: Namespace, screen: Screen) -> int:
    """Print the runs of a workspace."""
    root = workspace(arguments)
    reader = Reader(root)
    try:
        everything = reader.runs()
    finally:
        reader.close()
    runs = met(everything, arguments)[: arguments.limit]
    if arguments.json:
        screen.json({"workspace": str(root), "runs": [described(facts) for facts in runs]})
    elif runs:
        now_us = SystemClock().now_us()
        show_table(screen, _COLUMNS, [_row(facts, now_us) for facts in runs])
    else:
        screen.note(_nothing(arguments, len(everything), str(root)))
    return 0


def _nothing(arguments: Namespace, count: int, root: str) -> str:
    if not count:
        return f"No runs in {root} yet."
    return f"None of the {plural(count, 'run')} in {root} has {asked(arguments)}."


def _row(facts: RunFacts, now_us: int) -> list[Cell | str]:
    state = str(facts.state)
    duration_s = facts.active_us / MICROSECONDS
    return [
        Cell(state, _COLOURS.get(state, "")),
        Cell(facts.opened.name, "bold"),
        facts.opened.project,
        facts.opened.uid,
        age(facts.opened.time_us, now_us),
        span(duration_s),
        _values(facts.summary),
        Cell(spark_text(np.array(facts.spark, np.float64), SPARK_COLUMNS), "blue"),
    ]


def _values(summary: Mapping[str, Json]) -> str:
    found = [f"{name}={_value(value)}" for name, value in _numbers(summary)]
    return " ".join(found[:MOST_VALUES])


def _numbers(summary: Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in summary.items():
        if isinstance(value, dict):
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and not name.startswith("_"):
            yield f"{prefix}{name}", value


def _value(value: float) -> str:
    if isinstance(value, int) and abs(value) >= MOST_DIGITS:
        value = float(max(-_FLOAT_END, min(value, _FLOAT_END)))
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def described(facts: RunFacts) -> dict[str, Any]:
    """Return what is known of a run, for programs."""
    opened = facts.opened
    return {
        "uid": opened.uid,
        "id": opened.id,
        "entity": opened.entity,
        "project": opened.project,
        "name": opened.name,
        "state": str(facts.state),
        "group": opened.group,
        "job_type": opened.job_type,
        "tags": list(opened.tags),
        "notes": opened.notes,
        "reason": facts.reason,
        "started": iso_time(opened.time_us),
        "ended": iso_time(facts.ended_us),
        "seen": iso_time(facts.seen_us),
        "duration_s": facts.active_us / MICROSECONDS,
        "exit_code": facts.exit_code,
        "rows": facts.rows,
        "step": facts.step,
        "host": opened.owner.host,
        "user": opened.user,
        "notebook": opened.notebook,
        "config": json.loads(json.dumps(dict(facts.config), default=str)),
        "summary": json.loads(json.dumps(dict(facts.summary), default=str)),
        "spark_key": facts.spark_key,
        "spark": list(facts.spark),
    }


def iso_time(time_us: int | None) -> str | None:
    """Return a time as ISO 8601 in UTC, None where there is none that can be said."""
    if time_us is None:
        return None
    try:
        return datetime.fromtimestamp(time_us / MICROSECONDS, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
