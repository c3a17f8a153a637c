"""The entries of a journal's tail as series, rows and lines."""

from collections.abc import Iterator, Sequence

import numpy as np

from nbtrack.records import Json, name_of
from nbtrack.store.control import sayable
from nbtrack.store.entries import Entry, Lines, Rows, value_of
from nbtrack.store.facts import ConsoleLine, RowBlock
from nbtrack.store.reduction import FARTHEST, Points
from nbtrack.store.shapes import Number, RowStream
from nbtrack.store.tail import block_of, is_continued


def points_of(entries: Sequence[Entry], stream: RowStream) -> dict[str, Points]:
    """Return the numbers in a tail by name, in order of coming."""
    blocks = [one for one in entries if isinstance(one, Rows) and one.shape.stream == stream]
    where: dict[str, list[tuple[Rows, int]]] = {}
    for block in blocks:
        for leaf in block.all_leaves:
            where.setdefault(".".join(leaf), [])
        for column in block.columns:
            where[block.shape.names[column]].append((block, column))
    return {name: _points(found, stream) for name, found in where.items() if found}


def rows_of(
    entries: Sequence[Entry], low: int = -FARTHEST, high: int = FARTHEST
) -> Iterator[tuple[int, int, dict[str, Json]]]:
    """Yield step, time and values of each row of a tail with `low <= step < high`."""
    for block in entries:
        if not isinstance(block, Rows) or block.shape.stream != "metric":
            continue
        if block.steps.max() < low or block.steps.min() >= high:
            continue
        others = dict(block.others)
        # Where names of nested keys coincide, the database tells what is no number last.
        nothing = dict.fromkeys(
            name
            for name, kind in zip(block.shape.names, block.kinds, strict=True)
            if kind == Number.NONE
        )
        columns = [(index, block.shape.names[index], block.kinds[index]) for index in block.columns]
        numbers = block.values.tolist()
        for row, (step, time_us) in enumerate(
            zip(block.steps.tolist(), block.times_us.tolist(), strict=True)
        ):
            values: dict[str, Json] = {
                name: value_of(numbers[row][index], kind) for index, name, kind in columns
            }
            values |= nothing
            for path, value in others.get(row, {}).items():
                values[name_of(path)] = value
            if low <= step < high:
                yield step, time_us, values


def lines_of(entries: Sequence[Entry], first: int) -> list[ConsoleLine]:
    """Return the lines of a tail, numbered from `first`."""
    lines = [line for entry in entries if isinstance(entry, Lines) for line in entry.lines]
    return [
        ConsoleLine(
            number,
            line.time_us,
            line.stream,
            sayable(line.text),
            line.cell,
            sayable(line.level),
            sayable(line.label),
        )
        for number, line in enumerate(lines, first)
    ]


def news_of(entries: Sequence[Entry], first_line: int) -> tuple[list[RowBlock], list[ConsoleLine]]:
    """Return the rows of a tail as blocks, and its lines.

    Args:
        entries: In order.
        first_line: Number of the first line among them.
    """
    blocks: list[RowBlock] = []
    rows: list[Rows] = []
    for entry in entries:
        if not isinstance(entry, Rows):
            continue
        if rows and not is_continued(rows[-1], entry):
            blocks.append(block_of(rows))
            rows = []
        rows.append(entry)
    return [*blocks, block_of(rows)] if rows else [], lines_of(entries, first_line)


def _points(found: list[tuple[Rows, int]], stream: RowStream) -> Points:
    times_us = np.concatenate([block.times_us for block, _ in found]).astype(np.int64)
    steps = np.concatenate([block.steps for block, _ in found]).astype(np.int64)
    values = np.concatenate([block.values[:, column] for block, column in found])
    points = Points(steps if stream == "metric" else times_us, times_us, values)
    is_ascending = bool(np.all(points.x[1:] >= points.x[:-1]))
    return points if is_ascending else points.taken(np.argsort(points.x, kind="stable"))
