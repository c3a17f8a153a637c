"""The order of runs: by one field, up or down, what has no value last."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from nbtrack.errors import UsageError
from nbtrack.query.fields import Field
from nbtrack.store import RunFacts

T = TypeVar("T")
Age: TypeAlias = tuple[int, str]
Rank: TypeAlias = tuple[int, Any]
Place: TypeAlias = tuple[int, Any, int, str]


@dataclass(frozen=True, slots=True)
class Order:
    """How runs are put in order.

    Attributes:
        field: By which.
        is_descending: Whether the greatest comes first.
    """

    field: Field
    is_descending: bool

    @classmethod
    def parse(cls, order: object) -> "Order":
        """Return what an order means.

        Args:
            order: `+created_at` or `created_at` for the least first, `-config.lr` for the
                greatest.

        Raises:
            UsageError: If it is no text, or names no field of a run.
        """
        if not isinstance(order, str) or not order.lstrip("+-"):
            raise UsageError(
                "order is a field with + or - before it, like '+created_at' or "
                f"'-summary_metrics.loss', not {order!r}."
            )
        return cls(Field.parse(order[1:] if order[0] in "+-" else order), order[0] == "-")

    def place(self, facts: RunFacts) -> Place | None:
        """Return what a run is put in order by, or None without a value, or with NaN.

        Among equals the older run has the lesser place.
        """
        rank = _rank(self.field.read(facts))
        return None if rank is None else (*rank, *age(facts))

    def rank(self, facts: RunFacts) -> Rank | None:
        """Return what a run is compared by, or None without a value, or with NaN."""
        return _rank(self.field.read(facts))

    def stably(self, things: Iterable[T], rank: Callable[[T], Rank | None]) -> list[T]:
        """Return things in order; equals stay in theirs, what has no rank comes last."""
        ranked = [(rank(thing), thing) for thing in things]
        there = [one for one in ranked if one[0] is not None]
        there.sort(key=itemgetter(0), reverse=self.is_descending)
        return [thing for _, thing in there] + [thing for key, thing in ranked if key is None]

    def sorted(self, runs: Iterable[RunFacts]) -> list[RunFacts]:
        """Return runs in order; those without a value, or with NaN, come last either way.

        Among equals, the oldest comes first, or, where the order is descending, the newest.
        """
        return self.arranged((facts, self.place(facts), age(facts)) for facts in runs)

    def arranged(self, placed: Iterable[tuple[T, Place | None, Age]]) -> list[T]:
        """Return things in order, of each of which it is known where and how old it is."""
        there, rest = [], []
        for thing, place, old in placed:
            if place is None:
                rest.append((old, thing))
            else:
                there.append((place, thing))
        for part in (there, rest):
            part.sort(key=itemgetter(0), reverse=self.is_descending)
        return [thing for _, thing in (*there, *rest)]


def age(facts: RunFacts) -> Age:
    """Return what tells the older run from the newer one: it has the lesser age."""
    return facts.opened.time_us, facts.opened.uid


def _rank(values: Sequence[Any]) -> Rank | None:
    """Return what a value is compared by: numbers before texts before everything else."""
    value = values[0] if values else None
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return 2, json.dumps(value, sort_keys=True, default=str)
