"""The journal of one run: append-only, written by one process, the truth about the run.

A batch is one `write`. What could not be written whole is taken back, so that the file
always ends with a whole frame as far as its writer is concerned; what a killed writer
left at the end is cut off when the journal is opened again, and passed over until then.
The writer holds an exclusive lock as long as it has the file open: that is its sign of
life (see `liveness`). Used by one thread at a time.

On a network file system (see `footing`) there is no lock, and every batch is on the
server before the next one is begun: other hosts see whole batches in order, and an error
of the server's concerns the batch that is at hand.
A batch that was cut short by a KeyboardInterrupt is written again, at the same place and
with the same bytes; a signal's handler that wrote it meanwhile has done so, too. It is
written once `position` is past its beginning.
"""

import contextlib
import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from nbtrack.errors import StoreError, UsageError
from nbtrack.records import Control, Gathered, Notice, Opened, Record, Row
from nbtrack.store import liveness
from nbtrack.store.control import MalformedError
from nbtrack.store.durable import sync_entry, sync_file
from nbtrack.store.encoding import Encoder
from nbtrack.store.footing import footing_of
from nbtrack.store.frames import FrameFile, Kind, PlainFile, frame
from nbtrack.store.layout import JOURNAL, PRIVATE_FILE, SEALED, make_private, run_folder
from nbtrack.store.listing import note_taking_up
from nbtrack.store.shapes import Shape, decode_shape
from nbtrack.store.spill import NAME as SPILL
from nbtrack.store.spill import SIZE_BYTES, Spill, encode_record

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
_MARK = struct.Struct("<Q")
_FORCE = getattr(os, "fdatasync", os.fsync)  # macOS, Windows have the latter


class DeletedError(StoreError):
    """Somebody deleted the journal while it was being written; nothing brings it back."""


class Journal:
    """Writes the journal of one run.

    Attributes:
        path: Of the file.
        position: Bytes written, all of them whole frames.
        marked: Number of the last entry of the spill that the journal is known to have.
        marked_at: Offset of the byte after the frame that says so, when it was reopened.
        durability_reason: Why what is logged may be lost with its process until it is
            written, 0.1 s later; "" where it need not be.
    """

    _descriptor = -1
    _spill: Spill | None = None

    def __init__(self, path: Path, descriptor: int, position: int, shapes: Sequence[Shape]) -> None:
        """Keep an open, locked file; use `create` or `reopen` to get there."""
        self._descriptor = descriptor
        footing = footing_of(path.parents[2])
        self._is_shared = footing.is_shared
        self.durability_reason = f"the workspace {footing.reason}" if footing.is_shared else ""
        self.path = path
        self.position = position
        self._encoder = Encoder(shapes)
        self._synced = 0
        # Some file systems count no links at all.
        self._counts_links = os.fstat(descriptor).st_nlink > 0
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
            journal.discard()
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
            note_taking_up(root)
        except BaseException:
            journal.abandon()
            raise
        return journal

    def spill(self, size: int = SIZE_BYTES) -> None:
        """From now on `keep` what is not written yet; without room for that it raises.

        Raises:
            StoreError: If the spill cannot be made.
        """
        self._spill = Spill.create(self.path.parent, size)
        # A journal that was reopened has a mark: what is kept from here on comes after it.
        self._spill.sequence = self._spill.stored = self.marked

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

    def pass_over(self, record: Row | Control) -> None:
        """Count a record that cannot be kept, for the time until it is written.

        Nothing is kept until then, so that no row comes back without one that was logged
        before it. Only for a row that fits no spill at all a word is kept in its place.
        """
        if self._spill is None:
            return
        payload = encode_record(record)
        if isinstance(record, Row) and not self._spill.can_hold(payload):
            said = encode_record(_missing(record, len(payload)))
            if self._spill.put(said):
                return
        self._spill.pass_over()

    def append(self, records: Sequence[Record | Gathered], kept: int = 0) -> None:
        """Write records, all or none of them.

        Args:
            records: In order. They stay the caller's: after an error they can be tried
                again, together with later ones; after an interrupt they must be, unless
                `position` is past where it was.
            kept: Number of the last record among them that was kept.

        Raises:
            StoreError: If they could not be written; the journal is as it was before.
            DeletedError: If there is no such file any more.
        """
        start = self.position
        data, named = self._encoder.encode(records, start)
        if kept > self.marked:
            data += frame(Kind.MARK, _MARK.pack(kept))
        if not data:
            return
        end = start + len(data)
        try:
            self._must_be_there()
            os.lseek(self._descriptor, start, os.SEEK_SET)
            if self.position != start:
                return  # a signal's handler wrote them meanwhile
            written = os.write(self._descriptor, data)
            if self._is_shared and written == len(data):
                _FORCE(self._descriptor)
        except DeletedError:
            raise
        except OSError as error:
            self._take_back()
            if error.errno == errno.ESTALE:
                self._open_again()
            raise StoreError(error.errno, f"{error.strerror}", str(self.path)) from error
        if written < len(data):
            self._take_back()
            raise StoreError(f"only {written} of {len(data)} bytes fit into {str(self.path)!r}.")
        if self.position == start:  # else a handler wrote them once more, and others
            self.position = end  # a look and a store, with no call between them
        self._encoder.accept(named)
        self.confirm(kept)

    def confirm(self, kept: int) -> None:
        """Take note that a batch is written whose last kept record has this number."""
        self.marked = max(self.marked, kept)
        if self._spill is not None:
            self._spill.stored = self.marked

    def sync(self) -> bool:
        """Make what is written outlive a loss of power; return whether there was anything new.

        May be called while another thread writes, or closes it, by one thread at a time.

        Raises:
            OSError: If the disk does not say that it has it.
        """
        position = self.position
        if position == self._synced:
            return False
        if self._synced == 0:
            sync_entry(self.path, self.path.parents[2])
        sync_file(self.path)
        self._synced = position
        return True

    def close(self) -> None:
        """Let go of the file: from now on the run is no longer being written."""
        spill, self._spill = self._spill, None
        if spill is not None and spill.sequence == self.marked:
            spill.discard()
        if self._descriptor >= 0 and not self._is_shared:
            with contextlib.suppress(OSError):
                liveness.release_lock(self._descriptor)
        self.abandon()

    def discard(self) -> None:
        """Undo `create`: remove the run, and let go of its files."""
        _remove(self.path.parent)
        self.close()

    def release(self) -> None:
        """Undo `reopen`: let go of the run's files, without what was kept since."""
        if self._spill is not None:
            self._spill.discard()
            self._spill = None
        self.close()

    def __del__(self) -> None:
        """Let go of the file of a run that an interrupt has kept from being one."""
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

    def _open_again(self) -> None:
        """Open the file anew: its server was restarted, and knows the old opening no more."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_RDWR | _BINARY)
            try:
                if os.fstat(descriptor).st_size >= self.position:
                    os.dup2(descriptor, self._descriptor, inheritable=False)
            finally:
                os.close(descriptor)

    def _lock(self) -> None:
        if self._is_shared:
            return  # it would prove nothing, and a lock server may not answer
        if not liveness.take_lock(self._descriptor):
            raise StoreError(f"another process writes {str(self.path)!r}.")

    def _must_be_there(self) -> None:
        if self._counts_links and os.fstat(self._descriptor).st_nlink == 0:
            raise DeletedError(f"{str(self.path)!r} was deleted while the run went on")

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
        last = 0
        is_of_a_part = False
        source = FrameFile(PlainFile(self._descriptor), 0)
        for found in source.frames():
            last = max(last, found.shape)
            if found.kind == Kind.SHAPE:
                with contextlib.suppress(MalformedError):
                    shapes.append(decode_shape(found.shape, found.payload))
            elif found.kind == Kind.MARK and len(found.payload) == _MARK.size:
                self.marked = max(self.marked, _MARK.unpack(found.payload)[0])
                self.marked_at = source.position
            elif found.kind == Kind.MARK:
                is_of_a_part = len(found.payload) > 0
        if source.is_newer:
            raise StoreError(f"a newer nbtrack wrote {str(self.path)!r}.")
        self.position = source.position
        self._encoder = Encoder(shapes, last)
        os.ftruncate(self._descriptor, self.position)
        if is_of_a_part:  # a kill cut it short: what comes now is not of that part
            self._end_part()

    def _end_part(self) -> None:
        end = frame(Kind.MARK, b"")
        os.lseek(self._descriptor, self.position, os.SEEK_SET)
        if os.write(self._descriptor, end) < len(end):
            raise StoreError(f"the disk of {str(self.path)!r} is full.")
        self.position += len(end)


def discard_run(root: Path, uid: str) -> None:
    """Remove what a `Journal.create` left that was cut short and gave no journal back."""
    _remove(run_folder(root, uid))


def _remove(folder: Path) -> None:
    for path in (folder / JOURNAL, folder / SPILL):
        with contextlib.suppress(OSError):
            path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _missing(row: Row, size: int) -> Notice:
    text = (
        f"the row of step {row.step} ({size} bytes) waited for room on the disk when its process "
        "was killed, and was too large to be kept meanwhile: it may be missing."
    )
    return Notice(row.time_us, "warning", f"row {row.step} was too large", text)
