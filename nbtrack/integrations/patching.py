"""Functions of others, wrapped and put back."""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

Function: TypeAlias = Callable[..., Any]

_ABSENT = object()


class Patches:
    """What was wrapped, in order."""

    def __init__(self) -> None:
        """Begin with nothing wrapped."""
        self._done: list[tuple[Any, str, object, object]] = []

    def wrap(self, owner: Any, name: str, make: Callable[[Function], Function]) -> None:  # noqa: ANN401 - a class or a module
        """Replace a function of a class or a module.

        Args:
            owner: Has the function, or inherits it.
            name: Of the function.
            make: Returns what takes the place of the function that it is given.
        """
        original = getattr(owner, name)
        self.put(owner, name, functools.wraps(original)(make(original)))

    def put(self, owner: Any, name: str, value: object) -> None:  # noqa: ANN401 - as above
        """Replace whatever a class or a module has of a name, or give it that."""
        self._done.append((owner, name, vars(owner).get(name, _ABSENT), value))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put all back; what somebody else has replaced since then stays."""
        while self._done:
            owner, name, own, ours = self._done.pop()
            if vars(owner).get(name) is not ours:
                continue
            if own is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, own)


class Outermost:
    """Tells a call from those that it makes itself, on its own and on other threads.

    A forest fits its trees on threads, a pipeline its steps: only what the user called is
    logged.
    """

    def __init__(self) -> None:
        """Begin outside of every call."""
        self._inside = threading.Lock()

    @contextmanager
    def call(self) -> Iterator[bool]:
        """Make a call; whether it is an outermost one is given to the block.

        Nobody waits: in a child that was forked inside of a call, all calls are inner ones.
        """
        is_outermost = self._inside.acquire(blocking=False)
        try:
            yield is_outermost
        finally:
            if is_outermost:
                self._inside.release()
