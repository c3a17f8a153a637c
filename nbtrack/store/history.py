"""The rows of a run as they were logged, page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Json
from nbtrack.store.active import runtimes_s
from nbtrack.store.entries import value_of
from nbtrack.store.keystats import from_json
from nbtrack.store.sight import Sight
from nbtrack.store.stored import StoredRun
from nbtrack.store.tailpoints import rows_of

PAGE_ROWS = 5_000

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
        first = start
        page = see(lambda sight: read_page(sight, keys, first, high))
        yield from page.rows
        start = page.next_step


def read_page(sight: Sight, keys: Sequence[str] | None, low: int, high: int) -> Page:
    """Return rows from step `low` on, those of the tail only when the others are told."""
    rows = _stored_rows(sight.stored, keys, low, high) if sight.stored else []
    is_last = len(rows) < PAGE_ROWS
    next_step = None if is_last else rows[-1][0] + 1
    if is_last:
        rows += [row for row in rows_of(sight.entries) if low <= row[0] < high]
    runtimes = runtimes_s(sight.segments(), [time_us for _, time_us, _ in rows])
    finished = [
        _finished(row, runtime_s, keys) for row, runtime_s in zip(rows, runtimes, strict=True)
    ]
    return Page([row for row in finished if row is not None], next_step)


def _stored_rows(
    stored: StoredRun, keys: Sequence[str] | None, low: int, high: int
) -> list[LoggedRow]:
    steps, times_us = stored.history(low, high, PAGE_ROWS)
    if not steps:
        return []
    values: dict[int, dict[str, Json]] = {step: {} for step in steps}
    names = {
        stats.key_id: ".".join(leaf)
        for (stream, leaf), stats in stored.keys
        if stream == "metric" and (keys is None or ".".join(leaf) in keys)
    }
    only = None if keys is None else list(names)
    for key_id, step, number, kind in stored.numbers(steps[0], steps[-1], only):
        values[step][names[key_id]] = value_of(number, kind)
    for key_id, step, text in stored.objects(steps[0], steps[-1], only):
        values[step][names[key_id]] = from_json(text)
    return [(step, at, values[step]) for step, at in zip(steps, times_us, strict=True)]


def _finished(
    row: LoggedRow, runtime_s: float, keys: Sequence[str] | None
) -> dict[str, Json] | None:
    step, time_us, values = row
    own: dict[str, Json] = {
        "_step": step,
        "_timestamp": time_us / MICROSECONDS,
        "_runtime": runtime_s,
    }
    whole = {**own, **values, "_step": step}
    if keys is None:
        return whole
    if any(key not in whole for key in keys):
        return None
    return {name: one for name, one in whole.items() if name in keys or name in own}
