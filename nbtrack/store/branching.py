"""A run that begins with the history of another, up to a step.

What was logged, configured, set in the summary and said of metrics is copied; name,
notes, console text and system readings are not. The other run is only read.
"""

from collections.abc import Iterator
from pathlib import Path

from nbtrack.records import (
    ClockTurned,
    ConfigChanged,
    Heartbeat,
    MetricDefined,
    Opened,
    Record,
    Row,
    SummaryChanged,
)
from nbtrack.store.entries import Rows, rows_of
from nbtrack.store.fold import Fold
from nbtrack.store.frames import PIECE_BYTES
from nbtrack.store.journal import Journal
from nbtrack.store.tail import Tail

_COPIED = (ClockTurned, ConfigChanged, Heartbeat, MetricDefined, SummaryChanged)
TOGETHER = 10_000


def branch(root: Path, uid: str, last_step: int, opened: Opened) -> Journal:
    """Begin a run with what another one has logged up to a step.

    Args:
        root: The workspace.
        uid: Of the other run.
        last_step: The last step to be copied.
        opened: The new run; its `branched_from` must say so.

    Returns:
        The journal of the new run, locked by this process.

    Raises:
        RunNotFoundError: If there is no such run.
        StoreError: If a file cannot be read or written.
        UsageError: If a uid is malformed, or there is a run of the new one already.
    """
    with Tail.open(root, uid) as tail:
        journal = Journal.create(root, opened)
        try:
            _copy(tail, last_step, journal)
        except BaseException:
            journal.discard()
            raise
        return journal


def _copy(tail: Tail, last_step: int, journal: Journal) -> None:
    fold = Fold("")
    batch: list[Record] = []
    for record in _records(tail, last_step, fold):
        batch.append(record)
        if len(batch) >= TOGETHER:
            journal.append(batch)
            batch = []
    end_us = fold.seen_us
    journal.append([*batch, ClockTurned(end_us, fold.segment.active_at(end_us), running=False)])


def _records(tail: Tail, last_step: int, fold: Fold) -> Iterator[Record]:
    """Yield what is to be copied; `fold` learns it, so that it knows the active time."""
    while entries := tail.entries(PIECE_BYTES):
        for entry in entries:
            if isinstance(entry, Rows):
                if entry.shape.stream == "metric":
                    yield from _rows(entry, last_step, fold)
                    if entry.steps[-1] > last_step:
                        return
            elif isinstance(entry, Opened):
                fold.add([entry], 0)
                yield from (ClockTurned(*segment) for segment in fold.turned)
                fold.turned.clear()
            elif isinstance(entry, _COPIED):
                fold.add([entry], 0)
                yield entry


def _rows(entry: Rows, last_step: int, fold: Fold) -> Iterator[Row]:
    for row in rows_of(entry):
        if row.step > last_step:
            return
        fold.seen_us = max(fold.seen_us, row.time_us)
        yield row
