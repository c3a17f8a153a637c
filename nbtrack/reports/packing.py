"""Many numbers in few bytes, none of them rounded.

A buffer of the protocol is runs of 8-byte floats. Each run becomes a column: evenly spaced
numbers need no bytes, whole ones (and times, whole microseconds) are told by how much they
grow, and all else byte plane by byte plane, which is what deflate is good at. Runs that are
the same, such as the steps of metrics logged together, stand there once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import StoreError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES = 8  # of a number
_EXACT = 2**52  # differences below that stay whole in a browser's numbers, signs and all
_DIVISORS = (1, MICROSECONDS)


class ColumnHead(TypedDict):
    """One run of numbers.

    `even` is `first` and then always `by` more. `whole` stands in `planes` byte planes, the
    most significant first: how much each number grows by, signs in the lowest bit, all of
    it divided by `divisor` at the end. `float` stands in eight planes.
    """

    kind: Literal["even", "whole", "float"]
    points: int
    first: NotRequired[float]
    by: NotRequired[float]
    planes: NotRequired[int]
    divisor: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Packed:
    """A buffer, packed.

    Attributes:
        columns: The runs of numbers, each different one once.
        layout: Which columns make the buffer, one after the other.
        body: What the columns consist of, one after the other.
    """

    columns: list[ColumnHead]
    layout: list[int]
    body: bytes


def pack(buffer: bytes, runs: Sequence[int]) -> Packed:
    """Return a buffer, packed.

    Args:
        buffer: Little-endian 8-byte floats.
        runs: How many of them belong together, in order.
    """
    known: dict[bytes, int] = {}
    columns: list[ColumnHead] = []
    bodies: list[bytes] = []
    layout: list[int] = []
    start = 0
    for points in runs:
        part = buffer[start : start + _BYTES * points]
        start += len(part)
        if part not in known:
            known[part] = len(columns)
            head, body = _column(np.frombuffer(part, dtype="<f8"))
            columns.append(head)
            bodies.append(body)
        layout.append(known[part])
    return Packed(columns, layout, b"".join(bodies))


def unpack(packed: Packed) -> bytes:
    """Return the buffer as it was, bit for bit.

    Raises:
        StoreError: If the columns and their bytes do not fit each other.
    """
    found: list[bytes] = []
    start = 0
    for head in packed.columns:
        length = _length(head)
        body = packed.body[start : start + length]
        if len(body) != length:
            raise StoreError(f"packed numbers end {length - len(body)} bytes too early.")
        start += length
        found.append(np.ascontiguousarray(_numbers(head, body), dtype="<f8").tobytes())
    return b"".join(found[number] for number in packed.layout)


def _column(numbers: "NDArray[np.float64]") -> tuple[ColumnHead, bytes]:
    even = _evenly(numbers)
    if even is not None:
        return even, b""
    for divisor in _DIVISORS:
        whole = _wholly(numbers, divisor)
        if whole is not None:
            return whole
    bits = numbers.view("<u8")
    return ColumnHead(kind="float", points=len(numbers)), _planes(bits, _BYTES)


def _evenly(numbers: "NDArray[np.float64]") -> ColumnHead | None:
    if not len(numbers) or not np.isfinite(numbers[[0, -1]]).all():
        return None
    first = float(numbers[0])
    by = float(numbers[1]) - first if len(numbers) > 1 else 0.0
    if not np.array_equal(_even(first, by, len(numbers)).view("<u8"), numbers.view("<u8")):
        return None
    return ColumnHead(kind="even", points=len(numbers), first=first, by=by)


def _even(first: float, by: float, points: int) -> "NDArray[np.float64]":
    with np.errstate(all="ignore"):
        numbers: NDArray[np.float64] = first + by * np.arange(points, dtype=np.float64)
    return numbers


def _wholly(numbers: "NDArray[np.float64]", divisor: int) -> tuple[ColumnHead, bytes] | None:
    """Return numbers as growing whole ones, where that gives back every bit of them."""
    if not len(numbers) or not (np.abs(numbers) < _EXACT / 2 / divisor).all():
        return None
    scaled = np.rint(numbers * divisor).astype(np.int64)
    if not np.array_equal((scaled / divisor).view("<u8"), numbers.view("<u8")):
        return None
    grows = np.diff(scaled, prepend=0)
    told = ((grows << 1) ^ (grows >> 63)).astype("<u8")
    planes = max(1, -(-int(told.max()).bit_length() // 8))
    head = ColumnHead(kind="whole", points=len(numbers), planes=planes, divisor=divisor)
    return head, _planes(told, planes)


def _planes(words: "NDArray[np.uint64]", planes: int) -> bytes:
    """Return the lowest bytes of words: first the most significant ones of all words."""
    table = words.astype(">u8").view(np.uint8).reshape(-1, _BYTES)
    return np.ascontiguousarray(table[:, _BYTES - planes :].T).tobytes()


def _length(head: ColumnHead) -> int:
    planes = {"even": 0, "whole": head.get("planes", 0), "float": _BYTES}[head["kind"]]
    return planes * head["points"]


def _numbers(head: ColumnHead, body: bytes) -> "NDArray[np.float64]":
    points = head["points"]
    if head["kind"] == "even":
        return _even(head["first"], head["by"], points)
    planes = len(body) // points if points else 0
    table = np.zeros((points, _BYTES), dtype=np.uint8)
    table[:, _BYTES - planes :] = np.frombuffer(body, dtype=np.uint8).reshape(planes, points).T
    words = table.reshape(-1).view(">u8").astype(np.uint64)
    if head["kind"] == "float":
        return words.view(np.float64)
    grows = (words >> np.uint64(1)).astype(np.int64) ^ -(words & np.uint64(1)).astype(np.int64)
    return np.cumsum(grows) / head["divisor"]
