"""Fewer points without a lie: each bucket keeps its exact minimum and maximum."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def extremes(values: "NDArray[np.float64]", points: int) -> "NDArray[np.intp]":
    """Return which points to keep so that a line of them looks like all of them.

    Buckets hold equally many neighbouring points; each keeps its minimum, its maximum
    and, where it has any, one value that is not finite. The first and the last point
    are kept. Reducing what was reduced so before keeps the extremes exact.

    Args:
        values: Shape `(n,)`, float64.
        points: About how many to keep, >= 4; never more unless there are values that
            are not finite.

    Returns:
        Shape `(k,)`, indices in increasing order; all of them when `n <= points`.
    """
    count = len(values)
    if count <= points:
        return np.arange(count)
    buckets = max((points - 2) // 2, 1)
    edges = np.linspace(0, count, buckets + 1).astype(np.intp)
    kept = [_of_bucket(values, low, high) for low, high in pairwise(edges)]
    ends = np.array([0, count - 1])
    return np.unique(np.concatenate([ends, *kept]))


def _of_bucket(values: "NDArray[np.float64]", low: int, high: int) -> "NDArray[np.intp]":
    part = values[low:high]
    finite = np.isfinite(part)
    found: list[Any] = []
    if finite.any():
        found += [np.where(finite, part, np.inf).argmin(), np.where(finite, part, -np.inf).argmax()]
    if not finite.all():
        found.append(finite.argmin())
    return np.array(found, dtype=np.intp) + low
