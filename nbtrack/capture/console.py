"""What cells print: from chunks of text to the lines of a run's log.

`LineAssembler` does what a terminal does with carriage returns and backspaces, and keeps
a runaway loop from filling the disk. `OutStreamCapture` feeds it from ipykernel's own
output streams. Their hooks live in the thread that publishes output and see what it
sends, at most five times a second: `print` itself costs nothing more. Text written by C
code, subprocesses and `!commands` is seen too, because ipykernel captures the file
descriptors; output that `%%capture` swallows is not, and tracebacks are not output.
"""

import re
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from nbtrack.clock import MICROSECONDS, Clock
from nbtrack.records import ConsoleText, Record, Stream

Emit = Callable[[Record], None]
Message = dict[str, Any]

LINES_PER_SECOND = 200.0
"""What a log takes for long: 0.7 million lines in an hour."""
BURST_LINES = 2_000.0
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
        self._lines = BURST_LINES
        self._bytes = TEXT_LIMIT_BYTES
        self._counted_us = 0

    @property
    def full(self) -> bool:
        """Whether no more text is kept at all."""
        return self._bytes <= 0

    def take(self, text: str, now_us: int) -> bool:
        """Take a line's share; False, and one more dropped, when there is none."""
        refill = max(now_us - self._counted_us, 0) / MICROSECONDS * LINES_PER_SECOND
        self._lines = min(BURST_LINES, self._lines + refill)
        self._counted_us = now_us
        if self.full or self._lines < 1:
            self.dropped += 1
            return False
        self._lines -= 1
        self._bytes -= len(text.encode(errors="replace"))
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
        return any(line.text for line in self._open.values())

    def feed(self, stream: Stream, text: str, cell: str | None = None) -> None:
        """Take a chunk of printed text.

        Args:
            stream: Where it was printed.
            text: Any number of lines or parts of lines.
            cell: Id of the cell's execution; another cell ends the open line.
        """
        with self._lock:
            now_us = self._clock.now_us()
            line = self._open.setdefault(stream, _OpenLine())
            if line.cell != cell:
                self._end(stream, line, now_us)
                line.cell = cell
            for piece in _CONTROL.split(text):
                self._apply(stream, line, piece, now_us)
            self._look(now_us)

    def settle(self) -> None:
        """Show open lines whose patience has run out."""
        with self._lock:
            self._look(self._clock.now_us())

    def flush(self) -> None:
        """End all open lines and say what was dropped."""
        with self._lock:
            now_us = self._clock.now_us()
            for stream, line in self._open.items():
                self._end(stream, line, now_us)
            self._confess(now_us)

    def _apply(self, stream: Stream, line: _OpenLine, piece: str, now_us: int) -> None:
        if piece == "\n":
            self._keep(stream, line, line.text, now_us)
            line.clear()
        elif piece == "\r":
            line.cursor = 0
        elif piece == "\b":
            line.cursor = max(0, line.cursor - 1)
        elif piece:
            self._write(stream, line, piece, now_us)

    def _write(self, stream: Stream, line: _OpenLine, piece: str, now_us: int) -> None:
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
        if self._allowance.take(text, now_us):
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


class PublishingThread(Protocol):
    """The thread of a kernel that publishes its output."""

    io_loop: Any

    def schedule(self, f: Callable[[], Any]) -> None:
        """Call a function in the thread."""
        ...


class HookedStream(Protocol):
    """An output stream of a kernel (`ipykernel.iostream.OutStream`)."""

    pub_thread: PublishingThread

    def flush(self) -> None:
        """Send what was written."""
        ...

    def register_hook(self, hook: Callable[[Message], Message | None]) -> None:
        """Have messages go through a hook, in the calling thread only."""
        ...

    def unregister_hook(self, hook: Callable[[Message], Message | None]) -> bool:
        """Forget a hook of the calling thread."""
        ...


def hooked_streams() -> tuple[HookedStream, ...]:
    """Return the process's output streams that can be captured: none outside a kernel."""
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    return tuple(
        stream
        for stream in streams
        if getattr(stream, "pub_thread", None) is not None and hasattr(stream, "register_hook")
    )


class OutStreamCapture:
    """Feed an assembler with what a kernel prints.

    Args:
        assembler: Takes the text.
        streams: The kernel's output streams, as `hooked_streams` finds them.
    """

    def __init__(self, assembler: LineAssembler, streams: Sequence[HookedStream]) -> None:
        self._assembler = assembler
        self._streams = tuple(streams)
        self._started = False
        self._timed = False

    def start(self, timeout_s: float = 1.0) -> None:
        """Listen to what is printed from now on.

        Args:
            timeout_s: How long to wait for the publishing thread, seconds.
        """
        if self._started:
            return
        self._started = True
        for stream in self._streams:
            stream.pub_thread.schedule(stream.flush)  # text of before is not of the run
            stream.pub_thread.schedule(partial(stream.register_hook, self._on_message))
        self._wait(timeout_s)

    def flush(self, timeout_s: float = 1.0) -> bool:
        """Have everything printed until now reach the log.

        Args:
            timeout_s: How long to wait for the publishing thread, seconds.

        Returns:
            Whether it did in that time.
        """
        for stream in self._streams:
            stream.pub_thread.schedule(stream.flush)
        return self._wait(timeout_s)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Listen no more; what was printed until now reaches the log.

        Args:
            timeout_s: How long to wait for the publishing thread, seconds.
        """
        if not self._started:
            return
        self._started = False
        for stream in self._streams:
            stream.pub_thread.schedule(stream.flush)
            stream.pub_thread.schedule(partial(stream.unregister_hook, self._on_message))
        self._wait(timeout_s)
        self._assembler.flush()

    def _wait(self, timeout_s: float) -> bool:
        """Wait until the publishing thread has done what was scheduled so far."""
        if not self._streams:
            return True
        arrived = threading.Event()
        self._streams[-1].pub_thread.schedule(arrived.set)
        return arrived.wait(timeout_s)

    def _on_message(self, message: Message) -> Message:
        """Read a message on its way out, in the publishing thread, and let it go."""
        try:
            content = message["content"]
            cell = message.get("parent_header", {}).get("msg_id")
            self._assembler.feed(Stream(content["name"]), content["text"], cell)
            self._settle_later()
        except Exception:  # noqa: BLE001, S110 - the user's output goes before our log
            pass
        return message

    def _settle_later(self) -> None:
        """Look again when nothing more is printed, in the publishing thread."""
        if self._assembler.pending and not self._timed:
            self._timed = True
            loop = self._streams[0].pub_thread.io_loop
            loop.call_later(PATIENCE_S, self._settle)

    def _settle(self) -> None:
        self._timed = False
        self._assembler.settle()
