"""Which cells made a run: every one that is executed while it is open, and those before.

The end of a cell only takes down what happened: some microseconds, without waking a
thread. Secrets are taken out and records are made on a thread that looks ten times a
second, and by the end of a run for what waits then.
Cells that cells run, and those that a front end's tools run unseen, are no cells of the
notebook.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nbtrack.forks import kept_from_forks
from nbtrack.records import CellRun, EnvironmentNoted

if TYPE_CHECKING:
    from nbtrack.runs import Run, Session

BEFORE = "before"
"""Status of a cell of which only the source is known: nobody followed it."""
ENDING = "ending"
"""Status of a cell in which the run ended: how the cell went was not known yet."""

MOST_BEFORE = 1_000
"""So many cells before a run are kept with it, the last ones."""
LONGEST_SOURCE = 200_000
"""Characters of a cell that are kept."""
LONGEST_ERROR = 2_000
PERIOD_S = 0.1


class Execution(NamedTuple):
    """One cell as it was executed; a tuple is made in half the time.

    Attributes:
        source: What stands in it, without line ends behind.
        cell_id: Its id in the notebook, or None.
        number: The number in its brackets, or None.
        started_us: When it began; 0 where that is not known.
        duration_us: How long it took; 0 where that is not known.
        status: `ok`, `error`, `interrupted`, or one of the above.
        error: The exception, its type and what it said, or "".
    """

    source: str
    cell_id: str | None = None
    number: int | None = None
    started_us: int = 0
    duration_us: int = 0
    status: str = BEFORE
    error: str = ""


History = Callable[[], Sequence[str]]
"""Returns the sources of the kernel's cells by their numbers, the one that runs included."""


class CellJournal:
    """Notes the executed cells for the runs that are open.

    Nothing here is ever waited for by a cell. Any thread may end a run.
    """

    def __init__(self, session: "Session", history: History) -> None:
        """Begin without runs.

        Args:
            session: Gives the time, and writes what runs were told.
            history: What the kernel knows of cells that nobody followed.
        """
        self._session = session
        self._history = history
        self._seen: deque[Execution] = deque(maxlen=MOST_BEFORE)
        self._waiting: deque[tuple[Run, Execution]] = deque()
        self._numbers: dict[str, int] = {}
        self._lock = threading.RLock()  # a signal may end a run while it is held
        self._thread: threading.Thread | None = None
        self._resting = threading.Event()

    def begin(self, run: "Run", current: str | None, cell_id: str | None = None) -> None:
        """Note for a run which cells came before it, and which one it begins in.

        Args:
            run: It has just been opened.
            current: What stands in the cell that runs: it comes later.
            cell_id: Id of that cell in the notebook; a page finds it while it still runs.
        """
        if not _is_followed(run):
            return
        if cell_id is not None:
            run.emit(EnvironmentNoted(self._session.clock.now_us(), {"cell": cell_id}))
        self._waiting.extend((run, cell) for cell in self._before(current))
        self._resume()

    def note(self, execution: Execution, runs: Sequence["Run"]) -> None:
        """Note a cell that has ended for the runs that are open."""
        self._seen.append(execution)
        self._waiting.extend([(run, execution) for run in runs if _is_followed(run)])

    def end(self, run: "Run", current: Execution | None) -> None:
        """Have all cells of a run noted before it ends.

        Args:
            run: It is about to end.
            current: The cell in which it does, if one runs.
        """
        if current is not None and _is_followed(run):
            self._waiting.append((run, current._replace(status=ENDING)))
        self._write()
        self._numbers.pop(run.uid, None)

    def flush(self) -> None:
        """Have all cells that have ended where readers find them."""
        if self._waiting:
            self._write()
            self._session.flush()

    def rest(self) -> None:
        """Let the thread end: no run is open."""
        self._resting.set()

    def _before(self, current: str | None) -> list[Execution]:
        """Return the cells before the one that runs, in order, each as well as it is known."""
        seen = {cell.number: cell for cell in self._seen}
        there = list(enumerate(self._history()))[1:]  # IPython counts from 1
        if there and there[-1][1] == current:
            there.pop()
        return [
            seen[count]
            if count in seen and seen[count].source == source
            else Execution(source, number=count)
            for count, source in there[-MOST_BEFORE:]
        ]

    def _resume(self) -> None:
        if self._thread is None or not self._thread.is_alive() or self._resting.is_set():
            self._resting = threading.Event()
            self._thread = threading.Thread(
                target=self._work, args=(self._resting,), name="nbtrack-cells", daemon=True
            )
            self._thread.start()

    def _work(self, resting: threading.Event) -> None:
        while not resting.wait(PERIOD_S):
            self._write()

    def _write(self) -> None:
        """Make records of what waits, in its order."""
        if not self._waiting:
            return
        with kept_from_forks():
            from nbtrack.capture import without_secrets
        with self._lock:
            while self._waiting:
                run, cell = self._waiting[0]
                source = without_secrets(_cut(cell.source, LONGEST_SOURCE))
                error = without_secrets(_cut(cell.error, LONGEST_ERROR))
                try:
                    run.emit(self._record(run, cell._replace(source=source, error=error)))
                except Exception as trouble:  # noqa: BLE001 - a cell is not worth a training
                    text = f"a cell is not kept: {type(trouble).__name__}: {trouble}."
                    self._session.say("cell journal", text, run=run)
                self._waiting.popleft()

    def _record(self, run: "Run", cell: Execution) -> CellRun:
        number = self._numbers.get(run.uid)
        if number is None:
            number = _count_so_far(run)
        self._numbers[run.uid] = number + 1
        return CellRun(
            time_us=self._session.clock.now_us(),
            number=number,
            cell_id=cell.cell_id,
            execution_count=cell.number,
            source=cell.source,
            started_us=cell.started_us,
            duration_us=cell.duration_us,
            status=cell.status,
            error=cell.error,
        )


def _cut(text: str, longest: int) -> str:
    """Return a text that is not too long, and says so where it was."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}\n# {len(text) - longest:,} more characters are left out"


def _is_followed(run: "Run") -> bool:
    settings = run.settings
    return settings.save_cells and not settings.disable_code and not run.disabled


def _count_so_far(run: "Run") -> int:
    """Return how many cells a run has that goes on with another one's history."""
    if not run.resumed and not run.starting_step:
        return 0
    from nbtrack.store import Reader

    return Reader(run.root).run(run.uid).cell_count
