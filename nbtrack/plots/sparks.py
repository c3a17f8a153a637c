"""Lines drawn with eight characters, for where there is only text."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BARS = "▁▂▃▄▅▆▇█"


def spark_text(values: "NDArray[np.float64]", width: int = 24) -> str:
    """Return a series as a line of bars.

    Args:
        values: Shape `(n,)`, float64. What is not finite is left out.
        width: Characters at most.

    Returns:
        One bar per bucket, its value furthest from the median of all; "" for none.

    Examples:
        >>> spark_text(np.array([4.0, 2.0, 1.0, 0.5]))
        '█▄▂▁'
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return ""
    columns = np.array_split(finite, min(width, len(finite)))
    usual = _median(finite / 2)
    shown = np.array([column[np.abs(column / 2 - usual).argmax()] for column in columns])
    return "".join(_BARS[level] for level in _levels(shown))


def _median(values: "NDArray[np.float64]") -> float:
    """Return what `np.median` does, without the 20 ms that its first call loads."""
    ascending = np.sort(values)
    middle = len(values) // 2
    return float(ascending[middle] / 2 + ascending[-1 - middle] / 2)


def _levels(values: "NDArray[np.float64]") -> "NDArray[np.intp]":
    low, high = values.min(), values.max()
    half = high / 2 - low / 2
    if half <= 0:
        return np.zeros(len(values), dtype=np.intp)
    share = (values / 2 - low / 2) / half
    levels: NDArray[np.intp] = np.rint(share * (len(_BARS) - 1)).astype(np.intp)
    return levels
