"""A run's active time: it stands still between cells, while nobody computes."""

from nbtrack.clock import MICROSECONDS, Clock


class Stopwatch:
    """Counts active time from the moment it is made."""

    def __init__(self, clock: Clock, counted_us: int = 0) -> None:
        """Start running, with what was counted before, microseconds."""
        self._clock = clock
        self._counted_us = counted_us
        self._since_s: float | None = clock.elapsed_s()

    def active_us(self) -> int:
        """Return the active time so far, microseconds."""
        since = self._since_s
        if since is None:
            return self._counted_us
        return self._counted_us + round((self._clock.elapsed_s() - since) * MICROSECONDS)

    def pause(self) -> bool:
        """Stand still; return whether it ran before."""
        if self._since_s is None:
            return False
        self._counted_us = self.active_us()
        self._since_s = None
        return True

    def resume(self) -> bool:
        """Go on; return whether it stood still before."""
        if self._since_s is not None:
            return False
        self._since_s = self._clock.elapsed_s()
        return True
