"""Time, behind one seam: tests pass a clock of their own.

Wall time is kept in whole microseconds since the epoch (UTC), because that is what
the store keeps: a number that goes in comes back bit for bit. Durations are measured
on the monotonic clock, which neither a time server nor a user can turn back.
"""

import time
from typing import Protocol

MICROSECONDS = 1_000_000
"""Microseconds in a second."""


class Clock(Protocol):
    """Where the time comes from."""

    def now_us(self) -> int:
        """Return the wall time, microseconds since 1970-01-01 UTC."""
        ...

    def elapsed_s(self) -> float:
        """Return seconds on a clock that only moves forward; its zero means nothing."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now_us(self) -> int:
        """Return the wall time, microseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000

    def elapsed_s(self) -> float:
        """Return seconds on the monotonic clock."""
        return time.monotonic()
