"""The order of runs: by one field, up or down, what has no value last."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from nbtrack.errors import UsageError
from nbtrack.query.fields import Field
from nbtrack.store import RunFacts


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

    def sorted(self, runs: Sequence[RunFacts]) -> list[RunFacts]:
        """Return runs in order; those without a value, or with NaN, come last either way.

        Args:
            runs: Newest first. Among equals, the oldest comes first, or, where the order is
                descending, the newest.
        """
        ranked = [(_rank(self.field.read(facts)), facts) for facts in runs]
        if not self.is_descending:
            ranked.reverse()
        there = [one for one in ranked if one[0] is not None]
        there.sort(key=_by_rank, reverse=self.is_descending)
        return [facts for _, facts in there] + [facts for rank, facts in ranked if rank is None]


def _by_rank(one: tuple[Any, RunFacts]) -> Any:  # noqa: ANN401 - ranks compare
    return one[0]


def _rank(values: Sequence[Any]) -> tuple[int, Any] | None:
    """Return what a value is compared by: numbers before texts before everything else."""
    value = values[0] if values else None
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return 2, json.dumps(value, sort_keys=True, default=str)
