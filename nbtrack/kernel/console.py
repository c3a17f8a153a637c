"""What the cells of a kernel print goes to the log of every run that is open."""

from collections.abc import Sequence

from nbtrack.capture import LineAssembler, OutStreamCapture, hooked_streams
from nbtrack.records import Record, Stream
from nbtrack.runs import Session

FLUSH_S = 0.4
"""How long the end of a run waits for the kernel's publishing thread. A kernel that is shut
down has 2.4 s for everything."""


class Console:
    """Listens to the kernel's output streams while runs are open."""

    def __init__(self, session: Session) -> None:
        """Begin silent.

        Args:
            session: Its open runs get the lines.
        """
        self._session = session
        self._assembler = LineAssembler(self._emit, session.clock)
        self._capture: OutStreamCapture | None = None

    def listen(self) -> None:
        """Listen, unless that is so already or nobody wants to know.

        Where `%%capture` hides the streams, the next call finds them.
        """
        wanted = any(run.settings.console != "off" for run in self._session.open_runs())
        if self._capture is not None or not wanted:
            return
        streams = hooked_streams()
        if streams:
            self._assembler = LineAssembler(self._emit, self._session.clock)
            self._capture = OutStreamCapture(self._assembler, streams)
            self._capture.start(FLUSH_S)

    def note_error(self, lines: Sequence[str], cell: str | None) -> None:
        """Add a traceback: it is shown below a cell, but it is not printed."""
        if self._capture is not None and lines:
            self._capture.flush(FLUSH_S)
            self._assembler.feed(Stream.STDERR, "\n".join([*lines, ""]), cell)

    def flush(self) -> None:
        """Have what was printed until now in the log."""
        if self._capture is not None:
            self._capture.flush(FLUSH_S)
            self._assembler.flush()

    def stop(self) -> None:
        """Listen no more."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.stop(FLUSH_S)

    def _emit(self, record: Record) -> None:
        for run in self._session.open_runs():
            if run.settings.console != "off":
                run.emit(record)
