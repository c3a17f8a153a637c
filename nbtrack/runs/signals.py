"""What a signal does that ends the process, in it and in those that it forks.

A handler written in Python runs a little after its signal. A child that gets one between
its fork and the interpreter's own clearing up forgets it, and whoever waits for its end
waits for ever, as a pool does that ends its workers as soon as they are there. So signals
wait while a process forks, and the child does what it would have done without us.

Ending a run waits for threads of ours, and such a thread may wait for what the interrupted
code holds. So a signal that comes in the midst of such code comes again a moment later.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Collection
from types import CodeType, FrameType

Handler = Callable[[int, FrameType | None], object]
ENDING = [
    signal.Signals[name]
    for name in ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    if name in signal.Signals.__members__
]
PAUSE_S = 0.001
MOST_PAUSES = 2_000
"""Then the run ends all the same: the code that is in the way may hang on a disk."""


class EndingSignals:
    """Tells of signals that end the process, then lets them do what they did before."""

    def __init__(
        self, tell: Callable[[str], object], *, never_within: Collection[CodeType] = ()
    ) -> None:
        """Know whom to tell; `watch()` begins.

        Args:
            tell: Called with the name of the signal, on the main thread. It never raises.
            never_within: Code that is not interrupted by it: it holds what others wait for.
        """
        self._tell = tell
        self._never_within = frozenset(never_within)
        self._pauses = 0
        self._process = 0
        self._laid: dict[int, tuple[Handler, Handler | signal.Handlers]] = {}
        self._forking = threading.local()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._hold,
                after_in_parent=self._let_go,
                after_in_child=self._be_gone,
            )

    def watch(self) -> None:
        """Watch this process, if it is not watched and this is its main thread."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        if self._process == os.getpid() or not in_main_thread:
            return
        self._process = os.getpid()
        for number in ENDING:
            before = signal.getsignal(number)
            if before is signal.SIG_DFL or callable(before):
                self._laid[number] = (self._handler(before), before)
                signal.signal(number, self._laid[number][0])

    def _handler(self, before: Handler | signal.Handlers) -> Handler:
        def handle(number: int, frame: FrameType | None) -> None:
            if self._is_too_early(frame):
                threading.Thread(target=_once_more, args=(number,), daemon=True).start()
                return
            self._tell(signal.Signals(number).name)
            if callable(before):
                before(number, frame)
                return
            # sys.exit() would be swallowed by a busy cell; the default action is not.
            signal.signal(number, before)
            os.kill(os.getpid(), number)

        return handle

    def _is_too_early(self, frame: FrameType | None) -> bool:
        while frame is not None and frame.f_code not in self._never_within:
            frame = frame.f_back
        self._pauses = 0 if frame is None else self._pauses + 1
        return 0 < self._pauses <= MOST_PAUSES

    def _hold(self) -> None:
        self._forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def _let_go(self) -> None:
        mask = self._forking.__dict__.pop("mask", None)
        if mask is not None:  # None: watched since the fork began
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _be_gone(self) -> None:
        for number, (handler, before) in self._laid.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, before)
        self._laid.clear()
        self._let_go()


def _once_more(number: int) -> None:
    time.sleep(PAUSE_S)
    os.kill(os.getpid(), number)
