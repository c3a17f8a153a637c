"""The rows of a run as they were logged, page by page.

Where keys are named, their columns are put together and become rows last: that is what a
loop over a hundred thousand rows is fast by.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Json
from nbtrack.store.active import runtimes_s
from nbtrack.store.columns import NOTHING, Column, in_all, stored_columns
from nbtrack.store.entries import IntArray
from nbtrack.store.selection import expect_few
from nbtrack.store.sight import Sight
from nbtrack.store.stored import StoredRun
from nbtrack.store.tailpoints import rows_of

PAGE_VALUES = 100_000  # some tens of megabytes as Python objects, some tens of milliseconds
FEWEST_PAGE_ROWS = 500
NO_STEP = 1 << 62
OWN = ("_step", "_timestamp", "_runtime")
"""What every row has besides what was logged."""

Row: TypeAlias = dict[str, Json]

TailRow: TypeAlias = tuple[int, int, Row]
"""Step, time in microseconds, and values by name."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order.

    Attributes:
        rows: As they were logged.
        next_step: Where the next page begins, None after the last.
    """

    rows: list[Row]
    next_step: int | None


def scan(
    see: Callable[[Callable[[Sight], Page]], Page],
    keys: Sequence[str] | None,
    low: int,
    high: int,
) -> Iterator[Row]:
    """Return an iterator of the rows with `low <= step < high`; the first are read at once.

    The database is open only while a page is read. Rows do not change and steps only
    grow, so that pages fit together although the run goes on.

    Args:
        see: Asks the run, as it stands then, for a page.
        keys: Only these, and only rows that have all of them; None for all.
        low: The first step.
        high: The step before which to stop.
    """
    first = see(partial(read_page, keys=keys, low=low, high=high))
    return _pages(first, lambda start: see(partial(read_page, keys=keys, low=start, high=high)))


def _pages(page: Page, read: Callable[[int], Page]) -> Iterator[Row]:
    yield from page.rows
    while page.next_step is not None:
        page = read(page.next_step)
        yield from page.rows


def read_page(sight: Sight, keys: Sequence[str] | None, low: int, high: int) -> Page:
    """Return rows from step `low` on, those of the tail only when the others are told."""
    stored = sight.stored
    width = max(1, len(keys) if keys is not None else len(sight.names("metric")))
    most = max(FEWEST_PAGE_ROWS, PAGE_VALUES // width)
    stop = stored.page_end(low, high, most) if stored else None
    if stop and sight.fold.step is not None and stop > sight.fold.step:
        stop = None
    end = stop or high
    tail: list[TailRow] = []
    if stop is None:
        tail = list(islice(rows_of(sight.entries, low, high), most))
        stop = tail[-1][0] + 1 if len(tail) == most else None
    if keys is None:
        rows = _stored_rows(sight, *_history(stored, low, end)) + _tail_rows(sight, tail)
    else:
        table = _listed(sight, keys, _columns(stored, keys, low, end))
        rows = _rows_of(table) + _rows_of(_tail_table(sight, keys, tail))
    return Page(rows, stop)


def sample(sight: Sight, keys: Sequence[str] | None, most: int) -> list[Row]:
    """Return at most `most` rows, evenly spaced, the first and the last included.

    Args:
        sight: The run.
        keys: Only these, and only of rows that have all of them; None for all.
        most: At least 1.
    """
    if keys is not None:
        return _rows_of(sampled_table(sight, keys, most))
    tail = list(rows_of(sight.entries))
    steps, times_us = _history(sight.stored, -NO_STEP, NO_STEP)
    old, new = _chosen(len(steps), len(tail), most)
    rows = _stored_rows(sight, steps[old], times_us[old], only=len(old) < len(steps))
    return rows + _tail_rows(sight, [tail[index] for index in new])


def sampled_table(sight: Sight, keys: Sequence[str], most: int) -> dict[str, list[Json]]:
    """Return a sample of the rows that have all of some keys, as one list per key.

    Args:
        sight: The run.
        keys: At least one.
        most: At least 1.
    """
    if sight.stored:
        expect_few(sight.stored.count(keys))
    tail = [row for row in rows_of(sight.entries) if _has_all(row, keys)]
    found = _columns(sight.stored, keys, -NO_STEP, NO_STEP)
    old, new = _chosen(len(found.steps), len(tail), most)
    if len(old) < len(found.steps):
        found = found.taken(np.array(old, np.int64))
    table = _listed(sight, keys, found)
    news = _tail_table(sight, keys, [tail[index] for index in new])
    return {key: table[key] + news[key] for key in keys}


def evenly_spaced(count: int, most: int) -> list[int]:
    """Return at most `most` indices below `count`, evenly spaced, both ends included."""
    if count <= most:
        return list(range(count))
    if most == 1:
        return [count - 1]
    return [round(index * (count - 1) / (most - 1)) for index in range(most)]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Rows that have all of some keys, in the database.

    Attributes:
        steps: Shape `(n,)`.
        times_us: Shape `(n,)`.
        named: The keys' values, each of length `n`.
    """

    steps: IntArray
    times_us: IntArray
    named: Mapping[str, Column]

    def taken(self, index: IntArray) -> "_Columns":
        named = {name: column.taken(index) for name, column in self.named.items()}
        return _Columns(self.steps[index], self.times_us[index], named)


def _columns(stored: StoredRun | None, keys: Sequence[str], low: int, high: int) -> _Columns:
    names = _logged(keys)
    if not names:
        return _Columns(*_history(stored, low, high), {})
    if not stored or not all(stored.of_names(names).values()):
        return _Columns(NOTHING.steps, NOTHING.times_us, dict.fromkeys(names, NOTHING))
    found = in_all(stored_columns(stored, names, low, high))
    first = found[names[0]]
    return _Columns(first.steps, first.times_us, found)


def _listed(sight: Sight, keys: Sequence[str], found: _Columns) -> dict[str, list[Json]]:
    own = _own(sight, keys, found.steps.tolist(), found.times_us)
    return {key: own[key] if key in own else found.named[key].listed() for key in keys}


def _tail_table(
    sight: Sight, keys: Sequence[str], tail: Sequence[TailRow]
) -> dict[str, list[Json]]:
    rows = [row for row in tail if _has_all(row, keys)]
    own = _own(sight, keys, [row[0] for row in rows], [row[1] for row in rows])
    return {key: own[key] if key in own else [row[2][key] for row in rows] for key in keys}


def _own(
    sight: Sight, keys: Sequence[str], steps: list[int], times: "IntArray | list[int]"
) -> dict[str, list[Any]]:
    """Return what every row has, as far as it is asked for."""
    found: dict[str, list[Any]] = {"_step": steps}
    if "_timestamp" in keys or "_runtime" in keys:
        times_us = times if isinstance(times, list) else times.tolist()
        found["_timestamp"] = [time_us / MICROSECONDS for time_us in times_us]
        found["_runtime"] = runtimes_s(sight.segments(), times_us)
    return found


def _rows_of(table: Mapping[str, Sequence[Json]]) -> list[Row]:
    if len(table) == 1:
        ((name, values),) = table.items()
        return [{name: value} for value in values]
    names = tuple(table)
    return [dict(zip(names, values, strict=True)) for values in zip(*table.values(), strict=True)]


def _stored_rows(
    sight: Sight, steps: IntArray, times_us: IntArray, *, only: bool = False
) -> list[Row]:
    """Return whole rows of the database.

    Args:
        sight: The run.
        steps: Of the rows, ascending.
        times_us: Of the rows.
        only: Whether there are others between them.
    """
    if not sight.stored or not len(steps):
        return []
    own = _own(sight, OWN, steps.tolist(), times_us)
    rows = _rows_of({name: own[name] for name in OWN})
    ends = int(steps[0]), int(steps[-1]) + 1
    found = stored_columns(sight.stored, None, *ends, steps if only else None)
    for name, column in found.items():
        at = np.searchsorted(steps, column.steps).tolist()
        for index, value in zip(at, column.listed(), strict=True):
            rows[index][name] = value
    return rows


def _tail_rows(sight: Sight, tail: Sequence[TailRow]) -> list[Row]:
    own = _own(sight, OWN, [row[0] for row in tail], [row[1] for row in tail])
    rows = _rows_of({name: own[name] for name in OWN})
    return [{**row, **values} for row, (_, _, values) in zip(rows, tail, strict=True)]


def _history(stored: StoredRun | None, low: int, high: int) -> tuple[IntArray, IntArray]:
    return stored.history(low, high) if stored else (NOTHING.steps, NOTHING.times_us)


def _chosen(old: int, new: int, most: int) -> tuple[list[int], list[int]]:
    chosen = evenly_spaced(old + new, most)
    return [one for one in chosen if one < old], [one - old for one in chosen if one >= old]


def _has_all(row: TailRow, keys: Sequence[str]) -> bool:
    return all(key in row[2] for key in _logged(keys))


def _logged(keys: Sequence[str]) -> list[str]:
    return [key for key in keys if key not in OWN]
