"""Reading a workspace: what the database has, and the journals' tails beyond it.

The database is attached for milliseconds. The watermark that is read with a run says
where its tail begins, so that nothing is missing and nothing is told twice. Where the
database cannot be used, all of it is read from the journals: slower, and the same.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

from nbtrack.clock import Clock, SystemClock
from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.records import CellRun, Json
from nbtrack.store.catalogue import Catalogue
from nbtrack.store.database import Database, UnavailableError, Window
from nbtrack.store.entries import IntArray
from nbtrack.store.facts import ConsoleLine, RunFacts, Series
from nbtrack.store.fold import Fold
from nbtrack.store.history import NO_STEP, sample, sampled_table, scan
from nbtrack.store.layout import is_trashed, run_folder
from nbtrack.store.linesearch import LineSearch
from nbtrack.store.live import LiveRun
from nbtrack.store.reduction import bounds_of
from nbtrack.store.runrow import read_runs
from nbtrack.store.shapes import RowStream
from nbtrack.store.sight import Sight
from nbtrack.store.span import Span
from nbtrack.store.stored import StoredRun
from nbtrack.store.tail import Tail
from nbtrack.store.windows import cut_out

POINTS = 2_000
FEWEST_POINTS = 20
MOST_POINTS = 2_000_000
"""Of all series of a run together that is looked at: 48 MB. With more than a thousand series
each one gets fewer of them; what is looked at closely is asked for as a part."""
OVERLAY_POINTS = 500
TOGETHER = 32  # runs that are read in one window: a tenth of a second

T = TypeVar("T")


class Reader:
    """Reads the runs of one workspace. It can be used from any thread."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        """Keep the workspace, which need not exist; nothing is opened.

        Args:
            root: The `.nbtrack` folder.
            clock: Gives the time by which a silent run of another machine is given up.
        """
        self._root = root
        self._clock = clock or SystemClock()
        self._database = Database(root)
        self._catalogue = Catalogue(root, self._database, self._clock)
        self._listing = threading.Lock()

    def runs(self) -> list[RunFacts]:
        """Return all runs, newest first.

        The facts of a run that has not changed since the last call are the same object.

        Raises:
            StoreError: If the folder of runs cannot be read. One run that cannot does not
                hide the others.
        """
        with self._listing:
            found = self._catalogue.look()
        return sorted(
            found.values(), key=lambda one: (one.opened.time_us, one.opened.uid), reverse=True
        )

    def glance(self) -> dict[str, RunFacts]:
        """Return what `runs` does, by uid and in no order, for those who ask again and again.

        It is the same object where nothing has changed. That a run which had ended was taken
        up again by somebody who does not tell is seen within half a minute; everything else
        at once.

        Raises:
            StoreError: As `runs`.
        """
        with self._listing:
            return self._catalogue.look(in_turns=True)

    def run(self, uid: str) -> RunFacts:
        """Return what is known of a run.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no such run.
            StoreError: If its journal cannot be read.
        """
        return self._see(uid, self._facts)

    def keys(self, uid: str, stream: RowStream = "metric") -> list[str]:
        """Return the names of the keys that have numbers, in order of coming.

        Raises:
            Error: As `run`.
        """
        return self._see(uid, lambda sight: sight.names(stream))

    def rows(
        self,
        uid: str,
        keys: Sequence[str] | None = None,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> Iterator[dict[str, Json]]:
        """Yield the rows as they were logged, in order.

        Each has `_step`, `_timestamp` (seconds since the epoch) and `_runtime` (active
        seconds) besides. Names of nested keys are joined by dots.

        Args:
            uid: Of the run.
            keys: Only these, and only rows that have all of them. Then the row has nothing
                besides; `_step` and the like can be asked for as well.
            min_step: The first step to yield.
            max_step: The step before which to stop.

        Raises:
            Error: As `run`, at once: the first rows are read before this returns.
        """
        low = 0 if min_step is None else min_step
        high = NO_STEP if max_step is None else max_step
        return scan(lambda page: self._see(uid, page), keys, low, high)

    def sampled(
        self, uid: str, most: int, keys: Sequence[str] | None = None
    ) -> list[dict[str, Json]]:
        """Return at most `most` rows, evenly spaced, the first and the last included.

        Args:
            uid: Of the run.
            most: At least 1.
            keys: As in `rows`.

        Raises:
            Error: As `run`.
        """
        return self._see(uid, lambda sight: sample(sight, keys, most))

    def table(self, uid: str, most: int, keys: Sequence[str]) -> dict[str, list[Json]]:
        """Return what `sampled` does, as one list of values per key.

        Args:
            uid: Of the run.
            most: At least 1.
            keys: At least one.

        Raises:
            Error: As `run`.
            LimitError: If there are too many values to choose from.
        """
        return self._see(uid, lambda sight: sampled_table(sight, keys, most))

    def series(self, uid: str, key: str, stream: RowStream = "metric") -> Series:
        """Return all points of a key; none if there is no such key.

        Raises:
            Error: As `run`.
        """
        (found,) = self._see(uid, lambda sight: sight.series(stream, [key], None))
        return found

    def reduced(  # noqa: PLR0913 - a chart's question has as many sides
        self,
        uid: str,
        keys: Sequence[str] | None = None,
        points: int = POINTS,
        *,
        low: float | None = None,
        high: float | None = None,
        stream: RowStream = "metric",
    ) -> list[Series]:
        """Return series of at most `points` points with exact extrema.

        Each bucket of a reduced series keeps its least and greatest value, and one that
        is not finite if it has any; the first and the last point are kept. Series that
        are short enough come whole.

        Args:
            uid: Of the run.
            keys: Which; by default all, in order of coming.
            points: At most so many points per series, 8 or more.
            low: Leave out points before this step (for `system`: time, microseconds).
            high: Leave out points after this step (or time).
            stream: What to read.

        Raises:
            Error: As `run`.
        """
        bounds = bounds_of(low, high)
        return self._see(uid, lambda sight: sight.series(stream, keys, points, bounds))

    def window(
        self, uid: str, keys: Sequence[str], span: Span, points: int = POINTS
    ) -> list[Series]:
        """Return metrics as a chart shows part of them, each reduced as `reduced` does it.

        Args:
            uid: Of the run.
            keys: Which; an unknown one has no points.
            span: What lies below the chart, and from where to where.
            points: At most so many per series, 8 or more.

        Raises:
            Error: As `run`.
            LimitError: If they are to be laid along a metric and do not fit into memory.
        """
        return self._see(uid, lambda sight: cut_out(sight, keys, span, points))

    def overlay(
        self, uids: Sequence[str], key: str, points: int = OVERLAY_POINTS
    ) -> dict[str, Series]:
        """Return one metric of several runs, each reduced as `reduced` does it.

        Args:
            uids: Of the runs.
            key: An empty series stands for a run that does not have it.
            points: At most so many per run, 8 or more.

        Raises:
            Error: As `run`, for each of them.
        """
        found: dict[str, Series] = {}
        for some in _batched(dict.fromkeys(uids)):
            asked = self._see_each(some, lambda sight: sight.series("metric", [key], points))
            found |= {uid: series for uid, (series,) in asked.items()}
        return {uid: found[uid] for uid in uids}

    def lines(self, uid: str, after: int = -1, last: int | None = None) -> list[ConsoleLine]:
        """Return lines of console text, in order.

        Args:
            uid: Of the run.
            after: Only lines with a higher number.
            last: At most so many, the last ones.

        Raises:
            Error: As `run`.
        """
        return self._see(uid, lambda sight: sight.lines(after, last))

    def cells(self, uid: str) -> list[CellRun]:
        """Return the executions of cells that made a run, in order.

        Raises:
            Error: As `run`.
        """
        return self._see(uid, lambda sight: sight.cells())

    def lines_at(self, uid: str, numbers: Sequence[int]) -> list[ConsoleLine]:
        """Return lines of console text by their numbers, in order.

        Args:
            uid: Of the run.
            numbers: Those that do not exist are missing from what is returned.

        Raises:
            Error: As `run`.
        """
        return self._see(uid, lambda sight: sight.lines_at(numbers))

    def line_numbers(self, uid: str, search: LineSearch, first: int = 0) -> IntArray:
        """Return the numbers of the lines that a search finds.

        Args:
            uid: Of the run.
            search: What is looked for.
            first: The first line that is looked at.

        Returns:
            Shape `(n,)`, int64, ascending.

        Raises:
            UsageError: Also if the search's pattern is no regular expression.
            LimitError: If looking takes too long.
            Error: As `run`.
        """
        search.check()
        return self._see(uid, lambda sight: sight.line_numbers(search, first))

    def look(
        self, uid: str, points: int = POINTS, lines: int = 1_000
    ) -> tuple[LiveRun, list[Series], list[ConsoleLine]]:
        """Return a run to be followed, and what it was up to that position.

        Args:
            uid: Of the run.
            points: At most so many points per series, as `reduced` does it; fewer where there
                are very many series.
            lines: At most so many last lines of console text.

        Raises:
            Error: As `run`.
        """

        def question(sight: Sight) -> tuple[LiveRun, list[Series], list[ConsoleLine]]:
            count = len(sight.names("metric")) + len(sight.names("system"))
            share = min(points, max(FEWEST_POINTS, MOST_POINTS // max(1, count)))
            series = sight.series("metric", None, share) + sight.series("system", None, share)
            last = sight.lines(-1, lines)
            return LiveRun(sight.claimed_tail(), sight.fold, self._clock), series, last

        return self._see(uid, question)

    def follow(self, uid: str, position: int = 0) -> Tail:
        """Return the tail of a run's journal.

        Args:
            uid: Of the run.
            position: Where to begin: the `position` of its facts, or 0.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no journal.
            StoreError: If it cannot be opened.
        """
        return Tail.open(self._root, uid, position)

    def close(self) -> None:
        """Close the journals that `runs` keeps open."""
        with self._listing:
            self._catalogue.close()

    def _facts(self, sight: Sight) -> RunFacts:
        locked = sight.tail.is_locked() if sight.tail else False
        return sight.fold.facts(locked=locked, now_us=self._clock.now_us())

    def _see(self, uid: str, question: Callable[[Sight], T]) -> T:
        """Ask something of a run as the database and its journal show it at one moment."""
        return self._see_each([uid], question)[uid]

    def _see_each(self, uids: Sequence[str], question: Callable[[Sight], T]) -> dict[str, T]:
        """Ask the same of some runs while the database is open once."""
        for uid in uids:
            run_folder(self._root, uid)
        told: dict[str, T] = {}
        try:
            with self._database.reading() as window:
                found = read_runs(window, list(uids)) if window else {}
                for uid, (run_id, fold) in found.items():
                    told[uid] = self._ask(question, StoredRun(cast("Window", window), run_id), fold)
        except UnavailableError:
            pass
        others = {uid: self._ask(question, None, Fold(uid)) for uid in uids if uid not in told}
        return {**told, **others}

    def _ask(self, question: Callable[[Sight], T], stored: StoredRun | None, fold: Fold) -> T:
        try:
            tail = Tail.open(self._root, fold.uid, fold.position)
        except RunNotFoundError:
            if not stored or is_trashed(self._root, fold.uid):
                raise
            tail = None
        sight = None
        try:
            sight = Sight.of(stored, fold, tail)
            if tail and tail.is_newer and not fold.is_run:
                raise StoreError(
                    f"run {fold.uid!r} was written by a newer nbtrack. To read it, type "
                    "pip install --upgrade nbtrack"
                )
            if not fold.is_run:
                raise RunNotFoundError(f"no run {fold.uid!r} in {str(self._root)!r}.")
            return question(sight)
        finally:
            if tail and not (sight and sight.is_claimed):
                tail.close()


def _batched(uids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(uids)
    while some := list(islice(rest, TOGETHER)):
        yield some
