"""The few values that stand for a run in a list, kept while its rows go by."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.store.entries import FloatArray

SHOWN = 40
KEPT = 2 * (SHOWN - 1)
_BOOKKEEPING = frozenset(
    {"epoch", "step", "global_step", "iteration", "iter", "batch", "lr", "learning_rate", "time"}
)


@dataclass(frozen=True, slots=True)
class Spark:
    """Every `stride`-th value of one metric, and its last.

    Attributes:
        name: Of the metric, "" before there is one.
        seen: How many values there were.
        stride: A power of two.
        values: At most `KEPT`.
        last: The last value.
    """

    name: str = ""
    seen: int = 0
    stride: int = 1
    values: tuple[float, ...] = ()
    last: float = 0.0

    def chosen(self, names: tuple[str, ...]) -> "Spark":
        """Return the spark of the metric to show, now that rows with these come.

        A metric that is better than all before it has not been seen before, so that
        its values are complete from here on.
        """
        best = _best(names)
        return Spark(best) if best and _rank(best) < _rank(self.name) else self

    def fed(self, values: "FloatArray") -> "Spark":
        """Return it after more values, shape `(n,)`, n > 0."""
        kept = (*self.values, *values[-self.seen % self.stride :: self.stride].tolist())
        stride = self.stride
        while len(kept) > KEPT:
            kept, stride = kept[::2], 2 * stride
        seen = self.seen + len(values)
        return replace(self, seen=seen, stride=stride, values=kept, last=float(values[-1]))

    def shown(self) -> tuple[float, ...]:
        """Return at most `SHOWN` values, evenly spaced, the last one included."""
        if not self.values:
            return ()
        every = 1 if len(self.values) < SHOWN else 2
        ends_with_last = (self.seen - 1) % (self.stride * every) == 0
        values = self.values[::every]
        return values if ends_with_last else (*values, self.last)


@lru_cache(maxsize=4096)
def _best(names: tuple[str, ...]) -> str:
    return min(names, key=_rank, default="")


@lru_cache(maxsize=4096)
def _rank(name: str) -> int:
    """Return 0 for a loss, 2 for what only counts along, 3 for nothing, else 1."""
    if not name:
        return 3
    if "loss" in name.lower():
        return 0
    return 2 if name.lower().rpartition("/")[2] in _BOOKKEEPING else 1
