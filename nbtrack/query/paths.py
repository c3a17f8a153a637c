"""How a run is named: `entity/project/id` and its short forms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.records import Opened
from nbtrack.store import RunFacts

SHOWN = 5
_FORMS = "'entity/project/id', 'project/id' or 'id'"


@dataclass(frozen=True, slots=True)
class RunPath:
    """What a path says; None where it says nothing.

    Attributes:
        run: Id, uid or name of the run.
        project: Name of the project.
        entity: Whose run it is.
    """

    run: str
    project: str | None = None
    entity: str | None = None

    @classmethod
    def parse(cls, path: object) -> "RunPath":
        """Return what a path means.

        Args:
            path: `entity/project/id`, `entity/project/runs/id`, `entity/project:id`,
                `project/id` or `id`; a slash before it does not matter. In place of the
                id there may be the uid or the name.

        Raises:
            UsageError: If it is none of these.
        """
        if not isinstance(path, str):
            raise UsageError(f"the path of a run is {_FORMS}, not {path!r}.")
        parts = path.strip("/").replace(":", "/").split("/")
        if len(parts) == 4 and parts[2] == "runs":  # noqa: PLR2004 - entity/project/runs/id
            del parts[2]
        if not all(parts) or len(parts) > 3:  # noqa: PLR2004
            raise UsageError(f"the path of a run is {_FORMS}, not {path!r}.")
        return cls(*reversed(parts))

    def find(self, runs: Sequence[RunFacts]) -> RunFacts:
        """Return the run that is meant; the newest where several have its id.

        A name means a run, too, if only one is called so.

        Args:
            runs: All there are, newest first.

        Raises:
            RunNotFoundError: If there is none; the message says what there is.
            UsageError: If several runs have the name; the message says their ids.
        """
        there = [facts for facts in runs if self._is_place_of(facts)]
        for facts in there:
            if self.run in (facts.opened.id, facts.opened.uid):
                return facts
        named = [facts.opened for facts in there if facts.opened.name == self.run]
        if len(named) > 1:
            raise UsageError(_several(self.run, named))
        for facts in there:
            if facts.opened.name == self.run:
                return facts
        raise RunNotFoundError(self._missing(there))

    def _is_place_of(self, facts: RunFacts) -> bool:
        opened = facts.opened
        return self.project in (None, opened.project) and self.entity in (None, opened.entity)

    def _missing(self, there: Sequence[RunFacts]) -> str:
        place = "the workspace" if self.project is None else f"project {self.project!r}"
        count = f"{len(there)} run" + ("" if len(there) == 1 else "s")
        close = _closest(self.run, there)
        hint = f" Did you mean {close.id!r} ({close.name})?" if close else ""
        return f"no run {self.run!r} in {place} ({count}).{hint}"


def _several(name: str, named: Sequence[Opened]) -> str:
    shown = ", ".join(f"'{one.project}/{one.id}'" for one in named[:SHOWN])
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"{len(named)} runs are called {name!r}: type the id of one, {shown}{more}."


def _closest(given: str, there: Iterable[RunFacts]) -> Opened | None:
    words: dict[str, Opened] = {}
    for facts in there:
        words.setdefault(facts.opened.name, facts.opened)
        words.setdefault(facts.opened.id, facts.opened)
    found = get_close_matches(given, words, n=1)
    return words[found[0]] if found else None
