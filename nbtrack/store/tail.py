"""The tail: what was appended to a journal since one looked last.

A tail can begin anywhere. Where it meets rows of a shape that it does not know, it looks
back: shapes are named again every quarter of a megabyte or so.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from nbtrack.errors import RunNotFoundError, StoreError
from nbtrack.records import Notice, Record
from nbtrack.store.control import MalformedError, decode_control, decode_lines
from nbtrack.store.entries import Entry, Lines, Rows, decode_rows
from nbtrack.store.facts import RowBlock
from nbtrack.store.footing import footing_of
from nbtrack.store.frames import HEADER_BYTES, Frame, FrameFile, Kind, Source
from nbtrack.store.layout import journal_path
from nbtrack.store.parts import goes_on
from nbtrack.store.recovery import recover
from nbtrack.store.sealing import open_source, successor
from nbtrack.store.shapes import Shape, decode_shape

LOOK_BACK_BYTES = 512 << 10
_NEWER = (
    "parts of this run were written by a newer nbtrack and are not shown. To see them, type "
    "pip install --upgrade nbtrack"
)
POLL_BYTES = 32 << 20  # a reader that was away for long gets the news in parts
_KINDS = frozenset(Kind)
_SAY_NOTHING = (Kind.SHAPE, Kind.MARK)


class Tail:
    """Follows one journal, packed or not. Used by one thread at a time.

    Attributes:
        path: Of the journal before it is packed.
    """

    def __init__(self, path: Path, source: Source, position: int) -> None:
        """Keep an open journal; use `open` to get there."""
        self.path = path
        self._bytes = source
        self._frames = FrameFile(source, position)
        self._shapes: dict[int, Shape] = {}
        self._lost: set[int] = set()
        self._malformed = 0
        self._told_newer = False
        self._foreign = 0

    @classmethod
    def open(cls, root: Path, uid: str, position: int = 0) -> Self:
        """Begin at a position at which a frame begins.

        Raises:
            UsageError: If the uid is malformed.
            RunNotFoundError: If there is no journal.
            StoreError: If the journal cannot be opened, or a newer nbtrack packed it.
        """
        path = journal_path(root, uid)
        recover(root, uid)
        try:
            return cls(path, open_source(root, uid), position)
        except FileNotFoundError as error:
            raise RunNotFoundError(f"no run {uid!r} in {str(root)!r}.") from error
        except StoreError:
            raise
        except OSError as error:
            raise StoreError(f"cannot open the journal of run {uid!r}: {error}.") from error

    @property
    def position(self) -> int:
        """Offset up to which the journal was read; all before it are whole frames."""
        return self._frames.position

    @property
    def damaged(self) -> int:
        """Bytes passed over so far because they could not be understood."""
        return self._frames.damaged + self._malformed

    @property
    def foreign(self) -> int:
        """Frames passed over so far because only a newer nbtrack knows their kind."""
        return self._foreign

    @property
    def nameless(self) -> frozenset[int]:
        """Shapes of rows that are named nowhere: what was logged in them cannot be read."""
        return frozenset(self._lost)

    @property
    def is_newer(self) -> bool:
        """Whether what follows was written by a newer nbtrack, in a format of its own."""
        return self._frames.is_newer

    @property
    def size(self) -> int:
        """Bytes in the journal now."""
        return self._bytes.size

    def renew(self) -> None:
        """Go on in the file in which the journal lies by now; costs a `stat` or two.

        It is packed when its run has ended, and unpacked when somebody changes the run or
        goes on with it.
        """
        found = successor(self._bytes, self.path.parents[2], self.path.parent.name)
        if found is not None:
            self._bytes.close()
            self._bytes = found
            self._frames.turn_to(found)

    def go_to(self, position: int) -> None:
        """Go on at a position at which a frame begins."""
        self._frames.position = position

    def poll(self) -> list[Record | RowBlock]:
        """Return what is new, in order; nothing new costs one `fstat`.

        Consecutive rows with the same numeric keys come as one block. What else they
        hold is not in it.

        Raises:
            StoreError: If the journal cannot be read.
        """
        said: list[Record | RowBlock] = []
        rows: list[Rows] = []
        for entry in self.entries(POLL_BYTES):
            if rows and not (isinstance(entry, Rows) and is_continued(rows[-1], entry)):
                said.append(block_of(rows))
                rows = []
            if isinstance(entry, Rows):
                rows.append(entry)
            elif isinstance(entry, Lines):
                said.extend(entry.lines)
            else:
                said.append(entry)
        return [*said, block_of(rows)] if rows else said

    def entries(self, most_bytes: int | None = None) -> list[Entry]:
        """Return what is new, as the journal holds it.

        Args:
            most_bytes: Stop after about so many, at the end of a frame.

        Raises:
            StoreError: If the journal cannot be read.
        """
        try:
            if self.size <= self.position:
                return []
            return list(self._understood(self._frames.frames(most_bytes)))
        except OSError as error:
            raise StoreError(f"cannot read {str(self.path)!r}: {error}.") from error

    def entries_before(self, end: int, most_bytes: int) -> list[Entry]:
        """Return what is new up to a position, as the journal holds it.

        Args:
            end: A position at which a frame begins, or began before it was damaged.
            most_bytes: Stop after about so many, at the end of a frame.

        Raises:
            StoreError: If the journal cannot be read.
        """
        source = self._frames

        def frames() -> Iterator[Frame]:
            began_at = source.position
            for found in source.frames(most_bytes):
                if source.position > end:
                    source.position = end
                    return
                yield found
                if source.position >= min(end, began_at + most_bytes):
                    return

        try:
            return list(self._understood(frames()))
        except OSError as error:
            raise StoreError(f"cannot read {str(self.path)!r}: {error}.") from error

    def is_locked(self) -> bool | None:
        """Tell whether somebody writes the journal; None where that cannot be asked."""
        if footing_of(self.path.parents[2]).is_shared:
            return None
        locked = self._bytes.is_locked()
        if locked is False and goes_on(self.path.parents[2], self.path.parent.name):
            return True  # somebody who joined the run goes on with it in a moment
        return locked

    def alive(self) -> bool:
        """Tell whether the writer's lock is held."""
        return self.is_locked() is True

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._bytes.close()

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def _understood(self, frames: Iterator[Frame]) -> Iterator[Entry]:
        for found in frames:
            try:
                entry = self._decode(found)
            except MalformedError:
                self._malformed += HEADER_BYTES + len(found.payload)
                continue
            if entry is not None:
                yield entry
            elif found.kind not in _SAY_NOTHING:
                yield from self._newer()
        if self._frames.is_newer:
            yield from self._newer()

    def _newer(self) -> Iterator[Notice]:
        """Say once that there is something which only a newer nbtrack understands."""
        if not self._told_newer:
            self._told_newer = True
            yield Notice(0, "warning", "newer nbtrack", _NEWER)

    def _decode(self, found: Frame) -> Entry | None:
        if found.kind == Kind.ROWS:
            return decode_rows(found.payload, self._shape(found))
        if found.kind == Kind.LINES:
            return Lines(tuple(decode_lines(found.payload)))
        if found.kind == Kind.CONTROL:
            return decode_control(found.payload)
        if found.kind == Kind.SHAPE and found.shape not in self._shapes:
            self._shapes[found.shape] = decode_shape(found.shape, found.payload)
        self._foreign += found.kind not in _KINDS
        return None

    def _shape(self, found: Frame) -> Shape:
        shape = self._shapes.get(found.shape)
        if shape is None and found.shape not in self._lost:
            self._look_back(found.shape)
            shape = self._shapes.get(found.shape)
        if shape is None:
            raise MalformedError(f"shape {found.shape} is named nowhere in {str(self.path)!r}.")
        return shape

    def _look_back(self, number: int) -> None:
        """Find the shape before the present position, or else after it."""
        reach = LOOK_BACK_BYTES
        while number not in self._shapes:
            start = max(0, self.position - reach)
            self._gather_shapes(start, None if start == 0 else reach)
            reach *= 8
            if start == 0:
                break
        if number not in self._shapes:
            self._lost.add(number)

    def _gather_shapes(self, start: int, most_bytes: int | None) -> None:
        for found in FrameFile(self._bytes, start).frames(most_bytes):
            if found.kind == Kind.SHAPE and found.shape not in self._shapes:
                with contextlib.suppress(MalformedError):
                    self._shapes[found.shape] = decode_shape(found.shape, found.payload)


def is_continued(rows: Rows, entry: Rows) -> bool:
    """Tell whether rows are followed by rows with the same numbers."""
    return rows.shape is entry.shape and rows.columns == entry.columns


def block_of(rows: list[Rows]) -> RowBlock:
    """Return rows with the same numbers as one block, in arrays of its own."""
    shape, columns = rows[0].shape, rows[0].columns
    steps = np.concatenate([one.steps for one in rows]).astype(np.float64)
    if shape.stream == "system":
        steps.fill(np.nan)
    return RowBlock(
        stream=shape.stream,
        keys=tuple(shape.names[column] for column in columns),
        steps=steps,
        times_us=np.concatenate([one.times_us for one in rows]).astype(np.int64),
        values=np.concatenate([one.values[:, columns] for one in rows]).astype(np.float64),
    )
