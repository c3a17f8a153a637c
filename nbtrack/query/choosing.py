"""Which runs are wanted and in what order: a search, filters, and what their fields may be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from nbtrack.query.comparing.grouping import Grouping
from nbtrack.query.fields import Field
from nbtrack.query.filters import All, Condition, parse_filters
from nbtrack.query.ordering import Age, Order, Place, Rank, age
from nbtrack.query.searching import Meaning, Search
from nbtrack.store import RunFacts

T = TypeVar("T")
GroupOrder: TypeAlias = Literal["newest", "name", "count", "best"]
"""What puts groups in order: their newest run, their name, how many runs they have (the most
first), or the run that is first in them (with `-summary.acc`, the best one)."""


class Placed(NamedTuple):
    """What puts a run in its place.

    Attributes:
        place: By the first order.
        age: Of the run.
        further: By those that decide among equals.
    """

    place: Place | None
    age: Age
    further: tuple[Rank | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Among:
    """A field must hold one of some texts; "" stands for a run that has none.

    Attributes:
        field: Of the run.
        texts: One is enough.
        otherwise: What is enough, too; None for nothing.
    """

    field: Field
    texts: frozenset[str]
    otherwise: "Among | None" = None

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        return [self._meets(facts) for facts in runs]

    def _meets(self, facts: RunFacts) -> bool:
        if self.otherwise is not None and self.otherwise._meets(facts):  # noqa: SLF001 - of the same class
            return True
        values = [one for one in self.field.read(facts) if isinstance(one, str)]
        return not self.texts.isdisjoint(values) if values else "" in self.texts


@dataclass(frozen=True, slots=True)
class Choice:
    """Runs that are wanted, in an order.

    Attributes:
        meaning: How the search was understood.
        condition: What the runs must meet.
        order: The order within a group.
        then_by: What decides among equals, before their age does.
        grouping: What puts runs into groups; without fields they are one group.
        groups: The order of the groups.
    """

    meaning: Meaning = "all"
    condition: Condition = field(default_factory=lambda: All(()))
    order: Order = field(default_factory=lambda: Order.parse("-created_at"))
    then_by: tuple[Order, ...] = ()
    grouping: Grouping = field(default_factory=Grouping)
    groups: GroupOrder = "newest"

    @classmethod
    def parse(
        cls,
        *,
        search: str = "",
        where: Sequence[str] = (),
        only: Mapping[str, Sequence[str]] | None = None,
        order: str | Sequence[str] = "-created_at",
        group_by: Sequence[str] = (),
    ) -> "Choice":
        """Return what is wanted.

        Args:
            search: Part of a name, a regular expression or a filter (see `searching`).
            where: Filters as people type them; a run must meet all of them.
            only: By field: the texts of which its value must be one. Of `notebook` and
                `kernel` one is enough: a kernel goes on when its notebook is renamed.
            order: A field with + or - before it, or several: the next ones decide among
                equals.
            group_by: Fields that make groups.

        Raises:
            UsageError: If one of them cannot be understood; it says where and what to type.

        Examples:
            >>> Choice.parse(search="otter", only={"state": ["running"]}).meaning
            'names'
        """
        found = Search.parse(search)
        first, *then_by = map(Order.parse, [order] if isinstance(order, str) else order)
        chips = _chips(only or {})
        return cls(
            meaning=found.meaning,
            condition=All((*chips, *map(parse_filters, where), found.condition)),
            order=first,
            then_by=tuple(then_by),
            grouping=Grouping(tuple(group_by), tuple(map(Field.parse, group_by))),
        )

    def placed(self, facts: RunFacts) -> Placed:
        """Return what puts a run in its place."""
        further = tuple(order.rank(facts) for order in self.then_by)
        return Placed(self.order.place(facts), age(facts), further)

    def arranged(self, placed: Iterable[tuple[T, Placed]]) -> list[T]:
        """Return things in order, of each of which it is known what puts it in its place."""
        if not self.then_by:
            return self.order.arranged((thing, one.place, one.age) for thing, one in placed)
        found = sorted(placed, key=lambda one: one[1].age, reverse=self.order.is_descending)
        for at, order in reversed(tuple(enumerate(self.then_by))):
            found = order.stably(found, partial(_further, at))
        return [thing for thing, _ in self.order.stably(found, _first)]

    def group_of(self, facts: RunFacts) -> str:
        """Return the name of a run's group, "" where there are none."""
        return self.grouping.label(facts) if self.grouping.fields else ""

    @property
    def is_by_age(self) -> bool:
        """Whether runs come in the order of their age and of nothing else."""
        return self.order.field.name in ("created_at", "createdAt") and not self.then_by

    @property
    def way(self) -> tuple[object, ...]:
        """What decides the order and the groups; equal where these are the same."""
        orders = [(one.field.name, one.is_descending) for one in (self.order, *self.then_by)]
        return (self.grouping.names, *orders)


def _chips(only: Mapping[str, Sequence[str]]) -> list[Among]:
    chips = {name: Among(Field.parse(name), frozenset(texts)) for name, texts in only.items()}
    if "notebook" in chips and "kernel" in chips:
        chips["notebook"] = replace(chips["notebook"], otherwise=chips.pop("kernel"))
    return list(chips.values())


def _further(at: int, one: tuple[object, Placed]) -> Rank | None:
    return one[1].further[at]


def _first(one: tuple[object, Placed]) -> Rank | None:
    place = one[1].place
    return None if place is None else place[:2]
