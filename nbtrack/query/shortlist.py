"""The runs that meet a choice, kept in order while runs come, change and go.

Only what changed is looked at again. 10,000 runs are chosen and put in order within 50 ms
and kept so within 10 ms; nothing of it asks the store.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from nbtrack.query.choosing import Choice, Placed
from nbtrack.store import RunFacts

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that belong together.

    Attributes:
        name: What they agree in, as text.
        count: How many they are.
        open_count: How many of them have not ended.
    """

    name: str
    count: int
    open_count: int


@dataclass(frozen=True, slots=True)
class _Found:
    placed: Placed
    group: str
    goes_on: bool


class Shortlist(Generic[K]):
    """Those of some runs that meet a choice. Used by one thread at a time.

    Attributes:
        choice: What they meet.
        open_count: How many of all runs have not ended.
        groups: In order: the group with the newest run comes first.
    """

    def __init__(self, choice: Choice) -> None:
        """Keep the choice; there are no runs yet."""
        self.choice = choice
        self.open_count = 0
        self.groups: list[Group] = []
        self._runs: Mapping[K, RunFacts] = {}
        self._found: dict[K, _Found] = {}
        self._members: dict[str, list[K]] = {}

    @property
    def total(self) -> int:
        """How many runs there are."""
        return len(self._runs)

    def __len__(self) -> int:
        """Return how many runs meet the choice."""
        return len(self._found)

    def update(self, runs: Mapping[K, RunFacts]) -> None:
        """Look at runs that are new or have changed, and forget those that went.

        Args:
            runs: All there are. What is the same object as before has not changed.

        Raises:
            StoreError: If a regular expression cannot be asked just now.
        """
        before = self._runs
        if runs is before:
            return
        changed = [key for key, facts in runs.items() if before.get(key) is not facts]
        gone = before.keys() - runs.keys()
        if changed or gone:
            self._choose(runs, changed)
            for key in gone:
                self._found.pop(key, None)
            self._arrange()
            self.open_count = sum(facts.state.goes_on for facts in runs.values())
        self._runs = runs

    def cut(self, offset: int, limit: int, folded: Collection[str] = ()) -> list[K]:
        """Return some runs in order, group after group.

        Args:
            offset: How many runs come before the first.
            limit: At most so many.
            folded: Names of groups whose runs are passed over.
        """
        found: list[K] = []
        for group in self.groups:
            if group.name in folded:
                continue
            if offset < group.count:
                found += self._members[group.name][offset : offset + limit - len(found)]
            offset = max(0, offset - group.count)
            if len(found) >= limit:
                break
        return found

    def members(self, group: str) -> list[K]:
        """Return the runs of a group in order; none where there is no such group."""
        return self._members.get(group, [])

    def _choose(self, runs: Mapping[K, RunFacts], changed: list[K]) -> None:
        answers = self.choice.condition.answers([runs[key] for key in changed])
        for key, meets in zip(changed, answers, strict=True):
            if meets:
                self._found[key] = self._look_at(runs[key])
            else:
                self._found.pop(key, None)

    def _look_at(self, facts: RunFacts) -> _Found:
        choice = self.choice
        return _Found(choice.placed(facts), choice.group_of(facts), facts.state.goes_on)

    def _arrange(self) -> None:
        placed = ((key, one.placed) for key, one in self._found.items())
        members: dict[str, list[K]] = {}
        for key in self.choice.arranged(placed):
            members.setdefault(self._found[key].group, []).append(key)
        newest = {
            name: max(self._found[key].placed.age for key in keys) for name, keys in members.items()
        }
        self._members = members
        self.groups = [
            Group(name, len(members[name]), self._open_count(members[name]))
            for name in sorted(newest, key=lambda one: newest[one], reverse=True)
        ]

    def _open_count(self, keys: list[K]) -> int:
        return sum(self._found[key].goes_on for key in keys)
