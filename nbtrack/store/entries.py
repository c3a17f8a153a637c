"""What a journal says, as a reader finds it: records, lines, and blocks of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import ConsoleText, Control, Json, Path, Row
from nbtrack.store.control import LATEST_US, MalformedError, load, pairs_from
from nbtrack.store.shapes import BLOCK_HEADER, Leaf, Number, Shape, leaf_of, packed

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows of one shape, whose numbers are of the same kinds.

    Attributes:
        shape: Where the `k` numbers of each of the `n` rows stand.
        kinds: Kind of each column, one `Number` per byte.
        steps: Shape `(n,)`, int64; zeros for system readings.
        times_us: Shape `(n,)`, int64, microseconds since the epoch.
        values: Shape `(n, k)`, float64, row by row. A column of None is of zeros.
        others: The other values of rows that have some: row, and its values by path.
    """

    shape: Shape
    kinds: bytes
    steps: IntArray
    times_us: IntArray
    values: FloatArray
    others: tuple[tuple[int, dict[Path, Json]], ...]

    @property
    def all_leaves(self) -> tuple[Leaf, ...]:
        """Where all values of the rows stand, those included that are no numbers."""
        others = self.others[0][1] if self.others else ()
        return (*self.shape.leaves, *(leaf_of(path) for path in others))

    @property
    def columns(self) -> list[int]:
        """Which columns are numbers and not None."""
        return [index for index, kind in enumerate(self.kinds) if kind != Number.NONE]


@dataclass(frozen=True, slots=True)
class Lines:
    """Consecutive lines of the console."""

    lines: tuple[ConsoleText, ...]


Entry: TypeAlias = Control | Rows | Lines


def decode_rows(payload: memoryview, shape: Shape) -> Rows:
    """Return a block of rows. The arrays are views of the payload, read-only.

    Raises:
        MalformedError: If the payload does not fit the shape.
    """
    width = len(shape.leaves)
    if len(payload) < BLOCK_HEADER.size:
        raise MalformedError("a block of rows in a journal is cut short.")
    count, others_bytes = BLOCK_HEADER.unpack_from(payload)
    kinds_at = BLOCK_HEADER.size + 8 * count * (2 + width)
    others_at = kinds_at + width
    if others_at + others_bytes != len(payload):
        raise MalformedError("a block of rows in a journal does not fit its shape.")
    numbers = np.frombuffer(payload, "<i8", 2 * count, BLOCK_HEADER.size)
    if count == 0 or np.abs(numbers[count:]).max() > LATEST_US:
        raise MalformedError("a block of rows in a journal is of no time.")
    values = np.frombuffer(payload, "<f8", count * width, BLOCK_HEADER.size + 16 * count)
    return Rows(
        shape=shape,
        kinds=bytes(payload[kinds_at:others_at]),
        steps=numbers[:count],
        times_us=numbers[count:],
        values=values.reshape(count, width),
        others=_others(payload[others_at:], count) if others_bytes else (),
    )


def rows_of(entry: Rows) -> Iterator[Row]:
    """Yield rows as they were logged."""
    others = dict(entry.others)
    paths = [packed(leaf) for leaf in entry.shape.leaves]
    columns = map(_column, entry.values.T.tolist(), entry.kinds)
    numbers = zip(*columns, strict=True) if paths else repeat(())
    times = zip(entry.steps.tolist(), entry.times_us.tolist(), numbers, strict=False)
    for index, (step, time_us, row) in enumerate(times):
        values = dict(zip(paths, row, strict=True))
        yield Row(step, time_us, values | others[index] if index in others else values)


def _column(numbers: list[float], kind: int) -> list[Json]:
    """Return the numbers of a column as they were logged."""
    if kind == Number.FLOAT:
        return list(numbers)
    return [value_of(number, kind) for number in numbers]


def value_of(number: float, kind: int) -> Json:
    """Return a number as it was logged."""
    if kind == Number.NONE:
        return None
    if kind == Number.BOOL:
        return bool(number)
    return int(number) if kind == Number.INT and isfinite(number) else number


def _others(payload: memoryview, count: int) -> tuple[tuple[int, dict[Path, Json]], ...]:
    try:
        said = [(row, pairs_from(values)) for row, values in load(payload)]
    except (TypeError, ValueError) as error:
        raise MalformedError(f"values in a journal are unreadable: {error}.") from error
    if not all(type(row) is int and 0 <= row < count for row, _ in said):
        raise MalformedError("values in a journal belong to no row.")
    return tuple(said)
