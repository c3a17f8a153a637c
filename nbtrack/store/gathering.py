"""From the parts of a run into its journal, each record exactly once.

What is taken from a part stands together in the journal, behind a mark that says where in
the part it begins. A batch that a kill has cut short is whole frames in order, so what
stands behind the last mark of a part says how far it was taken.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as FilePath

from nbtrack.errors import RunNotFoundError
from nbtrack.records import (
    CellRun,
    Closed,
    ConfigChanged,
    Gathered,
    Json,
    MetricDefined,
    Notice,
    Opened,
    Owner,
    Path,
    Record,
    RunChanged,
    SummaryChanged,
    SystemSample,
    name_of,
)
from nbtrack.store.control import MalformedError, decode_lines
from nbtrack.store.encoding import ORIGIN
from nbtrack.store.entries import Entry, Lines, Rows, rows_of
from nbtrack.store.frames import Frame, FrameFile, Kind, PlainFile
from nbtrack.store.layout import READING
from nbtrack.store.parts import has_say, is_written, part_names, parts_root, remove_part
from nbtrack.store.recovery import recover_spill
from nbtrack.store.shapes import BLOCK_HEADER
from nbtrack.store.tail import Tail

PIECE_BYTES = 256 << 10  # thousands of rows: a lock that is held over them is held for ms
_TAKEN = ConfigChanged | SummaryChanged | RunChanged | MetricDefined | Notice | CellRun


@dataclass(frozen=True, slots=True)
class Vote:
    """How a process that joined a run has ended.

    Attributes:
        part: Name of its part.
        owner: The process; None where its part says nothing.
        closed: How it says that it ended; None if it was killed.
    """

    part: str
    owner: Owner | None
    closed: Closed | None


@dataclass(slots=True)
class _Part:
    """A part while it is read.

    Attributes:
        tail: Of its journal.
        skipped: How many records behind the tail's position are in the run's journal.
        waiting: What was read and is not taken yet.
        owner: The process that writes it.
        closed: How that ended.
        is_done: Whether all of it is read and its process is gone.
    """

    tail: Tail
    skipped: int = 0
    waiting: Gathered | None = None
    owner: Owner | None = None
    closed: Closed | None = None
    is_done: bool = False


def taken_parts(path: FilePath) -> dict[str, tuple[int, int]]:
    """Return how far a run's journal has its parts: by name, an offset and a count.

    Args:
        path: Of the journal.

    Returns:
        For each part that it names, an offset in the part's journal, and how many of the
        records behind that it has.

    Raises:
        OSError: If the journal cannot be read.
    """
    source = PlainFile(os.open(path, READING))
    try:
        taken: dict[str, tuple[int, int]] = {}
        part = ""
        for found in FrameFile(source, 0).frames():
            if found.kind == Kind.MARK:
                part = _noted(found.payload, taken)
            elif part:
                position, count = taken[part]
                taken[part] = (position, count + _count(found))
        return taken
    finally:
        source.close()


def _noted(payload: memoryview, taken: dict[str, tuple[int, int]]) -> str:
    """Take note of a mark; return the name of the part that it begins, "" if it ends one."""
    if len(payload) <= ORIGIN.size:
        return ""
    position, skipped = ORIGIN.unpack_from(payload)
    name = bytes(payload[ORIGIN.size :]).decode("ascii", "replace")
    taken[name] = (position, skipped)
    return name


def _count(found: Frame) -> int:
    """Return how many records a frame holds."""
    if found.kind == Kind.ROWS and len(found.payload) >= BLOCK_HEADER.size:
        return int(BLOCK_HEADER.unpack_from(found.payload)[0])
    if found.kind == Kind.LINES:
        with contextlib.suppress(MalformedError):
            return len(decode_lines(found.payload))
    return int(found.kind == Kind.CONTROL)


class Gathering:
    """Reads the parts of one run. Used by one thread at a time."""

    def __init__(self, root: FilePath, uid: str, taken: Mapping[str, tuple[int, int]]) -> None:
        """Begin where the run's journal is.

        Args:
            root: The workspace.
            uid: Of the run.
            taken: What the journal has already, as `taken_parts` says.
        """
        self._root = root
        self._uid = uid
        self._taken = dict(taken)
        self._parts: dict[str, _Part] = {}

    def gather(self, take: Callable[[Gathered], bool], most: int | None = None) -> int:
        """Hand over what is new, part by part.

        Args:
            take: Puts records into the run's journal, or says that it does not; then they
                are handed to it again the next time.
            most: At most so many pieces of each part; None for all of them.

        Returns:
            How many records were taken.

        Raises:
            StoreError: If a part cannot be read, or from `take`.
        """
        return sum(self._gather_part(one, take, most) for one in part_names(self._root, self._uid))

    def votes(self) -> list[Vote]:
        """Return how those have ended that are gone and have a say, once all is gathered."""
        return [
            Vote(name, part.owner, part.closed)
            for name, part in self._parts.items()
            if part.is_done and has_say(name)
        ]

    def owners(self) -> list[Owner]:
        """Return the processes whose parts were read."""
        return [part.owner for part in self._parts.values() if part.owner is not None]

    def clear(self) -> None:
        """Remove the parts that are done: the run's journal has all of them, and has ended."""
        self.close()
        for name, part in self._parts.items():
            if part.is_done and part.waiting is None:
                remove_part(self._root, self._uid, name)

    def close(self) -> None:
        """Close the files."""
        for part in self._parts.values():
            part.tail.close()

    def _gather_part(self, name: str, take: Callable[[Gathered], bool], most: int | None) -> int:
        part = self._parts.get(name) or self._begun(name)
        if part is None or (part.is_done and part.waiting is None):
            return 0
        # Before it is read: what comes after the last look of a process that lived is not missed.
        is_gone = not is_written(self._root, self._uid, name)
        if is_gone:
            recover_spill(parts_root(self._root, self._uid), name)
        count = pieces = 0
        while (waiting := part.waiting or self._read(name, part)) is not None:
            part.waiting = waiting
            if pieces == most or not take(waiting):
                return count
            pieces += 1
            part.waiting = None
            count += len(waiting.records)
        part.is_done = is_gone
        return count

    def _begun(self, name: str) -> _Part | None:
        position, skipped = self._taken.get(name, (0, 0))
        try:
            tail = Tail.open(parts_root(self._root, self._uid), name)
        except RunNotFoundError:
            return None  # its process has just begun, or it was removed
        part = self._parts[name] = _Part(tail)
        if position:  # who wrote it is said at its beginning
            self._learn(part, tail.entries(1))
            tail.go_to(position)
        part.skipped = skipped
        return part

    def _read(self, name: str, part: _Part) -> Gathered | None:
        """Read on, past pieces in which there is nothing to be taken."""
        while True:
            position = part.tail.position
            entries = part.tail.entries(PIECE_BYTES)
            if not entries and part.tail.position == position:
                return None
            self._learn(part, entries)
            skipped = part.skipped
            records = tuple(islice(_records(entries), skipped, None))
            if records:
                part.skipped = 0
                return Gathered(name, position, skipped, records)
            part.skipped -= min(skipped, sum(1 for _ in _records(entries)))

    def _learn(self, part: _Part, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, Opened):
                part.owner = entry.owner
            elif isinstance(entry, Closed):
                part.closed = entry


def _records(entries: Iterable[Entry]) -> Iterator[Record]:
    """Yield what is the run's; what concerns the process alone is not."""
    for entry in entries:
        if isinstance(entry, Lines):
            yield from entry.lines
        elif isinstance(entry, Rows):
            rows = rows_of(entry)
            if entry.shape.stream == "metric":
                yield from rows
            else:
                yield from (SystemSample(row.time_us, _named(row.values)) for row in rows)
        elif isinstance(entry, _TAKEN):
            yield entry


def _named(values: Mapping[Path, Json]) -> dict[str, float]:
    return {
        name_of(path): value for path, value in values.items() if isinstance(value, int | float)
    }
