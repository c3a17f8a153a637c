"""What Python code writes to `sys.stdout` and `sys.stderr`, outside of a kernel.

The `write` of the two stream objects is covered by one that also puts the text into a
queue; a thread of ours makes lines of it five times a second. Where stdout is a file or a
pipe, that would cost a third of a `print`: there `blocks` listens, further down. Stream
objects stay the same ones: whoever holds one (a logging handler, a progress bar) is seen,
`redirect_stdout` and pytest's capture put others in their place and hide what they hide.
C code and subprocesses write to file descriptors and are not seen here.

IPython covers `write`, too, anew in every cell, and puts back what was there. So a stream
has several covers in the course of time, of which only the outermost listens.
"""

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from nbtrack.capture.backlog import CROWD, Backlog, Flood
from nbtrack.capture.blocks import BlockTap, writes_blocks
from nbtrack.capture.sharing import Lines
from nbtrack.forks import kept_from_forks
from nbtrack.records import Stream

PERIOD_S = 0.2
PATIENCE_S = 0.4
"""How long a run's end waits for a reader who takes nothing; a kernel has 2.4 s for all."""
NAMES = {Stream.STDOUT: "stdout", Stream.STDERR: "stderr"}

Write = Callable[[str], int]
Taken = str | Flood | bytes | tuple[Stream, str]
"""What goes to stdout comes bare, which is cheaper: most does. Blocks come as bytes."""


class Tap:
    """Listens to what is written to one stream object.

    Args:
        stream: Any object with a `write`.
        put: Takes each text that was written, into `backlog`.
        backlog: Is folded where it grows.
    """

    def __init__(self, stream: Any, put: Callable[[str], object], backlog: Backlog) -> None:  # noqa: ANN401 - any stream
        self.stream = stream
        self._put = put
        self._backlog = backlog
        self._active: Any = None
        self._covers: list[Write] = []

    def hears(self, stream: object) -> bool:
        """Whether what is written to a stream object is seen here."""
        return self.stream is stream

    def fasten(self) -> None:
        """Listen at the outermost place, unless that is so already.

        Raises:
            AttributeError: If the stream lets nobody cover its `write`.
        """
        outermost = self.stream.write
        if outermost is self._active:
            return
        if outermost not in self._covers:
            outermost = self._cover(outermost)
            self.stream.write = outermost
        self._hear(outermost)
        self._covers = [outermost, *self._covers[:1]]

    def loosen(self) -> None:
        """Listen no more, and leave the stream as it was found where that is possible.

        A cover that others have covered meanwhile stays, and passes on.
        """
        self._hear(None)
        for cover in self._covers:
            if vars(self.stream).get("write") is cover:
                covered: Any = cover.__dict__["covered"]
                del self.stream.write
                if self.stream.write != covered:
                    self.stream.write = covered

    def _hear(self, cover: Any) -> None:  # noqa: ANN401 - one of ours, or None
        """Have one of the covers put down what passes, and no other."""
        if self._active is not None:
            self._active.listen(is_on=False)
        if cover is not None:
            cover.listen(is_on=True)
        self._active = cover

    def _cover(self, covered: Write) -> Write:
        texts, fold = self._backlog.texts, self._backlog.fold
        put: Callable[[str], object] = _pass_over

        def write(text: str, /) -> int:
            written = covered(text)
            put(text)
            if len(texts) > CROWD:
                fold()
            return written

        def listen(*, is_on: bool) -> None:
            nonlocal put
            put = self._put if is_on else _pass_over

        write.__dict__.update(covered=covered, listen=listen)
        return write


def _pass_over(_text: str, /) -> None:
    """Put nothing down."""


class StreamTee:
    """Feeds a log, or several, with what Python code prints.

    Args:
        lines: Takes the text.
        on_trouble: Told a cause and a text; whoever it is tells each cause once.
    """

    def __init__(self, lines: Lines, on_trouble: Callable[[str, str], None]) -> None:
        self._lines = lines
        self._on_trouble = on_trouble
        self._taps: list[Tap] = []
        self._blocks: BlockTap | None = None
        self._backlog = Backlog()
        self._draining = threading.RLock()  # a signal may end the run while its own thread drains
        self._ended = threading.Event()

    def start(self) -> None:
        """Listen to what is written from now on."""
        for name, stream in self._present():
            if name is Stream.STDOUT and writes_blocks(stream):
                self._blocks = BlockTap(stream, self._backlog.texts)
                self._blocks.fasten()
            elif not self.hears(stream):  # both names may be of one
                self._tap(name, stream)
        threading.Thread(
            target=self._work, args=(self._ended,), name="nbtrack-console", daemon=True
        ).start()

    def look(self) -> None:
        """Listen on where others have covered or replaced what we listen to."""
        for tap in tuple(self._taps):
            tap.fasten()
        for name, stream in self._present():
            if self._blocks is not None:
                self._blocks.join(stream)
            if not self.hears(stream) and self._is_continued(stream):
                self._tap(name, stream)

    def hears(self, stream: object) -> bool:
        """Whether what is written to a stream object is seen."""
        return any(tap.hears(stream) for tap in self._all())

    def flush(self) -> bool:
        """Have everything written until now reach the log; return whether it did."""
        self._catch_up(PATIENCE_S)
        self._drain()
        return True

    def stop(self) -> None:
        """Listen no more; what was written until now reaches the log."""
        self._ended.set()
        self._catch_up(PATIENCE_S)
        self._loosen()
        self._drain()
        self._lines.flush()

    def abandon(self) -> None:
        """In a forked child: listen no more; the parent does."""
        self._ended.set()
        self._loosen()
        self._backlog.clear()

    def _present(self) -> Iterator[tuple[Stream, Any]]:
        """Yield the streams that are there; without a terminal there may be none."""
        for name, attribute in NAMES.items():
            stream = getattr(sys, attribute, None)
            if stream is not None:
                yield name, stream

    def _tap(self, name: Stream, stream: object) -> None:
        tap = Tap(stream, self._put_for(name), self._backlog)
        try:
            tap.fasten()
        except (AttributeError, TypeError) as error:
            self._on_trouble(
                f"console {name}",
                f"what is printed to sys.{name} is not in the run's log: it is a "
                f"{type(stream).__name__}, whose write() cannot be covered ({error}).",
            )
            return
        self._taps.append(tap)

    def _put_for(self, name: Stream) -> Callable[[str], object]:
        """Return what takes the texts of a stream."""
        texts, blocks = self._backlog.texts, self._blocks
        if name is Stream.STDOUT:
            return texts.append

        def put(text: str) -> None:
            if blocks is not None and text != "\n":
                blocks.catch_up()  # what was printed before comes before it
            texts.append((name, text))

        return put

    def _catch_up(self, patience_s: float = 0.0) -> None:
        if self._blocks is not None:
            self._blocks.catch_up(patience_s)

    def _all(self) -> list[Tap | BlockTap]:
        return [*self._taps] if self._blocks is None else [*self._taps, self._blocks]

    def _is_continued(self, stream: object) -> bool:
        """Whether a stream writes into the same buffer as one of ours, past it.

        That is `sys.stdout = io.TextIOWrapper(sys.stdout.buffer, ...)`; what hides output
        or passes it on to ours is left alone.
        """
        return isinstance(stream, io.TextIOWrapper) and any(
            getattr(tap.stream, "buffer", None) is stream.buffer for tap in self._taps
        )

    def _loosen(self) -> None:
        for tap in self._all():
            with contextlib.suppress(Exception):  # whatever others made of the stream
                tap.loosen()
        self._taps = []

    def _work(self, ended: threading.Event) -> None:
        while not ended.wait(PERIOD_S):
            try:
                self.look()
                with kept_from_forks():  # a child would inherit the lock of the buffer
                    self._catch_up()
                self._drain()
                self._lines.settle()
            except Exception as error:  # noqa: BLE001 - the edge of our thread
                kind = type(error).__name__
                self._on_trouble(f"console {kind}", f"the console met {kind}: {error}. It goes on.")

    def _drain(self) -> None:
        with self._draining:
            for taken in self._backlog.take():
                for stream, text in self._joined(taken):
                    self._lines.feed(stream, text)

    def _joined(self, taken: Sequence[Taken]) -> Iterator[tuple[Stream, str]]:
        """Yield what was written, put together as far as it went to one stream."""
        groups: Iterable[tuple[type, Iterator[Any]]] = groupby(taken, key=type)
        for kind, group in groups:  # at the speed of C
            if kind is str:
                yield Stream.STDOUT, "".join(group)
            elif kind is Flood:
                for flood in group:
                    self._lines.skip(Stream.STDOUT, flood.lines)
                    yield Stream.STDOUT, flood.rest
            elif kind is bytes and self._blocks is not None:
                yield Stream.STDOUT, self._blocks.text_of(b"".join(group))
            elif kind is tuple:
                for stream, pairs in groupby(group, key=itemgetter(0)):
                    yield stream, "".join(str(text) for _, text in pairs)
            else:  # a stream of somebody's own may take what is no text
                yield Stream.STDOUT, "".join(map(str, group))
