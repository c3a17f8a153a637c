"""Does one thing after the other that may take long, beside the thread that asks for it.

The pump must not wait for the store: while somebody searches a million lines, all panels
go on. There is a thread only while there is work, so that an idle kernel has none.
"""

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

Work: TypeAlias = Callable[[], None]

MOST_WAITING = 64
"""Pieces of work that may wait; a page that asks for more is told so."""


class Clerk:
    """A thread that comes with work and goes with it."""

    def __init__(self) -> None:
        """Begin without work and without a thread."""
        self._waiting: deque[Work] = deque()
        self._lock = threading.Lock()
        self._works = False
        self._pid = os.getpid()

    def take(self, work: Work) -> bool:
        """Do a piece of work soon; False if too much waits already.

        Args:
            work: It must not raise.
        """
        with self._lock:
            if len(self._waiting) >= MOST_WAITING or os.getpid() != self._pid:
                return False
            self._waiting.append(work)
            if not self._works:
                self._works = True
                threading.Thread(target=self._run, name="nbtrack-clerk", daemon=True).start()
        return True

    def _run(self) -> None:
        while work := self._next():
            work()

    def _next(self) -> Work | None:
        with self._lock:
            self._works = bool(self._waiting)
            return self._waiting.popleft() if self._works else None
