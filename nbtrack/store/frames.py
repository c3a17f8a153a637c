"""The frame: the smallest part of a journal that is whole or worth nothing.

    offset  size
         0     4  magic 0xFF "NB", format version (1)
         4     4  CRC-32 of everything after it, little-endian like all numbers
         8     4  length of the payload in bytes
        12     4  kind (lowest byte) and shape number (upper three bytes)
        16     n  payload

0xFF never occurs in UTF-8, so text cannot look like a frame. Where bytes are damaged the
scan goes on at the next magic that begins a whole frame; at the end of a file, bytes
that may still become a frame are left alone. So are frames of a newer format.
"""

import contextlib
import os
import struct
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, Protocol
from zlib import crc32

from nbtrack.store import liveness

FORMAT = 1
MAGIC = b"\xffNB" + bytes([FORMAT])
PIECE_BYTES = 4 << 20

_NAME = MAGIC[:-1]
_HEADER = struct.Struct("<4sIII")
_CHECKED = struct.Struct("<II")
_CHECKED_FROM = 8
HEADER_BYTES = _HEADER.size
MOST_SHAPES = 1 << 24


class Kind(IntEnum):
    """What a payload is."""

    CONTROL = 1
    SHAPE = 2
    ROWS = 3
    LINES = 4
    MARK = 5


class Frame(NamedTuple):
    """One whole frame.

    Attributes:
        kind: What the payload is; numbers that `Kind` does not know come from a newer
            writer and are to be passed over.
        shape: Number of the shape of its rows, 0 where there are none.
        payload: A view of the scanned bytes, not a copy.
        end: Offset in the scanned bytes of the byte after it.
    """

    kind: int
    shape: int
    payload: memoryview
    end: int


def frame(kind: Kind, payload: bytes, shape: int = 0) -> bytes:
    """Return a payload as a frame.

    Args:
        kind: What the payload is.
        payload: Less than 4 GiB.
        shape: Number of the shape of the rows, below `MOST_SHAPES`.
    """
    checked = _CHECKED.pack(len(payload), kind | shape << 8)
    crc = crc32(payload, crc32(checked))
    return b"".join((MAGIC, crc.to_bytes(4, "little"), checked, payload))


class Scan:
    """Finds the frames of a piece of a journal.

    Attributes:
        position: Offset of the byte after the last whole frame so far.
        damaged: Bytes passed over so far because they are no frame.
    """

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self.damaged = 0
        self._bytes = data
        self._data = memoryview(data)

    def __iter__(self) -> Iterator[Frame]:
        """Yield whole frames in order; whoever takes one may stop after it."""
        while True:
            found = self._frame_at(self.position) or self._next_after_damage()
            if found is None:
                return
            self.position = found.end
            yield found

    def _frame_at(self, start: int) -> Frame | None:
        data = self._data
        if len(data) - start < HEADER_BYTES:
            return None
        magic, crc, length, tag = _HEADER.unpack_from(data, start)
        end = start + HEADER_BYTES + length
        if magic != MAGIC or end > len(data):
            return None
        if crc32(data[start + _CHECKED_FROM : end]) != crc:
            return None
        return Frame(tag & 0xFF, tag >> 8, data[start + HEADER_BYTES : end], end)

    def _next_after_damage(self) -> Frame | None:
        start = self.position
        while (start := self._bytes.find(MAGIC, start + 1)) >= 0:
            found = self._frame_at(start)
            if found is not None:
                self.damaged += start - self.position
                return found
        return None


class Source(Protocol):
    """The bytes of a journal, wherever they lie. Closing a second time does nothing."""

    @property
    def size(self) -> int:
        """How many there are now."""
        ...

    def read_at(self, offset: int, most_bytes: int) -> bytes:
        """Return the bytes from an offset on, fewer only at the end."""
        ...

    def is_locked(self) -> bool | None:
        """Tell whether somebody writes them; None where that cannot be asked."""
        ...

    def is_at(self, path: Path) -> bool:
        """Tell whether the file of this name is the one that is open here."""
        ...

    def close(self) -> None:
        """Let go of them."""
        ...


class PlainFile:
    """The bytes of an open journal; the descriptor belongs to it from now on."""

    def __init__(self, descriptor: int) -> None:
        """Keep an open file."""
        self._descriptor = descriptor

    @property
    def size(self) -> int:
        """How many bytes there are now."""
        return os.fstat(self._descriptor).st_size

    def read_at(self, offset: int, most_bytes: int) -> bytes:
        """Return the bytes from an offset on, fewer only at the end."""
        return read_at(self._descriptor, offset, most_bytes)

    def is_locked(self) -> bool | None:
        """Tell whether somebody writes the file; None where that cannot be asked."""
        return liveness.is_locked(self._descriptor)

    def is_at(self, path: Path) -> bool:
        """Tell whether the file of this name is the one that is open here."""
        return is_current(self._descriptor, path)

    def close(self) -> None:
        """Close the file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)


class FrameFile:
    """Reads the frames of a journal from a position to its present end.

    Attributes:
        position: Offset of the byte after the last whole frame that was yielded.
        damaged: Bytes passed over so far because they are no frame.
        is_newer: Whether a frame of a newer format stands at `position`.
    """

    def __init__(self, source: Source, position: int) -> None:
        self.position = position
        self.damaged = 0
        self.is_newer = False
        self._source = source

    def turn_to(self, source: Source) -> None:
        """Go on in another file of the same bytes."""
        self._source = source

    def frames(self, most_bytes: int | None = None) -> Iterator[Frame]:
        """Yield the frames from `position` on. Each one's `end` is an offset in its piece.

        Args:
            most_bytes: Stop after about so many bytes, at the end of a frame.
        """
        stop_at = None if most_bytes is None else self.position + most_bytes
        size = PIECE_BYTES
        while stop_at is None or self.position < stop_at:
            began_at = self.position
            left = self._source.size - began_at
            data = self._source.read_at(began_at, min(size, left)) if left > 0 else b""
            damaged = self.damaged
            for found in (scan := Scan(data)):
                self.position = began_at + found.end
                self.damaged = damaged + scan.damaged
                yield found
            if len(data) >= left and self.position == began_at:
                self.is_newer = data.startswith(_NAME) and data[: len(MAGIC)] > MAGIC
                return
            # A frame larger than a piece, or damage: look at more at once.
            size = size if self.position > began_at else 2 * size


def is_current(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def read_at(descriptor: int, offset: int, most_bytes: int) -> bytes:
    """Return the bytes of an open file from an offset on, fewer only at its end."""
    if hasattr(os, "pread"):  # forked processes share one file position
        return os.pread(descriptor, most_bytes, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, most_bytes)
