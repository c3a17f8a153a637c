"""Bands around a mean, reckoned from all values of a group at one step."""

import math
from functools import lru_cache
from math import atan, cos, exp, lgamma, pi, sin, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from nbtrack.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.store import Spread

BandKind: TypeAlias = Literal["std", "stderr", "minmax", "t95"]
"""One standard deviation, one standard error, all values, or the 95 % t-interval."""

BANDS: tuple[BandKind, ...] = get_args(BandKind)

_LEVEL = 0.95
_CLOSE = 1e-13  # relative; a float has 1e-16
_MANY = 1_000
"""Degrees of freedom from which an expansion is exact to eleven digits."""


def checked_band(band: object) -> BandKind:
    """Return a kind of band.

    Raises:
        UsageError: If there is none of that name.
    """
    if band not in BANDS:
        raise UsageError(f"band is one of {', '.join(map(repr, BANDS))}, not {band!r}.")
    return band


def interval(spread: "Spread", kind: BandKind) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return the lower and the upper edge of a band at each step.

    With `n` values of mean `m` at a step, and `s` their sample standard deviation (its
    square is the sum of squared distances from the mean, divided by `n - 1`):

        std     m - s to m + s
        stderr  m - s / sqrt(n) to m + s / sqrt(n)
        t95     m - t s / sqrt(n) to m + t s / sqrt(n), where t is the 0.975 quantile of
                Student's distribution with n - 1 degrees of freedom: in 95 of 100 such
                comparisons the interval holds the mean of all runs that could have been
                made, if these scatter normally (NIST/SEMATECH e-Handbook of Statistical
                Methods, 1.3.5.2)
        minmax  the least to the greatest value

    Args:
        spread: What the values come to.
        kind: Of the band.

    Returns:
        Two arrays of shape `(n,)`, float64. One value alone has no deviation: both are
        NaN there, except for `minmax`.
    """
    if kind == "minmax":
        return spread.lows, spread.highs
    counts = spread.counts.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.sqrt(spread.variances * counts / (counts - 1))
        if kind != "std":
            half = half / np.sqrt(counts)
    if kind == "t95":
        half = half * _quantiles(spread.counts)
    half[spread.counts < 2] = np.nan  # noqa: PLR2004 - one value has no deviation
    return spread.means - half, spread.means + half


@lru_cache(maxsize=4_096)
def t_quantile(probability: float, degrees: int) -> float:
    """Return a quantile of Student's t distribution.

    Found by Newton's method on the distribution function in its closed form for whole
    degrees of freedom (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3
    and 26.7.4). That function is concave above 0, so that from the normal quantile, which
    lies below, each step comes closer and none goes too far. From 1,000 degrees on by the
    expansion around the normal quantile (26.7.5).

    Args:
        probability: Above 0.5 and below 1.
        degrees: Of freedom, 1 or more.

    Examples:
        >>> round(t_quantile(0.975, 9), 6)
        2.262157
    """
    t = NormalDist().inv_cdf(probability)
    if degrees >= _MANY:
        return _expanded(t, degrees)
    scale = exp(lgamma((degrees + 1) / 2) - lgamma(degrees / 2)) / sqrt(degrees * pi)
    while True:
        density = 2 * scale * math.pow(1 + t * t / degrees, -(degrees + 1) / 2)
        step = (2 * probability - 1 - _within(t, degrees)) / density
        t += step
        if step <= _CLOSE * t:
            return t


def _within(t: float, degrees: int) -> float:
    """Return the probability of a value between `-t` and `t`."""
    angle = atan(t / sqrt(degrees))
    square = cos(angle) ** 2
    odd = degrees % 2
    if degrees == 1:
        return 2 * angle / pi
    term = cos(angle) if odd else 1.0
    total = term
    for i in range(2 + odd, degrees - 1, 2):
        term *= square * (i - 1) / i
        total += term
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total


def _expanded(z: float, degrees: int) -> float:
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return sum(term * math.pow(degrees, -power) for power, term in enumerate(terms))


def _quantiles(counts: "NDArray[np.int64]") -> "NDArray[np.float64]":
    kinds, where = np.unique(counts, return_inverse=True)
    level = (1 + _LEVEL) / 2
    known = [t_quantile(level, count - 1) if count > 1 else np.nan for count in kinds.tolist()]
    return np.array(known)[where]
