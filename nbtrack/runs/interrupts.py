"""An interrupt of the main thread that is not missed.

CPython notes a signal and acts on it at its next look. A signal that comes between a look
and a system call that waits is noted, and the call waits all the same, for hours. Another
SIGINT would end the wait, but where the first one was seen, it ends what the program does
about it: save a checkpoint. So the thread is woken by a signal that means nothing, until
it has looked. Signals are looked at in the order of their numbers, SIGINT before that one.

An interrupt that comes while a finalizer or the callback of a weak reference runs ends
that, and CPython only prints it: nobody was interrupted. Such a one is sent once more.

Programs that a shell's script starts in the background ignore SIGINT. There the second
signal interrupts by itself.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

NUDGE = getattr(signal, "SIGURG", None)  # ignored where nobody handles it; Windows has none
PAUSES_S = (0.02, 0.03, 0.05, *[0.1] * 30)
"""Before each nudge; whoever computes in C for longer looks by itself when that returns."""


def interrupt_main_thread() -> None:
    """Send SIGINT to the main thread."""
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGINT)


class Interrupts:
    """Interrupts the main thread of this process, and sees that it looks."""

    def __init__(self, send: Callable[[], None] = interrupt_main_thread) -> None:
        """Begin without a handler.

        Args:
            send: Interrupts the main thread, perhaps while it does not look.
        """
        self._send = send
        self._looks = 0
        self._owed = False
        self._is_swallowed = False
        self._laid = False

    def lay(self) -> None:
        """Be told when the main thread looks for signals, unless somebody else wants that one."""
        if self._laid or NUDGE is None:
            return
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(NUDGE) in {signal.SIG_DFL, signal.SIG_IGN}:
            signal.signal(NUDGE, self._look)
            self._watch_finalizers()
            self._laid = True

    def send(self, *, insist: bool = False) -> None:
        """Interrupt the main thread, from another one.

        Args:
            insist: Also where the program ignores SIGINT. A kernel does between two cells.
        """
        before = self._looks
        self._is_swallowed = False
        self._owed = insist and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        self._send()
        if self._laid:
            threading.Thread(
                target=self._wake, args=(before,), name="nbtrack-interrupt", daemon=True
            ).start()

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        self._looks += 1  # and no lock: another signal may come in here
        if self._owed:
            self._owed = False
            raise KeyboardInterrupt

    def _watch_finalizers(self) -> None:
        before = sys.unraisablehook

        def hook(ignored: "UnraisableHookArgs") -> None:
            self._is_swallowed |= ignored.exc_type is KeyboardInterrupt
            before(ignored)

        sys.unraisablehook = hook

    def _wake(self, before: int) -> None:
        main = threading.main_thread()
        for pause_s in PAUSES_S:
            time.sleep(pause_s)
            if self._is_swallowed:
                self._is_swallowed = False
                self._send()
                continue
            if self._looks != before or not main.is_alive():
                return
            if main.ident is not None and NUDGE is not None:
                signal.pthread_kill(main.ident, NUDGE)
