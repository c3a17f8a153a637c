"""All runs in groups and in order, kept so while runs come, change and go.

Which of them are wanted is another matter: who types a search asks for other runs in the
same order at every key.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from nbtrack.query.choosing import Choice, Placed
from nbtrack.store import RunFacts

if TYPE_CHECKING:
    from nbtrack.query.ordering import Age

K = TypeVar("K", bound=Hashable)


class Arrangement(Generic[K]):
    """Runs by groups, in order within each. Used by one thread at a time.

    Attributes:
        members: By the name of the group, in order.
        ages: What tells the older run from the newer one.
    """

    def __init__(self, choice: Choice) -> None:
        """Keep whose order and groups; there are no runs yet."""
        self._choice = choice
        self.members: dict[str, list[K]] = {}
        self.ages: dict[K, Age] = {}
        self._runs: Mapping[K, RunFacts] = {}
        self._places: dict[K, tuple[str, Placed]] = {}

    def update(self, runs: Mapping[K, RunFacts]) -> None:
        """Look at runs that are new or have changed, and forget those that went."""
        if runs is self._runs:
            return
        before = self._runs
        changed = [key for key, facts in runs.items() if before.get(key) is not facts]
        gone = before.keys() - runs.keys()
        moved = [self._moved(key, runs[key]) for key in changed]
        for key in gone:
            del self._places[key], self.ages[key]
        self._runs = runs
        if gone or any(moved):
            self.members = dict(self._arranged())

    def placed(self, key: K) -> Placed:
        """Return what puts a run in its place."""
        return self._places[key][1]

    def _moved(self, key: K, facts: RunFacts) -> bool:
        """Note where a run belongs; tell whether that is somewhere else than before."""
        belongs = (self._choice.group_of(facts), self._choice.placed(facts))
        moved = self._places.get(key) != belongs
        self._places[key] = belongs
        self.ages[key] = belongs[1].age
        return moved

    def _arranged(self) -> Iterable[tuple[str, list[K]]]:
        groups: dict[str, list[tuple[K, Placed]]] = {}
        for key, (group, placed) in self._places.items():
            groups.setdefault(group, []).append((key, placed))
        return ((group, self._choice.arranged(members)) for group, members in groups.items())
