"""Active time: between the cells of a notebook a run's time stands still.

Nothing of it is stored per row. The journal says when the clock was turned and, with
every heartbeat, how much active time there was; a reader computes the rest.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from nbtrack.clock import MICROSECONDS

DRIFT_US = 10_000  # a wall clock that was set anew; less is not worth a segment of its own


class Segment(NamedTuple):
    """A stretch of time in which active time runs, or stands still.

    Attributes:
        time_us: When it begins.
        active_us: Active time until then.
        running: Whether active time runs in it.
    """

    time_us: int
    active_us: int
    running: bool

    def active_at(self, time_us: int) -> int:
        """Return the active time at a time in this stretch, microseconds."""
        passed = max(0, time_us - self.time_us) if self.running else 0
        return self.active_us + passed

    def beaten(self, time_us: int, active_us: int) -> "Segment | None":
        """Return the stretch that a heartbeat begins, None where it says nothing new."""
        if abs(self.active_at(time_us) - active_us) <= DRIFT_US:
            return None
        return Segment(time_us, active_us, self.running)


def runtimes_s(segments: Sequence[Segment], times_us: Sequence[int]) -> list[float]:
    """Return the active seconds at each time.

    Args:
        segments: In order of time; with none, no time was active.
        times_us: Microseconds since the epoch, in any order.
    """
    if not segments:
        return [0.0] * len(times_us)
    starts = [segment.time_us for segment in segments]
    found = (segments[max(0, bisect_right(starts, at) - 1)].active_at(at) for at in times_us)
    return [active_us / MICROSECONDS for active_us in found]
