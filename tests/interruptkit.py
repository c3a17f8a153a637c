"""Signals at every step at which the interpreter looks for them, one after the other.

Python runs a signal's handler after a call, at a function's beginning and at a jump back,
nowhere else. A trace function counts these steps in nbtrack's code, and at one of them it
does what a handler does: raise KeyboardInterrupt, or something of its own. Since Python
3.12 a trace function sees the steps of a function only from its second call on, and
`sys.monitoring` sees all.
"""

import gc
import opcode
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import nbtrack

PACKAGE = str(Path(nbtrack.__file__).parent)
TOOL = 4
"""A number that neither debuggers, coverage nor profilers take."""
LOOKS_AFTER = ("CALL", "RESUME", "JUMP_BACKWARD", "POP_JUMP_BACKWARD")


def interrupt() -> None:
    raise KeyboardInterrupt


class Signal:
    """A signal that comes at the `number`-th step, from 0.

    Attributes:
        came: Whether there were so many steps.
    """

    def __init__(
        self, number: int, handler: Callable[[], object] = interrupt, *, within: str = ""
    ) -> None:
        """Come at a step in nbtrack's modules, or in those whose file ends with `within`."""
        self.came = False
        self._within = within
        self._left = number
        self._handler = handler
        self._last: dict[FrameType, str] = {}

    @contextmanager
    def expected(self) -> Iterator[None]:
        """Let it come in the block; a KeyboardInterrupt ends the block and is over then.

        Without the garbage collector: in a finalizer an interrupt ends nothing.
        """
        gc.disable()
        try:
            with self._monitored() if sys.version_info >= (3, 12) else self._traced():
                yield
        except KeyboardInterrupt:
            assert self.came
        finally:
            gc.enable()
            self._last.clear()

    @contextmanager
    def _traced(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)

    @contextmanager
    def _monitored(self) -> Iterator[None]:
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009 - Python 3.11 has none
        events = monitoring.events
        thread = threading.get_ident()

        def step(code: CodeType, _offset: int) -> object:
            if not self._is_ours(code):
                return monitoring.DISABLE
            if not self.came and threading.get_ident() == thread:
                self._step(sys._getframe(1))
            return None

        def left(code: CodeType, *_: object) -> None:
            if self._is_ours(code):
                self._last.pop(sys._getframe(1), None)

        monitoring.use_tool_id(TOOL, "signals")
        monitoring.restart_events()
        monitoring.register_callback(TOOL, events.INSTRUCTION, step)
        monitoring.register_callback(TOOL, events.PY_RETURN, left)
        monitoring.set_events(TOOL, events.INSTRUCTION | events.PY_RETURN)
        try:
            yield
        finally:
            monitoring.set_events(TOOL, 0)
            monitoring.free_tool_id(TOOL)

    def _trace(self, frame: FrameType, event: str, _argument: object) -> object:
        if not self._is_ours(frame.f_code):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and not self.came:
            self._step(frame)
        elif event == "return":
            self._last.pop(frame, None)  # else it would keep what it had in its hands
        return self._trace

    def _is_ours(self, code: CodeType) -> bool:
        file = code.co_filename
        return file.startswith(PACKAGE) and file.endswith(self._within)

    def _step(self, frame: FrameType) -> None:
        if self._last.get(frame, "").startswith(LOOKS_AFTER):
            if self._left == 0:
                self.came = True
                self._handler()
            self._left -= 1
        self._last[frame] = opcode.opname[_bytecode(frame.f_code)[frame.f_lasti]]


@cache
def _bytecode(code: CodeType) -> bytes:
    return code.co_code
