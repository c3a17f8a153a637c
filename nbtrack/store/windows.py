"""What a chart shows when somebody looks closer: a part of some metrics, along any axis.

Along steps and times the buckets are cut while the points are read. Along another metric
each point gets the value that this metric had last when the point was logged; points
before its first value have no place and are left out.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.store.entries import FloatArray, IntArray
from nbtrack.store.facts import Series
from nbtrack.store.reduction import FEWEST_POINTS, bounds_of, kept_of
from nbtrack.store.selection import expect_few
from nbtrack.store.sight import Sight
from nbtrack.store.span import Span


def cut_out(sight: Sight, keys: Sequence[str], span: Span, points: int) -> list[Series]:
    """Return some metrics within a span, reduced to at most `points` points each.

    Raises:
        LimitError: If they are to be laid along a metric and do not fit into memory.
    """
    if span.axis == "metric":
        return _along_metric(sight, keys, span, points)
    if span.axis == "step":
        return sight.series("metric", keys, points, bounds_of(span.low, span.high))
    low, high = (_epoch_us(sight, end) for end in (span.low, span.high))
    return sight.series("metric", keys, points, bounds_of(low, high), "time")


def _epoch_us(sight: Sight, seconds: float | None) -> float | None:
    opened = sight.fold.opened
    if seconds is None or opened is None:
        return None
    return opened.time_us + seconds * MICROSECONDS


def _along_metric(sight: Sight, keys: Sequence[str], span: Span, points: int) -> list[Series]:
    names = list(dict.fromkeys(keys))
    if sight.stored:
        expect_few(sight.stored.count([*names, span.metric]))
    (below,) = sight.series("metric", [span.metric], None)
    return [_laid(one, below, span, points) for one in sight.series("metric", names, None)]


def _laid(series: Series, below: Series, span: Span, points: int) -> Series:
    """Return a series along the metric below it, cut out and reduced."""
    place = _places(series.steps, below.steps)
    index = np.flatnonzero(place >= 0)
    xs = below.values[place[index]]
    low = -np.inf if span.low is None else span.low
    high = np.inf if span.high is None else span.high
    inside = np.isfinite(xs) & (xs >= low) & (xs <= high)
    index, xs = index[inside], xs[inside]
    kept = _kept(xs, series.values[index], max(points, FEWEST_POINTS))
    kept = kept[np.argsort(xs[kept], kind="stable")]
    return replace(_taken(series, index[kept]), count=len(index), xs=xs[kept])


def _places(steps: FloatArray, below: FloatArray) -> IntArray:
    """Return where the last step of `below` stands that is not later; -1 before its first."""
    if np.array_equal(steps, below):  # logged in the same rows: a tenth of the time
        return np.arange(len(steps))
    return np.searchsorted(below, steps, "right") - 1


def _kept(xs: FloatArray, values: FloatArray, most: int) -> IntArray:
    """Return which points stay so that each bucket of `xs` keeps its extremes."""
    if len(xs) <= most:
        return np.arange(len(xs))
    not_finite = not bool(np.all(np.isfinite(values)))
    buckets = max(1, (most - 4) // (3 if not_finite else 2))
    ends = np.array([xs.argmin(), xs.argmax()])
    bucket = _buckets(xs, xs[ends[0]], xs[ends[1]], buckets)
    order = np.argsort(bucket, kind="stable")
    kept = order[kept_of(bucket[order], values[order])]
    return np.unique(np.concatenate([kept, ends]))


def _buckets(xs: FloatArray, low: float, high: float, buckets: int) -> IntArray:
    # Divided before they are subtracted: ends of opposite sign may be 1e308.
    width = high / buckets - low / buckets
    if not width > 0:
        return np.zeros(len(xs), np.int64)
    bucket = np.minimum(np.floor(xs / width - low / width), buckets - 1)
    # Small whole numbers are sorted ten times as fast.
    return bucket.astype(np.int16 if buckets < 1 << 15 else np.int64)


def _taken(series: Series, index: IntArray) -> Series:
    return replace(
        series,
        steps=series.steps[index],
        times_us=series.times_us[index],
        values=series.values[index],
    )
