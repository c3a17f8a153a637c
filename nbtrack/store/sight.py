"""One run at one moment: what the database has of it, and its journal's tail."""

from collections.abc import Sequence
from functools import cached_property
from typing import Self

import numpy as np

from nbtrack.records import CellRun
from nbtrack.store.active import Segment
from nbtrack.store.cells import cells_of
from nbtrack.store.entries import Entry, IntArray, Lines
from nbtrack.store.facts import ConsoleLine, Series
from nbtrack.store.fold import Fold
from nbtrack.store.linesearch import LineSearch, numbers_among
from nbtrack.store.reduction import EVERYWHERE, Along, Points
from nbtrack.store.selection import Selection
from nbtrack.store.shapes import RowStream
from nbtrack.store.stored import StoredRun, Stretch
from nbtrack.store.tail import Tail
from nbtrack.store.tailpoints import lines_of, points_of

UNLIMITED = 1 << 62


class Sight:
    """One run at one moment.

    Attributes:
        stored: What the database has of it; None if nothing, or if that cannot be asked.
        fold: What its journal comes to, the tail included.
        tail: Of its journal; None if that is gone.
        entries: What the tail says.
        is_claimed: Whether somebody else closes the tail.
    """

    def __init__(
        self, stored: StoredRun | None, fold: Fold, tail: Tail | None, entries: Sequence[Entry]
    ) -> None:
        """Keep what was read; use `of` to get there."""
        self.stored = stored
        self.fold = fold
        self.tail = tail
        self.entries = entries
        self.is_claimed = False
        lines = sum(len(entry.lines) for entry in entries if isinstance(entry, Lines))
        self._first_line = fold.line_count - lines

    @classmethod
    def of(cls, stored: StoredRun | None, fold: Fold, tail: Tail | None) -> Self:
        """Read the tail into the fold.

        Args:
            stored: What the database has.
            fold: Of the journal as far as it is in the database.
            tail: Of the journal, from there on.

        Raises:
            StoreError: If the journal cannot be read.
        """
        entries: list[Entry] = []
        if tail:
            entries = tail.entries()
            fold.add(entries, tail.position, tail.damaged)
        return cls(stored, fold, tail, entries)

    def claimed_tail(self) -> Tail | None:
        """Return the tail to somebody who will close it."""
        self.is_claimed = True
        return self.tail

    def names(self, stream: RowStream) -> list[str]:
        """Return the names of the keys that have numbers, in order of coming."""
        stored = self.stored.named(stream) if self.stored else {}
        tail = self._tail_points[stream]
        return [name for name in {**stored, **tail} if name in tail or stored[name]]

    def segments(self) -> list[Segment]:
        """Return all stretches of active time, in order."""
        return [*(self.stored.segments() if self.stored else []), *self.fold.turned]

    def lines(self, after: int, last: int | None) -> list[ConsoleLine]:
        """Return the lines after one, or the last ones of them."""
        first = after + 1
        if last is not None:
            first = max(first, self.fold.line_count - last)
        stored = self.stored.lines(first) if self.stored else []
        return stored + [line for line in self._tail_lines if line.number >= first]

    def lines_at(self, numbers: Sequence[int]) -> list[ConsoleLine]:
        """Return lines by their numbers, in order; those that do not exist are missing."""
        wanted = frozenset(numbers)
        stored = self.stored.lines_at(sorted(wanted)) if self.stored and wanted else []
        return stored + [line for line in self._tail_lines if line.number in wanted]

    def line_numbers(self, search: LineSearch, first: int) -> IntArray:
        """Return the numbers of the lines from `first` on that a search finds, ascending."""
        tail = numbers_among([one for one in self._tail_lines if one.number >= first], search)
        return np.append(self.stored.line_numbers(search, first), tail) if self.stored else tail

    def cells(self) -> list[CellRun]:
        """Return the executions of cells, in order."""
        return [*(self.stored.cells() if self.stored else []), *cells_of(self.entries)]

    def series(
        self,
        stream: RowStream,
        keys: Sequence[str] | None,
        points: int | None,
        bounds: tuple[int, int] = EVERYWHERE,
        along: Along = "x",
    ) -> list[Series]:
        """Return series, reduced to at most `points` points where that is given.

        Args:
            stream: What to read.
            keys: Which; by default all, in order of coming.
            points: At most so many per series.
            bounds: The least and the greatest step (for `system`: time) to be read.
            along: `time` to measure bounds and buckets by time, microseconds.
        """
        names = self.names(stream) if keys is None else list(dict.fromkeys(keys))
        stretch = Stretch(stream, bounds, along)
        selection = Selection(self.stored, self._tail_points[stream], stretch)
        found = selection.read(names, UNLIMITED if points is None else points)
        return [_series(name, stream, *found[name]) for name in names]

    @cached_property
    def _tail_lines(self) -> list[ConsoleLine]:
        return lines_of(self.entries, self._first_line)

    @cached_property
    def _tail_points(self) -> dict[RowStream, dict[str, Points]]:
        return {
            "metric": points_of(self.entries, "metric"),
            "system": points_of(self.entries, "system"),
        }


def _series(name: str, stream: RowStream, points: Points, count: int) -> Series:
    steps = points.x.astype(np.float64)
    if stream == "system":
        steps.fill(np.nan)
    return Series(name, stream, steps, points.times_us, points.values, count)
