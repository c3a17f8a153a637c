"""The tables that people ask in SQL: what they are called, and where their rows are.

Rows of a table come from the database (`nb`) and, beyond its watermarks, from the journals
(`live`). What belongs to a run as a whole is made of the facts that every reader gets.
All tables are joined by `run`, the run's uid. Times are UTC.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import Json
from nbtrack.store.cells import CELLS
from nbtrack.store.facts import RunFacts
from nbtrack.store.keystats import ascii_json, texts
from nbtrack.store.liverows import Columns

_NOTHING = -(1 << 62)
"""Stands for NULL, which columns of numpy cannot say in all versions of DuckDB."""

TABLES = """
CREATE SCHEMA live;
CREATE TABLE live.series (series BIGINT, stream VARCHAR, run VARCHAR, key VARCHAR);
CREATE TABLE live.points (series BIGINT, x BIGINT, time_us BIGINT, value DOUBLE);
CREATE TABLE live.history (run VARCHAR, step BIGINT, time_us BIGINT);
CREATE TABLE live.objects (run VARCHAR, key VARCHAR, step BIGINT, time_us BIGINT, value VARCHAR);
CREATE TABLE live.logs (
    run VARCHAR, number BIGINT, time_us BIGINT, stream VARCHAR, text VARCHAR, cell VARCHAR,
    level VARCHAR, label VARCHAR
);
CREATE TABLE live.cells (
    run VARCHAR, number BIGINT, ts TIMESTAMP, cell VARCHAR, execution_count BIGINT,
    source VARCHAR, started TIMESTAMP, duration_us BIGINT, status VARCHAR, error VARCHAR
);
CREATE TABLE tags (run VARCHAR, number BIGINT, tag VARCHAR);
CREATE TABLE config (run VARCHAR, key VARCHAR, value VARCHAR, number DOUBLE);
CREATE TABLE environment (run VARCHAR, key VARCHAR, value VARCHAR, number DOUBLE);
CREATE TABLE summary (run VARCHAR, key VARCHAR, value VARCHAR, number DOUBLE);
CREATE TABLE runs (
    run VARCHAR, id VARCHAR, entity VARCHAR, project VARCHAR, name VARCHAR, state VARCHAR,
    created_at TIMESTAMP, ended_at TIMESTAMP, heartbeat_at TIMESTAMP, duration_s DOUBLE,
    notes VARCHAR, tags VARCHAR[], run_group VARCHAR, job_type VARCHAR, username VARCHAR,
    host VARCHAR, notebook VARCHAR, step BIGINT, row_count BIGINT, line_count BIGINT,
    exit_code BIGINT, reason VARCHAR
);
"""

_LIVE = {
    "points": "SELECT series, x, time_us, coalesce(value, 'nan'::DOUBLE) FROM incoming",
    "logs": (
        "SELECT run, number, time_us, stream, text, nullif(cell, ''), level, label FROM incoming"
    ),
    "cells": f"SELECT run, {CELLS} FROM incoming",  # noqa: S608 - columns of ours
}
_VALUES = """
SELECT run, key, value, CASE WHEN is_number THEN coalesce(number, 'nan'::DOUBLE) END FROM incoming
"""
_RUNS = f"""
INSERT INTO runs
SELECT run, id, entity, project, name, state,
    make_timestamp(created_us), make_timestamp(nullif(ended_us, {_NOTHING})),
    make_timestamp(seen_us), active_us / 1e6,
    nullif(notes, ''), coalesce(t.all_tags, []), run_group, job_type, username,
    host, nullif(notebook, ''), nullif(step, {_NOTHING}), row_count, line_count,
    nullif(exit_code, {_NOTHING}), reason
FROM incoming LEFT JOIN (
    SELECT run, list(tag ORDER BY number) AS all_tags FROM tags GROUP BY run
) t USING (run)
"""  # noqa: S608 - a number of ours

_STORED_POINTS = """
SELECT r.uid AS run, k.name AS key, {x}m.ts AS timestamp, m.value AS value
FROM nb.{table} m
JOIN nb.keys k ON k.run_id = m.run_id AND k.key_id = m.key_id
JOIN nb.runs r ON r.run_id = m.run_id
"""
_LIVE_POINTS = """
SELECT s.run, s.key, {x}make_timestamp(p.time_us) AS timestamp, p.value
FROM live.points p JOIN live.series s USING (series) WHERE s.stream = '{stream}'
"""
_CELL = """
c.number AS number, c.ts AS timestamp, c.cell AS cell, c.execution_count AS execution_count,
c.source AS source, nullif(c.started, make_timestamp(0)) AS started_at,
c.duration_us / 1e6 AS duration_s, c.status AS status, c.error AS error
"""
_STORED = {
    "metrics": _STORED_POINTS.format(table="metrics", x="m.step AS step, "),
    "system": _STORED_POINTS.format(table="system_metrics", x="") + " WHERE NOT isnan(m.value)",
    "history": """
        SELECT r.uid AS run, h.step AS step, h.ts AS timestamp
        FROM nb.history h JOIN nb.runs r USING (run_id)
    """,
    "objects": """
        SELECT r.uid AS run, k.name AS key, o.step AS step, o.ts AS timestamp, o.value AS value
        FROM nb.objects o
        JOIN nb.keys k ON k.run_id = o.run_id AND k.key_id = o.key_id
        JOIN nb.runs r ON r.run_id = o.run_id
    """,
    "logs": """
        SELECT r.uid AS run, l.number AS number, l.ts AS timestamp, l.stream AS stream,
            l.text AS text, l.cell AS cell, l.level AS level, l.label AS label
        FROM nb.logs l JOIN nb.runs r USING (run_id)
    """,
    "cells": f"""
        SELECT r.uid AS run, {_CELL}
        FROM nb.cells c JOIN nb.runs r USING (run_id)
    """,  # noqa: S608 - columns of ours
}
_BEYOND = {
    "metrics": _LIVE_POINTS.format(x="p.x AS step, ", stream="metric"),
    "system": _LIVE_POINTS.format(x="", stream="system") + " AND NOT isnan(p.value)",
    "history": "SELECT run, step, make_timestamp(time_us) AS timestamp FROM live.history",
    "objects": (
        "SELECT run, key, step, make_timestamp(time_us) AS timestamp, value FROM live.objects"
    ),
    "logs": (
        "SELECT run, number, make_timestamp(time_us) AS timestamp, stream, text, cell, "
        "level, label FROM live.logs"
    ),
    "cells": f"SELECT c.run AS run, {_CELL} FROM live.cells c",  # noqa: S608 - columns of ours
}

NAMES = ("runs", "config", "summary", "tags", *_BEYOND, "environment")
"""What one can ask."""


def views(*, is_stored: bool) -> Iterator[str]:
    """Yield a statement for each table that has rows in both places.

    Args:
        is_stored: Whether there is a database.
    """
    for name, beyond in _BEYOND.items():
        stored = f"{_STORED[name]} UNION ALL " if is_stored else ""
        yield f"CREATE VIEW {name} AS {stored}{beyond}"


def live_insert(name: str) -> str:
    """Return the statement that takes `incoming` into a table of `live`."""
    return f"INSERT INTO live.{name} {_LIVE.get(name, 'FROM incoming')}"


def inserts(runs: Sequence[RunFacts]) -> Iterator[tuple[str, Columns]]:
    """Yield statements and their `incoming` that fill the tables of runs as wholes."""
    tags = [
        (facts.opened.uid, number, tag)
        for facts in runs
        for number, tag in enumerate(facts.opened.tags)
    ]
    if tags:
        uids, numbers, words = zip(*tags, strict=True)
        yield (
            "INSERT INTO tags FROM incoming",
            {"run": texts(uids), "number": np.array(numbers), "tag": texts(words)},
        )
    for name in ("config", "summary", "environment"):
        values = _values([(facts.opened.uid, getattr(facts, name)) for facts in runs])
        if values:
            yield f"INSERT INTO {name} {_VALUES}", values
    if runs:
        yield _RUNS, _runs(runs)


def _runs(runs: Sequence[RunFacts]) -> Columns:
    opened = [facts.opened for facts in runs]
    words: dict[str, list[str]] = {
        "run": [one.uid for one in opened],
        "id": [one.id for one in opened],
        "entity": [one.entity for one in opened],
        "project": [one.project for one in opened],
        "name": [one.name for one in opened],
        "state": [str(facts.state) for facts in runs],
        "notes": [one.notes or "" for one in opened],
        "run_group": [one.group for one in opened],
        "job_type": [one.job_type for one in opened],
        "username": [one.user for one in opened],
        "host": [one.owner.host for one in opened],
        "notebook": [one.notebook or "" for one in opened],
        "reason": [facts.reason for facts in runs],
    }
    numbers = {
        "created_us": [one.time_us for one in opened],
        "ended_us": [_or_nothing(facts.ended_us) for facts in runs],
        "seen_us": [facts.seen_us for facts in runs],
        "active_us": [facts.active_us for facts in runs],
        "step": [_or_nothing(facts.step) for facts in runs],
        "row_count": [facts.rows for facts in runs],
        "line_count": [facts.line_count for facts in runs],
        "exit_code": [_or_nothing(facts.exit_code) for facts in runs],
    }
    return {
        **{name: texts(values) for name, values in words.items()},
        **{name: np.array(values, np.int64) for name, values in numbers.items()},
    }


def _or_nothing(number: int | None) -> int:
    return _NOTHING if number is None else number


def _values(trees: Sequence[tuple[str, Mapping[str, Json]]]) -> dict[str, NDArray[Any]]:
    rows = [(uid, *leaf) for uid, tree in trees for leaf in _leaves(tree)]
    if not rows:
        return {}
    uids, keys, values = zip(*rows, strict=True)
    is_number = [isinstance(value, int | float) for value in values]
    numbers = [float(value) if one else 0.0 for value, one in zip(values, is_number, strict=True)]
    return {
        "run": texts(uids),
        "key": texts(keys),
        "value": texts(one if isinstance(one, str) else ascii_json(one) for one in values),
        "number": np.array(numbers, np.float64),
        "is_number": np.array(is_number, np.bool_),
    }


def _leaves(tree: Mapping[str, Json], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value
