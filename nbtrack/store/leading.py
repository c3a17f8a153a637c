"""Going on with a run whose writer is gone, while others that joined it live.

Whoever has a say takes the lead as soon as nobody has it, and keeps it to its end. What is
left behind when nobody with a say lives is brought in by whoever looks at the run first.
The run ends when the last one with a say ends: as the worst of them, and `failed` where
one was killed. Where the last one itself is killed nobody says so, and readers conclude
`crashed`.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from nbtrack.clock import Clock, SystemClock
from nbtrack.errors import StoreError
from nbtrack.records import (
    ClockTurned,
    Closed,
    Gathered,
    Notice,
    Opened,
    Owner,
    Record,
    Row,
    RunState,
)
from nbtrack.store.fold import Fold
from nbtrack.store.frames import PlainFile
from nbtrack.store.gathering import Gathering, Vote, taken_parts
from nbtrack.store.journal import Journal
from nbtrack.store.layout import READING
from nbtrack.store.parts import goes_on, has_parts, is_led, is_written, part_names
from nbtrack.store.recovery import recover_spill
from nbtrack.store.tail import POLL_BYTES, Tail

_ORDER = (RunState.FINISHED, RunState.PREEMPTED, RunState.KILLED, RunState.FAILED)
"""From the best end to the worst."""
_WAS_KILLED = " of this run was killed"


class Lead:
    """Writes the journal of a run in place of its writer. Used by one thread at a time.

    Attributes:
        closed: How the run has ended, as far as its journal says; None while it has not.
    """

    def __init__(
        self,
        journal: Journal,
        fold: Fold,
        killed: Iterable[Notice],
        gathering: Gathering,
        clock: Clock,
    ) -> None:
        """Keep a journal that was reopened; use `taken` to get there.

        Args:
            journal: Of the run.
            fold: What it comes to.
            killed: What its last writer said of those who wrote it before and were killed.
            gathering: Of the run's parts, from where the journal has them.
            clock: Gives the time.
        """
        self._journal = journal
        self._clock = clock
        self._gathering = gathering
        self._next_step = 0 if fold.step is None else fold.step + 1
        self._active_us = fold.segment.active_at(fold.seen_us)
        self._began_s = clock.elapsed_s()
        self._former = fold.opened
        self._is_own = False
        self._killed = {notice.cause: notice for notice in killed}
        self._former_end = fold.closed
        self.closed = fold.closed

    @classmethod
    def taken(cls, root: Path, uid: str, clock: Clock | None = None) -> Self | None:
        """Take the lead; None where somebody else has it, or the run cannot be written."""
        recover_spill(root, uid)  # what a killed writer left comes before what is said now
        try:
            journal = Journal.reopen(root, uid)
        except (StoreError, OSError):
            return None
        try:
            gathering = Gathering(root, uid, taken_parts(journal.path))
            fold, killed = _folded(journal.path)
            return cls(journal, fold, killed, gathering, clock or SystemClock())
        except BaseException:
            journal.close()
            raise

    @property
    def position(self) -> int:
        """Bytes in the run's journal."""
        return self._journal.position

    @property
    def active_us(self) -> int:
        """Active time of the run, microseconds."""
        passed_s = self._clock.elapsed_s() - self._began_s if self._is_own else 0.0
        return self._active_us + round(passed_s * 1e6)

    def go_on(self, opened: Opened) -> None:
        """Say that the run goes on in this process.

        Raises:
            StoreError: If it cannot be written.
        """
        turned = ClockTurned(self._clock.now_us(), self._active_us, running=True)
        self.gather()  # now it is known whether who wrote it before has left or was killed
        for vote in self._killed_writer():
            notice = _of_a_killed_writer(vote, turned.time_us)
            self._killed[notice.cause] = notice
        self._journal.append([opened, turned, *self._killed.values()])
        self._is_own, self._began_s = True, self._clock.elapsed_s()
        self.closed = None

    def append(self, records: Sequence[Record]) -> None:
        """Write what is no row, and belongs to no part.

        Raises:
            StoreError: If it cannot be written.
        """
        self._journal.append(records)

    def gather(self, most: int | None = None) -> int:
        """Bring what the parts hold into the journal; return how many records that were.

        Args:
            most: At most so many pieces of each part; None for all that they hold.

        Raises:
            StoreError: If a part cannot be read, or the journal cannot be written; what is
                missing then is brought in the next time.
        """
        return self._gathering.gather(self._take, most)

    def end(self) -> Closed | None:
        """End the run as those that joined it have ended, if all of them have.

        Returns:
            How it ended; None if it goes on, or nobody with a say has ended it: then it
            has crashed.

        Raises:
            StoreError: If it cannot be written.
        """
        votes = self._gathering.votes()
        known = [] if self._former_end is None else [self._former_end]
        if not known and all(vote.closed is None for vote in votes):
            return None
        killed = [_failed(notice.cause) for notice in self._killed.values()]
        worst = worst_of([*known, *killed, *ends_of([*votes, *self._killed_writer()])])
        if self.closed is None or _rank(worst) > _rank(self.closed):
            now_us = max(self._clock.now_us(), 1)
            self.closed = Closed(now_us, worst.state, worst.exit_code, self.active_us, worst.reason)
            self._journal.append([self.closed])
        return self.closed

    def release(self, *, is_over: bool = False) -> None:
        """Let go of the journal.

        Args:
            is_over: Whether parts that are in it are to be removed.
        """
        if is_over:
            self._gathering.clear()
        self._gathering.close()
        self._journal.close()

    def abandon(self) -> None:
        """In a forked child: close the files and nothing else."""
        self._gathering.close()
        self._journal.abandon()

    def _take(self, gathered: Gathered) -> bool:
        numbered: list[Record] = []
        step = self._next_step
        for record in gathered.records:
            if isinstance(record, Row):
                numbered.append(record._replace(step=step))
                step += 1
            else:
                numbered.append(record)
        self._journal.append([gathered._replace(records=tuple(numbered))])
        self._next_step = step
        return True

    def _killed_writer(self) -> Iterator[Vote]:
        """Yield a vote for a writer that did not close the run and had no part of its own."""
        if self._former_end is None and self._former is not None and not self._is_own:
            owner = self._former.owner
            if not any(_is_same(owner, other) for other in self._gathering.owners()):
                yield Vote("", owner, None)


def settle(root: Path, uid: str) -> int:
    """Bring what processes left that are gone into the journal of a run that nobody writes.

    Does nothing where one with a say lives: that one does it. Trouble is no error: who
    looks next tries again.

    Returns:
        How many records were brought in.

    Raises:
        UsageError: If the uid is malformed.
    """
    if not has_parts(root, uid) or is_led(root, uid) or goes_on(root, uid):
        return 0
    with contextlib.suppress(StoreError, OSError):
        if all(is_written(root, uid, name) for name in part_names(root, uid)):
            return 0  # guests: what they log is brought in when they end
        lead = Lead.taken(root, uid)
        if lead is not None:
            return _settled(lead)
    return 0


def ends_of(votes: Iterable[Vote]) -> list[Closed]:
    """Return how processes have ended; one that was killed has failed."""
    return [_of_the_killed(vote) if vote.closed is None else vote.closed for vote in votes]


def worst_of(ends: Sequence[Closed]) -> Closed:
    """Return the worst of several ends; of equal ones the first."""
    return max(ends, key=_rank)


def _settled(lead: Lead) -> int:
    is_over = False
    try:
        count = lead.gather()
        lead.end()
        is_over = True
        return count
    finally:
        lead.release(is_over=is_over)


def _rank(closed: Closed) -> int:
    return _ORDER.index(closed.state) if closed.state in _ORDER else 0


def _of_the_killed(vote: Vote) -> Closed:
    return _failed(_cause(vote))


def _failed(cause: str) -> Closed:
    return Closed(0, RunState.FAILED, 1, 0, cause)


def _cause(vote: Vote) -> str:
    who = f"process {vote.owner.pid}" if vote.owner else "a process"
    return f"{who}{_WAS_KILLED}"


def _of_a_killed_writer(vote: Vote, time_us: int) -> Notice:
    cause = _cause(vote)
    text = f"{cause}. Another one goes on with it; what that one had logged is kept."
    return Notice(time_us, "warning", cause, text)


def _is_same(one: Owner, other: Owner) -> bool:
    return (one.host, one.pid, one.process_started_at) == (
        other.host,
        other.pid,
        other.process_started_at,
    )


def _folded(path: Path) -> tuple[Fold, list[Notice]]:
    """Return what a journal comes to, and what its last writer said of others being killed.

    The database is not asked: whoever settles may hold it.
    """
    killed: list[Notice] = []
    fold = Fold(path.parent.name)
    source = PlainFile(os.open(path, READING))
    with Tail(path, source, 0) as tail:
        while entries := tail.entries(POLL_BYTES):
            fold.add(entries, tail.position)
            for entry in entries:
                if isinstance(entry, Opened):
                    killed = []
                elif isinstance(entry, Notice) and entry.cause.endswith(_WAS_KILLED):
                    killed.append(entry)
    return fold, killed
