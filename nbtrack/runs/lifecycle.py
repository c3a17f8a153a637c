"""How the end of the process ends its runs.

The process ends by itself (atexit), by a signal (SIGTERM, SIGHUP), by an exception
(sys.excepthook), by `sys.exit(n)`, or it forks. Each way is watched by a hook that
calls what was there before it, and that never raises.
"""

import atexit
import operator
import os
import sys
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn, Protocol, SupportsIndex

from nbtrack.records import RunState
from nbtrack.runs.recorder import Track
from nbtrack.runs.signals import EndingSignals

INT64_END = 2**63
FIRST_OF_ALL = 1000  # before queues and pools, whose threads may be needed until then
INTERRUPTED = 255
"""Exit code of a run that was interrupted or stopped."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went.

    Attributes:
        state: How the run ends.
        exit_code: 0 when all went well.
    """

    state: RunState
    exit_code: int

    @classmethod
    def of_exit_code(cls, code: object) -> "Outcome":
        """Read the argument of `sys.exit()` or `finish()`."""
        if code is None:
            return FINISHED
        number = operator.index(code) if isinstance(code, SupportsIndex) else 1
        if number == 0:
            return FINISHED
        # sys.exit(True) ends with 1; what is no 64-bit number the store could not keep.
        return cls(RunState.FAILED, int(number) if abs(number) < INT64_END else 1)

    @classmethod
    def of_exception(cls, error: BaseException | None) -> "Outcome":
        """Read the exception that ended a block or a program."""
        if error is None:
            return FINISHED
        if isinstance(error, KeyboardInterrupt):
            return KILLED
        if isinstance(error, SystemExit):
            return cls.of_exit_code(error.code)
        return FAILED


FINISHED = Outcome(RunState.FINISHED, 0)
FAILED = Outcome(RunState.FAILED, 1)
KILLED = Outcome(RunState.KILLED, INTERRUPTED)
PREEMPTED = Outcome(RunState.PREEMPTED, INTERRUPTED)


class Ending(Protocol):
    """What the hooks call."""

    def end(self, outcome: Outcome, *, reason: str) -> None:
        """Finish every open run."""
        ...

    def leaving(self) -> tuple[Outcome, str] | None:
        """Return how runs end, and why, where the process was on its way out already."""
        ...

    def abandon(self) -> None:
        """In a forked child: forget every run."""
        ...


class Watch:
    """The hooks of one process, laid once."""

    def __init__(self, ending: Ending) -> None:
        """Watch for `ending`; `lay()` begins.

        Args:
            ending: Told how the process ends.
        """
        self._ending = ending
        self._laid = False
        self._child = 0
        self._signals = EndingSignals(self._on_signal, never_within=[Track.emit.__code__])
        self.outcome = FINISHED

    def lay(self) -> None:
        """Lay the hooks, if they are not laid yet."""
        self._watch_child()
        self._signals.watch()
        if self._laid:
            return
        self._laid = True
        atexit.register(self._at_exit)
        self._watch_exceptions()
        self._watch_exit_codes()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._ending.abandon)

    def _at_exit(self) -> None:
        self._ending.end(self.outcome, reason="the process ended")

    def _on_signal(self, name: str) -> None:
        outcome, reason = self._ending.leaving() or (KILLED, f"the process got {name}")
        self._ending.end(outcome, reason=reason)

    def _watch_child(self) -> None:
        """Watch for the end of a process of `multiprocessing`, which is none of `atexit`."""
        multiprocessing: Any = sys.modules.get("multiprocessing")
        if self._child == os.getpid() or not (multiprocessing and multiprocessing.parent_process()):
            return
        from multiprocessing.util import Finalize

        self._child = os.getpid()
        Finalize(None, self._at_child_exit, exitpriority=FIRST_OF_ALL)

    def _at_child_exit(self) -> None:
        error = sys.exc_info()[1]  # the one that ends the process, while it is on its way out
        outcome = self.outcome if error is None else Outcome.of_exception(error)
        self._ending.end(outcome, reason="the process ended")

    def _watch_exceptions(self) -> None:
        before = sys.excepthook

        def hook(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            self.outcome = Outcome.of_exception(error)
            before(kind, error, trace)

        sys.excepthook = hook

    def _watch_exit_codes(self) -> None:
        before = sys.exit

        def leave(code: object = None, /) -> NoReturn:
            if threading.current_thread() is threading.main_thread():
                self.outcome = Outcome.of_exit_code(code)
            before(code)  # type: ignore[arg-type]

        sys.exit = leave
