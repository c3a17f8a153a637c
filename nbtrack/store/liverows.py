"""What the journals have and the database has not yet, as columns of tables."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.records import name_of
from nbtrack.store.cells import cells_of, cells_table
from nbtrack.store.entries import Entry, Rows
from nbtrack.store.keystats import ascii_json, texts
from nbtrack.store.layout import uids
from nbtrack.store.sealing import JournalSizes
from nbtrack.store.shapes import Number, RowStream
from nbtrack.store.tail import Tail
from nbtrack.store.tailpoints import lines_of, points_of

Columns: TypeAlias = dict[str, NDArray[Any]]

STREAMS: tuple[RowStream, ...] = ("metric", "system")
_LINE = ("run", "number", "time_us", "stream", "text", "cell", "level", "label")


@dataclass(frozen=True, slots=True)
class Ingested:
    """How far a run is in the database.

    Attributes:
        position: Bytes of its journal.
        line_count: Lines of its console.
    """

    position: int = 0
    line_count: int = 0


@dataclass(frozen=True, slots=True)
class LivePart:
    """What a journal says beyond the database.

    Attributes:
        uid: Of the run.
        entries: In order.
        first_line: Number of the first line of console text among them.
    """

    uid: str
    entries: Sequence[Entry]
    first_line: int


def live_parts(root: Path, ingested: Mapping[str, Ingested]) -> list[LivePart]:
    """Read the journals of a workspace from where the database ends.

    A journal that cannot be read is passed over, as it is in a list of runs.

    Args:
        root: The workspace.
        ingested: By uid; a run that is missing here is read from its beginning.
    """
    sizes = JournalSizes(root)
    behind = [
        (uid, known)
        for uid in uids(root)
        if sizes.of(uid) > (known := ingested.get(uid, Ingested())).position
    ]
    return [part for uid, known in behind for part in _part(root, uid, known)]


def live_tables(parts: Sequence[LivePart]) -> dict[str, Columns]:
    """Return the tables of live parts: those of `live`, by name."""
    series, points = _points(parts)
    return {
        "series": _stacked(series),
        "points": _stacked(points),
        "history": _stacked([one for part in parts for one in _history(part)]),
        "objects": _table(("run", "key", "step", "time_us", "value"), _objects(parts)),
        "logs": _table(_LINE, _logs(parts)),
        "cells": _stacked([one for part in parts for one in _cells(part)]),
    }


def _part(root: Path, uid: str, ingested: Ingested) -> Iterator[LivePart]:
    with (
        contextlib.suppress(OSError, StoreError, RunNotFoundError),
        Tail.open(root, uid, ingested.position) as tail,
    ):
        yield LivePart(uid, tail.entries(), ingested.line_count)


def _points(parts: Sequence[LivePart]) -> tuple[list[Columns], list[Columns]]:
    series: list[Columns] = []
    points: list[Columns] = []
    for part in parts:
        for stream in STREAMS:
            for name, found in points_of(part.entries, stream).items():
                number = np.array([len(series)])
                names = {"stream": stream, "run": part.uid, "key": name}
                series.append({"series": number, **{at: texts([one]) for at, one in names.items()}})
                points.append(
                    {
                        "series": np.repeat(number, len(found.x)),
                        "x": found.x,
                        "time_us": found.times_us,
                        "value": found.values,
                    }
                )
    return series, points


def _blocks(part: LivePart) -> Iterator[Rows]:
    for entry in part.entries:
        if isinstance(entry, Rows) and entry.shape.stream == "metric":
            yield entry


def _history(part: LivePart) -> Iterator[Columns]:
    for block in _blocks(part):
        run = texts([part.uid])
        yield {
            "run": np.repeat(run, len(block.steps)),
            "step": block.steps,
            "time_us": block.times_us,
        }


def _objects(parts: Sequence[LivePart]) -> Iterator[tuple[Any, ...]]:
    for part in parts:
        for block in _blocks(part):
            at = list(zip(block.steps.tolist(), block.times_us.tolist(), strict=True))
            for name, kind in zip(block.shape.names, block.kinds, strict=True):
                if kind == Number.NONE:
                    yield from ((part.uid, name, *when, "null") for when in at)
            for row, values in block.others:
                for path, value in values.items():
                    yield (part.uid, name_of(path), *at[row], ascii_json(value))


def _logs(parts: Sequence[LivePart]) -> Iterator[tuple[Any, ...]]:
    for part in parts:
        for line in lines_of(part.entries, part.first_line):
            where = part.uid, line.number, line.time_us, line.stream
            yield *where, line.text, line.cell or "", line.level, line.label


def _cells(part: LivePart) -> Iterator[Columns]:
    cells = cells_of(part.entries)
    if cells:
        yield {"run": np.repeat(texts([part.uid]), len(cells)), **cells_table(cells)}


def _table(names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> Columns:
    columns = list(zip(*rows, strict=True))
    return {
        name: texts(values) if isinstance(values[0], str) else np.array(values, np.int64)
        for name, values in zip(names, columns, strict=False)
    }


def _stacked(parts: Sequence[Columns]) -> Columns:
    if not parts:
        return {}
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}
