"""From the queues to the journals: the one thread of a kernel that writes.

`log()` keeps a row in the journal's spill, which outlives the process, and puts it into a
queue. Every 100 ms this thread takes what came and writes it to the run's journal in one
go; every few seconds it gives a sign of life and lets the journal's new part go into the
database. What cannot be written is kept and
tried again; what must be given up is counted and said.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import repeat, starmap
from pathlib import Path
from threading import Event, RLock, Thread

from nbtrack.clock import Clock
from nbtrack.errors import StoreError
from nbtrack.records import Control, Heartbeat, Record, Row
from nbtrack.store import Ingester, Journal, clear_stop, stop_requested

PERIOD_S = 0.1
BEAT_S = 5.0
LONGEST_PAUSE_S = 5.0
KEPT_RECORDS = 1_000_000
"""What is kept in memory while the journal cannot be written; about 1 GB of rows."""


class Track:
    """One run's way to the store.

    What cannot be written waits in memory, batch by batch as it was taken, and is tried
    again after a while that grows; a record that can never be written is given up.

    Attributes:
        offer: Takes a record that may be lost with the process, from any thread; one
            atomic step.
        lost: Records that had to be given up.
        written: Records that are in the journal.
    """

    def __init__(
        self,
        journal: Journal | None,
        clock: Clock,
        *,
        active_us: Callable[[], int],
        on_trouble: Callable[[str, str], None],
    ) -> None:
        """Begin with an empty queue.

        Args:
            journal: Where records go; None keeps nothing.
            clock: Says when to try again.
            active_us: The run's active time, for signs of life.
            on_trouble: Told a cause and a text; whoever it is tells each cause once.
        """
        self._journal = journal
        self._clock = clock
        self._queue: deque[Record] = deque(maxlen=None if journal else 0)
        self._held: deque[tuple[list[Record], int]] = deque()
        self._held_records = 0
        self._pause_s = 0.0
        self._next_try_s = 0.0
        self._writing = RLock()  # a signal may come while its own thread writes
        self._taking = RLock()
        self._on_trouble = on_trouble
        self.active_us = active_us
        self.offer: Callable[[Record], None] = self._queue.append
        self.lost = 0
        self.written = 0

    def emit(self, record: Row | Control) -> None:
        """Take a record, from any thread; from now on it outlives the process.

        Where it cannot be kept, because it is larger than a spill, it is written at once;
        where the disk is full too, it waits in memory.
        """
        with self._taking:
            if self._journal is None or self._journal.keep(record):
                self._queue.append(record)
                return
        self.drain()  # makes room
        with self._taking:
            is_kept = self._journal is None or self._journal.keep(record)
            self._queue.append(record)
        if not is_kept:
            self.drain()

    @property
    def pending(self) -> int:
        """How many records wait to be written."""
        return len(self._queue) + self._held_records

    def drain(self, *, at_once: bool = False) -> bool:
        """Write what waits; return whether nothing waits any more.

        Args:
            at_once: Try also when it failed a moment ago.
        """
        if not self._queue and not self._held:
            return True
        with self._writing:
            self._take()
            if self._pause_s and not at_once and self._clock.elapsed_s() < self._next_try_s:
                return False
            while self._held:
                if not self._write(*self._held[0]):
                    return False
            return True

    def close(self) -> bool:
        """Write what waits and let the journal go; return whether all was written."""
        wrote = self.drain(at_once=True)
        with self._writing:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
        return wrote

    def abandon(self) -> None:
        """In a forked child: touch neither the parent's queue nor its journal again."""
        # Another thread may have held them when the process forked.
        self._writing, self._taking = RLock(), RLock()
        self._queue.clear()
        self._held.clear()
        if self._journal is not None:
            self._journal.abandon()
            self._journal = None

    def report(self, error: Exception) -> None:
        """Say that the recorder stumbled over something unforeseen."""
        self._on_trouble(
            f"recorder {type(error).__name__}",
            f"the recorder met {type(error).__name__}: {error}. It goes on.",
        )

    def _take(self) -> None:
        """Put what came behind what is held, with the number of the last kept record."""
        queue = self._queue
        with self._taking:
            # One call in C: an interrupt cannot come between taking a record and keeping it.
            batch = list(starmap(queue.popleft, repeat((), len(queue))))
            kept = self._journal.kept if self._journal else 0
        room = KEPT_RECORDS - self._held_records
        if len(batch) > room:
            self._give_up(len(batch) - room, "the store cannot be written and memory is full")
            del batch[room:]
        if batch:
            self._held.append((batch, kept))
            self._held_records += len(batch)

    def _write(self, batch: list[Record], kept: int) -> bool:
        if self._journal is None:
            return False
        try:
            self._journal.append(batch, kept)
        except StoreError as error:
            self._wait(error)
            return False
        except Exception as error:  # noqa: BLE001 - one bad record must not cost the others
            self.report(error)
            return self._write_one_by_one(batch, kept)
        self._wrote(len(batch))
        return True

    def _write_one_by_one(self, batch: list[Record], kept: int) -> bool:
        journal = self._journal
        # The mark comes last: without it, a recovery would bring all of them back.
        parts: list[tuple[list[Record], int]] = [*(([record], 0) for record in batch), ([], kept)]
        for done, part in enumerate(parts):
            try:
                if journal is not None:
                    journal.append(*part)
            except StoreError as error:
                self._held[0] = (batch[done:], kept)
                self._held_records -= done
                self.written += done
                self._wait(error)
                return False
            except Exception as error:  # noqa: BLE001 - as above
                self._give_up(1, f"{type(error).__name__}: {error}")
        self._wrote(len(batch))
        return True

    def _wrote(self, count: int) -> None:
        self._held.popleft()
        self._held_records -= count
        self.written += count
        if self._pause_s and not self._held:
            self._pause_s = 0.0
            self._on_trouble(
                "journal again", "the store can be written again: what waited in memory is stored."
            )

    def _wait(self, error: StoreError) -> None:
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s or PERIOD_S)
        self._next_try_s = self._clock.elapsed_s() + self._pause_s
        self._on_trouble(
            "journal",
            f"what is logged cannot be written now ({error}). It waits in memory and is tried "
            "again; training goes on.",
        )

    def _give_up(self, count: int, why: str) -> None:
        self.lost += count
        self._on_trouble("given up", f"some of what was logged is not stored: {why}.")


class Recorder:
    """Writes for all runs of this process."""

    def __init__(
        self,
        clock: Clock,
        *,
        on_stop: Callable[[str], None],
        on_damage: Callable[[Path, Path], None] | None = None,
    ) -> None:
        """Begin without a thread; the first run starts it.

        Args:
            clock: Gives the signs of life their time.
            on_stop: Told the uid of a run whenever somebody asks it to stop.
            on_damage: Told a workspace and where its damaged database was set aside.
        """
        self._clock = clock
        self._on_stop = on_stop
        self._on_damage = on_damage
        self._tracks: dict[str, tuple[Track, Path]] = {}
        self._ingesters: dict[Path, Ingester] = {}
        self._ingesting = RLock()
        self._ended = Event()
        self._thread: Thread | None = None

    def add(self, uid: str, track: Track, root: Path) -> None:
        """Write for one more run."""
        self._tracks[uid] = (track, root)
        if self._thread is None or not self._thread.is_alive():
            self._ended = Event()
            self._thread = Thread(
                target=self._work, args=(self._ended,), name="nbtrack-recorder", daemon=True
            )
            self._thread.start()

    def remove(self, uid: str) -> None:
        """Write no more for a run; without runs the thread ends."""
        self._tracks.pop(uid, None)
        if not self._tracks:
            self._ended.set()

    def flush(self) -> bool:
        """Write all that waits, on the calling thread; return whether all was written."""
        wrote = [track.drain(at_once=True) for track, _ in tuple(self._tracks.values())]
        return all(wrote)

    def ingest(self, uid: str, root: Path) -> bool:
        """Let the new part of a journal go into the database, if that is free."""
        with self._ingesting:
            if root not in self._ingesters:
                self._ingesters[root] = Ingester(root, partial(self._tell_damage, root))
            return self._ingesters[root].ingest(uid)

    def _tell_damage(self, root: Path, path: Path) -> None:
        if self._on_damage is not None:
            self._on_damage(root, path)

    def abandon(self) -> None:
        """In a forked child: forget every run."""
        for track, _ in self._tracks.values():
            track.abandon()
        self._tracks, self._ingesters = {}, {}
        self._ingesting, self._thread = RLock(), None

    def _work(self, ended: Event) -> None:
        beat_s = self._clock.elapsed_s()
        while not ended.wait(PERIOD_S):
            due = self._clock.elapsed_s() - beat_s >= BEAT_S
            if due:
                beat_s = self._clock.elapsed_s()
            for uid, (track, root) in tuple(self._tracks.items()):
                self._attend(uid, track, root, due=due)

    def _attend(self, uid: str, track: Track, root: Path, *, due: bool) -> None:
        try:
            if due:
                track.offer(Heartbeat(self._clock.now_us(), track.active_us()))
            track.drain()
            if stop_requested(root, uid):
                clear_stop(root, uid)  # whoever asks again is heard again
                self._on_stop(uid)
            if due:
                self.ingest(uid, root)
        except Exception as error:  # noqa: BLE001 - the edge of the recorder's thread
            track.report(error)
