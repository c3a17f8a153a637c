"""How a comparison is looked at first: what a panel opens with, and what a picture shows."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

from nbtrack.errors import UsageError
from nbtrack.query.comparing.grouping import Grouping
from nbtrack.query.comparing.intervals import BandKind, checked_band
from nbtrack.store import RunFacts

AXES = ("step", "time")
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Outlook:
    """How runs are looked at first.

    Attributes:
        keys: Metrics that are shown; none for all.
        x: `step`, `time` (seconds since each run's start) or the name of a metric.
        group_by: Fields that make groups; none for no groups.
        band: What is drawn around the mean of a group.
    """

    keys: tuple[str, ...] = ()
    x: str = "step"
    group_by: tuple[str, ...] = ()
    band: BandKind = "std"

    @classmethod
    def of(cls, keys: object, x: object, group_by: object, band: object) -> Self:
        """Return an outlook as people write it.

        Args:
            keys: A name or a list of them; None for all.
            x: `step`, `time`, their other names `_step` and `_runtime`, or a metric.
            group_by: A field or a list of them; None for none.
            band: `std`, `stderr`, `t95` or `minmax`.

        Raises:
            UsageError: If one of them is of the wrong kind.
        """
        if not isinstance(x, str) or not x:
            raise UsageError(f"x is 'step', 'time' or the name of a metric, not {x!r}.")
        below = {"_step": "step", "_runtime": "time"}.get(x, x)
        return cls(_texts("keys", keys), below, _texts("group_by", group_by), checked_band(band))

    def check(self, runs: Sequence[RunFacts], keys: Callable[[], Collection[str]]) -> None:
        """Refuse what none of the runs has.

        Args:
            runs: That are compared.
            keys: Gives their metrics.

        Raises:
            UsageError: If there is no such metric, or nothing to group by.
        """
        Grouping.parse(list(self.group_by) or None, runs)
        named = [*self.keys, *([] if self.x in AXES else [self.x])]
        known = list(keys()) if named else []
        for name in named:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                hint = f" Did you mean {close[0]!r}?" if close else ""
                there = ", ".join(map(repr, known[:_SHOWN])) or "none so far"
                more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
                raise UsageError(
                    f"none of the {len(runs)} runs has the metric {name!r}.{hint} "
                    f"There are {there}{more}."
                )


def _texts(what: str, given: object) -> tuple[str, ...]:
    items = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(items, list | tuple) or not all(isinstance(one, str) for one in items):
        raise UsageError(f"{what} is a name or a list of names, not {given!r}.")
    return tuple(dict.fromkeys(items))
