"""What a report is about: some runs, read once each, when a section asks for them."""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.query import Comparison, Outlook
from nbtrack.reports.exhibits import Whole, matches
from nbtrack.store import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from nbtrack.records import CellRun
    from nbtrack.reports.sections import Section
    from nbtrack.store import RunFacts

MOST_RUNS_EACH = 12
"""Runs that a section shows one by one."""

_LINES = 10_000
_MOST_NAMED = 4


class Subject:
    """The runs of a report, as they stand while it is written.

    Attributes:
        root: The workspace.
        comparison: The runs beside each other.
        most_points: That are carried of one run.
        reader: Of the workspace.
    """

    def __init__(self, comparison: Comparison, *, most_points: int) -> None:
        """Keep what is read from."""
        self.root: Path = comparison.root
        self.comparison = comparison
        self.most_points = most_points
        self.reader = Reader(comparison.root)
        self._wholes: dict[str, Whole] = {}

    @property
    def facts(self) -> "list[RunFacts]":
        """The runs, in the order in which they were found."""
        return self.comparison.facts

    def whole(self, facts: "RunFacts") -> Whole:
        """Return a run with its points and the last lines of its console.

        Raises:
            Error: If it cannot be read.
        """
        uid = facts.opened.uid
        if uid not in self._wholes:
            shares = max(1, min(len(self.facts), MOST_RUNS_EACH))
            most = self.most_points // shares
            self._wholes[uid] = Whole.read(self.root, uid, lines=_LINES, most=most)
        return self._wholes[uid]

    def cells(self, facts: "RunFacts") -> "list[CellRun]":
        """Return what was executed while a run was open.

        Raises:
            Error: If it cannot be read.
        """
        return self.reader.cells(facts.opened.uid)

    def of(self, section: "Section") -> "list[RunFacts]":
        """Return the runs that a section is about.

        Raises:
            RunNotFoundError: If it names one that the report is not about.
            UsageError: If a name means several.
        """
        if not section.runs:
            return self.facts
        return [self._named(name) for name in section.runs]

    def from_the_first(self, section: "Section") -> "list[RunFacts]":
        """Return the runs that a section is about, the one that began first first.

        Raises:
            RunNotFoundError: If it names one that the report is not about.
            UsageError: If a name means several.
        """
        return sorted(self.of(section), key=lambda one: (one.opened.time_us, one.opened.uid))

    def beside(self, section: "Section") -> Comparison:
        """Return the runs of a section beside each other, as it looks at them.

        Raises:
            UsageError: If there is nothing to group by, or no such metric.
        """
        known = self.comparison.keys() if section.keys else {}
        keys = [key for key in known if matches(key, section.keys)] or list(section.keys)
        outlook = Outlook.of(keys, section.x, list(section.group_by), section.band)
        uids = [facts.opened.uid for facts in self.of(section)]
        return Comparison.of_uids(self.root, uids, outlook)

    def _named(self, name: str) -> "RunFacts":
        for known in (lambda one: (one.uid, one.id), lambda one: (one.name,)):
            found = [facts for facts in self.facts if name in known(facts.opened)]
            if len(found) > 1:
                uids = ", ".join(facts.opened.uid for facts in found[:_MOST_NAMED])
                raise UsageError(f"{len(found)} runs are called {name!r}: say which, {uids}, ….")
            if found:
                return found[0]
        names = [facts.opened.name for facts in self.facts]
        close = get_close_matches(name, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise RunNotFoundError(f"none of the report's {len(names)} runs is {name!r}.{hint}")
