"""What the database has of one run's series, rows and lines: the queries of a reader."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import Stream
from nbtrack.store.active import Segment
from nbtrack.store.database import Window
from nbtrack.store.entries import IntArray
from nbtrack.store.facts import ConsoleLine
from nbtrack.store.keystats import Keys
from nbtrack.store.reduction import FARTHEST, NO_POINTS, Extent, Points
from nbtrack.store.shapes import RowStream

_TABLES: dict[RowStream, tuple[str, str]] = {
    "metric": ("nb.metrics", "step"),
    "system": ("nb.system_metrics", "epoch_us(ts)"),
}

# One row per bucket. Values that are not finite are looked for only where there are some:
# a FILTER on every aggregate would double the time.
_EXTREMES = """
SELECT slot, arg_min(x, value) AS least_x, arg_min(t, value) AS least_t, min(value) AS least_v,
    arg_max(x, value) AS greatest_x, arg_max(t, value) AS greatest_t, max(value) AS greatest_v
FROM ({points}) WHERE isfinite(value)
GROUP BY slot, floor((x - base) * scale)
"""
_OTHERS = """
SELECT slot, min(x) AS other_x, arg_min(t, x) AS other_t, arg_min(value, x) AS other_v
FROM ({points}) WHERE NOT isfinite(value)
GROUP BY slot, floor((x - base) * scale)
"""
_POINTS = """
SELECT w.slot AS slot, w.base AS base, w.scale AS scale, {x} AS x, epoch_us(m.ts) AS t,
    m.value AS value
FROM {table} m JOIN incoming w ON m.key_id = w.key_id
WHERE m.run_id = ? AND {x} BETWEEN w.low AND w.high
"""


_EXTENTS = """
SELECT slot, count(*) AS n, count(*) FILTER (NOT isfinite(value)) AS bad,
    min(x) AS low, max(x) AS high
FROM ({points}) GROUP BY slot
"""
_NUMBERS = """
SELECT key_id, step, value, kind FROM nb.metrics
WHERE run_id = ? AND step BETWEEN ? AND ? AND step IN (SELECT step FROM incoming) {only}
"""
_OBJECTS = """
SELECT key_id, step, value FROM nb.objects
WHERE run_id = ? AND step BETWEEN ? AND ? AND step IN (SELECT step FROM incoming) {only}
"""
_ROWS_WITH = """
SELECT h.step AS step, epoch_us(h.ts) AS t
FROM nb.history h JOIN (
    SELECT step FROM (
        SELECT m.step AS step, w.slot AS slot
        FROM nb.metrics m JOIN incoming w ON m.key_id = w.key_id WHERE m.run_id = ?1
        UNION ALL
        SELECT o.step AS step, w.slot AS slot
        FROM nb.objects o JOIN incoming w ON o.key_id = w.key_id WHERE o.run_id = ?1
    ) GROUP BY step HAVING count(DISTINCT slot) = ?2
) found ON h.step = found.step
WHERE h.run_id = ?1 ORDER BY h.step
"""

K = TypeVar("K", bound=Hashable)


class Wanted(NamedTuple):
    """A series to be read.

    Attributes:
        key_ids: Keys whose values it has; several where names of nested keys coincide.
        low: Least `x` to be read.
        high: Greatest `x` to be read.
        base: Where the first bucket begins.
        scale: Buckets per unit of `x`.
    """

    key_ids: Sequence[int]
    low: int = -FARTHEST
    high: int = FARTHEST
    base: int = 0
    scale: float = 1.0


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

    def extent(self, stream: RowStream, key_ids: Iterable[int]) -> Extent:
        """Return how far the values of some keys reach, without looking at them."""
        found = Extent()
        for key_id in key_ids:
            one = self._by_id[key_id]
            ends = (one.first_step, one.last_step)
            low, high = ends if stream == "metric" else (one.first_us, one.last_us)
            found = found.joined(Extent(one.n, one.n_nan + one.n_infinite, low, high))
        return found

    def extents(self, stream: RowStream, wanted: Mapping[K, Wanted]) -> dict[K, Extent]:
        """Return how far each series reaches in the range that is wanted of it."""
        names = list(wanted)
        found = self._columns(_EXTENTS.format(points=_points(stream)), wanted)
        rows = zip(
            *(found[name].tolist() for name in ("slot", "n", "bad", "low", "high")), strict=True
        )
        return {names[slot]: Extent(*rest) for slot, *rest in rows}

    def points(self, stream: RowStream, wanted: Mapping[K, Wanted]) -> dict[K, Points]:
        """Return all points of each series, ascending."""
        found = self._columns(_points(stream), wanted)
        return _split(list(wanted), found["slot"], found["x"], found["t"], found["value"])

    def reduced(
        self, stream: RowStream, wanted: Mapping[K, Wanted], not_finite: Collection[K]
    ) -> dict[K, Points]:
        """Return what each bucket of each series keeps, ascending.

        Args:
            stream: What to read.
            wanted: The series.
            not_finite: Those that have values that are not finite.
        """
        points = _points(stream)
        found = self._columns(_EXTREMES.format(points=points), wanted)
        parts = [_part(found, "least"), _part(found, "greatest")]
        if not_finite:
            # The slot of a series is its place among all that are wanted.
            some = {
                key: one if key in not_finite else one._replace(key_ids=())
                for key, one in wanted.items()
            }
            parts.append(_part(self._columns(_OTHERS.format(points=points), some), "other"))
        slot, x, times_us, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        return _split(list(wanted), slot, x, times_us, values)

    def segments(self) -> list[Segment]:
        """Return all stretches of active time, in order."""
        query = (
            "SELECT epoch_us(ts), active_us, running FROM nb.clock WHERE run_id = ? ORDER BY rowid"
        )
        return [Segment(*row) for row in self._window.rows(query, self._run_id)]

    def lines(self, first: int) -> list[ConsoleLine]:
        """Return the lines of console text from line `first` on."""
        query = (
            "SELECT number, epoch_us(ts), stream, text, cell FROM nb.logs "
            "WHERE run_id = ? AND number >= ? ORDER BY number"
        )
        rows = self._window.rows(query, self._run_id, first)
        return [
            ConsoleLine(number, time_us, Stream(stream), text, cell)
            for number, time_us, stream, text, cell in rows
        ]

    def history(self, low: int, high: int, most: int) -> tuple[IntArray, IntArray]:
        """Return step and time of at most `most` rows with `low <= step < high`, ascending."""
        query = (
            "SELECT step, epoch_us(ts) AS t FROM nb.history "
            "WHERE run_id = ? AND step >= ? AND step < ? ORDER BY step LIMIT ?"
        )
        found = self._window.columns(query, self._run_id, low, high, most)
        return found["step"], found["t"]

    def history_with(self, names: Sequence[str]) -> tuple[IntArray, IntArray]:
        """Return step and time of all rows that have a value of each of some keys."""
        slots = {name: slot for slot, name in enumerate(names)}
        ids = [
            (stats.key_id, slots[name])
            for (stream, leaf), stats in self.keys
            if stream == "metric" and (name := ".".join(leaf)) in slots
        ]
        if not names:
            return self.history(-FARTHEST, FARTHEST, FARTHEST)
        incoming = {
            "key_id": np.array([key_id for key_id, _ in ids], np.int64),
            "slot": np.array([slot for _, slot in ids], np.int64),
        }
        found = self._window.columns(_ROWS_WITH, self._run_id, len(names), incoming=incoming)
        return found["step"], found["t"]

    def numbers(
        self, steps: IntArray, key_ids: Iterable[int] | None
    ) -> Iterable[tuple[int, int, float, int]]:
        """Return key, step, value and kind of the numbers of some steps, ascending ones.

        Args:
            steps: At least one.
            key_ids: Only these.
        """
        found = self._of_steps(_NUMBERS.format(only=_only(key_ids)), steps)
        names = ("key_id", "step", "value", "kind")
        return zip(*(found[name].tolist() for name in names), strict=True)

    def objects(
        self, steps: IntArray, key_ids: Iterable[int] | None
    ) -> Iterable[tuple[int, int, str]]:
        """Return key, step and JSON of the other values of some steps, as `numbers` does."""
        found = self._of_steps(_OBJECTS.format(only=_only(key_ids)), steps)
        return zip(*(found[name].tolist() for name in ("key_id", "step", "value")), strict=True)

    def _of_steps(self, query: str, steps: IntArray) -> dict[str, NDArray[Any]]:
        ends = int(steps[0]), int(steps[-1])
        return self._window.columns(query, self._run_id, *ends, incoming={"step": steps})

    def _columns(self, query: str, wanted: Mapping[K, Wanted]) -> dict[str, NDArray[Any]]:
        return self._window.columns(query, self._run_id, incoming=_incoming(wanted.values()))


def _points(stream: RowStream) -> str:
    table, x = _TABLES[stream]
    return _POINTS.format(table=table, x=x)


def _incoming(wanted: Iterable[Wanted]) -> dict[str, NDArray[Any]]:
    rows = [
        (key_id, slot, one.low, one.high, one.base, one.scale)
        for slot, one in enumerate(wanted)
        for key_id in one.key_ids
    ]
    names = ("key_id", "slot", "low", "high", "base")
    columns: dict[str, NDArray[Any]] = {
        name: np.array([row[index] for row in rows], np.int64) for index, name in enumerate(names)
    }
    columns["scale"] = np.array([row[-1] for row in rows], np.float64)
    return columns


def _part(found: Mapping[str, NDArray[Any]], name: str) -> list[NDArray[Any]]:
    return [found["slot"], *(found[f"{name}_{part}"] for part in "xtv")]


def _split(
    names: Sequence[K],
    slot: NDArray[Any],
    x: NDArray[Any],
    times_us: NDArray[Any],
    values: NDArray[Any],
) -> dict[K, Points]:
    order = np.lexsort((x, slot))
    if not np.array_equal(order, np.arange(len(order))):
        slot, x, times_us, values = slot[order], x[order], times_us[order], values[order]
    cuts = np.searchsorted(slot, np.arange(len(names) + 1))
    return {
        name: Points(x[start:end], times_us[start:end], values[start:end])
        if end > start
        else NO_POINTS
        for name, start, end in zip(names, cuts[:-1], cuts[1:], strict=True)
    }


def _only(key_ids: Iterable[int] | None) -> str:
    if key_ids is None:
        return ""
    return f"AND key_id IN ({', '.join(str(int(key_id)) for key_id in key_ids) or 'NULL'})"
