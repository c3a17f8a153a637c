"""The file of a sealed journal: the same bytes at the same offsets, packed.

    block:   magic 0xFF "NZ", format version (1)
             u32 CRC-32 of the version and everything after this
             u32 bytes of the packed stretch | u32 bytes unpacked
             u64 offset in the journal | u64 bytes of the whole journal
             the packed stretch, see `packing`
    index:   like a block, 0xFF "NI": u64 place in the file and u64 offset of each block
    footer:  u32 CRC-32 | u64 place of the index | u64 bytes of the whole journal

Blocks come in order and leave nothing out. Where the index is damaged they are found by
their magic. A damaged block costs its stretch and nothing else: it is read as zeros,
which no frame consists of, so that a reader passes over them and counts them.
"""

import contextlib
import os
import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self
from zlib import crc32

from nbtrack.errors import StoreError
from nbtrack.store.control import MalformedError
from nbtrack.store.frames import Scan, Source, is_current, read_at
from nbtrack.store.layout import READING
from nbtrack.store.packing import MOST_BYTES, pack, unpack

BLOCK_BYTES = 256 << 10
"""Of the journal, in one block; 1 MB would save 3 % and cost four times as much when lost."""

FORMAT = 1
_BLOCK, _INDEX = b"\xffNZ", b"\xffNI"
_HEADER = struct.Struct("<4sIIIQQ")
_VERSION_AT, _CHECKED_FROM = 3, 8
_ENTRY = struct.Struct("<QQ")
_FOOTER = struct.Struct("<IQQ")
_PIECE_BYTES = 4 << 20
_MOST_INDEX_BYTES = 256 << 20
_MOST_RATIO = 4096  # of a journal to its file: zlib reaches a thousand


class _Block(NamedTuple):
    """Where a stretch of the journal lies.

    Attributes:
        place: In the file.
        offset: In the journal.
    """

    place: int
    offset: int


class _Header(NamedTuple):
    """What stands before a packed stretch."""

    magic: bytes
    crc: int
    packed: int
    length: int
    offset: int
    total: int

    @property
    def version(self) -> int:
        """Of the format."""
        return self.magic[_VERSION_AT]


def blocks(source: Source) -> Iterator[bytes]:
    """Yield the file of a sealed journal, a block at a time.

    Args:
        source: The journal, which nobody writes.
    """
    total, offset, place = source.size, 0, 0
    index: list[_Block] = []
    while offset < total:
        data = _stretch(source.read_at(offset, BLOCK_BYTES))
        if not data:
            raise StoreError("the journal became shorter while it was sealed.")
        block = _block(_BLOCK, pack(data), len(data), offset, total)
        index.append(_Block(place, offset))
        yield block
        offset, place = offset + len(data), place + len(block)
    entries = b"".join(_ENTRY.pack(*one) for one in index)
    footer = _FOOTER.pack(0, place, total)[4:]
    yield _block(_INDEX, entries, len(entries), 0, total)
    yield crc32(footer).to_bytes(4, "little") + footer


class SealedFile:
    """The bytes of a sealed journal; a `Source`. Used by one thread at a time.

    Attributes:
        size: Bytes of the journal, not of the file.
    """

    def __init__(self, descriptor: int, path: Path, index: list[_Block], size: int) -> None:
        """Keep an open file; use `open` to get there."""
        self.size = size
        self._descriptor = descriptor
        self._path = path
        self._index = index
        self._offsets = [one.offset for one in index]
        self._read: tuple[int | None, bytes] = (None, b"")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file of a sealed journal.

        Raises:
            FileNotFoundError: If there is none.
            StoreError: If a newer nbtrack sealed it, or there is no block of it left.
            OSError: If it cannot be read.
        """
        descriptor = os.open(path, READING)
        try:
            return cls(descriptor, path, *_index_of(descriptor, path))
        except BaseException:
            os.close(descriptor)
            raise

    def read_at(self, offset: int, most_bytes: int) -> bytes:
        """Return the bytes of the journal from an offset on, fewer only at its end.

        Raises:
            StoreError: If a newer nbtrack sealed it.
            OSError: If the file cannot be read.
        """
        end = min(self.size, offset + most_bytes)
        parts: list[bytes] = []
        while offset < end:
            number = bisect_right(self._offsets, offset) - 1
            start, stop = self._reach(number)
            part = self._stretch(number)[offset - start : min(end, stop) - start]
            missing = min(end, stop) - offset - len(part)
            parts.append(part + bytes(missing))
            offset += len(part) + missing
        return b"".join(parts)

    def is_whole(self) -> bool:
        """Tell whether every block is there and undamaged, without unpacking it."""
        return all(map(self._is_there, range(len(self._index))))

    def is_locked(self) -> bool:
        """Return False: nobody writes a sealed journal."""
        return False

    def is_at(self, path: Path) -> bool:
        """Tell whether the file of this name is the one that is open here."""
        return is_current(self._descriptor, path)

    def close(self) -> None:
        """Close the file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _reach(self, number: int) -> tuple[int, int]:
        """Return from where to where a block reaches; -1 is what is lost before the first."""
        start = self._offsets[number] if number >= 0 else 0
        return start, [*self._offsets[number + 1 : number + 2], self.size][0]

    def _stretch(self, number: int) -> bytes:
        """Return a block unpacked, nothing if it is damaged."""
        if self._read[0] != number:
            self._read = (number, self._unpacked(number))
        return self._read[1]

    def _unpacked(self, number: int) -> bytes:
        packed = self._packed(number) if number >= 0 else None
        try:
            return unpack(packed[1]) if packed else b""
        except MalformedError:
            return b""

    def _packed(self, number: int) -> tuple[_Header, bytes] | None:
        found = _read_block(self._descriptor, self._index[number].place, self._path)
        if found is None or found[0].offset != self._index[number].offset:
            return None
        return found

    def _is_there(self, number: int) -> bool:
        found = self._packed(number)
        start, stop = self._reach(number)
        return found is not None and found[0].length == stop - start


def sealed_size(path: Path) -> int:
    """Return how long the journal is that is sealed in a file.

    Raises:
        FileNotFoundError: If there is no such file.
        StoreError: If it cannot be understood.
        OSError: If it cannot be read.
    """
    descriptor = os.open(path, READING)
    try:
        footer = _footer(descriptor)
        return footer[1] if footer else _index_of(descriptor, path)[1]
    finally:
        os.close(descriptor)


def _stretch(data: bytes) -> bytes:
    """Return as much as ends with a whole frame, or all of it."""
    scan = Scan(data)
    for _ in scan:
        pass
    return data[: scan.position] or data


def _block(magic: bytes, packed: bytes, length: int, offset: int, total: int) -> bytes:
    header = _HEADER.pack(magic + bytes([FORMAT]), 0, len(packed), length, offset, total)
    crc = _checksum(header, packed)
    return b"".join((header[:4], crc.to_bytes(4, "little"), header[_CHECKED_FROM:], packed))


def _checksum(header: bytes, packed: bytes) -> int:
    return crc32(packed, crc32(header[_VERSION_AT : _VERSION_AT + 1] + header[_CHECKED_FROM:]))


def _read_block(descriptor: int, place: int, path: Path) -> tuple[_Header, bytes] | None:
    """Return a block of the file with its header, or None where there is no whole one."""
    head = read_at(descriptor, place, _HEADER.size)
    if len(head) < _HEADER.size or head[:_VERSION_AT] not in (_BLOCK, _INDEX):
        return None
    header = _Header(*_HEADER.unpack(head))
    most = _MOST_INDEX_BYTES if head.startswith(_INDEX) else 2 * MOST_BYTES
    if header.packed > most:
        return None
    packed = read_at(descriptor, place + _HEADER.size, header.packed)
    if len(packed) < header.packed or _checksum(head, packed) != header.crc:
        return None
    if header.version > FORMAT:
        raise _newer(path)
    return header, packed


def _newer(path: Path) -> StoreError:
    return StoreError(
        f"{str(path)!r} was sealed by a newer nbtrack. Update this one to read the run: "
        "pip install -U nbtrack"
    )


def _index_of(descriptor: int, path: Path) -> tuple[list[_Block], int]:
    """Return where the blocks are, and the size of the journal."""
    index, total = _written_index(descriptor, path) or _searched_index(descriptor, path)
    if total > _MOST_RATIO * os.fstat(descriptor).st_size:
        raise StoreError(f"{str(path)!r} says that it holds {total} bytes, which cannot be.")
    return index, total


def _footer(descriptor: int) -> tuple[int, int] | None:
    """Return where the index is and the size of the journal, if the footer is whole."""
    end = os.fstat(descriptor).st_size
    footer = read_at(descriptor, max(0, end - _FOOTER.size), _FOOTER.size)
    if len(footer) < _FOOTER.size:
        return None
    crc, place, total = _FOOTER.unpack(footer)
    return (place, total) if crc32(footer[4:]) == crc else None


def _written_index(descriptor: int, path: Path) -> tuple[list[_Block], int] | None:
    footer = _footer(descriptor)
    found = _read_block(descriptor, footer[0], path) if footer else None
    if found is None or not found[0].magic.startswith(_INDEX):
        return None
    header, entries = found
    index = [_Block(*entry) for entry in _ENTRY.iter_unpack(entries)]
    return (index, header.total) if _is_sound(index, header.total) else None


def _is_sound(index: list[_Block], total: int) -> bool:
    """Tell whether offsets begin at 0 and grow, by no more than a stretch may be long."""
    offsets = [one.offset for one in index]
    if total == 0 or offsets[:1] != [0]:
        return total == 0 and not offsets
    steps = zip(offsets, [*offsets[1:], total], strict=True)
    return all(0 < end - start <= MOST_BYTES for start, end in steps)


def _searched_index(descriptor: int, path: Path) -> tuple[list[_Block], int]:
    """Find the blocks of a file whose index is damaged."""
    index: list[_Block] = []
    total, place = 0, 0
    first = read_at(descriptor, 0, _HEADER.size)
    if first[:_VERSION_AT] == _BLOCK and first[_VERSION_AT] > FORMAT:
        raise _newer(path)
    while (place := _next_magic(descriptor, place)) >= 0:
        found = _read_block(descriptor, place, path)
        if found is None:
            place += 1
            continue
        header = found[0]
        total = max(total, header.total)
        if header.magic.startswith(_BLOCK) and (not index or header.offset > index[-1].offset):
            index.append(_Block(place, header.offset))
        place += _HEADER.size + header.packed
    if total == 0:
        raise StoreError(f"{str(path)!r} holds no block of a sealed journal any more.")
    return index, total


def _next_magic(descriptor: int, start: int) -> int:
    """Return where the next block may begin, -1 if nowhere."""
    while piece := read_at(descriptor, start, _PIECE_BYTES):
        found = [at for magic in (_BLOCK, _INDEX) if (at := piece.find(magic)) >= 0]
        if found:
            return start + min(found)
        if len(piece) < len(_BLOCK):
            return -1
        start += max(1, len(piece) - len(_BLOCK) + 1)
    return -1
