"""The door of marimo's notebooks: panels are outputs of cells there, too.

marimo has no IPython: its cells run on a thread of the kernel, an output cannot be
changed once its cell has ended, and a widget lives as long as its cell. So a live panel
stays live and shows how the run ended, and is no picture in the saved notebook. What a
panel says arrives when its cell has ended: there Stop waits for the cell.

The home of marimo, which is never loaded from here.
"""

import ctypes
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nbtrack import panels
from nbtrack.query import Answer
from nbtrack.records import Notice
from nbtrack.runs import KILLED, STOPPED, Outline, Run, Session
from nbtrack.settings import Place

if TYPE_CHECKING:
    from nbtrack.query import Comparison

_DOORS: dict[int, "MarimoScreen"] = {}


def open_where_marimo_runs(session: Session) -> None:
    """Let a session's runs be shown in marimo, if this is a cell of a marimo notebook."""
    marimo: Any = sys.modules.get("marimo")
    if marimo is None or not marimo.running_in_notebook() or id(session) in _DOORS:
        return
    screen = _DOORS[id(session)] = MarimoScreen(marimo, session)
    session.presenter = screen
    session.stopper = partial(_stop, session, threading.get_ident())
    session.place = Place(notebook=_notebook(), in_notebook=True)
    session.observe(screen)


class Shown(Answer):
    """Yes; as the last value of a cell, which takes the place of all its outputs, the panel."""

    output: object

    def __new__(cls, output: object) -> Self:
        """Say yes, and keep what is shown."""
        made = super().__new__(cls, 1)
        made.output = output
        return made

    def _display_(self) -> object:
        return self.output


class MarimoScreen:
    """What marimo's cells can show; the session's presenter."""

    def __init__(self, marimo: Any, session: Session) -> None:  # noqa: ANN401 - a module
        """Begin with nothing shown; nothing heavy is loaded.

        Args:
            marimo: The module, as the notebook's kernel has it.
            session: Hears of trouble.
        """
        self._marimo = marimo
        self._session = session
        self._output: object = None
        self._stage = panels.Stage(self._publish, self._hear, clock=session.clock)

    def show(self, run: Run, height: int) -> "Shown":
        """Show a run of this kernel in the output of the cell that runs."""
        run.flush()
        return self.show_stored(run.root, run.uid, height)

    def show_stored(self, root: Path, uid: str, height: int) -> "Shown":
        """Show any run of a workspace in the output of the cell that runs.

        Raises:
            Error: If the run cannot be read.
        """
        self._output = None
        here = any(run.uid == uid for run in self._session.open_runs())
        on_stop = partial(self._session.stop, uid) if here else None
        self._stage.show(root, uid, height=height, batch=False, on_stop=on_stop)
        return Shown(self._output)

    def compare(self, comparison: "Comparison", height: int, *, again: bool) -> bool:  # noqa: ARG002 - the presenter's way
        """Show a table of several runs in the output of the cell that runs."""
        if not again:
            self._marimo.output.append(self._marimo.plain_text(str(comparison)))
        return True

    def part(self, outline: Outline) -> None:
        """Leave how a run went, unless its panel says so."""
        if not self._stage.shows(outline.uid):
            html = panels.outline_bundle(outline)["text/html"]
            self._marimo.output.append(self._marimo.Html(html))

    def run_opened(self, run: Run) -> None:
        """Nothing is due: its panel comes when it is asked for."""

    def run_closing(self, run: Run) -> None:
        """Nothing is due: its panel hears of it."""

    def run_closed(self, run: Run) -> None:
        """Let the panels show how it ended."""
        self._stage.freeze(run.uid)

    def _publish(self, bundle: dict[str, Any], _display_id: str, update: bool) -> None:  # noqa: FBT001 - the stage's way
        if update:
            return  # the output is its cell's, and the panel in it has heard
        view = bundle.get(panels.WIDGET_MIME_TYPE)
        shown = self._stage.panel_of(view["model_id"]) if view else None
        self._output = self._marimo.Html(bundle["text/html"]) if shown is None else shown
        self._marimo.output.append(self._output)

    def _hear(self, notice: Notice) -> None:
        self._session.emit(notice)
        self._session.say(notice.cause, notice.text)


def _notebook() -> str | None:
    """Return the notebook's path: marimo gives its file to the module of the cells."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return str(Path(file).absolute()) if isinstance(file, str) and file.endswith(".py") else None


def _stop(session: Session, thread: int, run: Run) -> None:
    """Interrupt the thread of the cells, and end the run: nobody tells how the cell ended.

    Not the process: under `marimo run` its main thread is the server's.
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt)
    )
    session.close(run, KILLED, reason=STOPPED)
