"""A run while it is read: its tail, and what the journal comes to up to there."""

from nbtrack.clock import Clock
from nbtrack.store.entries import Entry
from nbtrack.store.facts import RunFacts
from nbtrack.store.fold import Fold
from nbtrack.store.recovery import recover
from nbtrack.store.tail import POLL_BYTES, Tail

LIVENESS_S = 1.0  # so late a dead run, or one that is gone on with, is noticed


class LiveRun:
    """Follows one run. Used by one thread at a time.

    Attributes:
        facts: What is known of it; a new object whenever something of it has changed.
    """

    def __init__(self, tail: Tail | None, fold: Fold, clock: Clock) -> None:
        """Begin at a fold.

        Args:
            tail: Of the journal, at the position of the fold; None if it is gone.
            fold: What the journal comes to until there; it belongs to this from now on.
            clock: Gives the time by which a silent run of another machine is given up, and
                says when to ask again whether its writer lives.
        """
        self._tail = tail
        self._fold = fold
        self._clock = clock
        self._locked: bool | None = False
        self._asked_at = 0.0
        self._ask()
        self.facts = self._facts()

    @property
    def is_over(self) -> bool:
        """Whether it has ended and nothing more is expected."""
        return self.facts.ended_us is not None

    @property
    def size(self) -> int:
        """Bytes in the journal now."""
        return self._tail.size if self._tail else 0

    @property
    def fold(self) -> Fold:
        """What the journal comes to up to the position of the facts; not to be changed."""
        return self._fold

    def poll(self) -> list[Entry]:
        """Return what is new, in order, and bring `facts` up to date.

        Raises:
            StoreError: If the journal cannot be read.
        """
        if self._tail is None:
            return []
        asked = self._look_around(self._tail)
        was_over, damaged = self._fold.closed is not None, self._tail.damaged
        entries = self._tail.entries(POLL_BYTES)
        if entries:
            self._fold.add(entries, self._tail.position, self._tail.damaged - damaged)
        if was_over and self._fold.closed is None:
            self._ask()  # somebody goes on with it, and lives
        if entries or (asked and self._facts().state is not self.facts.state):
            self.facts = self._facts()
        return entries

    def close(self) -> None:
        """Close the journal."""
        if self._tail is not None:
            self._tail.close()

    def _look_around(self, tail: Tail) -> bool:
        """Ask once a second where the journal lies by now, and whether its writer lives."""
        now_s = self._clock.elapsed_s()
        if now_s - self._asked_at < LIVENESS_S:
            return False
        self._asked_at = now_s
        tail.renew()
        if self._fold.closed is None:
            self._ask()
        return self._fold.closed is None

    def _ask(self) -> None:
        self._asked_at = self._clock.elapsed_s()
        if self._tail is not None:
            locked = self._tail.is_locked()
            if self._locked and not locked and self._fold.closed is None:
                recover(self._tail.path.parents[2], self._fold.uid)
            self._locked = locked

    def _facts(self) -> RunFacts:
        return self._fold.facts(locked=self._locked, now_us=self._clock.now_us())
