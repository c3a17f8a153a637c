"""The shape of a row: where its numbers stand. Rows of one shape are packed together.

A journal names each shape once in a while in a frame of its own, so that a reader can
start in the middle, and a damaged byte costs one block of rows and not all that follow.
The payload of a block of `n` rows with `k` numbers each:

    u32 n | u32 bytes of JSON | i64 steps (n) | i64 times in microseconds (n) |
    f64 numbers (n x k, row by row) | u8 kind of each column (k) | JSON

The JSON part holds what is no number: `[[row, [[path, value], …]], …]`.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

from nbtrack.records import Path
from nbtrack.store.control import MalformedError, dump, load, path_from

RowStream: TypeAlias = Literal["metric", "system"]
"""What rows are about: the user's metrics, or the machine."""

Leaf: TypeAlias = tuple[str, ...]
"""A path in its one normal form, the keys from the outside in."""

BLOCK_HEADER = struct.Struct("<II")
LARGEST_EXACT_INT = 1 << 53
"""Integers up to this have a float of their own; larger ones travel as JSON."""


class Number(IntEnum):
    """What the numbers of a column were before they became floats."""

    FLOAT = 0
    INT = 1
    BOOL = 2
    NONE = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the numbers of a row stand.

    Attributes:
        id: Its number in the journal.
        stream: What the rows are about.
        leaves: One per column, in order.
        names: How history calls each column.
    """

    id: int
    stream: RowStream
    leaves: tuple[Leaf, ...]
    names: tuple[str, ...]

    def encoded(self) -> bytes:
        """Return the shape as the payload of its frame."""
        return dump([self.stream, [packed(leaf) for leaf in self.leaves]])


def shape_of(number: int, stream: RowStream, paths: Iterable[Path]) -> Shape:
    """Return the shape of rows whose numbers stand at these paths."""
    leaves = tuple(leaf_of(path) for path in paths)
    return Shape(number, stream, leaves, tuple(".".join(leaf) for leaf in leaves))


def decode_shape(number: int, payload: bytes | memoryview) -> Shape:
    """Return the shape that a frame names.

    Raises:
        MalformedError: If the payload is none.
    """
    said = load(payload)
    try:
        stream, paths = said
        if stream not in ("metric", "system"):
            raise MalformedError(f"{stream!r} in a journal is no stream of rows.")
        return shape_of(number, stream, [path_from(path) for path in paths])
    except (TypeError, ValueError) as error:
        raise MalformedError(f"a shape in a journal is unreadable: {error}.") from error


def leaf_of(path: Path) -> Leaf:
    """Return a path in its normal form."""
    return (path,) if isinstance(path, str) else path


def packed(leaf: Leaf) -> Path:
    """Return a leaf in its short form, as it is written."""
    return leaf[0] if len(leaf) == 1 else leaf
