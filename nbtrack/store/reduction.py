"""Fewer points of a series, with exact extrema: what a chart needs.

The range of a series is cut into buckets of equal width. Each keeps its least and its
greatest finite value where they stood, and its first value that is not finite if it has
one; the series keeps its first and last point. SQL and numpy cut at the same places, so
that what the database reduced and a journal's tail can be reduced together once more.
"""

from dataclasses import dataclass
from math import ceil, floor
from typing import Literal, TypeAlias

import numpy as np

from nbtrack.store.entries import FloatArray, IntArray

FEWEST_POINTS = 8
FARTHEST = 1 << 62
EVERYWHERE = (-FARTHEST, FARTHEST)

Along: TypeAlias = Literal["x", "time"]
"""What buckets and ends of a stretch are measured by: the points' own `x`, or their time."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of one series, ascending in `x`.

    Attributes:
        x: Shape `(n,)`: the step, or for system readings the time in microseconds.
        times_us: Shape `(n,)`.
        values: Shape `(n,)`.
    """

    x: IntArray
    times_us: IntArray
    values: FloatArray

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.x)

    def taken(self, index: "IntArray | slice") -> "Points":
        """Return some of the points."""
        return Points(self.x[index], self.times_us[index], self.values[index])

    def along(self, along: Along) -> IntArray:
        """Return where the points stand, by `x` or by time."""
        return self.x if along == "x" else self.times_us

    def between(self, low: int, high: int, along: Along = "x") -> "Points":
        """Return the points from `low` to `high`, both included."""
        if (low, high) == EVERYWHERE:
            return self
        at = self.along(along)
        return self.taken(np.flatnonzero((at >= low) & (at <= high)))


NO_POINTS = Points(
    np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([], dtype=np.float64)
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a series reaches, and how many points it has.

    Attributes:
        count: Points.
        not_finite: How many of them are NaN or infinite.
        low: Least `x`, or least time.
        high: Greatest `x`, or greatest time.
    """

    count: int = 0
    not_finite: int = 0
    low: int = 0
    high: int = 0

    def joined(self, other: "Extent") -> "Extent":
        """Return the extent of both."""
        if not (self.count and other.count):
            return self if self.count else other
        return Extent(
            self.count + other.count,
            self.not_finite + other.not_finite,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def buckets(self, points: int) -> int:
        """Return into how many buckets to cut, so that at most `points` points are left."""
        per_bucket = 3 if self.not_finite else 2
        return max(1, (max(points, FEWEST_POINTS) - 2) // per_bucket)

    def scale(self, points: int) -> float:
        """Return the buckets per unit of what it is measured by."""
        return self.buckets(points) / (self.high - self.low + 1)


NO_EXTENT = Extent()


def extent_of(points: Points, along: Along = "x") -> Extent:
    """Return how far points reach."""
    if not len(points):
        return Extent()
    not_finite = int(np.count_nonzero(~np.isfinite(points.values)))
    at = points.along(along)
    # Clocks are set back sometimes: the last time need not be the greatest.
    return Extent(len(points), not_finite, int(at.min()), int(at.max()))


def joined(first: Points, second: Points) -> Points:
    """Return all points of both, ascending."""
    if not (len(first) and len(second)):
        return first if len(first) else second
    both = Points(
        np.concatenate([first.x, second.x]),
        np.concatenate([first.times_us, second.times_us]),
        np.concatenate([first.values, second.values]),
    )
    return both if first.x[-1] <= second.x[0] else both.taken(np.argsort(both.x, kind="stable"))


def without_doubles(*parts: Points) -> Points:
    """Return the points of all parts, ascending, each `x` once."""
    x = np.concatenate([part.x for part in parts])
    once = np.unique(x, return_index=True)[1]
    return Points(
        x[once],
        np.concatenate([part.times_us for part in parts])[once],
        np.concatenate([part.values for part in parts])[once],
    )


def bounds_of(low: float | None, high: float | None) -> tuple[int, int]:
    """Return a range of steps in whole numbers; None, NaN and infinity mean no end."""
    least = ceil(low) if low is not None and abs(low) < FARTHEST else -FARTHEST
    greatest = floor(high) if high is not None and abs(high) < FARTHEST else FARTHEST
    return least, greatest


def reduced(points: Points, extent: Extent, most: int, along: Along = "x") -> Points:
    """Reduce points to at most `most`.

    Args:
        points: Ascending.
        extent: Of the whole series, from which the buckets follow.
        most: At least `FEWEST_POINTS` are kept.
        along: What the buckets are measured by.
    """
    if len(points) <= max(most, FEWEST_POINTS):
        return points
    at = points.along(along)
    bucket = np.floor((at - extent.low) * extent.scale(most)).astype(np.int64)
    return points.taken(kept_of(bucket, points.values))


def kept_of(bucket: IntArray, values: FloatArray) -> IntArray:
    """Return where the points stand that stay, ascending.

    Args:
        bucket: Shape `(n,)`: into which bucket each point falls; equal ones lie together.
        values: Shape `(n,)`.
    """
    finite = np.isfinite(values)
    kept = [np.array([0, len(values) - 1])]
    kept += _ends(np.flatnonzero(finite), bucket, values)
    others = np.flatnonzero(~finite)
    kept.append(others[_firsts(bucket[others])])
    return np.unique(np.concatenate(kept))


def _ends(index: IntArray, bucket: IntArray, values: FloatArray) -> list[IntArray]:
    """Return where the least and the greatest of each bucket stand; the first of equals."""
    if not len(index):
        return []
    starts = _firsts(bucket[index])
    groups = np.repeat(np.arange(len(starts)), np.diff([*starts, len(index)]))
    found = []
    for end, signed in ((np.minimum, values[index]), (np.maximum, values[index])):
        extremes = end.reduceat(signed, starts)
        hits = np.flatnonzero(signed == extremes[groups])
        found.append(index[hits[_firsts(groups[hits])]])
    return found


def _firsts(ascending: IntArray) -> IntArray:
    """Return where each value comes first."""
    is_first = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=is_first[1:])
    return np.flatnonzero(is_first)
