"""A piece of a journal as columns of the database's tables.

Rows of one shape whose numbers are of the same kinds are put together, however they lie
in the piece, and each key's values follow each other: numpy and DuckDB do the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import ConsoleText
from nbtrack.store.active import Segment
from nbtrack.store.cells import CELLS, cells_of, cells_table
from nbtrack.store.database import Window
from nbtrack.store.entries import Entry, FloatArray, IntArray, Lines, Rows
from nbtrack.store.keystats import Keys, ascii_json, texts
from nbtrack.store.shapes import Number, Shape, leaf_of

SELECTS = {
    "history": "SELECT {run_id}, step, make_timestamp(time_us) FROM incoming",
    "metrics": (
        "SELECT {run_id}, key_id, step, make_timestamp(time_us), "
        "coalesce(value, 'nan'::DOUBLE), kind FROM incoming"
    ),
    "system_metrics": (
        "SELECT {run_id}, key_id, make_timestamp(time_us), coalesce(value, 'nan'::DOUBLE) "
        "FROM incoming"
    ),
    "objects": "SELECT {run_id}, key_id, step, make_timestamp(time_us), value FROM incoming",
    "logs": (
        "SELECT {run_id}, number, make_timestamp(time_us), stream, text, nullif(cell, ''), "
        "level, label FROM incoming"
    ),
    "cells": f"SELECT {{run_id}}, {CELLS} FROM incoming",  # noqa: S608 - columns of ours
    "clock": "SELECT {run_id}, make_timestamp(time_us), active_us, running FROM incoming",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one shape, with numbers of the same kinds.

    Attributes:
        shape: Of the rows.
        kinds: Of each column.
        steps: Shape `(n,)`.
        times_us: Shape `(n,)`.
        values: Shape `(n, k)`.
    """

    shape: Shape
    kinds: bytes
    steps: IntArray
    times_us: IntArray
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a journal.

    Attributes:
        entries: What it says, in order.
        first_line: Number of its first line of console text.
        turned: Stretches of active time that begin in it.
    """

    entries: Sequence[Entry]
    first_line: int
    turned: Sequence[Segment]


def load(window: Window, run_id: int, keys: Keys, piece: Piece) -> None:
    """Insert what a piece says, except what belongs to the run as a whole.

    Args:
        window: The database, in a transaction.
        run_id: Of the run.
        keys: Of the run; they take the piece into their statistics.
        piece: Of its journal.
    """
    for name, columns in tables_of(keys, piece).items():
        select = SELECTS[name].format(run_id=run_id)
        window.insert(f"INSERT INTO nb.{name} {select}", columns)


def tables_of(keys: Keys, piece: Piece) -> dict[str, dict[str, NDArray[Any]]]:
    """Return what a piece says by table, as the columns that `SELECTS` reads.

    Args:
        keys: Of the run; they take the piece into their statistics.
        piece: Of its journal.

    Returns:
        Only tables to which it adds something.
    """
    entries = piece.entries
    blocks = [entry for entry in entries if isinstance(entry, Rows)]
    lines = [line for entry in entries if isinstance(entry, Lines) for line in entry.lines]
    for block in blocks:
        for leaf in block.all_leaves:
            keys.get(block.shape.stream, leaf)
    tables = {
        "history": _history(blocks),
        "objects": _objects(blocks, keys),
        **_numbers(blocks, keys),
        "logs": _logs(lines, piece.first_line),
        "cells": cells_table(cells_of(entries)),
        "clock": _clock(piece.turned),
    }
    return {
        name: columns
        for name, columns in tables.items()
        if columns and len(next(iter(columns.values())))
    }


def _numbers(blocks: Sequence[Rows], keys: Keys) -> dict[str, dict[str, NDArray[Any]]]:
    parts: dict[str, list[dict[str, NDArray[Any]]]] = {"metrics": [], "system_metrics": []}
    for group in _groups(blocks):
        table = "metrics" if group.shape.stream == "metric" else "system_metrics"
        parts[table].append(_long(group, keys))
    return {table: _stacked(found) for table, found in parts.items() if found}


def _groups(blocks: Sequence[Rows]) -> Iterator[_Group]:
    together: dict[tuple[int, bytes], list[Rows]] = {}
    for block in blocks:
        together.setdefault((block.shape.id, block.kinds), []).append(block)
    for (_, kinds), rows in together.items():
        if any(kind != Number.NONE for kind in kinds):
            yield _Group(
                shape=rows[0].shape,
                kinds=kinds,
                steps=np.concatenate([one.steps for one in rows]),
                times_us=np.concatenate([one.times_us for one in rows]),
                values=np.concatenate([one.values for one in rows]),
            )


def _long(group: _Group, keys: Keys) -> dict[str, NDArray[Any]]:
    columns = [index for index, kind in enumerate(group.kinds) if kind != Number.NONE]
    values = group.values[:, columns]
    leaves = [group.shape.leaves[column] for column in columns]
    stream = group.shape.stream
    key_ids = keys.add_numbers(stream, leaves, group.steps, group.times_us, values)
    count = len(group.steps)
    long: dict[str, NDArray[Any]] = {
        "key_id": np.repeat(np.array(key_ids, np.int32), count),
        "time_us": np.tile(group.times_us, len(columns)),
        "value": values.T.ravel(),
    }
    if stream == "metric":
        kinds = np.array([group.kinds[column] for column in columns], np.uint8)
        long |= {"step": np.tile(group.steps, len(columns)), "kind": np.repeat(kinds, count)}
    return long


def _stacked(parts: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _history(blocks: Sequence[Rows]) -> dict[str, NDArray[Any]]:
    rows = [block for block in blocks if block.shape.stream == "metric"]
    if not rows:
        return {}
    return {
        "step": np.concatenate([one.steps for one in rows]),
        "time_us": np.concatenate([one.times_us for one in rows]),
    }


def _objects(blocks: Sequence[Rows], keys: Keys) -> dict[str, NDArray[Any]]:
    found = [one for block in blocks for one in _objects_of(block, keys)]
    if not found:
        return {}
    key_ids, steps, times_us, values = zip(*found, strict=True)
    return {
        "key_id": np.array(key_ids, np.int32),
        "step": np.array(steps, np.int64),
        "time_us": np.array(times_us, np.int64),
        "value": texts(values),
    }


def _objects_of(block: Rows, keys: Keys) -> Iterator[tuple[int, int, int, str]]:
    if block.shape.stream != "metric":
        return
    at = list(zip(block.steps.tolist(), block.times_us.tolist(), strict=True))
    for column, kind in enumerate(block.kinds):
        if kind == Number.NONE:
            stats = keys.get("metric", block.shape.leaves[column])
            stats.n_other += len(at)
            yield from ((stats.key_id, step, time_us, "null") for step, time_us in at)
    for row, values in block.others:
        for path, value in values.items():
            stats = keys.get("metric", leaf_of(path))
            stats.n_other += 1
            yield (stats.key_id, *at[row], ascii_json(value))


def _logs(lines: Sequence[ConsoleText], first: int) -> dict[str, NDArray[Any]]:
    return {
        "number": np.arange(first, first + len(lines)),
        "time_us": np.array([line.time_us for line in lines], np.int64),
        "stream": texts(line.stream for line in lines),
        "text": texts(line.text for line in lines),
        "cell": texts(line.cell or "" for line in lines),
        "level": texts(line.level for line in lines),
        "label": texts(line.label for line in lines),
    }


def _clock(turned: Sequence[Segment]) -> dict[str, NDArray[Any]]:
    return {
        "time_us": np.array([one.time_us for one in turned], np.int64),
        "active_us": np.array([one.active_us for one in turned], np.int64),
        "running": np.array([one.running for one in turned], np.bool_),
    }
