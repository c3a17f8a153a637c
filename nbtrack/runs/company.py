"""Several processes log to one run: what each of them does besides writing its own.

The `Host` writes the run's journal and takes over what others left in their parts. A
`Guest` writes a part, and becomes the one who writes the run when nobody does it any
more. Both are called on the recorder's thread ten times a second.
"""

from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from nbtrack.clock import Clock
from nbtrack.forks import kept_from_forks
from nbtrack.records import Closed, Gathered, Heartbeat, Opened
from nbtrack.runs.lifecycle import Outcome
from nbtrack.runs.recorder import Track
from nbtrack.store import (
    Doorstep,
    Edit,
    Wish,
    asked_exit_code,
    clear_stop,
    goes_on,
    has_parts,
    is_led,
    may_be_edited,
    run_folder,
    stop_sign,
    taken_edits,
)

if TYPE_CHECKING:
    from nbtrack.store import Gathering, Lead

MOST_PENDING = 100_000
"""Records that may wait in memory before more is taken over: parts are on the disk anyway."""
MOST_PIECES = 8
"""Of each part, ten times a second: 20 MB per second, and the own run is written in between."""


class Ear:
    """Hears who asks a run to end, every one of them once."""

    def __init__(self, root: Path, uid: str) -> None:
        """Listen for a run."""
        self._root = root
        self._uid = uid
        self._heard: dict[Wish, tuple[int, int]] = {}

    def hears(self, wish: Wish) -> int | None:
        """Return the exit code that somebody asks for who was not heard yet; else None.

        First of all it is answered: every further call waits 5 ms for the interpreter where
        a cell computes. What was heard is taken back at the next turn, unless others must
        hear it, too.
        """
        sign = stop_sign(self._root, self._uid, wish)
        if sign is None:
            self._heard.pop(wish, None)
        elif sign != self._heard.get(wish):
            self._heard[wish] = sign
            return asked_exit_code(self._root, self._uid, wish) if wish == "finish" else 0
        elif not has_parts(self._root, self._uid):
            clear_stop(self._root, self._uid, wish)
        return None

    def forget(self) -> None:
        """Take back what was asked, at the end of the run."""
        for wish in self._heard:
            clear_stop(self._root, self._uid, wish)


class Host:
    """Writes a run, and takes over what other processes log to it."""

    def __init__(
        self,
        track: Track,
        root: Path,
        uid: str,
        *,
        take: Callable[[Gathered], bool],
        is_new: bool,
    ) -> None:
        """Begin without company.

        Args:
            track: Of the run.
            root: The workspace.
            uid: Of the run.
            take: Puts records of others into the run; returns whether it did.
            is_new: Whether the run's journal is known to have nothing of others.
        """
        self._track = track
        self._root = root
        self._uid = uid
        self._take = take
        self._is_new = is_new
        self._ear = Ear(root, uid)
        self._doorstep = Doorstep(run_folder(root, uid))
        self._gathering: Gathering | None = None
        self._lock = RLock()

    def attend(self, *, due: bool) -> bool:
        """Take over what others change, and what they log. The track gives the signs of life."""
        has_news = self._doorstep.has_news() or due
        if has_news:
            self._take_edits()
        self._track.drain()
        if has_news or self._gathering is not None:
            self.gather(MOST_PIECES)
        return has_news

    def _take_edits(self) -> None:
        """Take over what the sidebar or another kernel changes; it is written at once."""
        with taken_edits(self._root, self._uid) as edits:
            for edit in edits:
                self._track.on_edit(edit)
            if edits:
                self._track.drain()
        if may_be_edited(self._root, self._uid):
            self._doorstep.expect_more()  # what comes into that folder changes no time of ours

    def told_to(self, wish: Wish) -> int | None:
        """See `Attendant`."""
        return self._ear.hears(wish)

    @property
    def journal_bytes(self) -> int:
        """See `Attendant`."""
        return self._track.journal_bytes

    def gather(self, most: int | None = None) -> None:
        """Take over what others have logged, at most so many pieces of each."""
        if self._gathering is None and not has_parts(self._root, self._uid):
            return
        with self._lock:
            gathering = self._gathering or self._begun()
            if gathering is None:
                return
            try:
                gathering.gather(self._taken, most)
            except BaseException:
                self._begin_anew(gathering)
                raise

    def outcome(self, own: Outcome, reason: str) -> tuple[Outcome, str]:
        """Return how the run ends, as this process and those that are gone have ended."""
        if self._gathering is None:
            return own, reason
        return _worst(own, reason, self._gathering)

    def leave(self) -> bool:
        """When the run's journal is closed: remove what it has, and settle the rest.

        Returns:
            Whether the run is to go into the database now.
        """
        with self._lock:
            if self._gathering is not None:
                self._gathering.clear()
                self._gathering = None
        _settle(self._root, self._uid)
        if goes_on(self._root, self._uid):
            return False
        self._ear.forget()
        return True

    def abandon(self) -> None:
        """See `Attendant`."""
        self._lock = RLock()
        if self._gathering is not None:
            self._gathering.close()
            self._gathering = None

    def _taken(self, gathered: Gathered) -> bool:
        return self._track.pending < MOST_PENDING and self._take(gathered)

    def _begun(self) -> "Gathering | None":
        """Begin to take over; what was taken before, and whatever came of it, is in the journal."""
        if not self._is_new and not self._track.drain(at_once=True):
            return None
        with kept_from_forks():
            from nbtrack.store import Gathering, taken_parts
        path = run_folder(self._root, self._uid) / "journal.nbj"
        taken = {} if self._is_new else taken_parts(path)
        self._gathering = Gathering(self._root, self._uid, taken)
        return self._gathering

    def _begin_anew(self, gathering: "Gathering") -> None:
        """Nobody knows whether what was at hand was taken: the journal will say it."""
        self._gathering, self._is_new = None, False
        gathering.close()


class Guest:
    """Logs to a run that another process writes, and writes it when nobody does."""

    def __init__(  # noqa: PLR0913 - what it needs to go on with the run
        self,
        track: Track,
        root: Path,
        uid: str,
        *,
        opened: Callable[[], Opened],
        learn: Callable[[Edit], None],
        clock: Clock,
        has_say: bool,
    ) -> None:
        """Begin as one who only writes a part.

        Args:
            track: Of this process's part.
            root: The workspace.
            uid: Of the run.
            opened: Who the run is, with this process as its owner.
            learn: Told what others change of the run.
            clock: Gives signs of life their time.
            has_say: Whether the run goes on as long as this process does.
        """
        self._track = track
        self._root = root
        self._uid = uid
        self._opened = opened
        self._learn = learn
        self._clock = clock
        self._has_say = has_say
        self._ear = Ear(root, uid)
        self._lead: Lead | None = None
        self._lock = RLock()
        self._has_left = False

    @property
    def journal_bytes(self) -> int:
        """See `Attendant`."""
        lead = self._lead
        return lead.position if lead else 0

    def told_to(self, wish: Wish) -> int | None:
        """See `Attendant`."""
        return self._ear.hears(wish)

    def attend(self, *, due: bool) -> bool:
        """Write the own part; write the run where nobody else does."""
        self._track.drain()
        if self._has_say:
            self._attend_run(due=due)
        return True

    def _attend_run(self, *, due: bool) -> None:
        with self._lock:
            if self._has_left:
                return
            if self._lead is None:
                self._take_lead()
            edits = [] if self._lead is None else self._write(self._lead, due=due)
        for edit in edits:  # without the lock: it takes that of the run, whose holder may wait
            self._learn(edit)

    def gather(self) -> None:
        """Bring what was logged into the run's journal, if this process writes it."""
        with self._lock:
            if self._lead is not None:
                self._kept(self._lead.gather)

    def outcome(self, own: Outcome, reason: str) -> tuple[Outcome, str]:
        """Return how this process's part ends."""
        return own, reason

    def leave(self) -> bool:
        """When the part is closed: end the run, or leave it to those who stay.

        Returns:
            Whether the run is to go into the database now.
        """
        with self._lock:
            self._has_left = True
            lead = self._lead
            if lead is None:
                _settle(self._root, self._uid)
                is_over = not (is_led(self._root, self._uid) or goes_on(self._root, self._uid))
                if is_over:
                    self._ear.forget()
                return is_over
            is_over = not goes_on(self._root, self._uid)
            self._kept(lead.gather)
            if is_over:
                self._kept(lead.end)
                self._ear.forget()
            self._lead = None
            lead.release(is_over=is_over)
            return is_over

    def abandon(self) -> None:
        """See `Attendant`."""
        self._lock = RLock()
        lead, self._lead = self._lead, None
        if lead is not None:
            lead.abandon()

    def _take_lead(self) -> None:
        if is_led(self._root, self._uid):
            return
        with kept_from_forks():
            from nbtrack.store import Lead
        self._lead = Lead.taken(self._root, self._uid, self._clock)
        if self._lead is not None:
            lead = self._lead
            self._kept(lambda: lead.go_on(self._opened()))

    def _write(self, lead: "Lead", *, due: bool) -> list[Edit]:
        with taken_edits(self._root, self._uid) as edits:
            if edits:
                self._kept(lambda: lead.append(edits))
        self._kept(lambda: lead.gather(MOST_PIECES))
        if due:
            self._kept(
                lambda: lead.append([Heartbeat(self._clock.now_us(), lead.active_us)]),
            )
        return edits

    def _kept(self, write: Callable[[], object]) -> None:
        """Write something; where that is cut short, the journal says how far it came."""
        try:
            write()
        except BaseException:
            lead, self._lead = self._lead, None
            if lead is not None:
                lead.release()
            raise


def _settle(root: Path, uid: str) -> None:
    if has_parts(root, uid):
        from nbtrack.store import settle  # brings numpy along

        settle(root, uid)


def _worst(own: Outcome, reason: str, gathering: "Gathering") -> tuple[Outcome, str]:
    from nbtrack.store import ends_of, worst_of  # brings numpy along

    mine = Closed(0, own.state, own.exit_code, 0, reason)
    worst = worst_of([mine, *ends_of(gathering.votes())])
    return Outcome(worst.state, worst.exit_code), worst.reason
