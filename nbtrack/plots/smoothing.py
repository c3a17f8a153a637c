"""Smoothing as the panel does it: an exponential moving average, debiased."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS_PER_VIEW: Final = 1_000
"""Up to so many logged points smoothing counts per point, beyond it per share of them."""


def smooth(
    values: "NDArray[np.float64]", smoothing: float, logged: int | None = None
) -> "NDArray[np.float64]":
    """Smooth a series exponentially and leave its gaps where they are.

    Debiased: the first value equals itself instead of starting near zero. A value that
    stands for many logged ones counts like them.

    Args:
        values: Shape `(n,)`, float64; one that is not finite adds no weight.
        smoothing: 0 (none) to below 1: the share of the past that the next value keeps.
        logged: How many logged points the values stand for, `n` by default.

    Returns:
        Shape `(n,)`, float64, NaN exactly where `values` is not finite.

    Examples:
        >>> smooth(np.array([0.0, 1.0, np.nan, 1.0]), 0.5).round(3)
        array([0.   , 0.667,   nan, 0.857])
    """
    count = len(values)
    weight = max(logged or count, count) / max(count, 1)
    keep = smoothing ** (weight / max(1.0, weight * count / POINTS_PER_VIEW))
    out = np.full(count, np.nan)
    total = norm = 0.0
    for index in np.flatnonzero(np.isfinite(values)).tolist():
        total = keep * total + (1 - keep) * float(values[index])
        norm = keep * norm + (1 - keep)
        out[index] = total / norm
    return out
