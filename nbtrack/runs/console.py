"""What is printed while runs are open goes to the log of each of them.

In a kernel that is what ipykernel publishes, elsewhere what is written to `sys.stdout` and
`sys.stderr`. Runs whose setting `console` is `off` get nothing.
"""

import contextlib
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from nbtrack.clock import Clock
from nbtrack.records import ConsoleText, Stream

if TYPE_CHECKING:
    from nbtrack.capture import LineAssembler, LoggerCapture, SharedLines
    from nbtrack.runs.run import Run


class Capture(Protocol):
    """A way to see what is printed."""

    def start(self) -> None:
        """Listen to what is printed from now on."""
        ...

    def look(self) -> None:
        """Listen on where others have put themselves before us."""
        ...

    def hears(self, stream: object) -> bool:
        """Whether what is written to a stream object is seen."""
        ...

    def flush(self) -> bool:
        """Have everything printed until now reach the log; return whether it did."""
        ...

    def stop(self) -> None:
        """Listen no more; what was printed until now reaches the log."""
        ...

    def abandon(self) -> None:
        """In a forked child: listen no more."""
        ...


class Console:
    """Listens while runs are open."""

    def __init__(
        self,
        open_runs: "Callable[[], Sequence[Run]]",
        clock: Clock,
        on_trouble: Callable[[str, str], None],
    ) -> None:
        """Begin silent.

        Args:
            open_runs: The runs that get the lines.
            clock: Gives the lines their time.
            on_trouble: Told a cause and a text.
        """
        self._open_runs = open_runs
        self._clock = clock
        self._on_trouble = on_trouble
        self._lines: SharedLines | None = None
        self._assemblers: dict[str, LineAssembler] = {}
        """Of each run whose log gets what is printed; one that has ended takes nothing more."""
        self._capture: Capture | None = None
        self._loggers: dict[str, LoggerCapture] = {}
        self._known: Sequence[Run] = ()

    def listen(self, *, in_kernel: bool) -> None:
        """Listen, unless that is so already or nobody wants to know.

        Args:
            in_kernel: Whether cells run in a kernel. Where `%%capture` hides its streams,
                the next call finds them.
        """
        try:
            runs = self._open_runs()
            if runs != self._known:
                if self._capture is not None:
                    self._capture.flush()  # what was printed before is not of a run that is new
                self._adapt(runs)
            if self._capture is not None:
                self._capture.look()
            elif self._assemblers:
                self._begin(in_kernel=in_kernel)
        except Exception as error:  # noqa: BLE001 - a log must not end a training
            self._tell(error)

    def note_error(self, lines: Sequence[str], cell: str | None) -> None:
        """Add a traceback: it is shown below a cell, but it is not printed."""
        with self._guarded():
            if self._capture is not None and self._lines is not None and lines:
                self._capture.flush()
                self._lines.flush()  # the cell has ended, and its open lines with it
                self._lines.note(Stream.STDERR, "\n".join(lines).split("\n"), cell)

    def end(self, run: "Run", error: BaseException | None) -> None:
        """Have what was printed until now in the log, and what ended the block of a run.

        Whether that exception is ever shown is seen when the run is closed already.
        """
        with self._guarded():
            self._flush(run)
            is_told = error is None or isinstance(error, SystemExit)
            if not is_told and run.settings.console != "off" and self._capture is not None:
                now_us = self._clock.now_us()
                for line in "".join(traceback.format_exception(error)).rstrip("\n").split("\n"):
                    run.emit(ConsoleText(now_us, Stream.STDERR, line))
            if run.uid in self._loggers:
                self._loggers.pop(run.uid).stop()

    def stop(self) -> None:
        """Listen no more."""
        capture, self._capture = self._capture, None
        with self._guarded():
            if capture is not None:
                capture.stop()
        self._forget_runs()

    def abandon(self) -> None:
        """In a forked child: listen no more; the parent goes on."""
        for loggers in self._loggers.values():
            loggers.stop()
        self._loggers.clear()
        self._forget_runs()
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.abandon()

    def _forget_runs(self) -> None:
        self._known = ()
        self._assemblers = {}

    def _flush(self, run: "Run") -> None:
        """Have what was printed until now in the log of a run, which ends."""
        if self._capture is not None:
            self._capture.flush()
        assembler = self._assemblers.get(run.uid)
        if assembler is not None:
            assembler.flush()

    def _adapt(self, runs: "Sequence[Run]") -> None:
        """Listen for these runs from now on."""
        for run in runs:
            if run.uid not in self._loggers and run.settings.capture_loggers:
                self._listen_to_loggers(run)
        self._known = runs
        hearers = (run for run in runs if run.settings.console != "off")
        self._assemblers = {run.uid: self._assembler_of(run) for run in hearers}
        if self._lines is not None:
            self._lines.assemblers = tuple(self._assemblers.values())

    def _assembler_of(self, run: "Run") -> "LineAssembler":
        """Return what makes the lines of a run's log; each log has limits of its own."""
        from nbtrack.capture import LineAssembler

        return self._assemblers.get(run.uid) or LineAssembler(run.emit, self._clock)

    def _begin(self, *, in_kernel: bool) -> None:
        from nbtrack.capture import SharedLines

        lines = SharedLines(self._assemblers.values())
        capture = self._way(lines, in_kernel=in_kernel)
        if capture is not None:
            self._lines, self._capture = lines, capture
            capture.start()
        if not in_kernel and any(run.settings.console == "redirect" for run in self._known):
            self._on_trouble(
                "console redirect",
                "console='redirect' is taken as 'wrap' outside of a kernel: what Python code "
                "prints is in the run's log, what C code and subprocesses print is not.",
            )

    def _listen_to_loggers(self, run: "Run") -> None:
        from nbtrack.capture import LineAssembler, LoggerCapture, levels_of, unheard

        levels = levels_of(run.settings.capture_loggers)
        self._loggers[run.uid] = LoggerCapture(
            levels,
            LineAssembler(run.emit, self._clock),
            hears=lambda stream: self._hears(run, stream),
            on_trouble=self._on_trouble,
        )
        self._loggers[run.uid].start()
        for text in unheard(levels):
            self._on_trouble(f"logger {text}", text)

    def _hears(self, run: "Run", stream: object) -> bool:
        is_on = run.settings.console != "off"
        return is_on and self._capture is not None and self._capture.hears(stream)

    def _way(self, lines: "SharedLines", *, in_kernel: bool) -> Capture | None:
        from nbtrack.capture import OutStreamCapture, StreamTee, hooked_streams

        if not in_kernel:
            return StreamTee(lines, self._on_trouble)
        streams = hooked_streams()
        return OutStreamCapture(lines, streams) if streams else None

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Do work of ours: what goes wrong in it is told, and never reaches the user's code."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a log must not end a training
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        kind = type(error).__name__
        text = f"what is printed may be missing in the run's log: {kind}: {error}."
        self._on_trouble(f"console {kind}", text)
