"""Which views are looked at: those that were heard of a short while ago."""

from nbtrack.clock import Clock

_MOST_VIEWS = 64  # of one run on one page; the one longest unheard of makes room


class Leases:
    """Those of one run, or of one comparison, on one page."""

    def __init__(self, clock: Clock, *, lease_s: float) -> None:
        """Begin without any.

        Args:
            clock: Says what time it is.
            lease_s: A view that has not been heard of for so long is not counted, seconds.
        """
        self._clock = clock
        self._lease_s = lease_s
        self._heard_s: dict[str, float] = {}

    def renew(self, view: str) -> None:
        """Note that a view is looked at."""
        self._heard_s.pop(view, None)
        self._heard_s[view] = self._clock.elapsed_s()
        if len(self._heard_s) > _MOST_VIEWS:
            del self._heard_s[next(iter(self._heard_s))]

    def release(self, view: str) -> None:
        """Note that a view was closed."""
        self._heard_s.pop(view, None)

    @property
    def count(self) -> int:
        """How many views are looked at."""
        oldest_s = self._clock.elapsed_s() - self._lease_s
        self._heard_s = {view: at for view, at in self._heard_s.items() if at >= oldest_s}
        return len(self._heard_s)
