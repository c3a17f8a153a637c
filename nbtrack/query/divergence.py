"""Where metrics of two runs part: the first step at which their values are not the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nbtrack.errors import UsageError
from nbtrack.store import Reader, RunFacts, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_POINTS: Final = 2_000_000
"""Of metrics that are read at once: 170 MB with what is reckoned of them."""
_ALL_POINTS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Divergence:
    """How a metric of a second run goes with that of a first, step by step.

    Attributes:
        key: The metric.
        step: The first step at which both have a value and the values are not the same;
            None if there is none.
        first: The first run's value there, may be NaN or infinite; None without a step.
        second: The second run's.
        common: At how many steps both have a value.
        only_first: At how many steps only the first run has one.
        only_second: At how many steps only the second run has one.
        missing_from: The first step at which only one of them has a value, or None.
    """

    key: str
    step: int | None
    first: float | None
    second: float | None
    common: int
    only_first: int
    only_second: int
    missing_from: int | None

    def __bool__(self) -> bool:
        """Tell whether they part anywhere."""
        return self.step is not None or self.missing_from is not None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it by name."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it on one line: `-` only the first has it, `+` only the second, `~` both."""
        if not self.common:
            return self._of_one()
        said = []
        if self.step is not None:
            values = f"{_told(self.first)} -> {_told(self.second)}"
            said.append(f"part at step {self.step:,}: {values}")
        else:
            said.append(f"the same at {_steps(self.common)}")
        if self.missing_from is not None:
            said.append(f"{self._missing()}, from step {self.missing_from:,} on")
        return f"~ {self.key}: {'; '.join(said)}"

    def _of_one(self) -> str:
        if self.only_first and self.only_second:
            return f"~ {self.key}: no common step; {self._missing()}"
        sign, count = ("-", self.only_first) if self.only_first else ("+", self.only_second)
        return f"{sign} {self.key}: {_steps(count)}"

    def _missing(self) -> str:
        counts = ((self.only_first, "first"), (self.only_second, "second"))
        return " and ".join(f"{_steps(count)} only in the {who}" for count, who in counts if count)


def divergences(
    reader: Reader, first: RunFacts, second: RunFacts, tolerance: float = 0.0
) -> Iterator[Divergence]:
    """Yield for each metric of two runs where they part, those of the first run first.

    Metrics that go together all the way are among them.

    Args:
        reader: Of their workspace.
        first: A run.
        second: Another.
        tolerance: By how much of the greater one two values may differ and count as the
            same; 0 for exactly. NaN is the same as NaN.

    Raises:
        UsageError: If the tolerance is no number from 0 to below 1.
        StoreError: If a run cannot be read.
    """
    share = checked_tolerance(tolerance)
    uids = (first.opened.uid, second.opened.uid)
    keys = list(dict.fromkeys(key for uid in uids for key in reader.keys(uid)))
    at_once = max(1, MOST_POINTS // max(1, first.rows, second.rows))
    for start in range(0, len(keys), at_once):
        some = keys[start : start + at_once]
        pairs = [_whole(reader, uid, some) for uid in uids]
        for key in some:
            yield parting(key, pairs[0].get(key), pairs[1].get(key), share)


def checked_tolerance(given: object) -> float:
    """Return a tolerance.

    Raises:
        UsageError: If it is none.
    """
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not isfinite(given) or not 0 <= given < 1:  # type: ignore[arg-type, operator]
        raise UsageError(
            f"tolerance is a share of the greater value, 0 (exactly) to below 1, not {given!r}."
        )
    return float(given)  # type: ignore[arg-type]


def parting(key: str, first: Series | None, second: Series | None, tolerance: float) -> Divergence:
    """Return where two series part.

    Args:
        key: The metric.
        first: All its points in the first run, None for none.
        second: The same of the second.
        tolerance: As `divergences` takes it.
    """
    (steps, values), (others, their_values) = _by_step(first), _by_step(second)
    common, at, theirs = np.intersect1d(steps, others, assume_unique=True, return_indices=True)
    differ = np.flatnonzero(~_alike(values[at], their_values[theirs], tolerance))
    missing = np.setxor1d(steps, others, assume_unique=True)
    place = int(differ[0]) if len(differ) else None
    return Divergence(
        key=key,
        step=None if place is None else int(common[place]),
        first=None if place is None else float(values[at[place]]),
        second=None if place is None else float(their_values[theirs[place]]),
        common=len(common),
        only_first=len(steps) - len(common),
        only_second=len(others) - len(common),
        missing_from=int(missing[0]) if len(missing) else None,
    )


def _whole(reader: Reader, uid: str, keys: Sequence[str]) -> Mapping[str, Series]:
    return {one.key: one for one in reader.reduced(uid, keys, points=_ALL_POINTS)}


def _by_step(series: Series | None) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return ascending steps, each once, and the last value at each."""
    if series is None or not len(series.steps):
        return np.array([], dtype=np.float64), np.array([], dtype=np.float64)
    is_last = np.append(np.diff(series.steps) != 0, True)
    return series.steps[is_last], series.values[is_last]


def _alike(
    values: "NDArray[np.float64]", others: "NDArray[np.float64]", tolerance: float
) -> "NDArray[np.bool_]":
    same: NDArray[np.bool_] = (values == others) | (np.isnan(values) & np.isnan(others))
    if tolerance:
        finite = np.isfinite(values) & np.isfinite(others)
        with np.errstate(invalid="ignore", over="ignore"):
            # Halves: the difference of two large numbers of different signs may be infinite.
            apart = np.abs(values / 2 - others / 2)
            room = tolerance * np.maximum(np.abs(values), np.abs(others)) / 2
        same |= finite & (apart <= room)
    return same


def _told(value: float | None) -> str:
    return repr(value)


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"
