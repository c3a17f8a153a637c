"""Which runs are wanted and in what order: a search, filters, and what their fields may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nbtrack.query.comparing.grouping import Grouping
from nbtrack.query.fields import Field
from nbtrack.query.filters import All, Condition, parse_filters
from nbtrack.query.ordering import Age, Order, Place, age
from nbtrack.query.searching import Meaning, Search
from nbtrack.store import RunFacts

Placed: TypeAlias = tuple[Place | None, Age]


@dataclass(frozen=True, slots=True)
class Among:
    """A field must hold one of some texts; "" stands for a run that has none.

    Attributes:
        field: Of the run.
        texts: One is enough.
    """

    field: Field
    texts: frozenset[str]

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        return [self._meets(facts) for facts in runs]

    def _meets(self, facts: RunFacts) -> bool:
        values = [one for one in self.field.read(facts) if isinstance(one, str)]
        return not self.texts.isdisjoint(values) if values else "" in self.texts


@dataclass(frozen=True, slots=True)
class Choice:
    """Runs that are wanted, in an order.

    Attributes:
        meaning: How the search was understood.
        condition: What the runs must meet.
        order: The order within a group.
        grouping: What puts runs into groups; without fields they are one group.
    """

    meaning: Meaning = "all"
    condition: Condition = field(default_factory=lambda: All(()))
    order: Order = field(default_factory=lambda: Order.parse("-created_at"))
    grouping: Grouping = field(default_factory=Grouping)

    @classmethod
    def parse(
        cls,
        *,
        search: str = "",
        where: Sequence[str] = (),
        only: Mapping[str, Sequence[str]] | None = None,
        order: str = "-created_at",
        group_by: Sequence[str] = (),
    ) -> "Choice":
        """Return what is wanted.

        Args:
            search: Part of a name, a regular expression or a filter (see `searching`).
            where: Filters as people type them; a run must meet all of them.
            only: By field: the texts of which its value must be one.
            order: A field with + or - before it.
            group_by: Fields that make groups.

        Raises:
            UsageError: If one of them cannot be understood; it says where and what to type.

        Examples:
            >>> Choice.parse(search="otter", only={"state": ["running"]}).meaning
            'names'
        """
        found = Search.parse(search)
        chips = (Among(Field.parse(name), frozenset(texts)) for name, texts in (only or {}).items())
        return cls(
            meaning=found.meaning,
            condition=All((*chips, *map(parse_filters, where), found.condition)),
            order=Order.parse(order),
            grouping=Grouping(tuple(group_by), tuple(map(Field.parse, group_by))),
        )

    def placed(self, facts: RunFacts) -> Placed:
        """Return what puts a run in its place: its value and its age."""
        return self.order.place(facts), age(facts)

    def group_of(self, facts: RunFacts) -> str:
        """Return the name of a run's group, "" where there are none."""
        return self.grouping.label(facts) if self.grouping.fields else ""
