"""Runs in groups: those that agree in some fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

from nbtrack.errors import UsageError
from nbtrack.query.comparing.differing import leaves, plain_text
from nbtrack.query.fields import Field
from nbtrack.store import RunFacts

NOTHING = "(none)"
MOST_FIELDS = 8
_SHORT = {"tag": "tags", "jobType": "job_type"}
_TREES = ("config.", "summary.", "summary_metrics.")


@dataclass(frozen=True, slots=True)
class Grouping:
    """By which fields runs are put into groups; by none, each stands for itself.

    Attributes:
        names: As they were written.
        fields: What they mean.
    """

    names: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @classmethod
    def parse(cls, by: object, runs: Sequence[RunFacts]) -> Self:
        """Return what to group by.

        Args:
            by: A field (`group`, `job_type`, `tags`, `config.lr`, …) or a key of the config
                (`lr`), or a list of them; None for no groups.
            runs: To be grouped; at least one of them must have the field.

        Raises:
            UsageError: If it is no field, or none of the runs has it.
        """
        if by is None:
            return cls()
        given = [by] if isinstance(by, str) else by
        if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
            raise UsageError(f"group_by is a field like 'config.lr', or a list, not {by!r}.")
        if len(given) > MOST_FIELDS:
            raise UsageError(f"group_by takes at most {MOST_FIELDS} fields, not {len(given)}.")
        names = tuple(dict.fromkeys(given))
        return cls(names, tuple(_field(name, runs) for name in names))

    def label(self, facts: RunFacts) -> str:
        """Return the name of the group of a run."""
        values = [_text(field.read(facts)) for field in self.fields]
        if len(values) == 1:
            return values[0]
        names = [name.removeprefix("config.") for name in self.names]
        return ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))

    def groups(self, runs: Sequence[RunFacts]) -> dict[str, list[RunFacts]]:
        """Return the runs of each group, groups in the order of their values.

        Without fields all runs are one group, which has no name.
        """
        found: dict[str, list[RunFacts]] = {}
        ranks: dict[str, tuple[object, ...]] = {}
        for facts in runs:
            label = self.label(facts) if self.fields else ""
            found.setdefault(label, []).append(facts)
            ranks.setdefault(label, tuple(_rank(field.read(facts)) for field in self.fields))
        return {label: found[label] for label in sorted(found, key=lambda one: ranks[one])}


def _field(name: str, runs: Sequence[RunFacts]) -> Field:
    """Return the field of a name; a key of the config may stand for itself."""
    known = _SHORT.get(name, name)
    if not known.startswith(_TREES):
        try:
            return Field.parse(known)
        except UsageError:
            known = f"config.{name}"
    field = Field.parse(known)
    if not any(field.read(facts) for facts in runs):
        raise UsageError(_missing(name, runs))
    return field


def _missing(name: str, runs: Sequence[RunFacts]) -> str:
    configs: list[Mapping[str, object]] = [leaves(facts.config) for facts in runs]
    keys = sorted({key for config in configs for key in config})
    close = get_close_matches(name.removeprefix("config."), keys, n=1)
    hint = f" Did you mean 'config.{close[0]}'?" if close else ""
    there = ", ".join(map(repr, keys[:8])) or "none"
    return (
        f"none of the {len(runs)} runs has {name!r} to group by.{hint} Group by 'group', "
        f"'job_type', 'tags', 'state', or a key of the config: {there}."
    )


def _text(values: Sequence[Any]) -> str:
    value = values[0] if values else None
    if value is None or value in ([], ""):
        return NOTHING
    return ", ".join(map(plain_text, value)) if isinstance(value, list) else plain_text(value)


def _rank(values: Sequence[object]) -> tuple[int, float, str]:
    """Return what a value is ordered by: numbers, then texts, then nothing."""
    value = values[0] if values else None
    if isinstance(value, int | float) and value == value:  # noqa: PLR0124 - not NaN
        return 0, value, ""
    return (2, 0, "") if value is None else (1, 0, str(value))
