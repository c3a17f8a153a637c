"""What is known of each key of a run without looking at its values again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np

from nbtrack.store.control import path_from, sayable
from nbtrack.store.database import Window
from nbtrack.store.entries import FloatArray, IntArray
from nbtrack.store.shapes import Leaf, RowStream, leaf_of, packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_decoded = msgspec.json.Decoder().decode

KeyName: TypeAlias = tuple[RowStream, Leaf]


@dataclass(slots=True)
class KeyStats:
    """One key of a run.

    Attributes:
        key_id: Its number in the run.
        n: How many numbers.
        n_nan: How many of them are NaN.
        n_infinite: How many of them are infinite.
        n_other: How many values are no numbers.
        first_step: Step of the first number; 0 for system readings, as all steps here.
        last_step: Step of the last number.
        first_us: Time of the first number.
        last_us: Time of the last number.
        first: The first number.
        last: The last number.
        min: The least finite number, infinity before there is one.
        min_step: Where it came first.
        max: The greatest finite number, minus infinity before there is one.
        max_step: Where it came first.
        total: Sum of the finite numbers.
    """

    key_id: int
    n: int = 0
    n_nan: int = 0
    n_infinite: int = 0
    n_other: int = 0
    first_step: int = 0
    last_step: int = 0
    first_us: int = 0
    last_us: int = 0
    first: float = 0.0
    last: float = 0.0
    min: float = inf
    min_step: int = 0
    max: float = -inf
    max_step: int = 0
    total: float = 0.0


class Keys:
    """The keys of one run.

    Attributes:
        changed: Keys whose statistics are not in the database as they are here.
        fresh: Keys that are not in the database.
    """

    def __init__(self) -> None:
        """Begin without keys."""
        self.changed: set[KeyName] = set()
        self.fresh: set[KeyName] = set()
        self._stats: dict[KeyName, KeyStats] = {}

    @classmethod
    def read(cls, window: Window, run_id: int) -> "Keys":
        """Return the keys of a run as the database has them."""
        keys = cls()
        columns = ", ".join(_READ.get(name, name) for name in _KINDS)
        query = f"SELECT stream, path, {columns} FROM nb.keys WHERE run_id = ?"  # noqa: S608
        for stream, path, *values in window.rows(query, run_id):
            keys._stats[stream, leaf_from(path)] = KeyStats(*values)
        return keys

    def __iter__(self) -> Iterator[tuple[KeyName, KeyStats]]:
        """Iterate over the keys in the order in which they came first."""
        return iter(sorted(self._stats.items(), key=lambda item: item[1].key_id))

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._stats)

    def get(self, stream: RowStream, leaf: Leaf) -> KeyStats:
        """Return what is known of a key, which is new if need be, to be changed."""
        name = (stream, leaf)
        found = self._stats.get(name)
        if found is None:
            found = self._stats[name] = KeyStats(key_id=len(self._stats))
            self.fresh.add(name)
        self.changed.add(name)
        return found

    def add_numbers(
        self,
        stream: RowStream,
        leaves: list[Leaf],
        steps: IntArray,
        times_us: IntArray,
        values: FloatArray,
    ) -> list[int]:
        """Take rows with the same keys, in order.

        Args:
            stream: What they are about.
            leaves: One per column.
            steps: Shape `(n,)`, n > 0.
            times_us: Shape `(n,)`.
            values: Shape `(n, k)`.

        Returns:
            The `key_id` of each column.
        """
        found = [self.get(stream, leaf) for leaf in leaves]
        finite = np.isfinite(values)
        n_nan = np.isnan(values).sum(axis=0).tolist()
        n_finite = finite.sum(axis=0).tolist()
        lows = np.where(finite, values, inf)
        highs = np.where(finite, values, -inf)
        low_at, high_at = lows.argmin(axis=0).tolist(), highs.argmax(axis=0).tolist()
        with np.errstate(over="ignore"):  # a total may be infinite; users need no warning of it
            totals = np.where(finite, values, 0.0).sum(axis=0).tolist()
        for column, stats in enumerate(found):
            _add_ends(stats, steps, times_us, values[:, column])
            stats.n += len(steps)
            stats.n_nan += n_nan[column]
            stats.n_infinite += len(steps) - n_nan[column] - n_finite[column]
            stats.total += totals[column]
            low, high = low_at[column], high_at[column]
            if lows[low, column] < stats.min:
                stats.min, stats.min_step = float(lows[low, column]), int(steps[low])
            if highs[high, column] > stats.max:
                stats.max, stats.max_step = float(highs[high, column]), int(steps[high])
        return [stats.key_id for stats in found]

    def write(self, window: Window, run_id: int) -> None:
        """Bring the database up to date."""
        known = self.changed - self.fresh
        if known:
            update = _UPDATE.format(run_id=run_id, changes=_CHANGES)
            window.insert(update, self._columns(known))
        if self.fresh:
            insert = _INSERT.format(run_id=run_id, names=_NAMES, values=_VALUES)
            window.insert(insert, self._columns(self.fresh))
        self.changed, self.fresh = set(), set()

    def _columns(self, names: set[KeyName]) -> "dict[str, NDArray[Any]]":
        ordered = sorted(names, key=lambda name: self._stats[name].key_id)
        stats = [self._stats[name] for name in ordered]
        columns: dict[str, NDArray[Any]] = {
            name: np.array([getattr(one, name) for one in stats], dtype=kind)
            for name, kind in _KINDS.items()
        }
        columns["stream"] = texts(stream for stream, _ in ordered)
        columns["name"] = texts(".".join(leaf) for _, leaf in ordered)
        columns["path"] = texts(ascii_json(packed(leaf)) for _, leaf in ordered)
        return columns


_KINDS = {field.name: np.float64 if field.type is float else np.int64 for field in fields(KeyStats)}
_TIMES = {"first_us": "first_ts", "last_us": "last_ts"}
_READ = {name: f"epoch_us({column})" for name, column in _TIMES.items()}


def _written(name: str) -> str:
    if name in _TIMES:
        return f"make_timestamp(incoming.{name})"
    # DuckDB takes a NaN of numpy's for NULL.
    is_float = _KINDS[name] is np.float64
    return f"coalesce(incoming.{name}, 'nan'::DOUBLE)" if is_float else f"incoming.{name}"


_COLUMNS = {_TIMES.get(name, name): _written(name) for name in _KINDS}
_NAMES = ", ".join(_COLUMNS)
_VALUES = ", ".join(_COLUMNS.values())
_CHANGES = ", ".join(f"{column} = {value}" for column, value in _COLUMNS.items())
_UPDATE = """
UPDATE nb.keys SET {changes} FROM incoming
WHERE keys.run_id = {run_id} AND keys.key_id = incoming.key_id
"""
_INSERT = """
INSERT INTO nb.keys (run_id, stream, name, path, {names})
SELECT {run_id}, stream, name, path, {values} FROM incoming
"""


def leaf_from(text: str) -> Leaf:
    """Return a leaf as the database keeps it."""
    return leaf_of(path_from(from_json(text)))


def from_json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that `ascii_json` wrote."""
    try:
        return _decoded(text)
    except msgspec.DecodeError:  # JSON knows neither NaN nor half a surrogate; ours does
        return json.loads(text)


def ascii_json(value: object) -> str:
    """Return a value as JSON that the database can keep, whatever its texts hold."""
    return json.dumps(value, separators=(",", ":"), default=str)


def texts(values: Iterable[str]) -> "NDArray[Any]":
    """Return texts as a column."""
    return np.array([sayable(one) for one in values], dtype=object)


def _add_ends(stats: KeyStats, steps: IntArray, times_us: IntArray, column: FloatArray) -> None:
    first = (int(steps[0]), int(times_us[0]))
    last = (int(steps[-1]), int(times_us[-1]))
    if stats.n == 0 or first < (stats.first_step, stats.first_us):
        stats.first_step, stats.first_us = first
        stats.first = float(column[0])
    if stats.n == 0 or last > (stats.last_step, stats.last_us):
        stats.last_step, stats.last_us = last
        stats.last = float(column[-1])
