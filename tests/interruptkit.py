"""Signals at every step at which the interpreter looks for them, one after the other.

Python runs a signal's handler after a call, at a function's beginning and at a jump back,
nowhere else. A trace function counts these steps in nbtrack's code, and at one of them it
does what a handler does: raise KeyboardInterrupt, or something of its own.
"""

import gc
import opcode
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

import nbtrack

PACKAGE = str(Path(nbtrack.__file__).parent)
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
        before = sys.gettrace()
        gc.disable()
        sys.settrace(self._trace)
        try:
            yield
        except KeyboardInterrupt:
            assert self.came
        finally:
            sys.settrace(before)
            gc.enable()
            self._last.clear()

    def _trace(self, frame: FrameType, event: str, _argument: object) -> object:
        file = frame.f_code.co_filename
        if not file.startswith(PACKAGE) or not file.endswith(self._within):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and not self.came:
            self._step(frame)
        elif event == "return":
            self._last.pop(frame, None)  # else it would keep what it had in its hands
        return self._trace

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
