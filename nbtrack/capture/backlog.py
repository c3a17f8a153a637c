"""What was written and waits to become lines, in the order in which it was written.

Small texts are folded into one as soon as there are many, and what no log would take is
counted at once: what a loop prints in a fifth of a second would take megabytes of new
memory otherwise, and new memory is what a flood of lines costs most.
"""

import contextlib
from typing import Any, NamedTuple

from nbtrack.capture.lines import BURST_LINES

CROWD = 1_000
"""So many texts are folded: 500 lines that were printed."""


class Flood(NamedTuple):
    """Lines that came after all that a log takes at once, and the text after their last."""

    lines: int
    rest: str


class Backlog:
    """A queue that any thread, and a signal's handler, may write to at any time.

    CPython looks for signals and other threads after calls and between rounds of a loop, so
    what moves texts from one list to another does it without either.
    """

    def __init__(self) -> None:
        self.texts: list[Any] = []
        """Takes what is written, at its end: texts, or anything else."""
        self._folds: list[list[Any]] = []
        self._lines = 0

    def fold(self) -> None:
        """Put the texts into the form in which they need least memory."""
        texts, folds = self.texts, self._folds
        fold: list[Any] = []
        fold[:], texts[:] = texts[:], ()
        folds += (fold,)
        with contextlib.suppress(TypeError):  # not all of it is text
            fold[:] = (self._shortened("".join(fold)),)

    def take(self) -> list[tuple[Any, ...]]:
        """Return what has come, and forget it."""
        texts, folds = self.texts, self._folds
        taken, folds[:], late, texts[:] = folds[:], (), texts[:], ()
        self._lines = 0
        # One may still be folded by the thread that wrote it: only its copy stands still.
        return [*map(tuple, taken), tuple(late)]

    def clear(self) -> None:
        """Forget what has come."""
        self.take()

    def _shortened(self, text: str) -> str | Flood:
        """Return a text, or what to know of it where the lines before it are enough."""
        before, lines = self._lines, text.count("\n")
        self._lines = before + lines
        if before < BURST_LINES or not lines:
            return text
        return Flood(lines, text[text.rindex("\n") + 1 :])
