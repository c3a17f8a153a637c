"""Many runs at one moment: one metric of all of them as one query.

What the journals have beyond the database is handed to the query as rows of their own, so
that curves and spreads are reckoned from all points at once, wherever they lie. Runs are
told apart by numbers of the caller's (`lines`): one per run for curves, one per group for
spreads. Where the database cannot be used, all rows come from the journals.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from nbtrack.errors import LimitError, RunNotFoundError, StoreError
from nbtrack.store.database import Database, UnavailableError, Window, scratch
from nbtrack.store.entries import FloatArray, IntArray
from nbtrack.store.facts import Series
from nbtrack.store.reduction import (
    EVERYWHERE,
    FARTHEST,
    NO_EXTENT,
    NO_POINTS,
    Along,
    Extent,
    Points,
    extent_of,
    joined,
    reduced,
    without_doubles,
)
from nbtrack.store.sealing import JournalSizes
from nbtrack.store.tail import Tail
from nbtrack.store.tailpoints import points_of

T = TypeVar("T")

MOST_STEPS = 1 << 21  # rows of a spread that are in memory at once: 120 MB
MOST_PAIRS = 1 << 22
GREATEST = 1e150
"""Values of this size or more have no variance in floats; spreads leave them out."""

_STORED = """
SELECT {which} AS which, line, step AS x, {place} AS place, ts, value
FROM nb.metrics JOIN (
    SELECT unnest(?::INTEGER[]) AS run_id, unnest(?::INTEGER[]) AS key_id,
        unnest(?::INTEGER[]) AS line, unnest(?::BIGINT[]) AS origin
) AS asked USING (run_id, key_id)
WHERE run_id BETWEEN {first} AND {last} AND key_id IN ({keys}) {bounds}
"""
_SINCE = "epoch_us(ts) - origin"
_TAILS = """
SELECT which, line, x, place, make_timestamp(time_us) AS ts,
    coalesce(value, 'nan'::DOUBLE) AS value
FROM incoming
"""
_RUNS = """
SELECT uid, run_id, ingested FROM nb.runs WHERE uid IN (SELECT unnest(?::VARCHAR[]))
"""
_KEYS = """
SELECT run_id, key_id, n, n_nan + n_infinite AS bad,
    first_step, epoch_us(first_ts) AS first_us, first,
    last_step, epoch_us(last_ts) AS last_us, last
FROM nb.keys WHERE stream = 'metric' AND name = ? AND n > 0
    AND run_id IN (SELECT unnest(?::INTEGER[]))
ORDER BY run_id, key_id
"""
_NAMES = """
SELECT run_id, name FROM nb.keys
WHERE stream = 'metric' AND n > 0 AND (? OR name IN (SELECT unnest(?::VARCHAR[])))
    AND run_id IN (SELECT unnest(?::INTEGER[])) ORDER BY run_id DESC, key_id
"""
_EXTENTS = """
SELECT line, count(*) AS n, count(*) FILTER (NOT isfinite(value)) AS bad,
    min(place) AS least, max(place) AS greatest,
    min(x) AS first_x, epoch_us(arg_min(ts, x)) AS first_us, arg_min(value, x) AS first,
    max(x) AS last_x, epoch_us(arg_max(ts, x)) AS last_us, arg_max(value, x) AS last
FROM ({points}) GROUP BY line
"""
_POINTS = "SELECT line, x, epoch_us(ts) AS time_us, value FROM ({points})"
_EXTREMES = """
SELECT line, arg_min(x, value) AS least_x, epoch_us(arg_min(ts, value)) AS least_us,
    min(value) AS least, arg_max(x, value) AS greatest_x,
    epoch_us(arg_max(ts, value)) AS greatest_us, max(value) AS greatest
FROM ({points}) WHERE isfinite(value) GROUP BY line, {bucket}
"""
_OTHERS = """
SELECT line, min(x) AS other_x, epoch_us(arg_min(ts, x)) AS other_us, arg_min(value, x) AS other
FROM ({points}) WHERE NOT isfinite(value) GROUP BY line, {bucket}
"""
_SPREAD = """
SELECT line, x, count(*) AS n, avg(value) AS mean, var_pop(value) AS variance,
    min(value) AS low, max(value) AS high
FROM ({points}) WHERE abs(value) < {greatest} GROUP BY line, x ORDER BY line, x
"""
_PAIRS = """
WITH both_keys AS ({points})
SELECT y.line AS line, y.x AS x, z.value AS across, y.value AS value
FROM (FROM both_keys WHERE which = 0) y
ASOF JOIN (FROM both_keys WHERE which = 1) z ON y.line = z.line AND y.x >= z.x
WHERE z.value BETWEEN '{low!r}'::DOUBLE AND '{high!r}'::DOUBLE AND isfinite(z.value)
ORDER BY line, across, x
"""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What the values of some runs come to, step by step.

    Attributes:
        steps: Shape `(n,)`, float64, ascending: every step at which one of them has a value.
        counts: Shape `(n,)`, int64: how many runs have one there.
        means: Shape `(n,)`, float64.
        variances: Shape `(n,)`, float64: mean square distance from the mean (population).
        lows: Shape `(n,)`, float64: the least value.
        highs: Shape `(n,)`, float64: the greatest value.
    """

    steps: FloatArray
    counts: IntArray
    means: FloatArray
    variances: FloatArray
    lows: FloatArray
    highs: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Values of a metric of one run over those that another metric had last by then.

    Attributes:
        across: Shape `(n,)`, float64, ascending: the other metric.
        values: Shape `(n,)`, float64.
        count: How many there are unreduced.
    """

    across: FloatArray
    values: FloatArray
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """Which points of some runs count, and what they are measured by.

    Attributes:
        bounds: The least and the greatest step, or microseconds since a run's origin.
        origins: Where the time of each run begins, microseconds since the epoch; None
            where points are measured by their steps.
    """

    bounds: tuple[int, int] = EVERYWHERE
    origins: Mapping[str, int] | None = None

    def origin(self, uid: str) -> int:
        """Return where the time of a run begins."""
        return 0 if self.origins is None else self.origins[uid]

    def of(self, uid: str, points: Points) -> tuple[Points, IntArray]:
        """Return those of a run's points that count, and where they stand."""
        along: Along = "x" if self.origins is None else "time"
        origin = self.origin(uid)
        low, high = (max(-FARTHEST, min(end + origin, FARTHEST)) for end in self.bounds)
        found = points.between(low, high, along)
        return found, found.along(along) - origin


WHOLE = Part()

_Incoming: TypeAlias = tuple[int, int, Points, IntArray]
"""`which`, the number of a line, its points in the journal, and where they stand."""


@dataclass(slots=True)
class _Line:
    """Where the points of one run's metric lie.

    Attributes:
        run_id: In the database, None if it is not there.
        key_ids: Of the metric; several where names of nested keys coincide.
        extent: Of all its points.
        ends: Its first and its last points, ascending.
        tail: What the journal has beyond the database.
    """

    run_id: int | None = None
    key_ids: list[int] = field(default_factory=list)
    extent: Extent = NO_EXTENT
    ends: Points = NO_POINTS
    tail: Points = NO_POINTS


class Crowd:
    """Some runs at one moment, while the database is attached.

    Attributes:
        unreadable: Runs whose journals cannot be read; what the database has of them counts.
    """

    def __init__(
        self,
        window: Window,
        run_ids: Mapping[str, int],
        tails: Mapping[str, Mapping[str, Points]],
        unreadable: Collection[str],
    ) -> None:
        """Keep what was opened.

        Args:
            window: Where to ask.
            run_ids: Of the runs that the database has.
            tails: What the journals have beyond it, by run and name.
            unreadable: Runs whose journals cannot be read.
        """
        self.unreadable = frozenset(unreadable)
        self._window = window
        self._run_ids = run_ids
        self._tails = tails

    def names(self, only: Collection[str] | None = None) -> dict[str, set[str]]:
        """Return for each metric, those of the newest run first, the runs that have it.

        Args:
            only: Metrics that are asked for; None for all.
        """
        wanted = list(only or ())
        found: dict[str, set[str]] = {}
        uid_of = {run_id: uid for uid, run_id in self._run_ids.items()}
        if uid_of:
            for run_id, name in self._window.rows(_NAMES, only is None, wanted, list(uid_of)):
                found.setdefault(name, set()).add(uid_of[run_id])
        for uid, tail in self._tails.items():
            for name in tail:
                if only is None or name in wanted:
                    found.setdefault(name, set()).add(uid)
        return found

    def curves(
        self,
        key: str,
        uids: Sequence[str],
        points: int,
        part: Part = WHOLE,
    ) -> dict[str, Series]:
        """Return one metric of several runs, reduced with exact extrema.

        All of them are cut into the same buckets, so that runs of one chart keep what one
        column of it can show.

        Args:
            key: Runs that do not have it are left out.
            uids: Of the runs.
            points: At most so many per run, 8 or more.
            part: Which points count, and along what the buckets are cut.
        """
        lines = self._lines(key, uids)
        if part != WHOLE:
            lines = self._bounded(lines, part)
        whole = {uid: line for uid, line in lines.items() if line.extent.count <= points}
        others = {uid: line for uid, line in lines.items() if uid not in whole}
        found = {
            **self._whole(whole, part),
            **self._reduced(others, points, part),
        }
        return {
            uid: _series(key, found[uid], lines[uid].extent.count) for uid in uids if uid in found
        }

    def spreads(
        self,
        key: str,
        groups: Mapping[str, int],
        bounds: tuple[int, int] = EVERYWHERE,
    ) -> Iterator[dict[int, Spread]]:
        """Yield what a metric comes to in each group of runs, by group, reckoned from all points.

        Values are put together by step. NaN, infinities and values beyond `GREATEST` do
        not count. Long histories come in several parts, in order.

        Args:
            key: Of the metric.
            groups: Number of each run's group, from 0.
            bounds: The least and the greatest step.
        """
        lines = self._lines(key, list(groups))
        if not lines:
            return
        low = max(bounds[0], min(line.extent.low for line in lines.values()))
        high = min(bounds[1], max(line.extent.high for line in lines.values()))
        most = max(1, MOST_STEPS // (1 + max(groups.values())))
        for start in range(low, high + 1, most):
            part = Part((start, min(high, start + most - 1)))
            yield self._spread(_Ask({uid: groups[uid] for uid in lines}, lines, part))

    def pairs(
        self,
        key: str,
        across: str,
        uids: Sequence[str],
        points: int,
        ends: tuple[float, float] = (-np.inf, np.inf),
    ) -> dict[str, Pairs]:
        """Return one metric of several runs over another one.

        Each point gets the value that the other metric had last when it was logged; points
        before its first value have no place and are left out.

        Args:
            key: Of the metric.
            across: What stands below.
            uids: Of the runs.
            points: At most so many per run, the extrema of neighbours kept.
            ends: The least and the greatest value of the other metric.

        Raises:
            LimitError: If there are too many rows to put them together.
        """
        lines, below = self._lines(key, uids), self._lines(across, uids)
        both = [uid for uid in uids if uid in lines and uid in below]
        total = sum(lines[uid].extent.count for uid in both)
        if total > MOST_PAIRS:
            raise LimitError(
                f"{key!r} over {across!r} of {len(both)} runs are {total:,} points; "
                f"{MOST_PAIRS:,} are put together at once. Choose fewer runs, or the step below."
            )
        if not both:
            return {}
        numbers = {uid: number for number, uid in enumerate(both)}
        low, high = map(float, ends)
        asked = self._asked(_PAIRS, _Ask(numbers, lines), _Ask(numbers, below), low=low, high=high)
        parts = _split(asked["line"], len(both))
        return {
            uid: _pairs(asked["across"][part], asked["value"][part], points)
            for uid, part in zip(both, parts, strict=True)
        }

    def _spread(self, ask: "_Ask") -> dict[int, Spread]:
        found = self._asked(_SPREAD, ask, greatest=GREATEST)
        columns = ("x", "n", "mean", "variance", "low", "high")
        parts = _split(found["line"], 1 + max(ask.numbers.values()))
        return {
            group: Spread(
                found["x"][part].astype(np.float64), *(found[c][part] for c in columns[1:])
            )
            for group, part in enumerate(parts)
            if part.stop > part.start
        }

    def _lines(self, key: str, uids: Sequence[str]) -> dict[str, _Line]:
        """Return where the points of each run that has the metric lie."""
        found: dict[str, _Line] = {}
        stored = {self._run_ids[uid]: uid for uid in uids if uid in self._run_ids}
        rows = self._window.rows(_KEYS, key, list(stored)) if stored else []
        for run_id, key_id, count, bad, *ends in rows:
            line = found.setdefault(stored[run_id], _Line(run_id))
            line.key_ids.append(key_id)
            _reach(line, count, bad, ends)
        for uid in uids:
            tail = self._tails.get(uid, {}).get(key, NO_POINTS)
            if len(tail):
                line = found.setdefault(uid, _Line())
                line.tail = tail
                line.extent = line.extent.joined(extent_of(tail))
                line.ends = joined(line.ends, tail.taken(np.array([0, len(tail) - 1])))
        return found

    def _bounded(self, lines: Mapping[str, _Line], part: Part) -> dict[str, _Line]:
        """Return lines with the extent that they have within a part, if they have one."""
        ask = _Ask.of(lines, part)
        if not lines:
            return {}
        columns = self._asked(_EXTENTS, ask)
        names = list(lines)
        found = {}
        for number, count, bad, least, greatest, *ends in zip(
            *(one.tolist() for one in columns.values()), strict=True
        ):
            known = lines[names[number]]
            line = _Line(known.run_id, known.key_ids, tail=known.tail)
            _reach(line, count, bad, ends)
            line.extent = Extent(count, bad, least, greatest)
            found[names[number]] = line
        return found

    def _whole(self, lines: Mapping[str, _Line], part: Part) -> dict[str, Points]:
        if not lines:
            return {}
        found = self._asked(_POINTS, _Ask.of(lines, part))
        points = Points(found["x"], found["time_us"], found["value"])
        return _by_line(list(lines), found["line"], points)

    def _reduced(self, lines: Mapping[str, _Line], most: int, part: Part) -> dict[str, Points]:
        if not lines:
            return {}
        total = Extent()
        for line in lines.values():
            total = total.joined(line.extent)
        ask = _Ask.of(lines, part)
        bucket = f"floor((place - {total.low}) * {total.scale(most)!r})"
        extremes = self._asked(_EXTREMES, ask, bucket=bucket)
        parts = [_part(extremes, "least"), _part(extremes, "greatest")]
        if total.not_finite:
            parts.append(_part(self._asked(_OTHERS, ask, bucket=bucket), "other"))
        number, x, times_us, values = (np.concatenate(one) for one in zip(*parts, strict=True))
        inner = _by_line(list(lines), number, Points(x, times_us, values))
        return {uid: without_doubles(inner[uid], line.ends) for uid, line in lines.items()}

    def _asked(self, query: str, *asks: "_Ask", **words: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401 - numbers and SQL of ours
        """Ask something of the points of some lines.

        Args:
            query: It reads `{points}`.
            asks: Whose points; those of the second have `which` 1.
            words: For other names in the query.
        """
        parts: list[str] = []
        values: list[Any] = []
        tails: list[_Incoming] = []
        for which, ask in enumerate(asks):
            for part, said in ask.stored(which):
                parts.append(part)
                values += said
            tails += [(which, *tail) for tail in ask.tails()]
        if tails or not parts:
            parts.append(_TAILS)
        text = query.format(points=" UNION ALL ".join(parts), **words)
        incoming = _incoming(tails) if _TAILS in parts else None
        return self._window.columns(text, *values, incoming=incoming)


class _Ask:
    """Which points are asked for, and the number of each line."""

    def __init__(
        self,
        numbers: Mapping[str, int],
        lines: Mapping[str, _Line],
        part: Part = WHOLE,
    ) -> None:
        self.numbers = numbers
        self._lines = lines
        self._part = part

    @classmethod
    def of(cls, lines: Mapping[str, _Line], part: Part) -> "_Ask":
        """Ask for lines, numbered as they come."""
        return cls({uid: number for number, uid in enumerate(lines)}, lines, part)

    def stored(self, which: int) -> Iterator[tuple[str, list[Any]]]:
        """Yield queries of the database, one for most, and their values."""
        there = [
            (line.run_id, line.key_ids, self.numbers[uid], self._part.origin(uid))
            for uid, line in self._lines.items()
            if line.run_id is not None and uid in self.numbers
        ]
        for layer in range(max((len(key_ids) for _, key_ids, *_ in there), default=0)):
            some = [(one[0], one[1][layer], *one[2:]) for one in there if layer < len(one[1])]
            yield self._layer(which, some)

    def tails(self) -> Iterator[tuple[int, Points, IntArray]]:
        """Yield the numbers of lines, what the journals have of them, and where that stands."""
        for uid, number in self.numbers.items():
            tail, place = self._part.of(uid, self._lines[uid].tail)
            if len(tail):
                yield number, tail, place

    def _layer(
        self, which: int, some: Sequence[tuple[int, int, int, int]]
    ) -> tuple[str, list[Any]]:
        run_ids, key_ids, numbers, origins = map(list, zip(*some, strict=True))
        part = self._part
        low, high = part.bounds
        text = _STORED.format(
            which=which,
            place=_SINCE if part.origins is not None else "step",
            first=min(run_ids),
            last=max(run_ids),
            keys=", ".join(str(key_id) for key_id in sorted(set(key_ids))),
            bounds="" if part.bounds == EVERYWHERE else f"AND place BETWEEN {low:d} AND {high:d}",
        )
        return text, [run_ids, key_ids, numbers, origins]


class CrowdReader:
    """Reads many runs of one workspace together. It can be used from any thread."""

    def __init__(self, root: Path) -> None:
        """Keep the workspace; nothing is opened."""
        self._root = root
        self._database = Database(root)
        self._sizes = JournalSizes(root)

    def ask(self, uids: Sequence[str], question: Callable[[Crowd], T]) -> T:
        """Ask something of some runs while the database is open once.

        Args:
            uids: Of runs that there are; those that went meanwhile have no points.
            question: Called once, with the runs as they stand.

        Raises:
            StoreError: If neither database nor journals can be read now.
            LimitError: If the question takes too long or too much memory.
        """
        crowd = None
        try:
            with self._database.reading() as window:
                if window is not None:
                    crowd = self._crowd(window, uids, is_stored=True)
                    return question(crowd)
        except UnavailableError:
            if crowd is not None:
                raise
        try:
            with scratch() as window:
                return question(self._crowd(window, uids, is_stored=False))
        except UnavailableError as error:
            raise StoreError(f"runs cannot be compared just now: {error}.") from error

    def _crowd(self, window: Window, uids: Sequence[str], *, is_stored: bool) -> Crowd:
        stored: dict[str, tuple[int, int]] = {}
        if is_stored:
            rows = window.rows(_RUNS, list(uids))
            stored = {uid: (run_id, done) for uid, run_id, done in rows}
        tails: dict[str, dict[str, Points]] = {}
        unreadable: list[str] = []
        for uid in uids:
            position = stored[uid][1] if uid in stored else 0
            if self._sizes.of(uid) <= position:
                continue
            try:
                tails[uid] = self._tail(uid, position)
            except StoreError:
                unreadable.append(uid)
        run_ids = {uid: run_id for uid, (run_id, _) in stored.items()}
        return Crowd(window, run_ids, tails, unreadable)

    def _tail(self, uid: str, position: int) -> dict[str, Points]:
        try:
            with Tail.open(self._root, uid, position) as tail:
                return points_of(tail.entries(), "metric")
        except RunNotFoundError:
            return {}


def _reach(line: _Line, count: int, bad: int, ends: Sequence[Any]) -> None:
    """Let a line reach as far as some points of it do."""
    first_x, first_us, first, last_x, last_us, last = ends
    line.extent = line.extent.joined(Extent(count, bad, first_x, last_x))
    points = Points(
        np.array([first_x, last_x], np.int64),
        np.array([first_us, last_us], np.int64),
        np.array([first, last], np.float64),
    )
    line.ends = joined(line.ends, points)


def _incoming(tails: "Sequence[_Incoming]") -> dict[str, NDArray[Any]]:
    lengths = [len(tail) for _, _, tail, _ in tails]
    points = [tail for _, _, tail, _ in tails] or [NO_POINTS]
    return {
        "which": np.repeat(np.array([one[0] for one in tails], np.int32), lengths),
        "line": np.repeat(np.array([one[1] for one in tails], np.int32), lengths),
        "x": np.concatenate([one.x for one in points]),
        "place": np.concatenate([one[3] for one in tails] or [NO_POINTS.x]),
        "time_us": np.concatenate([one.times_us for one in points]),
        "value": np.concatenate([one.values for one in points]),
    }


def _part(found: Mapping[str, NDArray[Any]], name: str) -> list[NDArray[Any]]:
    return [found["line"], found[f"{name}_x"], found[f"{name}_us"], found[name]]


def _by_line(uids: Sequence[str], number: NDArray[Any], points: Points) -> dict[str, Points]:
    """Return the points of each line, ascending."""
    order = np.lexsort((points.x, number))
    ordered = points.taken(order)
    parts = _split(number[order], len(uids))
    return {uid: ordered.taken(part) for uid, part in zip(uids, parts, strict=True)}


def _split(ascending: NDArray[Any], count: int) -> list[slice]:
    """Return where each number below `count` stands."""
    starts = np.searchsorted(ascending, np.arange(count + 1)).tolist()
    return [slice(start, end) for start, end in pairwise(starts)]


def _series(key: str, points: Points, count: int) -> Series:
    return Series(key, "metric", points.x.astype(np.float64), points.times_us, points.values, count)


def _pairs(across: FloatArray, values: FloatArray, most: int) -> Pairs:
    order = np.arange(len(values), dtype=np.int64)
    kept = reduced(Points(order, order, values), extent_of(Points(order, order, values)), most)
    return Pairs(across[kept.x], kept.values, len(values))
