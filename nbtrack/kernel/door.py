"""The door itself: attached to a shell once, and what comes through it.

`nbtrack.init()` opens it where IPython runs, `%load_ext nbtrack` opens it and says what
crashed, `%unload_ext nbtrack` closes it. The door is kept on the shell, so that there
is one per shell and none without.
"""

import atexit
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from nbtrack import panels, query, runs
from nbtrack.kernel.drawing import Draughtsman
from nbtrack.runs import Run, Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from nbtrack.runs import Outcome
    from nbtrack.store import RunFacts

P = ParamSpec("P")
R = TypeVar("R")

MOST_NAMES = 3
_ATTRIBUTE = "_nbtrack_door"

_SHUT_DOWN = "the kernel shut down"
_SERVICES = ("presenter", "stopper", "finisher", "leaving", "voice")
"""What the session asks of whoever has the code run; put back when the door is closed."""


def through_the_door(function: Callable[P, R]) -> Callable[P, R]:
    """Open the door, where there is a shell, before a function is called."""

    @functools.wraps(function)
    def through(*args: P.args, **kwargs: P.kwargs) -> R:
        shell = _running_shell()
        if shell is not None:
            door_of(shell).open()
        elif "marimo" in sys.modules:
            from nbtrack.kernel.marimo import open_where_marimo_runs

            open_where_marimo_runs(runs.session())
        return function(*args, **kwargs)

    return through


init = through_the_door(runs.init)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Open the door (`%load_ext nbtrack`), and say which runs of the notebook crashed."""
    door = door_of(shell)
    door.open()
    door.tell_of_crashed()


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Close the door (`%unload_ext nbtrack`); runs that are open stay so."""
    door_of(shell).close()


def door_of(shell: "InteractiveShell") -> "Door":
    """Return the door of a shell; it is open or not."""
    door = getattr(shell, _ATTRIBUTE, None)
    if not isinstance(door, Door):
        door = Door(shell, runs.session())
        setattr(shell, _ATTRIBUTE, door)
    return door


def _running_shell() -> "InteractiveShell | None":
    """Return IPython's shell, without loading IPython."""
    ipython: Any = sys.modules.get("IPython")
    get: Callable[[], InteractiveShell | None] | None = getattr(ipython, "get_ipython", None)
    return get() if get is not None else None


def _speak(level: str, text: str) -> None:
    """Say something below the cell: news as output, trouble as a warning."""
    sign = "" if level == "info" else f"{level}: "
    stream = sys.stdout if level == "info" else sys.stderr
    print(f"nbtrack: {sign}{text}", file=stream)


def _show(root: Path, uid: str, height: int) -> bool:
    """Show any run in the cell that runs, where there is one."""
    shell = _running_shell()
    if shell is None:
        return False
    door = door_of(shell)
    door.open()
    return door.show(root, uid, height)


def _autolog(run: Run, frameworks: frozenset[str]) -> None:
    from nbtrack import integrations  # nobody else pays for it

    integrations.begin(run, frameworks)


runs.session().autolog = _autolog
query.on_draw(Draughtsman(runs.session(), _show))


class Door:
    """Everything of nbtrack that is attached to one shell.

    Attributes:
        hooked: Whether cells are followed.
    """

    def __init__(self, shell: "InteractiveShell", session: Session) -> None:
        """Build the door, closed.

        Args:
            shell: What it is attached to.
            session: Where runs are kept.
        """
        from nbtrack.kernel.cells import Cells
        from nbtrack.kernel.journal import CellJournal
        from nbtrack.kernel.magics import Magics
        from nbtrack.kernel.screen import Screen
        from nbtrack.kernel.tracking import Tracking

        self._shell = shell
        self._session = session
        self._screen = Screen(shell, session)
        self._journal = CellJournal(session, self._sources)
        query.on_read(self._journal.flush)
        self._cells = Cells(shell, session, journal=self._journal, is_shown=self._screen.shows)
        self._tracking = Tracking(shell, self._cells)
        self._magics = Magics(shell, session, screen=self._screen, switch=self)
        self._was: dict[str, Any] = {}
        self._opened = False
        self.hooked = False

    def open(self) -> None:
        """Attach everything, unless it is attached."""
        if self._opened:
            return
        from nbtrack.kernel.surroundings import look_around

        self._opened = True
        extensions = self._shell.extension_manager
        if extensions is not None:
            extensions.loaded.add("nbtrack")  # so that %unload_ext finds it
        session = self._session
        self._was = {name: getattr(session, name) for name in _SERVICES}
        session.place = look_around(self._shell)
        session.presenter = self._screen
        if session.place.in_notebook:
            panels.preload()
        session.stopper = self._cells.stop
        session.finisher = self._cells.finish
        session.leaving = self._leaving
        session.voice = _speak
        session.observe(self)
        self._magics.start()
        self.hook()

    def close(self) -> None:
        """Detach everything; say which runs stay open."""
        if not self._opened:
            return
        self._opened = False
        for run in self._session.open_runs():
            text = (
                f"run {run.name!r} is still open and no longer followed: it finishes when the "
                "kernel shuts down; run.finish() ends it now."
            )
            self._session.say(f"unloaded {run.uid}", text)
        self.unhook()
        self._magics.stop()
        self._session.console.stop()
        self._screen.freeze()
        self._screen.close()
        self._session.unobserve(self)
        for name, value in self._was.items():
            setattr(self._session, name, value)
        atexit.unregister(self._at_exit)

    def show(self, root: Path, uid: str, height: int) -> bool:
        """Show any run of a workspace; return whether there is where to show it."""
        return self._screen.show_stored(root, uid, height)

    def hook(self) -> None:
        """Follow the cells of the shell."""
        if self.hooked:
            return
        self.hooked = True
        self._shell.events.register("pre_run_cell", self._before_cell)
        self._shell.events.register("post_run_cell", self._after_cell)
        self._tracking.start()
        self._cells.join()

    def unhook(self) -> None:
        """Follow them no more."""
        if not self.hooked:
            return
        self.hooked = False
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        self._shell.events.unregister("post_run_cell", self._after_cell)
        self._tracking.stop()
        self._cells.forget()
        self._session.resume()

    def tell_of_crashed(self) -> None:
        """Say in a line which runs of this notebook ended with their kernel."""
        try:
            self._tell_of_crashed()
        except Exception as error:  # noqa: BLE001 - our trouble never reaches a cell
            self._stumbled(error)

    # --- what the shell calls ----------------------------------------------------------

    def _before_cell(self, info: "ExecutionInfo") -> None:
        try:
            self._cells.begin(info)
        except Exception as error:  # noqa: BLE001 - our trouble never reaches a cell
            self._stumbled(error)

    def _after_cell(self, result: "ExecutionResult | None") -> None:
        try:
            if self._cells.end(result):
                self._screen.refresh()
        except Exception as error:  # noqa: BLE001 - as above
            self._stumbled(error)

    def _stumbled(self, error: Exception) -> None:
        """Tell what went wrong in work of ours in a cell's way, once per cause."""
        kind = type(error).__name__
        text = f"following the cells stumbled: {kind}: {error}. The cell is not affected."
        self._session.say(f"cell hook {kind}", text)

    # --- what the session calls --------------------------------------------------------

    def run_opened(self, run: Run) -> None:
        """Follow a run."""
        from nbtrack.kernel.surroundings import announce

        # Last in, first out: before the session's own, which knows no cells, and before
        # ipykernel's, after which no output can be frozen.
        atexit.unregister(self._at_exit)
        atexit.register(self._at_exit)
        self._cells.add(run)
        announce(run.root)

    def run_closing(self, run: Run) -> None:
        """Let its last cells into its journal."""
        self._cells.take_leave(run)

    def run_closed(self, run: Run) -> None:
        """Freeze what shows the run."""
        if not self._session.open_runs():
            self._journal.rest()
        self._screen.freeze(run)

    def _sources(self) -> "Sequence[str]":
        """Return what the kernel remembers of its cells, by their numbers."""
        history = self._shell.history_manager
        return history.input_hist_raw if history is not None else ()

    def _leaving(self) -> "tuple[Outcome, str] | None":
        """Tell how runs end if the kernel was told to shut down before.

        Python waits for threads before it calls anything of ours (those of joblib stay for
        minutes), and a server sends SIGTERM to a kernel that is not gone after 2.5 s.
        """
        outcome = self._cells.outcome
        if outcome is None or not getattr(self._shell, "exit_now", False):
            return None
        return outcome, _SHUT_DOWN

    def _at_exit(self) -> None:
        self._screen.is_leaving = True
        if self._cells.outcome is not None:
            self._session.end(self._cells.outcome, reason=_SHUT_DOWN)
        self._screen.freeze()  # also runs of other kernels: nothing here is live any more
        self._screen.close()

    def _tell_of_crashed(self) -> None:
        from nbtrack.kernel.finding import crashed_before
        from nbtrack.settings import find_workspace

        place = self._session.place
        root = find_workspace(None, place)
        crashed = crashed_before(root, place) if root.is_dir() else []
        if crashed:
            self._session.say(f"crashed {crashed[0].opened.uid}", _crash_text(crashed))


def _crash_text(crashed: "Sequence[RunFacts]") -> str:
    """Say which runs ended with their kernel, newest first."""
    names = [repr(facts.opened.name) for facts in crashed]
    if len(crashed) == 1:
        rows = "its 1 row is" if crashed[0].rows == 1 else f"its {crashed[0].rows:,} rows are"
        return f"run {names[0]} crashed with its kernel; {rows} kept."
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    some = ", ".join(names[:MOST_NAMES])
    return f"runs {some}{more} crashed with their kernel; their rows are kept."
