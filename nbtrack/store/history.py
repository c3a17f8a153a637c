"""The rows of a run as they were logged, page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Json
from nbtrack.store.active import runtimes_s
from nbtrack.store.entries import IntArray, value_of
from nbtrack.store.keystats import from_json
from nbtrack.store.sight import Sight
from nbtrack.store.stored import StoredRun
from nbtrack.store.tailpoints import rows_of

PAGE_ROWS = 5_000
OWN = ("_step", "_timestamp", "_runtime")
"""What every row has besides what was logged."""

LoggedRow: TypeAlias = tuple[int, int, dict[str, Json]]
"""Step, time in microseconds, and values by name."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order.

    Attributes:
        rows: As they were logged, with `_step`, `_timestamp` and `_runtime`.
        next_step: Where the next page begins, None after the last.
    """

    rows: list[dict[str, Json]]
    next_step: int | None


def scan(
    see: Callable[[Callable[[Sight], Page]], Page],
    keys: Sequence[str] | None,
    low: int,
    high: int,
) -> Iterator[dict[str, Json]]:
    """Yield rows with `low <= step < high`.

    The database is open only while a page is read. Rows do not change and steps only
    grow, so that pages fit together although the run goes on.

    Args:
        see: Asks the run, as it stands then, for a page.
        keys: Only these, and only rows that have all of them; None for all.
        low: The first step.
        high: The step before which to stop.
    """
    start: int | None = low
    while start is not None:
        page = see(partial(read_page, keys=keys, low=start, high=high))
        yield from page.rows
        start = page.next_step


def read_page(sight: Sight, keys: Sequence[str] | None, low: int, high: int) -> Page:
    """Return rows from step `low` on, those of the tail only when the others are told."""
    rows: list[LoggedRow] = []
    if sight.stored:
        steps, times_us = sight.stored.history(low, high, PAGE_ROWS)
        rows = _filled(sight.stored, keys, steps, times_us)
    is_last = len(rows) < PAGE_ROWS
    next_step = None if is_last else rows[-1][0] + 1
    if is_last:
        rows += [row for row in rows_of(sight.entries) if low <= row[0] < high]
    return Page(_finished(sight, rows, keys), next_step)


def sample(sight: Sight, keys: Sequence[str] | None, most: int) -> list[dict[str, Json]]:
    """Return at most `most` rows, evenly spaced, the first and the last included.

    Args:
        sight: The run.
        keys: Only these, and only of rows that have all of them; None for all.
        most: At least 1.
    """
    wanted = None if keys is None else [key for key in keys if key not in OWN]
    tail = [row for row in rows_of(sight.entries) if all(key in row[2] for key in wanted or [])]
    if not sight.stored:
        return _finished(sight, [tail[index] for index in evenly_spaced(len(tail), most)], keys)
    steps, times_us = sight.stored.history_with(wanted or [])
    chosen = evenly_spaced(len(steps) + len(tail), most)
    old = [index for index in chosen if index < len(steps)]
    rows = _filled(sight.stored, keys, steps[old], times_us[old])
    rows += [tail[index - len(steps)] for index in chosen[len(old) :]]
    return _finished(sight, rows, keys)


def evenly_spaced(count: int, most: int) -> list[int]:
    """Return at most `most` indices below `count`, evenly spaced, both ends included."""
    if count <= most:
        return list(range(count))
    if most == 1:
        return [count - 1]
    return [round(index * (count - 1) / (most - 1)) for index in range(most)]


def _filled(
    stored: StoredRun, keys: Sequence[str] | None, steps: IntArray, times_us: IntArray
) -> list[LoggedRow]:
    """Return the rows of some steps, ascending."""
    if not len(steps):
        return []
    values: dict[int, dict[str, Json]] = {step: {} for step in steps.tolist()}
    names = {
        stats.key_id: ".".join(leaf)
        for (stream, leaf), stats in stored.keys
        if stream == "metric" and (keys is None or ".".join(leaf) in keys)
    }
    only = None if keys is None else list(names)
    for key_id, step, number, kind in stored.numbers(steps, only):
        values[step][names[key_id]] = value_of(number, kind)
    for key_id, step, text in stored.objects(steps, only):
        values[step][names[key_id]] = from_json(text)
    return [
        (step, time_us, values[step])
        for step, time_us in zip(steps.tolist(), times_us.tolist(), strict=True)
    ]


def _finished(
    sight: Sight, rows: Sequence[LoggedRow], keys: Sequence[str] | None
) -> list[dict[str, Json]]:
    """Return rows with what every row has, without those that lack one of the keys."""
    runtimes = runtimes_s(sight.segments(), [time_us for _, time_us, _ in rows])
    found = []
    for (step, time_us, values), runtime_s in zip(rows, runtimes, strict=True):
        own = {"_step": step, "_timestamp": time_us / MICROSECONDS, "_runtime": runtime_s}
        whole = {**own, **values, "_step": step}
        if keys is None:
            found.append(whole)
        elif all(key in whole for key in keys):
            found.append({name: whole[name] for name in dict.fromkeys([*OWN, *keys])})
    return found
