"""What the beginning and the end of a cell mean for runs.

Active time counts only while a cell runs. The end of a cell ends the run that `%%track`
opened, and one that somebody asked to end; it notes how the cell went, because that is
how a run ends that is still open when the kernel ends.

A stop interrupts the cell that runs, from the recorder's thread. The interrupt must
never reach the next cell: both threads take one lock before they look at what runs, and
the end of a cell waits for an interrupt that is on its way.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbtrack.clock import MICROSECONDS
from nbtrack.kernel.journal import ENDING, CellJournal, Execution
from nbtrack.runs import ENOUGH, FINISHED, KILLED, STOPPED, Outcome, Run, Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

_STATUS = {type(None): "ok", KeyboardInterrupt: "interrupted"}

SIGNAL_S = 0.01
"""How long a signal that was sent to this process may take to arrive: a system call of any
length lets it in."""


@dataclass(eq=False, slots=True)
class Cell:
    """One cell that runs.

    Attributes:
        info: IPython's description of it.
        request: Id of the front end's request; cells that a cell runs share it.
        traceback: The shell's last traceback when it began.
        started_us: When it began.
        started_s: The same on the monotonic clock.
        opened: Runs that began in it.
        tracked: The run of its `%%track`, or None.
    """

    info: "ExecutionInfo"
    request: str | None
    traceback: object
    started_us: int
    started_s: float
    opened: list[Run] = field(default_factory=list)
    tracked: Run | None = None


class Cells:
    """Follows the cells of one shell.

    Attributes:
        outcome: How the last cell went; None before the first has ended.
    """

    def __init__(
        self,
        shell: "InteractiveShell",
        session: Session,
        *,
        journal: CellJournal,
        is_shown: Callable[[Run], bool],
    ) -> None:
        """Begin between cells.

        Args:
            shell: Runs the cells.
            session: Keeps the runs.
            journal: Takes down which cells were executed.
            is_shown: Whether a run's panel is on the screen.
        """
        self._shell = shell
        self._session = session
        self._journal = journal
        self._is_shown = is_shown
        self._lock = threading.Lock()
        self._running: list[Cell] = []
        self._interrupting = False
        self.outcome: Outcome | None = None

    def join(self) -> None:
        """Notice the cell that runs already, such as the one that opened the door."""
        result = getattr(self._shell.displayhook, "exec_result", None)
        if result is not None and result.info is not None and not result.info.silent:
            self._enter(result.info)

    def forget(self) -> None:
        """Follow no more."""
        with self._lock:
            self._running.clear()
        self.outcome = None

    def add(self, run: Run) -> None:
        """Note that a run began in the cell that runs."""
        if self._running:
            self._running[-1].opened.append(run)
        cell = self._running[0] if self._running else None
        if cell is None:
            self._journal.begin(run, None)
        else:
            self._journal.begin(run, _source(cell), cell.info.cell_id)

    def take_leave(self, run: Run) -> None:
        """Have all cells of a run noted; it is about to end."""
        cell = self._running[0] if self._running else None
        result = getattr(self._shell.displayhook, "exec_result", None)
        current = None
        if cell is not None and cell.info.store_history:
            is_its = result is not None and result.info is cell.info
            current = self._execution(cell, result if is_its else None, ENDING)
        self._journal.end(run, current)

    def track(self, run: Run) -> None:
        """Let a run end with the cell that runs."""
        if self._running:
            self._running[-1].tracked = run

    def begin(self, info: "ExecutionInfo") -> None:
        """Follow a cell from its beginning (`pre_run_cell`)."""
        if _in_main_thread():
            self._enter(info)
            self._session.listen()
            self._session.resume()

    def end(self, result: "ExecutionResult | None") -> bool:
        """Follow a cell to its end (`post_run_cell`).

        Args:
            result: IPython's; None for a cell that was cancelled.

        Returns:
            Whether it was a cell of the notebook, and not one that a cell ran.
        """
        cell = self._leave(result) if _in_main_thread() else None
        if cell is None:
            return False
        outcome = Outcome.of_exception(_error(result))
        traceback = self._last_traceback()
        if traceback is not None and traceback is not cell.traceback:
            self._session.console.note_error(traceback, cell.request)
        runs = self._session.open_runs()
        if not self._running:
            self._note(cell, result, runs)
        self._close_ended(cell, outcome, runs)
        if self._running:
            return False
        self.outcome = outcome
        self._session.pause()
        self._warn_of_open(cell)
        return True

    def stop(self, run: Run) -> None:
        """Stop what a run's code does (called on a thread of ours).

        The cell that runs gets a KeyboardInterrupt, and its end ends the run. Between
        cells the run ends at once.
        """
        with self._lock:
            if self._running:
                self._interrupting = True
                self._session.interrupts.send()
                self._wake()
                return
        self._session.close(run, KILLED, reason=STOPPED)

    def finish(self, run: Run, outcome: Outcome) -> None:
        """End a run so, now or with the cell that runs (called on a thread of ours)."""
        with self._lock:
            if self._running:
                return
        self._session.close(run, outcome, reason=ENOUGH)

    def _wake(self) -> None:
        """Let a cell that awaits notice its interrupt.

        ipykernel turns the interrupt into a cancellation that its loop sees when it wakes,
        which in `await asyncio.sleep(3600)` is an hour later.
        """
        loop: Any = getattr(getattr(self._shell, "kernel", None), "io_loop", None)
        if loop is not None:
            loop.add_callback(lambda: None)

    def _enter(self, info: "ExecutionInfo") -> None:
        request = self._request()
        with self._lock:
            if self._running and self._running[-1].request != request:
                self._running.clear()  # an interrupt kept us from seeing its end
            self._running.append(
                Cell(
                    info,
                    request,
                    self._last_traceback(),
                    started_us=self._session.clock.now_us(),
                    started_s=self._session.clock.elapsed_s(),
                )
            )

    def _leave(self, result: "ExecutionResult | None") -> Cell | None:
        """Forget the cell that ended, and let an interrupt that was meant for it pass."""
        cell = self._running[-1] if self._running else None
        if cell is None or (result is not None and _is_blank(result.info, cell)):
            return None
        for _ in range(2):
            try:
                with self._lock:
                    self._running = [each for each in self._running if each is not cell]
                if self._interrupting:
                    time.sleep(SIGNAL_S)
                break
            except KeyboardInterrupt:
                continue
        self._interrupting = False
        return cell

    def _last_traceback(self) -> list[str] | None:
        """Return the last traceback that ipykernel showed; usage errors are printed instead."""
        lines = getattr(self._shell, "_last_traceback", None)
        return lines if isinstance(lines, list) else None

    def _request(self) -> str | None:
        kernel: Any = getattr(self._shell, "kernel", None)
        parent = kernel.get_parent() if kernel is not None else {}
        request = parent.get("header", {}).get("msg_id")
        return request if isinstance(request, str) else None

    def _close_ended(self, cell: Cell, outcome: Outcome, runs: Sequence[Run]) -> None:
        for run in runs:
            asked = self._session.finish_asked(run)
            if self._session.stop_asked(run):
                self._session.close(run, KILLED, reason=STOPPED)
            elif run is cell.tracked:
                self._session.close(run, outcome)
            elif asked is not None and not self._running:
                # Who gave no exit code leaves it to the cell.
                self._session.close(run, outcome if asked == FINISHED else asked, reason=ENOUGH)

    def _note(self, cell: Cell, result: "ExecutionResult | None", runs: Sequence[Run]) -> None:
        """Take down a cell of the notebook; what tools run unseen has no number."""
        if cell.info.store_history:
            error = _error(result)
            status = _STATUS.get(type(error), "error")
            self._journal.note(self._execution(cell, result, status, _said(error)), runs)

    def _execution(
        self, cell: Cell, result: "ExecutionResult | None", status: str, error: str = ""
    ) -> Execution:
        spent_s = self._session.clock.elapsed_s() - cell.started_s
        return Execution(
            source=_source(cell),
            cell_id=cell.info.cell_id,
            number=result.execution_count if result is not None else None,
            started_us=cell.started_us,
            duration_us=round(spent_s * MICROSECONDS),
            status=status,
            error=error,
        )

    def _warn_of_open(self, cell: Cell) -> None:
        """Say once in a kernel's life that a run goes on after its cell."""
        for run in cell.opened:
            if run in self._session.open_runs() and not self._is_shown(run):
                text = (
                    f"run {run.name!r} is still open, so that later cells can log to it: it "
                    "finishes when the kernel shuts down; run.finish() ends it now."
                )
                self._session.say("left open", text)


def _in_main_thread() -> bool:
    """Whether this is the thread of the notebook's cells; a subshell's cells are not followed."""
    return threading.current_thread() is threading.main_thread()


def _is_blank(info: "ExecutionInfo | None", cell: Cell) -> bool:
    """Whether a cell without code ended, whose beginning IPython does not tell."""
    return info is not None and info is not cell.info and not (info.raw_cell or "").strip()


def _error(result: "ExecutionResult | None") -> BaseException | None:
    """Return what ended a cell; a cancelled cell was interrupted."""
    if result is None:
        return KeyboardInterrupt()
    error: BaseException | None = result.error_before_exec or result.error_in_exec
    return KeyboardInterrupt() if isinstance(error, asyncio.CancelledError) else error


def _source(cell: Cell) -> str:
    """Return what stands in a cell, as IPython remembers it."""
    return (cell.info.raw_cell or "").rstrip("\n")


def _said(error: BaseException | None) -> str:
    """Return the type of an exception and what it says; it is the user's, and may fail to."""
    if error is None:
        return ""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - the exception's own trouble
        return type(error).__name__
