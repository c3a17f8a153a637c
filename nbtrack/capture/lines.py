"""From chunks of printed text to the lines of a run's log.

`LineAssembler` keeps a runaway loop from filling the disk; what a terminal does with what
moves its cursor is done by `rows`. It does not know where the text comes from: what a
kernel publishes (`outstreams`), what a script writes (`tee`), file descriptors
(`descriptors`) and loggers (`loggers`) all feed it.
"""

import threading
from collections.abc import Callable, Sequence

from nbtrack.capture.rows import ROWS, Rows, pieces
from nbtrack.clock import MICROSECONDS, Clock
from nbtrack.records import ConsoleText, Record, Stream

Emit = Callable[[Record], None]

LINES_PER_SECOND = 200.0
"""What a log takes for long: 0.7 million lines in an hour."""
BURST_LINES = 2_000
"""What a log takes at once: a printed model or table is never cut."""
TEXT_LIMIT_BYTES = 10_000_000
"""What a log takes in all."""
LINE_LIMIT = 8_192
"""Characters of one line; a longer one goes on in the next."""
PATIENCE_LIMIT_S = 60.0
"""Longest time between two looks at one line, such as a progress bar of an hour."""


class _Allowance:
    """How many lines may still be kept: so many per second, so many bytes in all."""

    def __init__(self) -> None:
        self.dropped = 0
        self._lines = float(BURST_LINES)
        self._bytes = TEXT_LIMIT_BYTES
        self._counted_us = 0

    @property
    def full(self) -> bool:
        """Whether no more text is kept at all."""
        return self._bytes <= 0

    @property
    def lines(self) -> int:
        """How many lines may be kept now."""
        return 0 if self.full else int(self._lines)

    @property
    def spent(self) -> bool:
        """Whether the next line is dropped."""
        return self.full or self._lines < 1

    def refill(self, now_us: int) -> None:
        """Let the time that went by count."""
        gained = max(now_us - self._counted_us, 0) / MICROSECONDS * LINES_PER_SECOND
        self._lines = min(BURST_LINES, self._lines + gained)
        self._counted_us = now_us

    def take(self, text: str) -> bool:
        """Take a line's share; False, and one more dropped, when there is none."""
        if self.spent:
            self.dropped += 1
            return False
        self._lines -= 1
        self._bytes -= _size(text)
        return True

    def take_all(self, lines: Sequence[str]) -> bool:
        """Take the shares of several lines; False, and nothing taken, when they do not fit."""
        size = _size("".join(lines))
        if len(lines) > self._lines or size > self._bytes:
            return False
        self._lines -= len(lines)
        self._bytes -= size
        return True


class LineAssembler:
    """Make the lines of a log from the chunks in which they were printed.

    A progress bar is one line, and so is each of several bars below one another. An open
    line is shown as it stands after 2 s, then after 4, 8, ... s. Beyond 200 lines a
    second (2,000 at once) or 10 MB in all, lines are dropped, and the log says how many.
    Any thread may feed it.

    Args:
        emit: Takes each `ConsoleText`; must not print.
        clock: Where the time comes from.
    """

    def __init__(self, emit: Emit, clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._lock = threading.RLock()  # a signal may end the run in the midst of a line
        self._open: dict[Stream, Rows] = {}
        self._allowance = _Allowance()

    @property
    def pending(self) -> bool:
        """Whether a line is open."""
        return any(row.text for rows in tuple(self._open.values()) for row in tuple(rows.open))

    def feed(self, stream: Stream, text: str, cell: str | None = None) -> None:
        """Take a chunk of printed text.

        Args:
            stream: Where it was printed.
            text: Any number of lines or parts of lines.
            cell: Id of the cell's execution; another cell ends the open line.
        """
        with self._lock:
            now_us = self._begin()
            rows = self._open.setdefault(stream, Rows())
            if rows.cell != cell:
                self._end(stream, rows, now_us)
                rows.clear()
                rows.cell = cell
            kept, dropped, rest = _parted(rows.whole(text), self._allowance.lines)
            self._print(stream, rows, kept, now_us)
            if dropped:  # a flood costs a count, not a loop
                self.skip(stream, dropped)
                self._print(stream, rows, rest, now_us)
            self._look(now_us)

    def note(  # noqa: PLR0913 - what a line has
        self,
        stream: Stream,
        lines: Sequence[str],
        cell: str | None = None,
        *,
        level: str = "",
        label: str = "",
        is_limited: bool = False,
    ) -> None:
        """Take whole lines that were not printed, such as a traceback.

        An open line of the stream stays as it is.

        Args:
            stream: Where they belong.
            lines: Without line ends; a long one is cut into several.
            cell: Id of the cell's execution, or None.
            level: Of a logger's record, in lower case.
            label: Name of the logger.
            is_limited: Whether they are dropped when there are too many.
        """
        with self._lock:
            now_us = self._begin()
            for line in lines:
                for start in range(0, max(len(line), 1), LINE_LIMIT):
                    piece = line[start : start + LINE_LIMIT]
                    if not is_limited or self._allowance.take(piece):
                        self._confess(now_us)
                        self._emit(ConsoleText(now_us, stream, piece, cell, level, label))

    def settle(self) -> None:
        """Show open lines whose patience has run out."""
        with self._lock:
            self._look(self._begin())

    def flush(self) -> None:
        """End all open lines and say what was dropped."""
        with self._lock:
            now_us = self._begin()
            for stream, rows in self._open.items():
                self._end(stream, rows, now_us)
            self._confess(now_us)

    def skip(self, stream: Stream, lines: int) -> None:
        """Count lines of a stream that did not get here; the open one is the first of them."""
        with self._lock:
            self._allowance.dropped += lines
            if stream in self._open:
                self._open[stream].clear()

    def _begin(self) -> int:
        now_us = self._clock.now_us()
        self._allowance.refill(now_us)
        return now_us

    def _print(self, stream: Stream, rows: Rows, text: str, now_us: int) -> None:
        if not rows.goes_on_below(text):
            self._draw(stream, rows, text, now_us)
            return
        *ended, last = text.split("\n")
        if ended and rows.row.text:  # the first goes on with the open line
            self._write(stream, rows, ended.pop(0), now_us)
            self._go_down(stream, rows, now_us)
        self._keep_all(stream, rows, ended, now_us)
        self._write(stream, rows, last, now_us)

    def _draw(self, stream: Stream, rows: Rows, text: str, now_us: int) -> None:
        """Take a text that moves the cursor."""
        for number, piece in enumerate(pieces(text)):
            if number % 2 == 0:
                self._write(stream, rows, piece, now_us)
            elif piece == "\n":
                self._go_down(stream, rows, now_us)
            else:
                rows.obey(piece)

    def _keep_all(self, stream: Stream, rows: Rows, texts: Sequence[str], now_us: int) -> None:
        """Keep whole lines, while none is open."""
        longest = max(map(len, texts), default=0)
        if texts and longest < LINE_LIMIT and self._allowance.take_all(texts):  # mostly so
            self._confess(now_us)
            emit, cell = self._emit, rows.cell
            for text in texts:
                emit(ConsoleText(now_us, stream, text, cell))
            rows.remember(texts[-ROWS:])
            return
        for text in texts:
            self._write(stream, rows, text, now_us)
            self._go_down(stream, rows, now_us)

    def _go_down(self, stream: Stream, rows: Rows, now_us: int) -> None:
        """Go on in the next row; below the last one all that are open have ended."""
        if not rows.is_last:
            rows.down()
            return
        for row in rows.end():
            if row.has_news:
                self._keep(stream, rows, row.text, now_us)

    def _write(self, stream: Stream, rows: Rows, piece: str, now_us: int) -> None:
        if not piece:
            return
        row = rows.row
        row.opened_us = row.opened_us or now_us
        for start in range(0, len(piece), LINE_LIMIT):
            row.write(piece[start : start + LINE_LIMIT])
            if len(row.text) >= LINE_LIMIT:
                self._keep(stream, rows, row.text[:LINE_LIMIT], now_us)
                row = rows.begin_with(row.text[LINE_LIMIT:])
                row.opened_us = now_us

    def _look(self, now_us: int) -> None:
        for stream, rows in self._open.items():
            for row in rows.open:
                if row.due(now_us):
                    self._keep(stream, rows, row.text, now_us)
                    row.shown = row.text
                    row.opened_us = now_us
                    row.patience_s = min(2 * row.patience_s, PATIENCE_LIMIT_S)

    def _end(self, stream: Stream, rows: Rows, now_us: int) -> None:
        for row in rows.end():
            if row.text.strip() and row.has_news:
                self._keep(stream, rows, row.text, now_us)

    def _keep(self, stream: Stream, rows: Rows, text: str, now_us: int) -> None:
        if self._allowance.take(text):
            self._confess(now_us)
            self._emit(ConsoleText(now_us, stream, text, rows.cell))

    def _confess(self, now_us: int) -> None:
        dropped, self._allowance.dropped = self._allowance.dropped, 0
        if not dropped:
            return
        limit = f"the log holds {TEXT_LIMIT_BYTES / 1e6:.0f} MB and is full"
        if not self._allowance.full:
            limit = f"a log takes {LINES_PER_SECOND:.0f} lines per second"
        lines = "1 line" if dropped == 1 else f"{dropped:,} lines"
        self._emit(ConsoleText(now_us, Stream.NBTRACK, f"... {lines} dropped: {limit}"))


def _parted(text: str, lines: int) -> tuple[str, int, str]:
    r"""Part a text behind so many whole lines.

    Returns:
        What may be kept; how many lines have ended after it; what stands after those. Where
        none has, all of the text may be kept.

    Examples:
        >>> _parted("a\nb\nc\nd", 1)
        ('a\n', 2, 'd')
        >>> _parted("a\nb", 1)
        ('a\nb', 0, '')
    """
    dropped = text.count("\n") - lines
    if dropped <= 0:
        return text, 0, ""
    after = text.split("\n", lines)[-1]
    return text[: len(text) - len(after)], dropped, after[after.rindex("\n") + 1 :]


def _size(text: str) -> int:
    """Return how many bytes a text takes."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
