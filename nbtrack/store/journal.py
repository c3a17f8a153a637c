"""The journal of one run: append-only, written by one process, the truth about the run.

A batch is one `write`. What could not be written whole is taken back, so that the file
always ends with a whole frame as far as its writer is concerned; what a killed writer
left at the end is cut off when the journal is opened again, and passed over until then.
The writer holds an exclusive lock as long as it has the file open: that is its sign of
life (see `liveness`). Used by one thread at a time.
"""

import contextlib
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from nbtrack.errors import StoreError, UsageError
from nbtrack.records import Control, Opened, Record, Row
from nbtrack.store import liveness
from nbtrack.store.control import MalformedError
from nbtrack.store.encoding import Encoder
from nbtrack.store.frames import FrameFile, Kind, PlainFile, frame
from nbtrack.store.layout import JOURNAL, PRIVATE_FILE, SEALED, make_private, run_folder
from nbtrack.store.shapes import Shape, decode_shape
from nbtrack.store.spill import Spill, encode_record

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
_MARK = struct.Struct("<Q")


class Journal:
    """Writes the journal of one run.

    Attributes:
        path: Of the file.
        position: Bytes written, all of them whole frames.
        marked: Number of the last entry of the spill that the journal is known to have.
        marked_at: Offset of the byte after the frame that says so, when it was reopened.
    """

    def __init__(self, path: Path, descriptor: int, position: int, shapes: Sequence[Shape]) -> None:
        """Keep an open, locked file; use `create` or `reopen` to get there."""
        self.path = path
        self.position = position
        self._descriptor = descriptor
        self._encoder = Encoder(shapes)
        self._spill: Spill | None = None
        self.marked = 0
        self.marked_at = 0

    @classmethod
    def create(cls, root: Path, opened: Opened) -> Self:
        """Begin a run: make its folder and the journal, with `opened` in it.

        Raises:
            UsageError: If the uid is malformed, or there is such a run already.
            StoreError: If the folder cannot be written.
        """
        folder = run_folder(root, opened.uid)
        path = folder / JOURNAL
        if (folder / SEALED).exists():
            raise UsageError(f"there is a run {opened.uid!r} in {str(root)!r} already.")
        try:
            make_private(folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, PRIVATE_FILE)
        except FileExistsError as error:
            raise UsageError(f"there is a run {opened.uid!r} in {str(root)!r} already.") from error
        except OSError as error:
            raise StoreError(f"cannot make a run in {str(root)!r}: {error}.") from error
        journal = cls(path, descriptor, 0, ())
        try:
            journal._lock()
            # Twice: it says what run this is, and one damaged byte must not lose that.
            journal.append([opened, opened])
        except BaseException:
            journal.abandon()
            raise
        return journal

    @classmethod
    def reopen(cls, root: Path, uid: str) -> Self:
        """Go on with a run that nobody writes; what is no whole frame at its end is cut off.

        A journal that was packed is unpacked first.

        Raises:
            UsageError: If the uid is malformed.
            StoreError: If the journal cannot be opened, or another process writes it.
        """
        path = run_folder(root, uid) / JOURNAL
        if not path.exists() and path.with_name(SEALED).exists():
            from nbtrack.store.sealing import unseal  # needs numpy

            unseal(root, uid)
        try:
            descriptor = os.open(path, os.O_RDWR | _BINARY)
        except OSError as error:
            raise StoreError(f"cannot open the journal of run {uid!r}: {error}.") from error
        journal = cls(path, descriptor, 0, ())
        try:
            journal._lock()
            journal._expect_its_name()
            journal._find_end()
        except BaseException:
            journal.abandon()
            raise
        return journal

    def spill(self) -> None:
        """From now on `keep` what is not written yet; without room for that it raises.

        Raises:
            StoreError: If the spill cannot be made.
        """
        self._spill = Spill.create(self.path.parent)

    @property
    def kept(self) -> int:
        """Number of the last record that was kept; 0 where nothing is."""
        return self._spill.sequence if self._spill else 0

    def keep(self, record: Row | Control) -> bool:
        """Let a record outlive this process until it is written.

        May be called while another thread writes, by one thread at a time.

        Returns:
            Whether it does; False until what was kept before is written.
        """
        return self._spill is not None and self._spill.put(encode_record(record))

    def append(self, records: Sequence[Record], kept: int = 0) -> None:
        """Write records, all or none of them.

        Args:
            records: In order. They stay the caller's: after an error they can be tried
                again, together with later ones.
            kept: Number of the last record among them that was kept.

        Raises:
            StoreError: If they could not be written; the journal is as it was before.
        """
        data, named = self._encoder.encode(records, self.position)
        if kept > self.marked:
            data += frame(Kind.MARK, _MARK.pack(kept))
        if not data:
            return
        try:
            os.lseek(self._descriptor, self.position, os.SEEK_SET)
            written = os.write(self._descriptor, data)
        except OSError as error:
            self._take_back()
            raise StoreError(error.errno, f"{error.strerror}", str(self.path)) from error
        if written < len(data):
            self._take_back()
            raise StoreError(f"only {written} of {len(data)} bytes fit into {str(self.path)!r}.")
        self.position += written
        self._encoder.accept(named)
        self.marked = max(self.marked, kept)
        if self._spill is not None:
            self._spill.stored = self.marked

    def close(self) -> None:
        """Let go of the file: from now on the run is no longer being written."""
        spill, self._spill = self._spill, None
        if spill is not None and spill.sequence == self.marked:
            spill.discard()
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                liveness.release_lock(self._descriptor)
        self.abandon()

    def abandon(self) -> None:
        """Close the file and nothing else, for a forked child: the lock stays its parent's."""
        descriptor, self._descriptor = self._descriptor, -1
        if self._spill is not None:
            self._spill.abandon()
            self._spill = None
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _lock(self) -> None:
        if not liveness.take_lock(self._descriptor):
            raise StoreError(f"another process writes {str(self.path)!r}.")

    def _expect_its_name(self) -> None:
        """Refuse a file that was packed or moved while its lock was waited for."""
        opened = os.fstat(self._descriptor)
        if not self.path.exists() or not os.path.samestat(opened, self.path.stat()):
            raise StoreError(f"{str(self.path)!r} was packed or moved meanwhile; try again.")

    def _take_back(self) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self.position)

    def _find_end(self) -> None:
        shapes = []
        source = FrameFile(PlainFile(self._descriptor), 0)
        for found in source.frames():
            if found.kind == Kind.SHAPE:
                with contextlib.suppress(MalformedError):
                    shapes.append(decode_shape(found.shape, found.payload))
            elif found.kind == Kind.MARK and len(found.payload) == _MARK.size:
                self.marked = max(self.marked, _MARK.unpack(found.payload)[0])
                self.marked_at = source.position
        self.position = source.position
        self._encoder = Encoder(shapes)
        os.ftruncate(self._descriptor, self.position)
