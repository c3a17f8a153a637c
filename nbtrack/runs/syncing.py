"""Making one journal durable now and then, on a thread of its own.

A disk may take seconds to say that it has something. Neither the thread that logs nor the
recorder, which writes for all runs, waits for that.
"""

from collections.abc import Callable
from threading import Event, Thread, current_thread

PERIOD_S = 1.0
LAST_WAIT_S = 10.0


class Syncer:
    """Calls `sync` once a second, and a last time when it is closed."""

    def __init__(self, sync: Callable[[], None]) -> None:
        """Begin without a thread.

        Args:
            sync: Does it; must not raise. It decides whether there is something to do.
        """
        self._sync = sync
        self._ended = Event()
        self._thread = Thread(target=self._work, name="nbtrack-syncer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self, wait_s: float = LAST_WAIT_S) -> bool:
        """Let it be done a last time; return whether it was, in so many seconds."""
        self._ended.set()
        if self._thread.ident is None:  # it never began
            self._sync()
            return True
        if self._thread is not current_thread():
            self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._ended.wait(PERIOD_S):
            self._sync()
        self._sync()
