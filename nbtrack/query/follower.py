"""Following one run: first as it stands, then what comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtrack.clock import Clock
from nbtrack.store import ConsoleLine, LiveRun, Reader, RowBlock, RunFacts, Series, Span, news_of


@dataclass(frozen=True, slots=True, eq=False)
class RunView:
    """A run as it stands.

    Attributes:
        run: What is known of it.
        series: All its series, metrics before system readings, reduced to a number of
            points that was asked for.
        lines: The last lines of its console.
        line_count: How many lines there are.
    """

    run: RunFacts
    series: list[Series]
    lines: list[ConsoleLine]
    line_count: int


@dataclass(frozen=True, slots=True, eq=False)
class RunNews:
    """What came since the last view or news.

    Attributes:
        run: What is known of the run now; None when nothing of it changed.
        blocks: New rows, in order.
        lines: New lines of its console, in order.
    """

    run: RunFacts | None
    blocks: list[RowBlock]
    lines: list[ConsoleLine]


class Follower:
    """Follows one run. Used by one thread at a time.

    Attributes:
        root: The workspace.
    """

    def __init__(self, root: Path, uid: str, clock: Clock | None = None) -> None:
        """Keep which run; nothing is opened.

        Args:
            root: The workspace.
            uid: Of the run.
            clock: Gives the time by which a silent run of another machine is given up.
        """
        self.root = root
        self._reader = Reader(root, clock)
        self._uid = uid
        self._run: LiveRun | None = None

    def snapshot(self, points: int = 2_000, lines: int = 1_000) -> RunView:
        """Return the run as it stands; `poll` goes on from exactly there.

        Args:
            points: At most so many per series. Reduced series keep exact extrema.
            lines: At most so many last lines of the console.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no such run.
            StoreError: If its journal cannot be read.
        """
        run, series, last = self._reader.look(self._uid, points, lines)
        self.close()
        self._run = run
        return RunView(run.facts, series, last, run.facts.line_count)

    def poll(self) -> RunNews | None:
        """Return what came since the last call, or None; nothing new costs microseconds.

        After a long time the news may come in several parts, one per call. Before the
        first snapshot there is no news.

        Raises:
            Error: As `snapshot`.
        """
        if self._run is None:
            return None
        before, first_line = self._run.facts, self._run.facts.line_count
        entries = self._run.poll()
        if self._run.facts is before:
            return None
        blocks, lines = news_of(entries, first_line)
        return RunNews(self._run.facts, blocks, lines)

    def window(self, keys: Sequence[str], span: Span, points: int = 2_000) -> list[Series]:
        """Return part of some metrics, reduced with exact extrema.

        Args:
            keys: Which; an unknown one has no points.
            span: From where to where, and along what.
            points: At most so many per series.

        Raises:
            Error: As `snapshot`.
        """
        return self._reader.window(self._uid, keys, span, points)

    def close(self) -> None:
        """Close the journal; `snapshot` opens it again."""
        if self._run is not None:
            self._run.close()
            self._run = None
