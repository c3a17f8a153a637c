"""Ends a question that takes too long.

DuckDB 2.0 can limit the time of a query by itself, older ones cannot. An interrupt from
another thread does it in all of them, and holds for all queries of a question together.
"""

import threading
from collections.abc import Callable
from typing import Self

AGAIN_S = 0.05  # an interrupt between two queries is forgotten, so it is sent again


class Watchdog:
    """Interrupts again and again from a time on, until it is left.

    Attributes:
        has_bitten: Whether it has interrupted.
    """

    def __init__(self, limit_s: float, interrupt: Callable[[], object]) -> None:
        """Keep what to do, and after how many seconds."""
        self._limit_s = limit_s
        self._interrupt = interrupt
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._is_left = False
        self.has_bitten = False

    def __enter__(self) -> Self:
        """Begin to count."""
        self._wait(self._limit_s)
        return self

    def __exit__(self, *_: object) -> None:
        """Let go; no interrupt comes after this."""
        with self._lock:
            self._is_left = True
            self._interrupt = _nothing  # its thread may end later than the connection
            if self._timer is not None:
                self._timer.cancel()

    def bite(self) -> None:
        """Interrupt, now and again and again, unless it was left."""
        with self._lock:
            if not self._is_left:
                self.has_bitten = True
                self._interrupt()
                self._wait(AGAIN_S)

    def _wait(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self.bite)
        self._timer.daemon = True
        self._timer.start()


def _nothing() -> None:
    """Interrupt nobody."""
