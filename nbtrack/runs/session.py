"""All state of the process: which runs are open, and who is told about them.

The front doors (kernel, command line) register here how a run is shown, how a cell is
stopped and where messages go. Nothing else in nbtrack keeps state between calls.
"""

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nbtrack import query
from nbtrack.clock import Clock, SystemClock
from nbtrack.errors import StoreError
from nbtrack.records import (
    ClockTurned,
    Json,
    Notice,
    Record,
)
from nbtrack.runs.company import Guest, Host
from nbtrack.runs.console import Console
from nbtrack.runs.delivery import Delivery
from nbtrack.runs.interrupts import Interrupts
from nbtrack.runs.launching import at_home, known_history, named, open_journal, put_back, whole
from nbtrack.runs.leftbehind import LeftBehind
from nbtrack.runs.lifecycle import FINISHED, KILLED, Outcome, Watch
from nbtrack.runs.links import page_of
from nbtrack.runs.outline import Outline, outline_of, welcome
from nbtrack.runs.pages import complete_page
from nbtrack.runs.provenance import Provenance
from nbtrack.runs.recorder import Recorder, Track
from nbtrack.runs.request import Request
from nbtrack.runs.rewinding import bring_back, put_away
from nbtrack.runs.run import Run
from nbtrack.runs.sampling import Sampling
from nbtrack.runs.terminal import say_news, stderr_encoding, to_stderr
from nbtrack.settings import Place, Settings
from nbtrack.store import Journal, remember

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbtrack.query import Comparison

STOPPED = "stopped on request"
ENOUGH = "ended on request"
TOLD_AT = frozenset(10**power for power in range(1, 10))
"""A cause that comes again is told again to the panel when it came so many times."""


class Observer(Protocol):
    """Somebody who is told about runs; what it raises is caught and told once."""

    def run_opened(self, run: Run) -> None:
        """Learn that a run began."""
        ...

    def run_closing(self, run: Run) -> None:
        """Hand over what belongs to a run that is about to end."""
        ...

    def run_closed(self, run: Run) -> None:
        """Learn that a run ended; all of it is in its journal."""
        ...


class Presenter(Protocol):
    """Somebody who can show a run."""

    def show(self, run: Run, height: int) -> int:
        """Show it; return whether there was where to show it, a truth value or an `Answer`."""
        ...

    def part(self, outline: Outline) -> None:
        """Leave how a run went, unless it is shown already."""
        ...

    def compare(self, comparison: "Comparison", height: int, *, again: bool) -> bool:
        """Show several runs, with `again` not twice in one cell; return as `show` does."""
        ...


class Session:
    """The runs of this process.

    Attributes:
        place: Where the code runs; set by the front door.
        presenter: Who shows runs, or None.
        interrupts: Interrupts the main thread.
        stopper: Interrupts what a run's code does; called on a thread of ours.
        finisher: Ends a run so if nothing goes on in it; called on a thread of ours. A
            script's run ends with the script.
        leaving: Tells how runs end, and why, where a signal meets a process on its way out.
        voice: Takes a level (`info`, `warning`, `error`) and a text for the user.
        active: The run that `nbtrack.run` and `nbtrack.log()` mean, or None.
        opening: Held while a run is opened: one after the other.
        sampling: Reads the machine for the runs that want it.
        settings: What `init()` settled last: whether messages of no run are said.
        defaults: What `setup()` was given, or None.
        environment: The variables as the first `init()` read them, or None.
        autolog: Follows frameworks for a run until it ends; never raises.
        locked: Config that every run from now on has and keeps: the values of a trial.
        console: Gives the open runs what is printed.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin without runs.

        Args:
            clock: Gives the time to all runs.
        """
        self.clock = clock
        self.place = Place()
        self.presenter: Presenter | None = None
        self.interrupts = Interrupts()
        self.stopper: Callable[[Run], None] = lambda _run: self.interrupts.send(insist=True)
        self.finisher: Callable[[Run, Outcome], None] = lambda _run, _outcome: None
        self.leaving: Callable[[], tuple[Outcome, str] | None] = lambda: None
        self.voice: Callable[[str, str], None] = to_stderr
        self.active: Run | None = None
        self.settings = Settings()
        self.defaults: Settings | Mapping[str, Any] | None = None
        self.environment: Mapping[str, str] | None = None
        self.locked: Mapping[str, Json] = {}
        self.autolog: Callable[[Run, frozenset[str]], None] = lambda _run, _frameworks: None
        self.opening = threading.RLock()
        self.sampling = Sampling(clock)
        self._runs: list[Run] = []
        self._latest: Run | None = None
        self._stop_asked: dict[str, str] = {}
        self._finish_asked: dict[str, Outcome] = {}
        self._remembered: set[str] = set()
        self._companies: dict[str, Host | Guest] = {}
        self._observers: list[Observer] = []
        self._told: dict[tuple[str, str], int] = {}
        self._unsaid: list[tuple[str, str]] = []
        self._recorder = Recorder(
            clock, on_stop=self.stop, on_finish=self.finish, on_damage=self._say_damaged
        )
        self._left_behind = LeftBehind(self.say, on_damage=self._say_damaged)
        self._provenance = Provenance(clock)
        self._delivery = Delivery(self.say)
        self._watch = Watch(self)
        self.console = Console(self.open_runs, clock, self.say)
        query.on_read(self.flush)

    # --- looking -----------------------------------------------------------------------

    def open_runs(self) -> tuple[Run, ...]:
        """Return the runs that have not ended, oldest first."""
        return tuple([run for run in self._runs if run.is_open])

    def latest(self) -> Run | None:
        """Return the run that was opened last, ended or not."""
        return self._latest

    def stop_asked(self, run: Run) -> bool:
        """Return whether somebody asked a run to stop."""
        return run.uid in self._stop_asked

    def finish_asked(self, run: Run) -> Outcome | None:
        """Return how somebody asked a run to end as soon as nothing goes on in it, or None."""
        return self._finish_asked.get(run.uid)

    def observe(self, observer: Observer) -> None:
        """Tell somebody about runs from now on."""
        if observer not in self._observers:
            self._observers.append(observer)

    def unobserve(self, observer: Observer) -> None:
        """Tell them no more."""
        if observer in self._observers:
            self._observers.remove(observer)

    # --- opening -----------------------------------------------------------------------

    def open(self, request: Request) -> Run:
        """Begin a run.

        Where the workspace cannot be written, a temporary one is taken and said.
        """
        request = named(at_home(request, self.say))
        journal = None
        try:
            journal, unkept = open_journal(request, self.clock, self.say)
            run = self._run(request, journal, unkept)
            self._begin(run, request)
            if request.is_rewind:
                put_away(request, self.clock, self.say)
        except BaseException as error:
            self._undo(request, journal, error)
            raise
        return run

    def _run(self, request: Request, journal: Journal | None, unkept: str) -> Run:
        return Run(
            request.opened,
            request.root,
            settings=whole(request, page_of(self.place)),
            keeper=self,
            clock=self.clock,
            track=lambda active_us, trouble: Track(
                journal,
                self.clock,
                active_us=active_us,
                on_trouble=trouble,
                durability=request.settings.durability,
                unkept=unkept,
            ),
            may_change_config=request.may_change_config,
            former=known_history(request),
            resumed=request.is_of_former,
        )

    def _undo(self, request: Request, journal: Journal | None, error: BaseException) -> None:
        """Leave no run behind that nobody has: remove it, or end it if it can be seen already."""
        begun = [run for run in self._runs if run.uid == request.opened.uid]
        for run in begun:
            self.close(run, Outcome.of_exception(error), reason="init() was cut short")
        if request.is_rewind:
            bring_back(request)
        if not begun:
            put_back(request, journal, error)

    def _begin(self, run: Run, request: Request) -> None:
        began_us = self.clock.now_us() if request.former else request.opened.time_us
        run.emit(ClockTurned(began_us, run.active_us if request.former else 0, running=True))
        run.config.lock(self.locked)
        if request.config:
            run.config.update(request.config, allow_val_change=True)
        if request.is_remembered:
            self._remembered.add(run.uid)
        self._stop_asked.pop(run.uid, None)  # of its life before it was resumed
        self._finish_asked.pop(run.uid, None)
        self._runs.append(run)
        self._latest = run
        if request.is_global:
            self.active = run
        if run.disabled:
            return
        self._welcome(run)
        self._companies[run.uid] = company = self._company(run, request)
        self._recorder.add(run.uid, run.track, run.root, company)
        self._left_behind.look_after(run.root)
        self._watch.lay()
        self.interrupts.lay()
        self.listen()
        self._tell_observers("run_opened", run)
        self.sampling.begin(run)  # its thread begins with imports, beside which all is slower
        if not request.is_guest:
            self._provenance.begin(run, self.place)

    def _company(self, run: Run, request: Request) -> Host | Guest:
        if not request.is_guest:
            is_new = request.former is None or request.branch_step is not None
            return Host(run.track, run.root, run.uid, take=run.gather, is_new=is_new)
        return Guest(
            run.track,
            run.root,
            run.uid,
            opened=run.who,
            learn=run.learn,
            clock=self.clock,
            has_say=request.has_say,
        )

    # --- while they run ----------------------------------------------------------------

    def listen(self) -> None:
        """Listen to what is printed, as long as there is an open run that wants it."""
        self.console.listen(in_kernel=self.place.in_notebook)

    def emit(self, record: Record) -> None:
        """Hand a record to every open run."""
        for run in tuple(self._runs):
            run.emit(record)

    def flush(self) -> bool:
        """Write what waits, on the calling thread; return whether all was written."""
        wrote = self._recorder.flush()
        for company in tuple(self._companies.values()):
            with contextlib.suppress(StoreError):  # the recorder's thread tries again, and says so
                company.gather()
        return self._recorder.flush() if self._companies else wrote

    def pause(self) -> None:
        """Let active time of all runs stand still, and say what threads had to say."""
        self.sampling.pause()
        for run in tuple(self._runs):
            run.turn_clock(running=False)
        self.speak()

    def resume(self) -> None:
        """Let active time of all runs go on."""
        self.sampling.resume()
        for run in tuple(self._runs):
            run.turn_clock(running=True)

    def present(self, run: Run, height: int) -> int:
        """Show a run, if there is where to show it."""
        if self.presenter is None or run.disabled or run.settings.silent:
            return False
        return self.presenter.show(run, height)

    def deliver(self, run: Run, alert: Notice) -> None:
        """Send an alert to where the settings say, on a thread of its own."""
        if run in self._runs:  # in a forked child it is not: its parent tells
            self._delivery.take(run, alert)

    def say(self, cause: str, text: str, *, level: str = "warning", run: Run | None = None) -> None:
        """Tell the user something once per cause, and the panel now and then.

        What other threads have to say is said at the end of the cell: printed from a
        thread it would land in any cell.
        """
        known = (run.uid if run else "", cause)
        count = self._told[known] = self._told.get(known, 0) + 1
        if run is not None and (count == 1 or count in TOLD_AT):
            run.emit(Notice(self.clock.now_us(), level, cause, text, count))
        if count == 1:
            self.tell(level, text, run)

    def tell(self, level: str, text: str, run: Run | None = None) -> None:
        """Tell the user something, unless the settings keep it quiet."""
        settings = run.settings if run is not None else self.settings
        if not settings.says(level):
            return
        self._unsaid.append((level, text))
        if threading.current_thread() is threading.main_thread():
            self.speak()

    def speak(self) -> None:
        """Say what is unsaid."""
        while self._unsaid:
            level, text = self._unsaid.pop(0)
            try:
                self.voice(level, text)
            except Exception:  # noqa: BLE001 - a closed stderr must not end a training
                return

    def stop(self, uid: str, reason: str = STOPPED) -> None:
        """Stop a run, from any thread; a run that is not here is left alone.

        Args:
            uid: Of the run.
            reason: Why; the first reason counts.
        """
        for run in tuple(self._runs):
            if run.uid == uid:
                self._stop_asked.setdefault(uid, reason)
                stop = run.settings.stop_fn
                self.stopper(run) if stop is None else stop()

    def finish(self, uid: str, exit_code: int = 0) -> None:
        """Finish a run when nothing goes on in it, from any thread; see `stop`."""
        for run in tuple(self._runs):
            if run.uid == uid:
                outcome = Outcome.of_exit_code(exit_code)
                self._finish_asked[uid] = outcome
                self.finisher(run, outcome)

    # --- ending ------------------------------------------------------------------------

    def close(
        self,
        run: Run,
        outcome: Outcome,
        *,
        reason: str = "",
        quiet: bool | None = None,
        error: BaseException | None = None,
    ) -> None:
        """End a run: write all of it, tell the observers, let it into the database.

        Args:
            run: The run; if it ended already nothing happens.
            outcome: How it ends.
            reason: Why nbtrack ends it, "" when the user does.
            quiet: Whether nothing is said about how it went; None leaves it to its settings.
            error: What ended its block; it is kept with what was printed.
        """
        if self.stop_asked(run):
            outcome, reason = KILLED, self._stop_asked[run.uid]
        if run.is_open:
            self.console.end(run, error)
            run.look_back()
            self._tell_observers("run_closing", run)
            self._provenance.end(run)
            outcome, reason = self._joined_end(run, outcome, reason)
        run.seal(outcome, reason=reason)
        if self.active is run:
            self.active = None
        if run not in self._runs:  # it ended already, or it is the parent process's
            return
        # Until all is written it stays in the list: whoever is interrupted here can call again.
        self._recorder.remove(run.uid)
        is_written = run.track.close()
        run.put_down()
        if run not in self._runs:  # a signal's handler or another thread did the rest
            return
        self._runs.remove(run)
        self.sampling.end(run)
        if run.uid in self._remembered and outcome == FINISHED:
            remember(run.root, run.project, None)
        if not self._runs:
            self._rest()
        company = self._companies.pop(run.uid, None)
        is_over = company is None or self._left(run, company)
        is_indexed = self._settle(run, is_over=is_over) if is_written else self._say_lost(run)
        if is_over:
            self._complete(run)
            self._part(run, quiet=quiet, is_indexed=is_indexed)
        else:
            self.tell("info", f"run {run.name!r} goes on in other processes.", run)
        if threading.current_thread() is threading.main_thread():
            self.speak()  # a script has no end of a cell at which threads are heard

    def end(self, outcome: Outcome, *, reason: str) -> None:
        """End all runs."""
        for run in tuple(self._runs):
            self.close(run, outcome, reason=reason)

    def forget(self) -> None:
        """Read variables and files anew at the next `init()`, and tell every cause once more."""
        self.environment, self.defaults, self.settings = None, None, Settings()
        self.locked = {}
        self._told.clear()

    def abandon(self) -> None:
        """In a forked child: forget every run; the parent goes on with them.

        The active run stays, so that `nbtrack.log()` is as inert there as `run.log()`.
        """
        self._recorder.abandon()
        self.console.abandon()
        self._delivery.abandon()
        self._provenance.abandon()
        for run in self._runs:
            run.disown()
        self._runs.clear()
        self._companies.clear()
        self._observers.clear()
        self._unsaid.clear()
        self.opening = threading.RLock()  # another thread may have held it
        self.presenter = None
        self.sampling.abandon()

    def _welcome(self, run: Run) -> None:
        if run.settings.says("info") and not self.place.in_notebook:
            with contextlib.suppress(Exception):  # a closed stderr must not end a training
                say_news(welcome(run))

    def _part(self, run: Run, *, quiet: bool | None, is_indexed: bool) -> None:
        """Say how a run went: below the cell that ends it, or on the terminal."""
        settings, in_notebook = run.settings, self.place.in_notebook
        is_quiet = settings.quiet if quiet is None else quiet
        if run.disabled or settings.silent or is_quiet or not settings.show_info:
            return
        if in_notebook and threading.current_thread() is not threading.main_thread():
            return  # it would land in any cell
        try:
            outline = outline_of(run, with_sparks=is_indexed)
            if not in_notebook:
                say_news(outline.text(stderr_encoding()))
            elif self.presenter is not None:
                self.presenter.part(outline)
        except Exception as error:  # noqa: BLE001 - a closed stderr must not end a training
            kind = type(error).__name__
            self.say(f"outline {kind}", f"how run {run.name!r} went cannot be said: {error}")

    def _joined_end(self, run: Run, outcome: Outcome, reason: str) -> tuple[Outcome, str]:
        """Take over what other processes have logged to a run that is about to end."""
        company = self._companies.get(run.uid)
        if company is None:
            return outcome, reason
        try:
            run.track.drain(at_once=True)
            company.gather()
            return company.outcome(outcome, reason)
        except Exception as error:  # noqa: BLE001 - what others logged must not cost this end
            self._say_apart(run, error)
            return outcome, reason

    def _left(self, run: Run, company: Host | Guest) -> bool:
        """Leave a run to those who stay; return whether nobody does."""
        try:
            return company.leave()
        except Exception as error:  # noqa: BLE001 - the parts are on the disk; a reader brings them in
            self._say_apart(run, error)
            return False

    def _say_apart(self, run: Run, error: Exception) -> None:
        self.say(
            f"parts {type(error).__name__}",
            f"what other processes logged to run {run.name!r} is not in its journal yet: {error} "
            "It is kept beside it, and whoever looks at the run tries again.",
        )

    def _settle(self, run: Run, *, is_over: bool) -> bool:
        """Let a run that is written into the database; return whether it is in it."""
        if run.disabled:
            return False
        self._tell_observers("run_closed", run)
        if not is_over:
            return False
        try:
            if self._recorder.ingest(run.uid, run.root):
                return True
            run.track.refused(self._recorder.refusal(run.root))
        except Exception as error:  # noqa: BLE001 - the journal has it; a reader lets it in
            self.say("ingest", f"run {run.name!r} is stored but not indexed yet: {error}")
        return False

    def _complete(self, run: Run) -> None:
        try:
            complete_page(run)
        except Exception as error:  # noqa: BLE001 - a picture that is not drawn ends no training
            self.say("page", f"the page of run {run.name!r} has no picture: {error}")

    def _say_lost(self, run: Run) -> bool:
        status = run.status()
        self.say(
            f"lost {run.uid}",
            f"{status.sync_items_pending} records of run {run.name!r} could not be written to "
            f"{run.root}: is the disk full? What was written before is kept.",
            level="error",
        )
        self._tell_observers("run_closed", run)
        return False

    def _say_damaged(self, root: Path, path: Path) -> None:
        run = next((run for run in tuple(self._runs) if run.root == root), None)
        text = (
            f"the database of this workspace was damaged. It is set aside as {path.name} and "
            "made anew from the journals: nothing is lost. If it happens again, the disk may "
            "be failing; `nbtrack doctor` looks at all of it."
        )
        self.say(f"damaged database {path}", text, run=run)

    def _rest(self) -> None:
        self.console.stop()
        self._left_behind.stop()

    def _tell_observers(self, event: str, run: Run) -> None:
        for observer in tuple(self._observers):
            try:
                getattr(observer, event)(run)
            except Exception as error:  # noqa: BLE001 - a front door must not end a training
                kind = type(error).__name__
                self.say(f"{event} {kind}", f"showing run {run.name!r} failed: {kind}: {error}")


_SESSION = Session(SystemClock())


def session() -> Session:
    """Return the session of this process."""
    return _SESSION
