"""Where panels are shown in these tests: outputs and comms without a kernel.

The comms are ipywidgets' own up to the point where a kernel would put a message on its
socket. There they are kept, with the request under which they would have left.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import comm
import numpy as np
from comm.base_comm import BaseComm
from waiting import wait_until

from nbtrack.panels import Shown, Stage
from tests.unit.panels.making import Writer

if TYPE_CHECKING:
    from nbtrack.records import Notice

WIDGET = "application/vnd.jupyter.widget-view+json"


class Sent(NamedTuple):
    """One message to a browser."""

    head: dict[str, Any]
    numbers: list[float]
    parent: object
    thread: str


class Clock:
    """The system's clock, which a test can put forward."""

    def __init__(self) -> None:
        """Begin with the present."""
        self.ahead_s = 0.0

    def now_us(self) -> int:
        """Return the wall time."""
        return time.time_ns() // 1_000

    def elapsed_s(self) -> float:
        """Return seconds on a clock that moves forward, also by leaps."""
        return time.monotonic() + self.ahead_s


class Screen:
    """A stage, what it published, and its views' ends of the comms."""

    def __init__(self, script: Callable[[], str] = lambda: "export default {}") -> None:
        """Build an empty stage."""
        self.clock = Clock()
        self.published: list[tuple[dict[str, Any], str, bool]] = []
        self.notices: list[Notice] = []
        self.kernel = SimpleNamespace(_shell_parent=contextvars.ContextVar("shell_parent"))
        self.kernel._shell_parent.set({"header": {"subshell_id": None}})
        self.comms: list[FakeComm] = []
        self.kind = FakeComm
        self.stage = Stage(
            lambda *what: self.published.append(what),
            self.notices.append,
            kernel=self.kernel,
            clock=self.clock,
            script=script,
        )

    def show(self, run: Writer, *, height: int = 420, batch: bool = False, **kw: Any) -> Shown:  # noqa: ANN401 - of Stage.show
        """Show a run."""
        return self.stage.show(run.root, run.uid, height=height, batch=batch, **kw)

    def open_comm(self, **kwargs: Any) -> "FakeComm":  # noqa: ANN401 - of create_comm
        """Stand in for `comm.create_comm`; a widget's layout has a comm, too."""
        opened = self.kind(self.kernel, **kwargs)
        if "uid" in opened.state:
            self.comms.append(opened)
        return opened


class FakeComm(BaseComm):
    """A comm whose messages stay here."""

    def __init__(self, kernel: Any, **kwargs: Any) -> None:  # noqa: ANN401 - of BaseComm
        """Open it."""
        self.kernel = kernel
        self.state: dict[str, Any] = {}
        self.buffers: list[bytes] = []
        self.sent: list[Sent] = []
        self.broken = False
        super().__init__(**kwargs)

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any],
        metadata: object = None,  # noqa: ARG002 - of BaseComm
        buffers: Sequence[bytes] | None = None,
        **_: object,
    ) -> None:
        """Keep what would go to the kernel's socket."""
        if self.broken:
            raise OSError("the socket is closed")
        parent = self.kernel._shell_parent.get("none")
        if msg_type == "comm_open":
            self.state, self.buffers = data["state"], list(buffers or ())
            self.opened_under = parent
        elif data["method"] == "custom":
            buffer = bytes(buffers[0]) if buffers else b""
            numbers = np.frombuffer(buffer, "<f8").tolist()
            name = threading.current_thread().name
            self.sent.append(Sent(data["content"], numbers, parent, name))

    def say(self, intent: object, *, beside_cells: bool = True) -> None:
        """Let a view say something, as it arrives in a kernel with subshells or without."""
        message = {"content": {"data": {"method": "custom", "content": intent}}, "buffers": []}
        if not beside_cells:
            self.handle_msg(message)
            return
        subshell = threading.Thread(target=self.handle_msg, args=(message,))
        subshell.start()
        subshell.join()

    def ask(self, op: str, uid: str, **fields: object) -> Sent:
        """Let a view ask for something, and return the answer."""
        number = f"{op} {len(self.sent)} {time.monotonic_ns()}"
        self.say({"op": op, "id": number, "uid": uid, "view": "v", **fields})
        return self.answer(number)

    def answer(self, number: str) -> Sent:
        """Return the answer to an intent, when there is one."""
        return wait_until(
            lambda: next((one for one in list(self.sent) if one.head.get("id") == number), None),
            what=f"an answer to {number!r}",
        )

    def of(self, op: str) -> list[Sent]:
        """Return what was sent of one kind."""
        return [one for one in list(self.sent) if one.head["op"] == op]

    def values(self) -> list[float]:
        """Return the values of the only metric, as a view would have them now."""
        values: list[float] = []
        for head, numbers, *_ in list(self.sent):
            if head["op"] == "snapshot":
                values = numbers[2 * len(numbers) // 3 :]
            elif head["op"] == "append":
                start = 0
                for block in head["blocks"]:
                    rows, width = block["rows"], 2 + len(block["keys"])
                    values += numbers[start + 2 * rows : start + 3 * rows]
                    start += width * rows
        return values


def patched(screen: Screen, patch: Any) -> Screen:  # noqa: ANN401 - pytest's MonkeyPatch
    """Let widgets open their comms on a screen."""
    patch.setattr(comm, "create_comm", screen.open_comm)
    return screen
