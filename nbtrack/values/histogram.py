"""`Histogram`: how numbers are spread, in bins, as one value of a row."""

from collections.abc import Iterable, Sequence
from typing import Any

from nbtrack.errors import UsageError
from nbtrack.records import Json
from nbtrack.values.arrays import counted

MOST_BINS = 512


class Histogram:
    """Numbers counted into bins, to be logged like any value.

    Attributes:
        histogram: How many numbers fall into each bin.
        bins: The edges of the bins, one more than there are bins.

    Examples:
        >>> run.log({"weights": nbtrack.Histogram([0.1, 0.2, 0.7], num_bins=8)})
        >>> import numpy as np
        >>> counted = np.histogram([0.1, 0.2, 0.7], bins=4)
        >>> run.log({"weights": nbtrack.Histogram(np_histogram=counted)})
    """

    def __init__(
        self,
        sequence: Iterable[float] | None = None,
        np_histogram: tuple[Sequence[float], Sequence[float]] | None = None,
        num_bins: int = 64,
    ) -> None:
        """Count numbers, or take what is counted already.

        Args:
            sequence: Numbers, an array or a tensor of any shape. What is not finite is
                not counted.
            np_histogram: Counts and edges, as `numpy.histogram` gives them; they win.
            num_bins: How many bins the numbers are counted into, 1 to 512.

        Raises:
            UsageError: If there are more than 512 bins, or edges and counts do not fit.
        """
        if np_histogram is None:
            self.histogram, self.bins = _of_numbers(sequence, num_bins)
        else:
            self.histogram, self.bins = _of_counts(np_histogram)

    def as_json(self) -> Json:
        """Return what the store keeps of it."""
        return {"_type": "histogram", "values": [*self.histogram], "bins": [*self.bins]}

    def __repr__(self) -> str:
        """Say how much was counted, and where."""
        return f"<Histogram of {sum(self.histogram):g} from {self.bins[0]:g} to {self.bins[-1]:g}>"


def _of_numbers(sequence: object, bins: object) -> tuple[list[float], list[float]]:
    if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= MOST_BINS:
        raise UsageError(f"num_bins must be 1 to {MOST_BINS}, not {bins!r}.")
    if sequence is None:
        raise UsageError("Histogram needs numbers. Type nbtrack.Histogram([0.1, 0.2, 0.7]).")
    return counted(sequence, bins)


def _of_counts(given: Any) -> tuple[list[float], list[float]]:  # noqa: ANN401 - checked here
    try:
        counts, edges = ([float(number) for number in part] for part in given)
    except (TypeError, ValueError) as error:
        raise UsageError(
            "np_histogram must be (counts, edges), as numpy.histogram gives them, not "
            f"{type(given).__name__}."
        ) from error
    if len(counts) > MOST_BINS:
        raise UsageError(f"a histogram has at most {MOST_BINS} bins, not {len(counts)}.")
    if not counts or len(edges) != len(counts) + 1:
        raise UsageError(
            f"a histogram of {len(counts)} counts has {len(counts) + 1} edges, not {len(edges)}."
        )
    return [int(count) if count.is_integer() else count for count in counts], edges
