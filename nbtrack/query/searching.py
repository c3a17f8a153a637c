"""What somebody types to find runs: part of a name, a regular expression, or a filter.

One field takes all three. A text is a filter where one of its words is a field of a run
that is tested: `state = failed`, `config.lr < 0.1 and not tag in [old]`, `summary.acc`.
Anything else, `lr=0.1` too, is looked for in names.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nbtrack.errors import UsageError
from nbtrack.query.expressions import names_a_test
from nbtrack.query.fields import Field
from nbtrack.query.filters import All, Condition, Match, parse_filters
from nbtrack.store import RunFacts

Meaning: TypeAlias = Literal["all", "names", "text", "filter"]
"""How a search was understood: as nothing, a regular expression on names, plain text in
names, or a filter."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was understood.

    Attributes:
        meaning: As what.
        condition: What runs must meet.
    """

    meaning: Meaning
    condition: Condition

    @classmethod
    def parse(cls, text: str) -> "Search":
        """Return what a text means.

        Args:
            text: As it was typed.

        Raises:
            UsageError: If it is a filter that cannot be read; it says where and what to type.

        Examples:
            >>> Search.parse("^brave").meaning, Search.parse("config.lr < 0.1").meaning
            ('names', 'filter')
        """
        text = text.strip()
        if not text:
            return cls("all", All(()))
        if names_a_test(text):
            return cls("filter", parse_filters(text))
        try:
            return cls("names", _named(text))
        except UsageError:
            return cls("text", _named(re.escape(text)))


def _named(pattern: str) -> Condition:
    """Return a test of names, in which upper and lower case are the same.

    Raises:
        UsageError: If the pattern cannot be understood.
    """
    return Match.checked(Field("names", is_time=False, read=_names), f"(?im){pattern}")


def _names(facts: RunFacts) -> tuple[str]:
    """Return what a run is called, a line each, so that all of it is looked at in one go."""
    opened = facts.opened
    return (f"{opened.name}\n{opened.project}\n{opened.id}",)
