"""What there is to choose from: the values of some fields, and the names of all others."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Literal, TypeAlias, TypeVar, get_args

from nbtrack.query.comparing.differing import leaves
from nbtrack.query.fields import Field
from nbtrack.records import Json
from nbtrack.store import RunFacts

K = TypeVar("K", bound=Hashable)
Kind: TypeAlias = Literal["number", "text", "flag", "other"]
"""What most values of a field are."""

Listed: TypeAlias = Literal["state", "tags", "group", "job_type", "project", "notebook"]
"""A field whose values are few enough to be listed."""

LISTED: tuple[Listed, ...] = get_args(Listed)

_Shape: TypeAlias = tuple[tuple[str, Kind], ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """A field, and the texts that stand in it.

    Attributes:
        field: Its name.
        values: Each with how many runs have it, the most frequent first; "" for no text.
    """

    field: Listed
    values: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class KnownField:
    """A value of the config or the summary that runs have.

    Attributes:
        name: As a filter writes it: `config.lr`.
        kind: What most of its values are.
        runs: How many runs have it.
    """

    name: str
    kind: Kind
    runs: int


class Facets(Generic[K]):
    """What runs have in their fields. Used by one thread at a time.

    What was seen of a run is kept until the run changes: runs of one project mostly agree
    in the names of their values, and then share what is kept.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._runs: Mapping[K, RunFacts] = {}
        self._shapes: dict[K, _Shape] = {}

    def update(self, runs: Mapping[K, RunFacts]) -> None:
        """Look at the runs that are new or have changed; see `Shortlist.update`."""
        for key, facts in runs.items():
            if self._runs.get(key) is not facts:
                self._shapes[key] = _shape(facts)
        for key in self._shapes.keys() - runs.keys():
            del self._shapes[key]
        self._runs = runs

    def facets(self) -> list[Facet]:
        """Return the fields whose values are few, with all their values."""
        return [self._facet(name) for name in LISTED]

    def fields(self) -> list[KnownField]:
        """Return the values of configs and summaries, those that most runs have first."""
        found: Counter[tuple[str, Kind]] = Counter()
        for shape, runs in Counter(self._shapes.values()).items():
            found.update(dict.fromkeys(shape, runs))
        totals: Counter[str] = Counter()
        kinds: dict[str, Kind] = {}
        for (name, kind), runs in found.most_common():
            totals[name] += runs
            kinds.setdefault(name, kind)
        return [KnownField(name, kinds[name], runs) for name, runs in totals.most_common()]

    def _facet(self, name: Listed) -> Facet:
        field = Field.parse(name)
        counts: Counter[str] = Counter()
        for facts in self._runs.values():
            counts.update({one for one in field.read(facts) if isinstance(one, str)} or {""})
        return Facet(name, counts.most_common())


def _shape(facts: RunFacts) -> _Shape:
    names = [
        (f"{tree}.{name}", _kind(value))
        for tree, values in (("config", facts.config), ("summary", facts.summary))
        for name, value in leaves(values).items()
    ]
    return _shared(tuple(names))


@lru_cache(1_024)
def _shared(shape: _Shape) -> _Shape:
    """Return the one object for equal shapes."""
    return shape


def _kind(value: Json) -> Kind:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "other"
