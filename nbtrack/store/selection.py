"""Series from two places at once: the database's part and the tail's, reduced as one."""

from collections.abc import Mapping, Sequence

from nbtrack.errors import LimitError
from nbtrack.store.reduction import (
    EVERYWHERE,
    NO_POINTS,
    Extent,
    Points,
    extent_of,
    joined,
    reduced,
    without_doubles,
)
from nbtrack.store.stored import Cut, Reach, StoredRun, Stretch

MOST_POINTS = 1 << 25  # 0.8 GB as arrays


class Selection:
    """A range of some series of a run."""

    def __init__(
        self,
        stored: StoredRun | None,
        tail: Mapping[str, Points],
        stretch: Stretch,
    ) -> None:
        """Keep where the series are.

        Args:
            stored: The database's part.
            tail: The tail's part.
            stretch: What to read.
        """
        self._stored = stored
        self._tail = tail
        self._stretch = stretch
        named = stored.named(stretch.stream) if stored else {}
        self._ids = {name: ids for name, ids in named.items() if ids}

    def read(self, names: Sequence[str], most: int) -> dict[str, tuple[Points, int]]:
        """Return at most `most` points of each series, and how many it has unreduced.

        Raises:
            LimitError: If so many points are wanted that they would not fit into memory.
        """
        _, bounds, along = self._stretch
        tail = {name: self._tail.get(name, NO_POINTS).between(*bounds, along) for name in names}
        stored = self._reaches([name for name in names if name in self._ids])
        total = {
            name: stored.get(name, Reach()).extent.joined(extent_of(tail[name], along))
            for name in names
        }
        found = {
            **self._whole({name: one for name, one in total.items() if one.count <= most}, stored),
            **self._reduced(
                stored, {name: one for name, one in total.items() if one.count > most}, most
            ),
        }
        return {
            name: (
                reduced(joined(found.get(name, NO_POINTS), tail[name]), total[name], most, along),
                total[name].count,
            )
            for name in names
        }

    def _reaches(self, names: Sequence[str]) -> dict[str, Reach]:
        if not self._stored or not names:
            return {}
        if self._stretch.bounds == EVERYWHERE:
            return {name: self._stored.reach(self._stretch, self._ids[name]) for name in names}
        wanted = {name: self._ids[name] for name in names}
        return self._stored.reaches(self._stretch, wanted)

    def _whole(self, total: Mapping[str, Extent], stored: Mapping[str, Reach]) -> dict[str, Points]:
        wanted = {name: self._ids[name] for name in total if name in stored}
        if not self._stored or not wanted:
            return {}
        expect_few(sum(stored[name].extent.count for name in wanted))
        return self._stored.points(self._stretch, wanted)

    def _reduced(
        self, stored: Mapping[str, Reach], total: Mapping[str, Extent], most: int
    ) -> dict[str, Points]:
        names = [name for name in total if name in stored]
        if not self._stored or not names:
            return {}
        wanted = {
            name: Cut(self._ids[name], total[name].low, total[name].scale(most)) for name in names
        }
        not_finite = {name for name in names if stored[name].extent.not_finite}
        inner = self._stored.reduced(self._stretch, wanted, not_finite)
        return {name: without_doubles(inner[name], stored[name].ends) for name in names}


def expect_few(points: int) -> None:
    """Refuse to read more points than fit into memory.

    Raises:
        LimitError: If there are.
    """
    if points > MOST_POINTS:
        raise LimitError(
            f"{points:,} points do not fit into memory; {MOST_POINTS:,} are read at once. Name "
            "fewer keys, or read the rows in parts: scan_history(keys=[…], min_step=…, max_step=…)."
        )
