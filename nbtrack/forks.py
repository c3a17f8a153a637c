"""A fork waits for what is loaded or started in the background.

A child inherits the locks of the modules that other threads were importing, and not the
threads that would release them: whoever imports one of these there waits for ever. It
inherits the pipes of a program that is being started, too, and holds them open: the
thread that starts it waits for the child's end. So what threads of ours import and start,
they import and start in `kept_from_forks`.
"""

# These have hooks of their own, which must be there before a fork begins to wait: what is
# added meanwhile is called after the fork and was not called before it.
import concurrent.futures.thread  # noqa: F401
import logging  # noqa: F401
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

WAIT_S = 10.0  # importing takes half a second; a fork is not refused for one that hangs


class _Gate:
    """Lets threads load, one after the other, or the process fork."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._is_held = False

    def before_fork(self) -> None:
        self._is_held = self.lock.acquire(timeout=WAIT_S)

    def after_fork_in_parent(self) -> None:
        if self._is_held:
            self.lock.release()

    def after_fork_in_child(self) -> None:
        self.lock = threading.RLock()


_GATE = _Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_GATE.before_fork,
        after_in_parent=_GATE.after_fork_in_parent,
        after_in_child=_GATE.after_fork_in_child,
    )


@contextmanager
def kept_from_forks() -> Iterator[None]:
    """Keep the process from forking while a block imports or starts, for `WAIT_S` at most."""
    with _GATE.lock:
        yield
