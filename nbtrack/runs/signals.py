"""What a signal does that ends the process, in it and in those that it forks.

A handler written in Python runs a little after its signal. A child that gets one between
its fork and the interpreter's own clearing up forgets it, and whoever waits for its end
waits for ever, as a pool does that ends its workers as soon as they are there. So signals
wait while a process forks, and the child does what it would have done without us.
"""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

Handler = Callable[[int, FrameType | None], object]
ENDING = [
    signal.Signals[name]
    for name in ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    if name in signal.Signals.__members__
]


class EndingSignals:
    """Tells of signals that end the process, then lets them do what they did before."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        """Know whom to tell; `watch()` begins.

        Args:
            tell: Called with the name of the signal, on the main thread. It never raises.
        """
        self._tell = tell
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
            self._tell(signal.Signals(number).name)
            if callable(before):
                before(number, frame)
                return
            # sys.exit() would be swallowed by a busy cell; the default action is not.
            signal.signal(number, before)
            os.kill(os.getpid(), number)

        return handle

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
