"""What the numbers of many runs come to: how many, mean, deviation, extremes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

from nbtrack.query.fields import Field
from nbtrack.store import RunFacts


@dataclass(frozen=True, slots=True)
class Summary:
    """The finite numbers that some runs have in one field.

    Attributes:
        field: Its name.
        n: How many runs have one, >= 1.
        mean: Of them.
        std: Standard deviation of a sample (divided by n - 1); None for one alone, and
            where the numbers are too large for it.
        low: The least.
        high: The greatest.
    """

    field: str
    n: int
    mean: float
    std: float | None
    low: float
    high: float


def summarize(runs: Sequence[RunFacts], fields: Sequence[Field]) -> list[Summary]:
    """Return what the numbers of runs come to, for the fields in which there are any.

    Examples:
        >>> [one.n for one in summarize([], [Field.parse("config.lr")])]
        []
    """
    found = ((field.name, _numbers(runs, field)) for field in fields)
    return [_summary(name, numbers) for name, numbers in found if numbers]


def _numbers(runs: Sequence[RunFacts], field: Field) -> list[float]:
    return [number for facts in runs for number in _number(field, facts)]


def _number(field: Field, facts: RunFacts) -> Iterator[float]:
    values = field.read(facts)
    value = values[0] if values else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return
        if isfinite(number):
            yield number


def _summary(name: str, numbers: Sequence[float]) -> Summary:
    n, low, high = len(numbers), min(numbers), max(numbers)
    # Each part is divided before it is added up: a sum of great numbers would be none.
    mean = min(max(fsum(number / n for number in numbers), low), high)
    return Summary(name, n, mean, _deviation(numbers, mean), low, high)


def _deviation(numbers: Sequence[float], mean: float) -> float | None:
    if len(numbers) < 2:  # noqa: PLR2004 - one number has no deviation
        return None
    try:
        return sqrt(fsum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1))
    except OverflowError:
        return None
