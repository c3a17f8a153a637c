"""Filters as MongoDB writes them, parsed into small objects and never evaluated as code.

`{"state": "finished", "config.lr": {"$lt": 0.01}}`: a run must meet all of it. As there,
values are compared with values of their own kind only, a list is met by any of its
elements, and `$ne`, `$nin` and `$not` are met by runs that have no such value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import ge, gt, le, lt
from typing import Any, Protocol

from nbtrack.errors import UsageError
from nbtrack.query.expressions import parse_expression
from nbtrack.query.fields import Field, Values, instant
from nbtrack.store import RunFacts, matching

DEEPEST = 32
MOST_CONDITIONS = 1_000

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"$gt": gt, "$gte": ge, "$lt": lt, "$lte": le}
_OPERATORS = "$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $regex (with $options) and $not"
_GROUPS = "$and, $or, $nor and $not"
_FLAGS = frozenset("ims")


class Condition(Protocol):
    """Something that runs meet or do not."""

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        ...


@dataclass(frozen=True, slots=True)
class All:
    """All of some conditions."""

    parts: tuple[Condition, ...]

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        if len(self.parts) == 1:
            return self.parts[0].answers(runs)
        met = [True] * len(runs)
        for part in self.parts:  # only those are asked that met the parts before
            answers = iter(part.answers(list(compress(runs, met))))
            met = [is_met and next(answers) for is_met in met]
        return met


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of some conditions."""

    parts: tuple[Condition, ...]

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        return [any(row) for row in zip(*(part.answers(runs) for part in self.parts), strict=True)]


@dataclass(frozen=True, slots=True)
class Not:
    """Not a condition."""

    part: Condition

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        return [not one for one in self.part.answers(runs)]


@dataclass(frozen=True, slots=True)
class Test:
    """What a field must hold.

    Attributes:
        field: Of the run.
        check: Takes the values of the field.
    """

    field: Field
    check: Callable[[Values], bool]

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        return [self.check(self.field.read(facts)) for facts in runs]


@dataclass(frozen=True, slots=True)
class Match:
    """A field must hold a text that a regular expression describes.

    Attributes:
        field: Of the run.
        pattern: RE2, which takes no longer for an evil pattern than for another.
    """

    field: Field
    pattern: str

    def answers(self, runs: Sequence[RunFacts]) -> list[bool]:
        """Tell of each run whether it meets the condition."""
        texts = [[one for one in self.field.read(run) if isinstance(one, str)] for run in runs]
        known = sorted({one for found in texts for one in found})
        good = dict(zip(known, matching(self.pattern, known), strict=True))
        return [any(good[one] for one in found) for found in texts]


def parse_filters(filters: object) -> Condition:
    """Return what filters mean; None, `{}` and "" are met by every run.

    Args:
        filters: A dict as MongoDB writes it, or an expression (see `expressions`).

    Raises:
        UsageError: If they cannot be understood; it says which part and what to type.

    Examples:
        >>> parse_filters({"$or": [{"tags": "best"}, {"summary.loss": {"$lt": 0.1}}]})
        Some(parts=...)
    """
    told = parse_expression(filters) if isinstance(filters, str) else filters
    return _Parser().whole({} if told is None else told, 0)


class _Parser:
    """Goes through filters once, and not for ever."""

    def __init__(self) -> None:
        self._conditions = 0

    def whole(self, filters: object, depth: int) -> Condition:
        self._count(depth)
        if not isinstance(filters, Mapping):
            raise UsageError(
                "filters are a dict like {'state': 'finished'} or a text like "
                f"'config.lr < 0.1', not {_shown(filters)}."
            )
        parts = [self._part(key, value, depth + 1) for key, value in filters.items()]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self, key: object, value: object, depth: int) -> Condition:
        if key in ("$and", "$or", "$nor"):
            return self._group(str(key), value, depth)
        if key == "$not":
            return Not(self.whole(value, depth))
        if isinstance(key, str) and key.startswith("$"):
            raise UsageError(
                f"there is no {key!r} for whole filters: they are joined by {_GROUPS}. What a "
                f"field must hold stands behind its name: {{'config.lr': {{{key!r}: ...}}}}."
            )
        return self._about(Field.parse(key), value, depth)

    def _group(self, operator: str, parts: object, depth: int) -> Condition:
        if not isinstance(parts, list | tuple) or not parts:
            raise UsageError(
                f"{operator} takes a list of filters, [{{...}}, {{...}}], not {_shown(parts)}."
            )
        found = tuple(self.whole(part, depth) for part in parts)
        if operator == "$and":
            return All(found)
        return Some(found) if operator == "$or" else Not(Some(found))

    def _about(self, field: Field, said: object, depth: int) -> Condition:
        self._count(depth)
        if not (isinstance(said, Mapping) and any(str(key).startswith("$") for key in said)):
            return Test(field, _equals(field, "$eq", said))
        flags = said.get("$options", "")
        if "$options" in said and "$regex" not in said:
            raise UsageError(f"{field.name}: $options belong to a $regex.")
        parts = [
            self._operator(field, str(key), value, flags, depth)
            for key, value in said.items()
            if key != "$options"
        ]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _operator(
        self, field: Field, operator: str, operand: object, flags: object, depth: int
    ) -> Condition:
        if operator == "$not":
            return Not(self._about(field, operand, depth + 1))
        if operator == "$regex":
            return _match(field, operand, flags)
        if operator in ("$ne", "$nin"):
            positive = {"$ne": "$eq", "$nin": "$in"}[operator]
            return Not(Test(field, _check(field, positive, operand, operator)))
        return Test(field, _check(field, operator, operand, operator))

    def _count(self, depth: int) -> None:
        self._conditions += 1
        if depth > DEEPEST or self._conditions > MOST_CONDITIONS:
            raise UsageError(
                f"filters have at most {MOST_CONDITIONS} conditions, {DEEPEST} levels deep."
            )


def _check(field: Field, operator: str, operand: object, said: str) -> Callable[[Values], bool]:
    if operator == "$eq":
        return _equals(field, said, operand)
    if operator == "$in":
        return _is_in(field, said, operand)
    if operator == "$exists":
        return _exists(field, operand)
    if operator in _COMPARISONS:
        return _compares(field, operator, operand)
    raise UsageError(f"{field.name}: there is no operator {operator!r}. There are {_OPERATORS}.")


def _equals(field: Field, operator: str, operand: object) -> Callable[[Values], bool]:
    wanted = _operand(field, operator, operand)
    if wanted is None:
        return lambda values: not values or None in values
    return lambda values: any(_is_same(value, wanted) for value in values)


def _is_in(field: Field, operator: str, operand: object) -> Callable[[Values], bool]:
    if not isinstance(operand, list | tuple | set | frozenset):
        raise UsageError(
            f"{field.name}: {operator} takes a list, [{_shown(operand)}], not {_shown(operand)}."
        )
    checks = [_equals(field, operator, one) for one in operand]
    return lambda values: any(check(values) for check in checks)


def _exists(field: Field, operand: object) -> Callable[[Values], bool]:
    if not isinstance(operand, bool):
        raise UsageError(f"{field.name}: $exists takes True or False, not {_shown(operand)}.")
    return lambda values: bool(values) is operand


def _compares(field: Field, operator: str, operand: object) -> Callable[[Values], bool]:
    wanted = _operand(field, operator, operand)
    if not isinstance(wanted, int | float | str):
        raise UsageError(
            f"{field.name}: {operator} takes a number or a text, not {_shown(operand)}."
        )
    holds = _COMPARISONS[operator]
    kind = _kind(wanted)

    def check(values: Values) -> bool:
        for one in values:  # noqa: SIM110 - asked of every run: `any` takes twice as long
            if _kind(one) == kind and holds(one, wanted):
                return True
        return False

    return check


def _match(field: Field, pattern: object, flags: object) -> Condition:
    if field.is_time:
        raise UsageError(
            f"{field.name} is a time, not a text. Compare it: "
            f"{{'{field.name}': {{'$gte': '2026-01-31'}}}}."
        )
    if not isinstance(pattern, str):
        raise UsageError(f"{field.name}: $regex takes a text like '^lr', not {_shown(pattern)}.")
    if not isinstance(flags, str) or set(flags) - _FLAGS:
        raise UsageError(f"{field.name}: $options are some of 'ims', not {_shown(flags)}.")
    whole = f"(?{flags}){pattern}" if flags else pattern
    matching(whole, [])  # a wrong pattern is said now
    return Match(field, whole)


def _operand(field: Field, operator: str, operand: object) -> Any:  # noqa: ANN401 - any JSON value
    if field.is_time and operand is not None:
        try:
            return instant(operand)
        except UsageError as error:
            raise UsageError(f"{field.name}: {operator}: {error}") from None
    plain = operand.item() if hasattr(operand, "item") else operand  # a number of numpy's
    if plain is None or isinstance(plain, bool | int | float | str | Mapping):
        return plain
    if isinstance(plain, list | tuple):
        return list(plain)
    raise UsageError(
        f"{field.name}: {operator} takes a number, text, True, False, None or a list, "
        f"not {_shown(operand)}."
    )


def _kind(value: object) -> str:
    """Return of what kind a value is; values of different kinds are never compared."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def _is_same(value: object, wanted: object) -> bool:
    if _kind(value) != _kind(wanted):
        return False
    both_nan = value != value and wanted != wanted  # noqa: PLR0124 - only NaN differs from itself
    return bool(value == wanted) or both_nan


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line
