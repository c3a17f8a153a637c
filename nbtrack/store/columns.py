"""Values of keys by step, as the database has them: numbers, and what is none, as one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import Json
from nbtrack.store.entries import IntArray, value_of
from nbtrack.store.keystats import from_json
from nbtrack.store.stored import StoredRun

_AS_IT_IS = 255  # a kind of ours: no number, the value itself


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The values of a name, ascending in step, each step once.

    Attributes:
        steps: Shape `(n,)`.
        times_us: Shape `(n,)`.
        values: Shape `(n,)`: float64, or Python's objects.
        kinds: Shape `(n,)`: what a float was before it became one.
    """

    steps: IntArray
    times_us: IntArray
    values: NDArray[Any]
    kinds: NDArray[np.uint8]

    def taken(self, index: IntArray) -> "Column":
        """Return some of the values."""
        return Column(
            self.steps[index], self.times_us[index], self.values[index], self.kinds[index]
        )

    def listed(self) -> list[Json]:
        """Return the values as they were logged."""
        values: list[Json] = self.values.tolist()
        if not self.kinds.any():
            return values
        kinds = self.kinds.tolist()
        return [
            value if kind == _AS_IT_IS else value_of(value, kind)  # type: ignore[arg-type]
            for value, kind in zip(values, kinds, strict=True)
        ]


def stored_columns(
    stored: StoredRun,
    names: Sequence[str] | None,
    low: int,
    high: int,
    steps: IntArray | None = None,
) -> dict[str, Column]:
    """Return the values of names with `low <= step < high`.

    Args:
        stored: The run.
        names: Which; None for all that there are.
        low: The first step.
        high: The step before which to stop.
        steps: Only at these steps.
    """
    named = stored.of_names(names)
    ids = [key_id for key_ids in named.values() for key_id in key_ids]
    parts: dict[int, list[Column]] = {key_id: [] for key_id in ids}
    for key_id, found in stored.numbers(low, high, ids, steps).items():
        parts[key_id].append(Column(found.steps, found.times_us, found.values, found.kinds))
    for key_id, column in _objects(stored, low, high, ids, steps).items():
        parts[key_id].append(column)
    return {
        # What is no number comes last, as it does where a tail tells of names that coincide.
        name: _merged(sorted((one for key_id in key_ids for one in parts[key_id]), key=_is_object))
        for name, key_ids in named.items()
    }


def in_all(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the values at the steps at which all columns have one."""
    steps = [column.steps for column in columns.values()]
    if all(np.array_equal(steps[0], other) for other in steps[1:]):
        return dict(columns)
    common = reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), steps)
    return {
        name: column.taken(np.searchsorted(column.steps, common))
        for name, column in columns.items()
    }


def _objects(
    stored: StoredRun, low: int, high: int, key_ids: Collection[int], steps: IntArray | None
) -> dict[int, Column]:
    rows: dict[int, list[tuple[int, int, Json]]] = {}
    for key_id, step, time_us, text in stored.objects(low, high, key_ids, steps):
        rows.setdefault(key_id, []).append((step, time_us, from_json(text)))
    return {key_id: _column_of(found) for key_id, found in rows.items()}


def _column_of(rows: Sequence[tuple[int, int, Json]]) -> Column:
    values = np.empty(len(rows), dtype=object)
    for index, (_, _, value) in enumerate(rows):
        values[index] = value
    steps = np.array([row[0] for row in rows], np.int64)
    times_us = np.array([row[1] for row in rows], np.int64)
    return _ascending(Column(steps, times_us, values, np.full(len(rows), _AS_IT_IS, np.uint8)))


def _is_object(column: Column) -> bool:
    return column.values.dtype == object


def _merged(parts: Sequence[Column]) -> Column:
    """Return parts as one; where two have a step, the last one tells."""
    there = [part for part in parts if len(part.steps)]
    if len(there) <= 1:
        return _ascending(there[0]) if there else NOTHING
    kind = object if any(_is_object(part) for part in there) else np.float64
    last_first = there[::-1]
    together = Column(
        np.concatenate([one.steps for one in last_first]),
        np.concatenate([one.times_us for one in last_first]),
        np.concatenate([one.values.astype(kind) for one in last_first]),
        np.concatenate([one.kinds for one in last_first]),
    )
    return together.taken(np.unique(together.steps, return_index=True)[1])


def _ascending(column: Column) -> Column:
    if np.all(column.steps[1:] > column.steps[:-1]):
        return column
    # The last of a step that is told twice, as a row would have it.
    at = np.unique(column.steps[::-1], return_index=True)[1]
    return column.taken(len(column.steps) - 1 - at)


NOTHING = Column(
    np.array([], np.int64),
    np.array([], np.int64),
    np.array([], np.float64),
    np.array([], np.uint8),
)
