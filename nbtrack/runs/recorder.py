"""From the queues to the journals: the one thread of a kernel that writes.

`log()` keeps a row in the journal's spill, which outlives the process, and puts it into a
queue. Every 100 ms this thread takes what came and writes it to the run's journal in one
go; every few seconds it gives a sign of life. Who asks a run to end wakes it. What cannot
be written is kept and tried again; what must be given up is counted and said. A second
thread lets what the journals have into the database: that takes longer, and nobody waits
for it.
"""

from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, repeat, starmap
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Protocol, cast

from nbtrack.clock import Clock
from nbtrack.errors import StoreError
from nbtrack.forks import kept_from_forks
from nbtrack.records import Control, Gathered, Heartbeat, Record, Row
from nbtrack.runs.syncing import Syncer
from nbtrack.store import (
    DeletedError,
    Doorbell,
    Edit,
    Ingester,
    Journal,
    Wish,
    footing_of,
    run_folder,
)

PERIOD_S = 0.1
BEAT_S = 5.0
INGEST_S = 1.0
LONGEST_PAUSE_S = 5.0
INGEST_BYTES = 1 << 20
"""So much must be new in a journal before it goes into the database, except at the end. A
reader decodes it in milliseconds, and a slow run's kernel never has to load DuckDB."""
KEPT_RECORDS = 1_000_000
"""What is kept in memory while the journal cannot be written; about 1 GB of rows."""


@dataclass(slots=True)
class _Batch:
    """Records that are written together or not at all.

    Attributes:
        before: How many records came before them.
        records: In order.
        kept: Number of the last record until there that was kept.
        begun_at: Position of the journal when they were to be written, -1 before that. Once
            the journal is past it, they are in it, however the writing was cut short.
        is_alone: Whether they were parted from records that could not be written together.
    """

    before: int
    records: list[Record | Gathered] = field(default_factory=list)
    kept: int = 0
    begun_at: int = -1
    is_alone: bool = False


class Track:
    """One run's way to the store.

    What cannot be written waits in memory, batch by batch as it was taken, and is tried
    again after a while that grows; a record that can never be written is given up.

    A KeyboardInterrupt may end any of this between two steps of the interpreter, and a
    signal's handler may write, too. So whatever is done in several steps can be done once
    more: records go from the queue into the last of the held batches in one step, and a
    batch leaves when the journal is seen to have it.

    Attributes:
        offer: Takes a record that may be lost with the process, from any thread; one
            atomic step.
        on_beat: Called every few seconds, on the recorder's thread.
        on_turn: Called ten times a second, on the recorder's thread, after it wrote.
        on_batch: Told the records that are about to be written, by whoever writes them; one
            atomic step.
        on_edit: Takes what others want to be changed, on the recorder's thread.
        failed_syncs: How often the disk refused to make the journal durable.
        written_us: When records were written last, wall time; None before the first.
    """

    def __init__(  # noqa: PLR0913 - what it needs to know of its run
        self,
        journal: Journal | None,
        clock: Clock,
        *,
        active_us: Callable[[], int],
        on_trouble: Callable[[str, str], None],
        durability: str = "process",
        unkept: str = "",
        sync: Callable[[Journal], object] = Journal.sync,
    ) -> None:
        """Begin with an empty queue.

        Args:
            journal: Where records go; None keeps nothing.
            clock: Says when to try again.
            active_us: The run's active time, for signs of life.
            on_trouble: Told a cause and a text; whoever it is tells each cause once.
            durability: What the run was asked for, see `Settings`.
            unkept: Why a record that waits to be written does not outlive the process,
                "" when it does.
            sync: Makes a journal durable; called on a thread of its own.
        """
        self._journal = journal
        self._clock = clock
        self._queue: deque[Record | Gathered] = deque(maxlen=None if journal else 0)
        self._held = deque([_Batch(before=0)])  # the last one is open for more
        self._pause_s = 0.0
        self._next_try_s = 0.0
        self._writing = RLock()  # a signal may come while its own thread writes
        self._taking = RLock()
        self._on_trouble = on_trouble
        self._durability = durability
        self._unkept = unkept
        self._sync = sync
        self._refused = ""
        self._syncer = Syncer(self.sync) if journal and durability == "power-loss" else None
        self._overflown = 0
        self._malformed = 0
        self.active_us = active_us
        self.on_beat: Callable[[], None] = _nothing
        self.on_turn: Callable[[], None] = _nothing
        self.on_batch: Callable[[list[Record]], None] = _pass_by
        self.on_edit: Callable[[Edit], None] = self.emit
        self.offer: Callable[[Record | Gathered], None] = self._queue.append
        self.failed_syncs = 0
        self.written_us: int | None = None

    def begin(self) -> None:
        """Begin to make the journal durable, if that was asked for."""
        if self._syncer is not None:
            self._syncer.start()

    def emit(self, record: Row | Control) -> None:
        """Take a record, from any thread; from now on it outlives the process.

        Where nothing can be kept it only waits for the next write, see `durability`.
        Where it cannot be kept, because it is larger than a spill, it is written at once;
        where the disk is full too, it waits in memory, and so does all that follows.
        """
        with self._taking:
            if self._unkept or self._journal is None or self._journal.keep(record):
                self._queue.append(record)
                return
        self.drain()  # makes room
        with self._taking:
            is_kept = self._journal is None or self._journal.keep(record)
            if self._journal is not None and not is_kept:
                self._journal.pass_over(record)
            self._queue.append(record)
        if not is_kept:
            self.drain()

    @property
    def pending(self) -> int:
        """How many records wait to be written."""
        return len(self._queue) + self._waiting

    @property
    def journal_bytes(self) -> int:
        """How many bytes the journal has."""
        return self._journal.position if self._journal else 0

    @property
    def written(self) -> int:
        """How many records are in the journal."""
        return self._held[0].before - self._malformed

    @property
    def lost(self) -> int:
        """How many records had to be given up."""
        return self._overflown + self._malformed

    @property
    def durability(self) -> tuple[str, str]:
        """What the run really has, and why that is not what was asked for; see `Status`."""
        if self._unkept:
            return "buffered", self._unkept
        return ("process", self._refused) if self._refused else (self._durability, "")

    def drain(self, *, at_once: bool = False) -> bool:
        """Write what waits; return whether nothing waits any more.

        Args:
            at_once: Try also when it failed a moment ago.
        """
        if not self._queue and not self._waiting:
            return True
        with self._writing:
            self._take()
            if self._pause_s and not at_once and self._clock.elapsed_s() < self._next_try_s:
                return False
            while (batch := self._held[0]) is not self._held[-1]:
                if not self._write(batch):
                    return False
            return True

    def close(self) -> bool:
        """Write what waits and let the journal go; return whether all was written.

        A run that was asked to outlive a loss of power does so from now on.
        """
        wrote = self.drain(at_once=True)
        if self._syncer is not None and not self._syncer.close():
            self._refuse("the disk has not confirmed the end of the run yet")
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
        self._held = deque([_Batch(self._held[0].before)])
        self._syncer = None
        if self._journal is not None:
            self._journal.abandon()
            self._journal = None

    def sync(self) -> None:
        """Make what is in the journal outlive a loss of power; may take long."""
        journal = self._journal
        if journal is None:
            return
        try:
            self._sync(journal)
        except Exception as error:  # noqa: BLE001 - the edge of the syncer's thread
            self.failed_syncs += 1
            self._refuse(str(error))

    def report(self, error: Exception) -> None:
        """Say that the recorder stumbled over something unforeseen."""
        self._on_trouble(
            f"recorder {type(error).__name__}",
            f"the recorder met {type(error).__name__}: {error}. It goes on.",
        )

    def refused(self, why: str) -> None:
        """Say why the run does not go into the database; "" says nothing."""
        if why:
            self._on_trouble("newer database", f"{why}. What is logged is kept all the same.")

    @property
    def _waiting(self) -> int:
        last = self._held[-1]
        return last.before + len(last.records) - self._held[0].before

    def _take(self) -> None:
        """Put what came behind what is held, with the number of the last kept record."""
        taken = starmap(self._queue.popleft, repeat(()))
        with self._taking:
            try:
                # One call in C: an interrupt cannot come between taking a record and holding it.
                self._held[-1].records.extend(taken)
            except IndexError:  # the queue is empty
                self._held[-1].kept = self._journal.kept if self._journal else 0
        batch = self._held[-1]
        over = self._waiting - KEPT_RECORDS
        if over > 0:
            del batch.records[-over:]
            self._overflown += over
            self._say_given_up("the store cannot be written and memory is full")
        if batch.records:
            self._held.append(_Batch(batch.before + len(batch.records)))
            self.on_batch(_one_by_one(batch.records))

    def _write(self, batch: _Batch) -> bool:
        """Write the first of the batches; return whether it waits no more."""
        journal = self._journal
        if journal is None:
            return False
        try:
            if batch.begun_at < 0:
                batch.begun_at = journal.position
            if journal.position == batch.begun_at:
                journal.append(batch.records, batch.kept)
            journal.confirm(batch.kept)
            self.written_us = self._clock.now_us()
        except DeletedError as error:
            self._give_up(batch, str(error))
            return True
        except StoreError as error:
            self._wait(error)
            return False
        except Exception as error:  # noqa: BLE001 - one bad record must not cost the others
            self._part(batch, error)
            return True
        self._wrote(batch)
        return True

    def _part(self, batch: _Batch, error: Exception) -> None:
        """Go on with the records of a batch one by one, and without one that is alone."""
        if batch.is_alone:
            self._give_up(batch, f"{type(error).__name__}: {error}")
            return
        self.report(error)
        alone = [_Batch(batch.before + i, [one]) for i, one in enumerate(batch.records)]
        # The mark comes last: without it, a recovery would bring all of them back.
        alone.append(_Batch(batch.before + len(batch.records), kept=batch.kept))
        for one in alone:
            one.is_alone = True
        self._held = deque([*alone, *islice(self._held, 1, None)])

    def _give_up(self, batch: _Batch, why: str) -> None:
        self._malformed += len(batch.records)
        self._wrote(batch)
        self._say_given_up(why)

    def _wrote(self, batch: _Batch) -> None:
        if self._held[0] is batch:
            self._held.popleft()
        if self._pause_s and len(self._held) == 1:
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

    def _refuse(self, why: str) -> None:
        self._refused = f"the journal cannot be made durable: {why}"
        self._on_trouble(
            "sync",
            f"{self._refused}. What was logged outlives this process all the same, but perhaps "
            "not a loss of power.",
        )

    def _say_given_up(self, why: str) -> None:
        self._on_trouble("given up", f"some of what was logged is not stored: {why}.")


def _load_for_the_end() -> None:
    """Load what says at its end how a run went, once DuckDB is there anyway: 15 ms less then."""
    with kept_from_forks():
        from nbtrack import plots, store

        _ = (plots.spark_text, store.Reader)


def _nothing() -> None:
    """Do nothing."""


def _one_by_one(records: list[Record | Gathered]) -> list[Record]:
    """Return records as they are, those of other processes among them."""
    if Gathered not in set(map(type, records)):
        return cast("list[Record]", records)
    return [
        one
        for record in records
        for one in (record.records if isinstance(record, Gathered) else (record,))
    ]


def _pass_by(_records: list[Record]) -> None:
    """Look at nothing."""


class Attendant(Protocol):
    """What a process does for a run besides writing its own."""

    def attend(self, *, due: bool) -> bool:
        """Do what is to be done now, on the recorder's thread.

        Args:
            due: Whether a sign of life is due.

        Returns:
            Whether somebody may have asked the run to end.
        """
        ...

    def told_to(self, wish: Wish) -> int | None:
        """Return the exit code with which somebody asks the run to end so; None where nobody does.

        Each request is told once.
        """
        ...

    @property
    def journal_bytes(self) -> int:
        """How many bytes the run's journal has; 0 where another process sees to it."""
        ...

    def abandon(self) -> None:
        """In a forked child: let go of all files."""
        ...


class Recorder:
    """Writes for all runs of this process."""

    def __init__(
        self,
        clock: Clock,
        *,
        on_stop: Callable[[str], None],
        on_finish: Callable[[str, int], None] | None = None,
        on_damage: Callable[[Path, Path], None] | None = None,
    ) -> None:
        """Begin without a thread; the first run starts it.

        Args:
            clock: Gives the signs of life their time.
            on_stop: Told the uid of a run whenever somebody asks it to stop.
            on_finish: The same for who asks it to finish, with the exit code.
            on_damage: Told a workspace and where its damaged database was set aside.
        """
        self._clock = clock
        self._on_stop = on_stop
        self._on_finish = on_finish
        self._on_damage = on_damage
        self._tracks: dict[str, tuple[Track, Path, Attendant]] = {}
        self._ingesters: dict[Path, Ingester] = {}
        self._ingesting = RLock()
        self._ingested: dict[str, int] = {}
        self._ended = Event()
        self._thread: Thread | None = None

    def add(self, uid: str, track: Track, root: Path, attendant: Attendant) -> None:
        """Write for one more run.

        Args:
            uid: Of the run.
            track: Its way to the store.
            root: The workspace.
            attendant: Does what is to be done for it besides.
        """
        self._tracks[uid] = (track, root, attendant)
        track.begin()
        if self._thread is None or not self._thread.is_alive() or self._ended.is_set():
            self._ended = Event()
            self._thread = self._started(self._work, "nbtrack-recorder")
            self._started(self._ingest_now_and_then, "nbtrack-ingester")

    def _started(self, work: Callable[[Event], None], name: str) -> Thread:
        thread = Thread(target=work, args=(self._ended,), name=name, daemon=True)
        thread.start()
        return thread

    def remove(self, uid: str) -> None:
        """Write no more for a run; without runs the thread ends."""
        self._tracks.pop(uid, None)
        self._ingested.pop(uid, None)
        if not self._tracks:
            self._ended.set()

    def flush(self) -> bool:
        """Write all that waits, on the calling thread; return whether all was written."""
        wrote = [track.drain(at_once=True) for track, *_ in tuple(self._tracks.values())]
        return all(wrote)

    def ingest(self, uid: str, root: Path) -> bool:
        """Let the new part of a journal go into the database, if that is free.

        On a network file system another process does it, see `store.SharedIngesting`.
        """
        if footing_of(root).is_shared:
            return False
        with self._ingesting:
            if root not in self._ingesters:
                self._ingesters[root] = Ingester(root, partial(self._tell_damage, root))
            return self._ingesters[root].ingest(uid)

    def refusal(self, root: Path) -> str:
        """Return why a workspace's database takes nothing from this nbtrack, or ""."""
        ingester = self._ingesters.get(root)
        return ingester.refusal if ingester else ""

    def _tell_damage(self, root: Path, path: Path) -> None:
        if self._on_damage is not None:
            self._on_damage(root, path)

    def abandon(self) -> None:
        """In a forked child: forget every run."""
        for track, _, attendant in self._tracks.values():
            track.abandon()
            attendant.abandon()
        self._tracks, self._ingesters = {}, {}
        self._ingesting, self._thread = RLock(), None

    def _work(self, ended: Event) -> None:
        beat_s = self._clock.elapsed_s()
        with closing(Doorbell()) as bell:
            while True:
                self._wait(bell)
                if ended.is_set():
                    return
                due = self._clock.elapsed_s() - beat_s >= BEAT_S
                if due:
                    beat_s = self._clock.elapsed_s()
                for uid, (track, _, attendant) in tuple(self._tracks.items()):
                    self._attend(uid, track, attendant, due=due)

    def _wait(self, bell: Doorbell) -> None:
        """Wait for the next turn; who asks for an end meanwhile is heard before anything else."""
        bell.listen_at({run_folder(root, uid) for uid, (_, root, _) in tuple(self._tracks.items())})
        if bell.wait(PERIOD_S):
            for uid, (track, _, attendant) in tuple(self._tracks.items()):
                self._hear(uid, track, attendant)

    def _attend(self, uid: str, track: Track, attendant: Attendant, *, due: bool) -> None:
        may_end = True
        try:
            if due:
                track.offer(Heartbeat(self._clock.now_us(), track.active_us()))
            may_end = attendant.attend(due=due)
            track.on_turn()
            if due:
                track.on_beat()
        except Exception as error:  # noqa: BLE001 - the edge of the recorder's thread
            track.report(error)
        if may_end:
            self._hear(uid, track, attendant)

    def _hear(self, uid: str, track: Track, attendant: Attendant) -> None:
        try:
            if attendant.told_to("stop") is not None:
                self._on_stop(uid)
            exit_code = attendant.told_to("finish")
            if self._on_finish is not None and exit_code is not None:
                self._on_finish(uid, exit_code)
        except Exception as error:  # noqa: BLE001 - the edge of the recorder's thread
            track.report(error)

    def _ingest_now_and_then(self, ended: Event) -> None:
        while not ended.wait(INGEST_S):
            for uid, (track, root, attendant) in tuple(self._tracks.items()):
                self._ingest_news(uid, track, root, attendant.journal_bytes)

    def _ingest_news(self, uid: str, track: Track, root: Path, size: int) -> None:
        if size - self._ingested.get(uid, 0) < INGEST_BYTES:
            return
        try:
            with self._ingesting:
                if uid not in self._tracks:
                    return  # the run ended meanwhile: DuckDB must not be in use when Python ends
                if self.ingest(uid, root):
                    self._ingested[uid] = size
                    _load_for_the_end()
                else:
                    track.refused(self.refusal(root))
        except Exception as error:  # noqa: BLE001 - the edge of the ingester's thread
            track.report(error)
