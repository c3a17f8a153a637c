"""What a report is made of: sections of a kind each, and Markdown between them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias, get_args

from nbtrack.errors import UsageError
from nbtrack.query import BandKind, Outlook, checked_tolerance

Kind: TypeAlias = Literal[
    "overview",
    "alerts",
    "best",
    "comparison",
    "divergence",
    "differences",
    "changes",
    "charts",
    "system",
    "log",
    "code",
    "environment",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
OF_ONE: tuple[Kind, ...] = ("overview", "alerts", "charts", "system", "log", "code", "environment")
OF_MANY: tuple[Kind, ...] = (
    *("overview", "alerts", "best", "comparison", "differences", "environment"),
)
OF_TWO: tuple[Kind, ...] = (
    *("overview", "alerts", "best", "comparison", "divergence"),
    *("differences", "changes", "environment"),
)
_WORD = re.compile(r"[A-Za-z_-]+")
_MOST_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report, where its name alone does not say enough.

    Attributes:
        kind: What it shows: `overview`, `alerts`, `best`, `comparison`, `differences`,
            `charts`, `system`, `log`, `code` or `environment`; of two runs also `divergence`, the
            steps at which metrics part, and `changes` of packages, cells, code and so on.
        title: What stands above it; by default what the kind is called.
        runs: Names, ids or uids of the runs that it is about; none for all of the report.
        keys: Metrics that it shows; `val/*` means all that begin so; none for all.
        x: Of a comparison: `step`, `time` (since each run's start) or another metric.
        group_by: Of a comparison: fields that make groups, each with its mean and a band.
        band: Of a comparison: `std`, `stderr`, `t95` or `minmax`.
        lines: Of a log: at most so many, the last ones.
        tolerance: Of a divergence: by how much of the greater one two values may differ
            and count as the same.

    Examples:
        >>> Section("comparison", keys=["val/*"], group_by=["config.lr"], band="t95").title
        ''
    """

    kind: Kind
    title: str = ""
    runs: Sequence[str] = ()
    keys: Sequence[str] = ()
    x: str = "step"
    group_by: Sequence[str] = ()
    band: BandKind = "std"
    lines: int = 200
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be shown.

        Raises:
            UsageError: If an argument is none; the message says what there is.
        """
        if self.kind not in KINDS:
            raise UsageError(_unknown(self.kind))
        if not isinstance(self.title, str):
            raise UsageError(f"the title of a section is a text, not {self.title!r}.")
        for name in ("runs", "keys", "group_by"):
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        is_whole = isinstance(self.lines, int) and not isinstance(self.lines, bool)
        if not is_whole or not 1 <= self.lines <= _MOST_LINES:
            raise UsageError(f"lines is a number from 1 to {_MOST_LINES:,}, not {self.lines!r}.")
        Outlook.of(list(self.keys), self.x, list(self.group_by), self.band)
        checked_tolerance(self.tolerance)


Part: TypeAlias = Section | str
"""A section, its kind alone, or Markdown that is written between sections."""


def parts_of(given: object) -> list[Part]:
    """Return what a report is to be made of: sections, and Markdown as text.

    Args:
        given: Sections, names of kinds, and Markdown.

    Raises:
        UsageError: If it is nothing of these.
    """
    items = [given] if isinstance(given, str | Section) else given
    if not isinstance(items, Iterable):
        raise UsageError(f"{_FORMS}, not {given!r}.")
    return [_part(item) for item in items]


_FORMS = "sections are a list of names like 'charts', Section(...) objects and Markdown texts"


def _part(item: object) -> Part:
    if isinstance(item, Section):
        return item
    if not isinstance(item, str):
        raise UsageError(f"{_FORMS}, not {item!r}.")
    for kind in KINDS:
        if item == kind:
            return Section(kind)
    # One word is a name that was mistyped; what somebody has written is longer.
    if _WORD.fullmatch(item):
        raise UsageError(_unknown(item))
    return item


def _unknown(kind: object) -> str:
    close = get_close_matches(str(kind), KINDS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"there is no section {kind!r}.{hint} There are {', '.join(KINDS)}."


def _texts(name: str, given: Any) -> tuple[str, ...]:  # noqa: ANN401 - checked here
    items = [given] if isinstance(given, str) else given
    if not isinstance(items, list | tuple) or not all(isinstance(one, str) for one in items):
        raise UsageError(f"{name} is a name or a list of names, not {given!r}.")
    return tuple(dict.fromkeys(items))
