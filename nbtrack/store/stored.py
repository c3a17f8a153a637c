"""What the database has of one run's series, rows and lines: the queries of a reader.

Keys are named in the query as plain numbers: what DuckDB can compare while it scans costs
a fraction of what a join with a table of wishes does.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import CellRun, Stream
from nbtrack.store.active import Segment
from nbtrack.store.cells import STORED
from nbtrack.store.database import Window
from nbtrack.store.entries import FloatArray, IntArray
from nbtrack.store.facts import ConsoleLine
from nbtrack.store.keystats import Keys, KeyStats
from nbtrack.store.linesearch import LineSearch
from nbtrack.store.reduction import (
    EVERYWHERE,
    NO_EXTENT,
    NO_POINTS,
    Along,
    Extent,
    Points,
    joined,
)
from nbtrack.store.shapes import RowStream

_TABLES: dict[RowStream, tuple[str, str]] = {
    "metric": ("nb.metrics", "step"),
    "system": ("nb.system_metrics", "epoch_us(ts)"),
}
_TIME = "epoch_us(ts)"

_LINES = """
SELECT number, epoch_us(ts), stream, text, cell, level, label FROM nb.logs
WHERE run_id = ? AND {where} ORDER BY number
"""
_LINE_NUMBERS = """
SELECT number FROM nb.logs WHERE run_id = ? AND number >= ? AND {where} ORDER BY number
"""

# One row per bucket. Values that are not finite are looked for only where there are some.
_EXTREMES = """
SELECT key_id, arg_min({x}, value) AS least_x, epoch_us(arg_min(ts, value)) AS least_t,
    min(value) AS least_v, arg_max({x}, value) AS greatest_x,
    epoch_us(arg_max(ts, value)) AS greatest_t, max(value) AS greatest_v
FROM {table} WHERE {where} {finite} GROUP BY key_id, {bucket}
"""
_OTHERS = """
SELECT key_id, min({x}) AS other_x, epoch_us(arg_min(ts, {x})) AS other_t,
    arg_min(value, {x}) AS other_v
FROM {table} WHERE {where} AND NOT isfinite(value) GROUP BY key_id, {bucket}
"""
_BUCKET = "floor(({along} - (?::BIGINT[])[key_id + 1]) * (?::DOUBLE[])[key_id + 1])"
_EXTENTS = """
SELECT key_id, count(*) AS n, count(*) FILTER (NOT isfinite(value)) AS bad,
    min({x}) AS first_x, epoch_us(arg_min(ts, {x})) AS first_t, arg_min(value, {x}) AS first_v,
    max({x}) AS last_x, epoch_us(arg_max(ts, {x})) AS last_t, arg_max(value, {x}) AS last_v
FROM {table} WHERE {where} GROUP BY key_id
"""
_POINTS = "SELECT key_id, {x} AS x, epoch_us(ts) AS t, value FROM {table} WHERE {where}"
_NUMBERS = """
SELECT key_id, step, epoch_us(ts) AS t, value, kind FROM nb.metrics WHERE {where}
"""
_OBJECTS = "SELECT key_id, step, epoch_us(ts) AS t, value FROM nb.objects WHERE {where}"
# Rows lie in the order of their steps, so that a page is found without sorting; if they
# did not, the page would be larger, and nothing would be missing.
_PAGE = """
SELECT max(step) AS last, count(*) AS n FROM (
    SELECT step FROM nb.history WHERE {where} LIMIT {most}
) page
"""
_HISTORY = "SELECT step, epoch_us(ts) AS t FROM nb.history WHERE {where}"

K = TypeVar("K", bound=Hashable)


class Stretch(NamedTuple):
    """A part of some series.

    Attributes:
        stream: What is read.
        bounds: The least and the greatest place to be read, both included.
        along: What bounds and buckets are measured by.
    """

    stream: RowStream
    bounds: tuple[int, int] = EVERYWHERE
    along: Along = "x"


class Cut(NamedTuple):
    """Where a series is cut into buckets.

    Attributes:
        key_ids: Keys whose values it has; several where names of nested keys coincide.
        base: Where the first bucket begins.
        scale: Buckets per unit of `x`.
    """

    key_ids: Sequence[int]
    base: int
    scale: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a series reaches.

    Attributes:
        extent: Of its points.
        ends: Its first and its last point, in order; where names of nested keys coincide
            perhaps some between them.
    """

    extent: Extent = NO_EXTENT
    ends: Points = NO_POINTS

    def joined(self, other: "Reach") -> "Reach":
        """Return the reach of both."""
        return Reach(self.extent.joined(other.extent), joined(self.ends, other.ends))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of one key, ascending in step.

    Attributes:
        steps: Shape `(n,)`.
        times_us: Shape `(n,)`.
        values: Shape `(n,)`.
        kinds: Shape `(n,)`, what each was before it became a float.
    """

    steps: IntArray
    times_us: IntArray
    values: FloatArray
    kinds: NDArray[np.uint8]


class StoredRun:
    """One run in the database, while that is attached.

    Attributes:
        keys: Of the run.
    """

    def __init__(self, window: Window, run_id: int) -> None:
        """Read the keys of the run."""
        self.keys = Keys.read(window, run_id)
        self._by_id = {stats.key_id: stats for _, stats in self.keys}
        self._window = window
        self._run_id = run_id

    def named(self, stream: RowStream) -> dict[str, list[int]]:
        """Return for each name, in order of coming, the ids of its keys that have numbers."""
        found: dict[str, list[int]] = {}
        for (of, leaf), stats in self.keys:
            if of == stream:
                ids = found.setdefault(".".join(leaf), [])
                ids += [stats.key_id] if stats.n else []
        return found

    def reach(self, stretch: Stretch, key_ids: Iterable[int]) -> Reach:
        """Return how far the values of some keys reach, without looking at them."""
        found = Reach()
        for key_id in key_ids:
            found = found.joined(_reach_of(self._by_id[key_id], stretch))
        return found

    def reaches(self, stretch: Stretch, wanted: Mapping[K, Sequence[int]]) -> dict[K, Reach]:
        """Return how far each series reaches within a stretch, if it has points there."""
        columns = self._columns(_EXTENTS, stretch, _all_of(wanted.values()))
        by_id = {row[0]: _reach_from(stretch.along, *row[1:]) for row in _rows_of(columns)}
        found = {}
        for name, key_ids in wanted.items():
            there = [by_id[key_id] for key_id in key_ids if key_id in by_id]
            if there:
                found[name] = _joined(there)
        return found

    def points(self, stretch: Stretch, wanted: Mapping[K, Sequence[int]]) -> dict[K, Points]:
        """Return all points of each series within a stretch, ascending."""
        found = self._columns(_POINTS, stretch, _all_of(wanted.values()))
        series = Points(found["x"], found["t"], found["value"])
        return _split(wanted, found["key_id"], series)

    def reduced(
        self, stretch: Stretch, wanted: Mapping[K, Cut], not_finite: Collection[K]
    ) -> dict[K, Points]:
        """Return what each bucket of each series keeps, ascending.

        Args:
            stretch: What to read.
            wanted: The series.
            not_finite: Those that have values that are not finite.
        """
        cuts = _cuts(wanted.values())
        ids = {name: one.key_ids for name, one in wanted.items()}
        finite = "AND isfinite(value)" if not_finite else ""
        found = self._columns(_EXTREMES, stretch, _all_of(ids.values()), cuts, finite)
        parts = [_part(found, "least"), _part(found, "greatest")]
        if not_finite:
            others = _all_of(ids[name] for name in not_finite)
            parts.append(_part(self._columns(_OTHERS, stretch, others, cuts), "other"))
        key_id, x, times_us, values = (np.concatenate(one) for one in zip(*parts, strict=True))
        return _split(ids, key_id, Points(x, times_us, values))

    def segments(self) -> list[Segment]:
        """Return all stretches of active time, in order."""
        query = (
            "SELECT epoch_us(ts), active_us, running FROM nb.clock WHERE run_id = ? ORDER BY rowid"
        )
        return [Segment(*row) for row in self._window.rows(query, self._run_id)]

    def lines(self, first: int) -> list[ConsoleLine]:
        """Return the lines of console text from line `first` on."""
        return self._lines(f"number >= {first:d}")

    def lines_at(self, numbers: Sequence[int]) -> list[ConsoleLine]:
        """Return lines by their numbers, which are ascending and at least one."""
        # The bounds let DuckDB pass over what lies outside of them.
        bounds = f"number BETWEEN {numbers[0]:d} AND {numbers[-1]:d}"
        return self._lines(f"{bounds} AND number IN ({', '.join(map(str, numbers))})")

    def line_numbers(self, search: LineSearch, first: int) -> IntArray:
        """Return the numbers of the lines from `first` on that a search finds, ascending."""
        condition, values = search.condition()
        query = _LINE_NUMBERS.format(where=condition)
        return self._window.columns(query, self._run_id, first, *values)["number"]

    def _lines(self, where: str) -> list[ConsoleLine]:
        rows = self._window.rows(_LINES.format(where=where), self._run_id)
        return [
            ConsoleLine(number, time_us, Stream(stream), *rest)
            for number, time_us, stream, *rest in rows
        ]

    def cells(self) -> list[CellRun]:
        """Return the executions of cells, in order."""
        return [CellRun(*row) for row in self._window.rows(STORED, self._run_id)]

    def page_end(self, low: int, high: int, most: int) -> int | None:
        """Return the step before which about `most` rows with `low <= step < high` lie.

        None if there are not so many.
        """
        query = _PAGE.format(where=self._steps(low, high), most=most)
        ((last, count),) = self._window.rows(query)
        return last + 1 if count >= most else None

    def history(self, low: int, high: int) -> tuple[IntArray, IntArray]:
        """Return step and time of the rows with `low <= step < high`, ascending."""
        found = self._window.columns(_HISTORY.format(where=self._steps(low, high)))
        steps, times_us = found["step"], found["t"]
        order = _order(steps)
        return (steps, times_us) if order is None else (steps[order], times_us[order])

    def count(self, names: Iterable[str]) -> int:
        """Return how many numbers some names have."""
        ids = _all_of(self.of_names(list(names)).values())
        return sum(self._by_id[key_id].n for key_id in ids)

    def of_names(self, names: Sequence[str] | None) -> dict[str, list[int]]:
        """Return the ids of the keys of some names in rows; None for all that there are."""
        found: dict[str, list[int]] = {} if names is None else {name: [] for name in names}
        for (stream, leaf), stats in self.keys:
            name = ".".join(leaf)
            if stream == "metric" and (names is None or name in found):
                found.setdefault(name, []).append(stats.key_id)
        return found

    def numbers(
        self, low: int, high: int, key_ids: Collection[int], steps: IntArray | None = None
    ) -> dict[int, Numbers]:
        """Return the numbers of some keys with `low <= step < high`.

        Args:
            low: The first step.
            high: The step before which to stop.
            key_ids: Of the keys.
            steps: Only at these steps.
        """
        where = f"{self._steps(low, high)} AND {_among(key_ids)}"
        found = self._at(_NUMBERS, where, steps)
        columns = (found["step"], found["t"], found["value"], found["kind"])
        parts = _cut_up(found["key_id"], key_ids)
        return {
            key_id: Numbers(*(column[part] for column in columns)) for key_id, part in parts.items()
        }

    def objects(
        self, low: int, high: int, key_ids: Collection[int], steps: IntArray | None = None
    ) -> Iterable[tuple[int, int, int, str]]:
        """Return key, step, time and JSON of the other values, as `numbers` does."""
        ids = [key_id for key_id in key_ids if self._by_id[key_id].n_other]
        if not ids:
            return []
        found = self._at(_OBJECTS, f"{self._steps(low, high)} AND {_among(ids)}", steps)
        return _rows_of(found)

    def _at(self, query: str, where: str, steps: IntArray | None) -> dict[str, NDArray[Any]]:
        if steps is None:
            return self._window.columns(query.format(where=where))
        where += " AND step IN (SELECT step FROM incoming)"
        return self._window.columns(query.format(where=where), incoming={"step": steps})

    def _steps(self, low: int, high: int) -> str:
        return f"run_id = {self._run_id} AND step >= {int(low)} AND step < {int(high)}"

    def _columns(
        self,
        query: str,
        stretch: Stretch,
        key_ids: Collection[int],
        cuts: Sequence[list[Any]] = (),
        finite: str = "",
    ) -> dict[str, NDArray[Any]]:
        table, x = _TABLES[stretch.stream]
        along = _TIME if stretch.along == "time" else x
        where = f"run_id = {self._run_id} AND {_among(key_ids)}"
        if stretch.bounds != EVERYWHERE:
            low, high = stretch.bounds
            where += f" AND {along} BETWEEN {int(low)} AND {int(high)}"
        bucket = _BUCKET.format(along=along)
        text = query.format(table=table, x=x, where=where, finite=finite, bucket=bucket)
        return self._window.columns(text, *cuts)


def _among(key_ids: Iterable[int]) -> str:
    return f"key_id IN ({', '.join(str(int(key_id)) for key_id in key_ids) or 'NULL'})"


def _all_of(wanted: Iterable[Sequence[int]]) -> list[int]:
    return [key_id for key_ids in wanted for key_id in key_ids]


def _cuts(wanted: Collection[Cut]) -> tuple[list[Any], list[Any]]:
    """Return base and scale of each key, by its number."""
    length = 1 + max((key_id for one in wanted for key_id in one.key_ids), default=0)
    bases, scales = [0] * length, [0.0] * length
    for one in wanted:
        for key_id in one.key_ids:
            bases[key_id], scales[key_id] = one.base, one.scale
    return bases, scales


def _part(found: Mapping[str, NDArray[Any]], name: str) -> list[NDArray[Any]]:
    return [found["key_id"], *(found[f"{name}_{part}"] for part in "xtv")]


def _rows_of(columns: Mapping[str, NDArray[Any]]) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.tolist() for column in columns.values()), strict=True)


def _reach_of(stats: KeyStats, stretch: Stretch) -> Reach:
    by_step = stretch.stream == "metric"
    first = (stats.first_step if by_step else stats.first_us, stats.first_us, stats.first)
    last = (stats.last_step if by_step else stats.last_us, stats.last_us, stats.last)
    return _reach_from(stretch.along, stats.n, stats.n_nan + stats.n_infinite, *first, *last)


def _reach_from(
    along: Along,
    count: int,
    not_finite: int,
    *ends: Any,  # noqa: ANN401 - two points
) -> Reach:
    x, times_us, values = ends[0::3], ends[1::3], ends[2::3]
    points = Points(np.array(x, np.int64), np.array(times_us, np.int64), np.array(values, float))
    at = x if along == "x" else times_us
    return Reach(Extent(count, not_finite, min(at), max(at)), points)


def _joined(reaches: Iterable[Reach]) -> Reach:
    found = Reach()
    for one in reaches:
        found = found.joined(one)
    return found


def _split(
    wanted: Mapping[K, Sequence[int]], key_id: NDArray[Any], points: Points
) -> dict[K, Points]:
    """Return the points of each series, ascending."""
    parts = _cut_up(key_id, _all_of(wanted.values()))
    found = {}
    for name, key_ids in wanted.items():
        series = NO_POINTS
        for one in key_ids:
            series = joined(series, points.taken(parts[one]))
        order = _order(series.x)
        found[name] = series if order is None else series.taken(order)
    return found


def _cut_up(key_id: NDArray[Any], key_ids: Collection[int]) -> dict[int, IntArray | slice]:
    """Return where the values of each key stand, in the order in which they came."""
    if len(key_ids) == 1:
        return dict.fromkeys(key_ids, slice(None))
    order = _order(key_id)
    ordered = key_id if order is None else key_id[order]
    ids = np.array(list(key_ids), np.int64)
    starts = np.searchsorted(ordered, ids, "left").tolist()
    ends = np.searchsorted(ordered, ids, "right").tolist()
    return {
        one: slice(start, end) if order is None else order[start:end]
        for one, start, end in zip(key_ids, starts, ends, strict=True)
    }


def _order(values: NDArray[Any]) -> IntArray | None:
    """Return the order in which values ascend; None if they do."""
    if bool(np.all(values[1:] >= values[:-1])):
        return None
    return np.argsort(values, kind="stable")
