"""Series from two places at once: the database's part and the tail's, reduced as one."""

from collections.abc import Mapping, Sequence

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
from nbtrack.store.shapes import RowStream
from nbtrack.store.stored import StoredRun, Wanted


class Selection:
    """A range of some series of a run."""

    def __init__(
        self,
        stored: StoredRun | None,
        tail: Mapping[str, Points],
        stream: RowStream,
        bounds: tuple[int, int],
    ) -> None:
        """Keep where the series are.

        Args:
            stored: The database's part.
            tail: The tail's part.
            stream: What to read.
            bounds: The least and the greatest `x` to be read.
        """
        self._stored = stored
        self._tail = tail
        self._stream = stream
        self._bounds = bounds
        named = stored.named(stream) if stored else {}
        self._ids = {name: ids for name, ids in named.items() if ids}

    def read(self, names: Sequence[str], most: int) -> dict[str, tuple[Points, int]]:
        """Return at most `most` points of each series, and how many it has unreduced."""
        tail = {name: self._tail.get(name, NO_POINTS).between(*self._bounds) for name in names}
        stored = self._stored_extents([name for name in names if name in self._ids])
        total = {name: stored.get(name, Extent()).joined(extent_of(tail[name])) for name in names}
        found = {
            **self._whole([name for name in stored if total[name].count <= most]),
            **self._reduced(
                stored, {name: one for name, one in total.items() if one.count > most}, most
            ),
        }
        return {
            name: (
                reduced(joined(found.get(name, NO_POINTS), tail[name]), total[name], most),
                total[name].count,
            )
            for name in names
        }

    def _stored_extents(self, names: Sequence[str]) -> dict[str, Extent]:
        if not self._stored or not names:
            return {}
        if self._bounds == EVERYWHERE:
            return {name: self._stored.extent(self._stream, self._ids[name]) for name in names}
        return self._stored.extents(self._stream, self._wanted(names))

    def _whole(self, names: Sequence[str]) -> dict[str, Points]:
        if not self._stored or not names:
            return {}
        return self._stored.points(self._stream, self._wanted(names))

    def _reduced(
        self, stored: Mapping[str, Extent], total: Mapping[str, Extent], most: int
    ) -> dict[str, Points]:
        names = [name for name in total if name in stored]
        if not self._stored or not names:
            return {}
        wanted = {
            name: Wanted(self._ids[name], *self._bounds, total[name].low, total[name].scale(most))
            for name in names
        }
        ends = {
            (name, at): Wanted(self._ids[name], at, at)
            for name in names
            for at in (stored[name].low, stored[name].high)
        }
        not_finite = {name for name in names if stored[name].not_finite}
        inner = self._stored.reduced(self._stream, wanted, not_finite)
        outer = self._stored.points(self._stream, ends)
        return {
            name: without_doubles(
                inner[name], outer[name, stored[name].low], outer[name, stored[name].high]
            )
            for name in names
        }

    def _wanted(self, names: Sequence[str]) -> dict[str, Wanted]:
        return {name: Wanted(self._ids[name], *self._bounds) for name in names}
