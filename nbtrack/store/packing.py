"""A stretch of a journal made small, and back, byte for byte.

Numbers of rows hardly shrink as they lie. So the rows of a stretch are put together by
shape: steps and times as differences, a column of numbers that repeat themselves as it
is, any other column byte plane by byte plane (all highest bytes, then all next ones),
each with a code of its own. All other bytes stay in their order. What a frame's header
says of rows follows from the rows and is not kept.

    u8 method | u32 bytes unpacked |
        0: zlib of the bytes
        1: u32 frames | u32 bytes of the first part | first part | second part, both zlib
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nbtrack.store.control import MalformedError
from nbtrack.store.frames import HEADER_BYTES, Kind, Scan, frame
from nbtrack.store.shapes import BLOCK_HEADER

MOST_BYTES = 16 << 20
"""Of a stretch: what a file asks for beyond that is no stretch of ours."""

_PLAIN, _ROWS = 0, 1
_HEAD = struct.Struct("<BI")
_PARTS = struct.Struct("<II")
_PLAN_BYTES = 4 * 5  # of a frame's place
_LEVEL = 4  # 6 takes half as long again for 2 % less
_OWN_CODE_FROM = 256  # values: below, a code of its own costs a plane more than it saves
_REPEATING = 0.5  # distinct values of a column, at most: rounded ones, counters, settings

Bytes: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint64]


class _Place(NamedTuple):
    """Where rows lie in a stretch.

    Attributes:
        gap: Bytes between the frame before and this one.
        shape: Number of their shape.
        count: How many.
        width: Numbers in each.
        others: Bytes of JSON behind the numbers.
    """

    gap: int
    shape: int
    rows: int
    width: int
    others: int

    @property
    def numbers_bytes(self) -> int:
        """Bytes of steps, times and numbers."""
        return 8 * self.rows * (2 + self.width)


class _Group(NamedTuple):
    """Rows of one shape, put together.

    Attributes:
        width: Numbers in each.
        rows: How many.
        members: Which of the places they come from.
    """

    width: int
    rows: int
    members: list[int]


def pack(data: bytes) -> bytes:
    """Return bytes packed; any bytes can be, those of a journal best.

    Args:
        data: At most `MOST_BYTES`.
    """
    packed = _pack_rows(data)
    # What is no frame of ours after all must come back as it was.
    if packed is None or unpack(packed) != data:
        packed = _HEAD.pack(_PLAIN, len(data)) + zlib.compress(data, _LEVEL)
    return packed


def unpack(packed: bytes) -> bytes:
    """Return the bytes that were packed.

    Raises:
        MalformedError: If these are none.
    """
    try:
        method, size = _HEAD.unpack_from(packed)
        rest = packed[_HEAD.size :]
        if method > _ROWS or size > MOST_BYTES:
            raise MalformedError("a packed stretch of a journal is of no known kind.")
        data = _inflated(rest, size) if method == _PLAIN else _unpack_rows(rest, size)
    except (struct.error, zlib.error, ValueError, IndexError) as error:
        raise MalformedError(f"a packed stretch of a journal is unreadable: {error}.") from error
    if len(data) != size:
        raise MalformedError("a packed stretch of a journal has lost some of it.")
    return data


def _pack_rows(data: bytes) -> bytes | None:
    places: list[_Place] = []
    texts: list[bytes | memoryview] = []
    numbers: list[memoryview] = []
    end = 0
    for start, place, payload in _rows_of(data):
        places.append(place._replace(gap=start - end))
        numbers_end = BLOCK_HEADER.size + place.numbers_bytes
        texts += (data[end:start], payload[numbers_end:])
        numbers.append(payload[BLOCK_HEADER.size : numbers_end])
        end = start + HEADER_BYTES + len(payload)
    if not places:
        return None
    texts.append(data[end:])
    kept, planes = _packed_numbers(places, numbers)
    first = zlib.compress(b"".join((_plan(places), *texts, *kept)), _LEVEL)
    parts = (_PARTS.pack(len(places), len(first)), first, planes)
    return b"".join((_HEAD.pack(_ROWS, len(data)), *parts))


def _unpack_rows(packed: bytes, size: int) -> bytes:
    count, first_bytes = _PARTS.unpack_from(packed)
    if count > size // HEADER_BYTES:
        raise MalformedError("a packed stretch of a journal names more frames than fit.")
    rest = packed[_PARTS.size :]
    first = _inflated(rest[:first_bytes], size + _PLAN_BYTES * count)
    planes = np.frombuffer(_inflated(rest[first_bytes:], size), np.uint8)
    places = _places(first, count, size)
    headers = count * (HEADER_BYTES + BLOCK_HEADER.size)
    texts_bytes = size - headers - sum(one.numbers_bytes for one in places)
    texts = memoryview(first)[_PLAN_BYTES * count :]
    numbers = _unpacked_numbers(places, texts[texts_bytes:], planes)
    return b"".join(_put_together(places, texts[:texts_bytes], numbers))


def _rows_of(data: bytes) -> Iterator[tuple[int, _Place, memoryview]]:
    """Yield where each frame of rows begins, what is in it, and its payload."""
    for found in Scan(data):
        payload = found.payload
        if found.kind != Kind.ROWS or len(payload) < BLOCK_HEADER.size:
            continue
        rows, others = BLOCK_HEADER.unpack_from(payload)
        width, odd = divmod(len(payload) - BLOCK_HEADER.size - 16 * rows - others, 8 * rows + 1)
        if rows > 0 and width >= 0 and odd == 0:
            start = found.end - len(payload) - HEADER_BYTES
            yield start, _Place(0, found.shape, rows, width, others), payload


def _plan(places: Sequence[_Place]) -> bytes:
    return np.array(places, "<u4").T.tobytes()


def _places(first: bytes, count: int, size: int) -> list[_Place]:
    plan = np.frombuffer(first, "<u4", 5 * count).reshape(5, count)
    places = list(map(_Place._make, plan.T.tolist()))
    if sum(one.numbers_bytes + one.gap + one.others + one.width for one in places) > size:
        raise MalformedError("a packed stretch of a journal names more rows than fit.")
    return places


def _groups(places: Sequence[_Place]) -> list[_Group]:
    """Return which rows are put together, in order of coming."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, place in enumerate(places):
        groups.setdefault((place.shape, place.width), []).append(index)
    return [
        _Group(width, sum(places[index].rows for index in members), members)
        for (_, width), members in groups.items()
    ]


def _packed_numbers(
    places: Sequence[_Place], numbers: Sequence[memoryview]
) -> tuple[list[bytes], bytes]:
    """Return what is kept as it is, and the packed planes."""
    kept: list[bytes] = []
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    packed: list[bytes] = []
    for group in _groups(places):
        parts = [(numbers[index], 8 * places[index].rows) for index in group.members]
        for planes in _planes_of(parts, group.width, kept):
            for plane in planes:
                packed.append(packer.compress(plane.tobytes()))
                if len(plane) >= _OWN_CODE_FROM:
                    packed.append(packer.flush(zlib.Z_PARTIAL_FLUSH))
    packed.append(packer.flush())
    return kept, b"".join(packed)


def _planes_of(
    parts: Sequence[tuple[memoryview, int]], width: int, kept: list[bytes]
) -> Iterator[Bytes]:
    """Yield the planes of the columns of a group; columns that repeat go into `kept`."""
    yield _planes(_differences(_joined(part[:size] for part, size in parts)))
    yield _planes(_differences(_joined(part[size : 2 * size] for part, size in parts)))
    values = _joined(part[2 * size :] for part, size in parts)
    columns = np.ascontiguousarray(values.reshape(-1, width).T) if width else ()
    repeats = [_is_repeating(column) for column in columns]
    kept.append(bytes(repeats))
    for column, is_repeating in zip(columns, repeats, strict=True):
        if is_repeating:
            kept.append(column.tobytes())
        else:
            yield _planes(column)


def _unpacked_numbers(
    places: Sequence[_Place], kept: memoryview, planes: Bytes
) -> list[list[memoryview]]:
    """Return steps, times and values of each frame."""
    found: list[list[memoryview]] = [[] for _ in places]
    for width, rows, members in _groups(places):
        repeats, kept = bytes(kept[:width]), kept[width:]
        ends = [np.cumsum(_words(planes[at : at + 8 * rows])) for at in (0, 8 * rows)]
        planes = planes[16 * rows :]
        values = np.empty((rows, width), "<u8")
        for column, is_repeating in zip(values.T, repeats, strict=True):
            if is_repeating:
                column[:], kept = np.frombuffer(kept, "<u8", rows), kept[8 * rows :]
            else:
                column[:], planes = _words(planes[: 8 * rows]), planes[8 * rows :]
        for part, each in ((ends[0], 8), (ends[1], 8), (values, 8 * width)):
            data = memoryview(part.astype("<u8", copy=False).tobytes())
            for index in members:
                size = each * places[index].rows
                found[index].append(data[:size])
                data = data[size:]
    return found


def _put_together(
    places: Sequence[_Place], texts: memoryview, numbers: Sequence[Sequence[memoryview]]
) -> Iterator[bytes | memoryview]:
    for place, parts in zip(places, numbers, strict=True):
        yield texts[: place.gap]
        end = place.gap + place.width + place.others
        header = BLOCK_HEADER.pack(place.rows, place.others)
        yield frame(Kind.ROWS, b"".join((header, *parts, texts[place.gap : end])), place.shape)
        texts = texts[end:]
    yield texts


def _is_repeating(column: Words) -> bool:
    distinct = 1 + np.count_nonzero(np.diff(np.sort(column)))
    return bool(distinct <= _REPEATING * len(column))


def _joined(parts: Iterable[memoryview]) -> Words:
    return np.frombuffer(b"".join(parts), "<u8")


def _differences(words: Words) -> Words:
    return np.diff(words, prepend=np.uint64(0))  # they wrap around, and back


def _planes(words: Words) -> Bytes:
    return np.ascontiguousarray(words).view(np.uint8).reshape(len(words), 8).T


def _words(planes: Bytes) -> Words:
    return np.ascontiguousarray(planes.reshape(8, -1).T).view("<u8").ravel()


def _inflated(packed: bytes, most: int) -> bytes:
    """Return what zlib packed; never more than `most` bytes, whatever a file says."""
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, most + 1)
    if len(data) > most or not unpacker.eof:
        raise MalformedError("a packed stretch of a journal is not as long as it says.")
    return data
