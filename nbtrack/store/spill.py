"""What `log()` took and the journal does not have yet: a small file in memory's clothes.

A journal is written ten times a second. Until then a record would be lost with its
kernel, so `put` first copies it into a preallocated, memory-mapped file: the kernel of
the operating system keeps that page when the process is killed. Costs about half a
microsecond, and no system call.

    offset  size
         0     8  magic and format version
         8        entries, one after the other:
                  u32 length | u32 CRC-32 of the payload | u64 sequence | payload

Sequence numbers grow by one. Once the journal has all of them, the next entry begins at
the front again; what stands behind it is older, and there a reader stops. After a record
for which there was no room none gets an entry until the journal has that one: what stands
here has no gaps. An entry's header is written after its payload, so that a killed writer
leaves it whole or not at all.
"""

import contextlib
import mmap
import os
import struct
import time
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self
from zlib import crc32

import msgspec

from nbtrack.errors import StoreError
from nbtrack.records import Control, Record, Row
from nbtrack.store.control import (
    MalformedError,
    decode_control,
    dump,
    encode_control,
    load,
    pairs_from,
)
from nbtrack.store.layout import PRIVATE_FILE, READING

NAME = "spill.nbs"
SIZE_BYTES = 4 << 20

_MAGIC = b"\xffNBS\x01\x00\x00\x00"
_START = len(_MAGIC)
_HEADER = struct.Struct("<IIQ")
_HEADER_BYTES = _HEADER.size
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


_ROW, _ROW_AS_JSON, _CONTROL = b"R", b"J", b"C"
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[int, int, dict[str | tuple[str, ...], Any]]).decode


class Spilled(NamedTuple):
    """One entry, as a reader finds it.

    Attributes:
        sequence: Its number in the run, from 1.
        payload: What was put.
    """

    sequence: int
    payload: bytes


class Spill:
    """Writes the spill of one run. Used under a lock of its owner's.

    Attributes:
        sequence: Number of the last record, 0 before the first.
        stored: Number of the last entry that the journal has; set by its writer.
    """

    def __init__(self, path: Path, memory: mmap.mmap) -> None:
        """Keep a mapped file; use `create` to get there."""
        self._path = path
        self._memory = memory
        self._size = len(memory)
        self._position = _START
        self._is_full = False
        self.sequence = 0
        self.stored = 0

    @classmethod
    def create(cls, folder: Path, size: int = SIZE_BYTES) -> Self:
        """Make the file, all of it: later a full disk could only end the process.

        Args:
            folder: Of the run.
            size: Of the file, bytes.

        Raises:
            StoreError: If there is no room for it, or it cannot be mapped.
        """
        path = folder / NAME
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, PRIVATE_FILE)
            try:
                _allocate(descriptor, size)
                memory = mmap.mmap(descriptor, size)
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:
            with contextlib.suppress(OSError):
                path.unlink()
            raise StoreError(f"{path} cannot be made: {error}.") from error
        memory[:_START] = _MAGIC
        return cls(path, memory)

    def put(self, payload: bytes) -> bool:
        """Keep a record; return False when there is no room before the journal has some."""
        if self.stored == self.sequence:
            self._position, self._is_full = _START, False
        elif self._is_full:
            return False
        start = self._position
        begins = start + _HEADER_BYTES
        ends = begins + len(payload)
        if ends > self._size:
            return False
        self._memory[begins:ends] = payload
        _HEADER.pack_into(self._memory, start, len(payload), crc32(payload), self.sequence + 1)
        self.sequence += 1
        self._position = ends
        return True

    def can_hold(self, payload: bytes) -> bool:
        """Tell whether there is ever room for a record."""
        return _START + _HEADER_BYTES + len(payload) <= self._size

    def pass_over(self) -> None:
        """Give a record a number and no entry; none gets one until the journal has it."""
        self._is_full = True
        self.sequence += 1

    def discard(self) -> None:
        """Remove the file: the journal has all of it."""
        self.abandon()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def abandon(self) -> None:
        """Let the file go as it is, for a forked child."""
        self._memory.close()


def encode_record(record: Row | Control) -> bytes:
    """Return a record as the payload of an entry."""
    if not isinstance(record, Row):
        return _CONTROL + encode_control(record)
    try:
        return _ROW + _pack(record)
    except (TypeError, ValueError, OverflowError):  # lone surrogates, subclasses of float
        values = [[path, value] for path, value in record.values.items()]
        return _ROW_AS_JSON + dump([record.step, record.time_us, values])


def decode_record(payload: bytes) -> Record | None:
    """Return the record, or None for one of a kind that only a newer nbtrack knows.

    Raises:
        MalformedError: If it is none.
    """
    kind, content = payload[:1], payload[1:]
    if kind == _CONTROL:
        return decode_control(content)
    try:
        step, time_us, values = _unpack(content) if kind == _ROW else load(content)
        return Row(int(step), int(time_us), values if kind == _ROW else pairs_from(values))
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise MalformedError(f"an entry of a spill is unreadable: {error}.") from error


def read_spill(folder: Path) -> list[Spilled]:
    """Return what a spill holds, oldest first; nothing where there is none or it is damaged.

    Args:
        folder: Of the run.
    """
    try:
        with _opened(folder) as file:
            data = file.read()
    except OSError:
        return []
    entries: list[Spilled] = []
    if not data.startswith(_MAGIC):
        return entries
    start = _START
    while (entry := _entry_at(data, start)) is not None:
        if entries and entry.sequence != entries[-1].sequence + 1:
            break
        entries.append(entry)
        start += _HEADER_BYTES + len(entry.payload)
    return entries


def is_newer(folder: Path) -> bool:
    """Tell whether a newer nbtrack wrote the spill of a run, in a format of its own."""
    try:
        with _opened(folder) as file:
            begin = file.read(_START)
    except OSError:
        return False
    return begin.startswith(_MAGIC[:4]) and begin[4:] > _MAGIC[4:]


def is_spill(folder: Path) -> bool:
    """Tell whether the spill of a run begins as one; True where there is none."""
    try:
        with _opened(folder) as file:
            start = file.read(len(_MAGIC))
    except OSError:
        return True
    return start == _MAGIC or not start.strip(b"\0")  # a killed writer had just made it


def _opened(folder: Path) -> BinaryIO:
    return os.fdopen(os.open(folder / NAME, READING), "rb")


def set_spill_aside(folder: Path) -> None:
    """Rename a spill that cannot be read: what it holds is kept for whoever can."""
    suffix = time.strftime(".corrupt-%Y%m%d-%H%M%S", time.gmtime())
    with contextlib.suppress(OSError):
        (folder / NAME).rename(folder / (NAME + suffix))


def remove_spill(folder: Path) -> None:
    """Remove the spill of a run whose journal has all of it."""
    with contextlib.suppress(OSError):
        (folder / NAME).unlink()


def _entry_at(data: bytes, start: int) -> Spilled | None:
    begins = start + _HEADER_BYTES
    if begins > len(data):
        return None
    length, crc, sequence = _HEADER.unpack_from(data, start)
    payload = data[begins : begins + length]
    whole = sequence > 0 and len(payload) == length and crc32(payload) == crc
    return Spilled(sequence, payload) if whole else None


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    elif os.write(descriptor, bytes(size)) < size:  # macOS, Windows
        raise OSError(f"no room for {size} bytes")
