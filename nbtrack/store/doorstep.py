"""Whether somebody may have put something into a run's folder since one looked last.

A folder's time of change tells it of all that can be asked of a run at once. That saves
more than calls of the system: after each of them a thread waits for the interpreter, up to
5 ms where a cell computes, and takes it away from the cell.
"""

import os
import time
from pathlib import Path

SETTLES_S = 3.0
"""So long after a change one looks in any case: file systems count in steps, of 2 s at most."""


class Doorstep:
    """The folder of a run, as its writer passes it."""

    def __init__(self, folder: Path) -> None:
        """Begin with everything to look at.

        Args:
            folder: Of the run.
        """
        self._folder = folder
        self._changed_ns = -1
        self._looks_until_s = 0.0

    def has_news(self) -> bool:
        """Tell whether to look, which costs a `stat`. Where that cannot be told: look."""
        now_s = time.monotonic()
        try:
            changed_ns = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - ten times a second
        except OSError:
            return True
        if changed_ns != self._changed_ns:
            self._changed_ns = changed_ns
            self._looks_until_s = now_s + SETTLES_S
        return now_s < self._looks_until_s

    def expect_more(self) -> None:
        """Have it looked at for a while: what comes may lie deeper."""
        self._looks_until_s = time.monotonic() + SETTLES_S
