"""Arrays and tensors: a number, a list, or a histogram, by their size.

numpy is needed only once somebody logs an array, so it is imported then. Other
libraries' tensors are known by what they can do, never by importing their library.
"""

import math
from typing import TYPE_CHECKING, Any

from nbtrack.records import Json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LISTED = 32
"""Arrays of at most so many elements are stored as lists, larger ones as histograms."""
BINS = 32
INT64_END = 2**63


def is_array(value: object) -> bool:
    """Return whether a value is an array or tensor, of whatever library (not pandas)."""
    if type(value).__module__.partition(".")[0] == "pandas":
        return False
    return not isinstance(value, type) and hasattr(value, "__array__") and hasattr(value, "shape")


def whole(number: int) -> int | float:
    """Return a whole number of any size: as it is in 64 bits, beyond them as a float."""
    if -INT64_END <= number < INT64_END:
        return int(number)
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def from_array(value: Any) -> Json:  # noqa: ANN401 - any library's array
    """Turn an array into what the store keeps.

    Args:
        value: Any shape and numeric dtype. Tensors are detached and copied to the host.

    Returns:
        A number for one element, a nested list for at most 32 elements, otherwise a
        histogram `{"_type": "histogram", "values": counts, "bins": edges}` of the
        finite elements with 32 bins.
    """
    array = _as_numpy(value)
    if array.dtype.kind in "mM":  # as ISO text, whatever their unit
        array = array.astype(str)
    if array.size == 1:
        return _plain(array.reshape(()).item())
    if array.size <= LISTED or array.dtype.kind not in "biuf":
        return _plain(array.tolist())
    return _histogram(array)


def _as_numpy(value: Any) -> "NDArray[Any]":  # noqa: ANN401 - any library's array
    import numpy as np

    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # numpy has no such type
            value = value.float()
    return np.asarray(value)


def counted(numbers: Any, bins: int) -> tuple[list[float], list[float]]:  # noqa: ANN401 - any library's
    """Count numbers into bins; those that are not finite are not counted.

    Args:
        numbers: A list, array or tensor of any shape.
        bins: How many bins.

    Returns:
        The counts, and the edges of the bins.

    Raises:
        TypeError: If they are no numbers.
    """
    if not is_array(numbers) and not isinstance(numbers, list | tuple):
        numbers = list(numbers)
    array = _as_numpy(numbers)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a histogram counts numbers, not {array.dtype.name}.")
    return _counted(array, bins)


def _histogram(array: "NDArray[np.generic]") -> Json:
    counts, edges = _counted(array, BINS)
    return {"_type": "histogram", "values": [*counts], "bins": [*edges]}


def _counted(array: "NDArray[np.generic]", bins: int) -> tuple[list[float], list[float]]:
    import numpy as np

    numbers = array.astype(np.float64).ravel()
    finite = numbers[np.isfinite(numbers)]
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            counts, edges = np.histogram(finite, bins=bins)
    except ValueError:  # the steps from lowest to highest are too small, or too large, for floats
        scale = np.abs(finite).max()
        counts, edges = np.histogram(finite / scale, bins=bins, range=(-1.0, 1.0))
        edges = edges * scale
    return counts.tolist(), edges.tolist()


def _plain(value: object) -> Json:
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return whole(value)
    if value is None or isinstance(value, bool | float | str):
        return value
    return str(value)
