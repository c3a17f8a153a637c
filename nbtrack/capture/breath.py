"""Work in the background that lets the user's code in between.

CPython gives its lock to a thread that waits only every 5 ms, and a system call that ends
at once hardly ever loses it. A thread that sleeps a moment after a fraction of a
millisecond is not felt by a loop that computes.
"""

import time

HELD_S = 0.0003
REST_S = 0.00005


class Breath:
    """Says when it is time to rest. Used by one thread."""

    def __init__(self) -> None:
        """Begin now."""
        self._since_s = time.perf_counter()

    def begin(self) -> None:
        """Count from here: the thread has just waited."""
        self._since_s = time.perf_counter()

    def take(self) -> None:
        """Rest a moment, if the last rest is long ago."""
        if time.perf_counter() - self._since_s >= HELD_S:
            time.sleep(REST_S)
            self._since_s = time.perf_counter()
