"""From chunks of printed text to the lines of a run's log.

`LineAssembler` does what a terminal does with carriage returns and backspaces, and keeps
a runaway loop from filling the disk. It does not know where the text comes from: what a
kernel publishes (`outstreams`), what a script writes (`tee`), file descriptors
(`descriptors`) and loggers (`loggers`) all feed it.
"""

import re
import threading
from collections.abc import Callable, Sequence

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
PATIENCE_S = 2.0
"""How long a line may stay open before the log shows it as it stands."""
PATIENCE_LIMIT_S = 60.0
"""Longest time between two looks at one line, such as a progress bar of an hour."""

_CONTROL = re.compile("([\r\n\b])")


class _OpenLine:
    """One line that is still being written, with the cursor of a terminal."""

    def __init__(self) -> None:
        self.cell: str | None = None
        self.clear()

    def clear(self) -> None:
        """Start a new line."""
        self.text = ""
        self.cursor = 0
        self.shown = ""
        self.opened_us = 0
        self.patience_s = PATIENCE_S

    def write(self, piece: str) -> None:
        """Put text where the cursor stands, over what is there."""
        if self.cursor == 0 and "\x1b" in piece:
            self.text = piece  # colours make places uncountable; such writers rewrite it all
        else:
            self.text = self.text[: self.cursor] + piece + self.text[self.cursor + len(piece) :]
        self.cursor = min(self.cursor + len(piece), len(self.text))

    def due(self, now_us: int) -> bool:
        """Whether the log should show the line although it has not ended."""
        waited_s = (now_us - self.opened_us) / MICROSECONDS
        return bool(self.text.strip()) and self.text != self.shown and waited_s >= self.patience_s


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

    A carriage return takes the cursor back, so that a progress bar is one line. An open
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
        self._open: dict[Stream, _OpenLine] = {}
        self._allowance = _Allowance()

    @property
    def pending(self) -> bool:
        """Whether a line is open."""
        return any(line.text for line in tuple(self._open.values()))

    def feed(self, stream: Stream, text: str, cell: str | None = None) -> None:
        """Take a chunk of printed text.

        Args:
            stream: Where it was printed.
            text: Any number of lines or parts of lines.
            cell: Id of the cell's execution; another cell ends the open line.
        """
        with self._lock:
            now_us = self._begin()
            line = self._open.setdefault(stream, _OpenLine())
            if line.cell != cell:
                self._end(stream, line, now_us)
                line.cell = cell
            kept, dropped, rest = _parted(text, self._allowance.lines)
            self._print(stream, line, kept, now_us)
            if dropped:  # a flood costs a count, not a loop
                self.skip(stream, dropped)
                self._print(stream, line, rest, now_us)
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
            for stream, line in self._open.items():
                self._end(stream, line, now_us)
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

    def _print(self, stream: Stream, line: _OpenLine, text: str, now_us: int) -> None:
        if "\r" in text or "\b" in text:
            for piece in _CONTROL.split(text):
                self._apply(stream, line, piece, now_us)
            return
        *ended, last = text.split("\n")
        if ended and line.text:  # the first goes on with the open line
            self._write(stream, line, ended.pop(0), now_us)
            self._apply(stream, line, "\n", now_us)
        self._keep_all(stream, line, ended, now_us)
        self._write(stream, line, last, now_us)

    def _keep_all(self, stream: Stream, line: _OpenLine, texts: Sequence[str], now_us: int) -> None:
        """Keep whole lines, while none is open."""
        longest = max(map(len, texts), default=0)
        if texts and longest < LINE_LIMIT and self._allowance.take_all(texts):  # mostly so
            self._confess(now_us)
            emit, cell = self._emit, line.cell
            for text in texts:
                emit(ConsoleText(now_us, stream, text, cell))
            return
        for text in texts:
            self._write(stream, line, text, now_us)
            self._apply(stream, line, "\n", now_us)

    def _apply(self, stream: Stream, line: _OpenLine, piece: str, now_us: int) -> None:
        if piece == "\n":
            self._keep(stream, line, line.text, now_us)
            line.clear()
        elif piece == "\r":
            line.cursor = 0
        elif piece == "\b":
            line.cursor = max(0, line.cursor - 1)
        else:
            self._write(stream, line, piece, now_us)

    def _write(self, stream: Stream, line: _OpenLine, piece: str, now_us: int) -> None:
        if not piece:
            return
        line.opened_us = line.opened_us or now_us
        for start in range(0, len(piece), LINE_LIMIT):
            line.write(piece[start : start + LINE_LIMIT])
            if len(line.text) >= LINE_LIMIT:
                self._keep(stream, line, line.text[:LINE_LIMIT], now_us)
                rest = line.text[LINE_LIMIT:]
                line.clear()
                line.opened_us = now_us
                line.write(rest)

    def _look(self, now_us: int) -> None:
        for stream, line in self._open.items():
            if line.due(now_us):
                self._keep(stream, line, line.text, now_us)
                line.shown = line.text
                line.opened_us = now_us
                line.patience_s = min(2 * line.patience_s, PATIENCE_LIMIT_S)

    def _end(self, stream: Stream, line: _OpenLine, now_us: int) -> None:
        if line.text.strip() and line.text != line.shown:
            self._keep(stream, line, line.text, now_us)
        line.clear()

    def _keep(self, stream: Stream, line: _OpenLine, text: str, now_us: int) -> None:
        if self._allowance.take(text):
            self._confess(now_us)
            self._emit(ConsoleText(now_us, stream, text, line.cell))

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
