"""A real kernel process, driven as Jupyter drives it."""

import os
import signal
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager
from waiting import wait_until

from nbtrack.store import Reader, RunFacts

if TYPE_CHECKING:
    from jupyter_client.blocking import BlockingKernelClient

ROOT = Path(__file__).parents[2]
ANSWER_S = 30.0


@dataclass
class Ran:
    """What a cell gave back.

    Attributes:
        status: `ok` or `error`, as the kernel says.
        error: Name of the exception's class, "" without one.
        messages: All messages of output, in order.
    """

    status: str = ""
    error: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def text(self, stream: str | None = None) -> str:
        """Return what was printed, to one stream or to both."""
        return "".join(
            message["content"]["text"]
            for message in self.messages
            if message["msg_type"] == "stream" and stream in (None, message["content"]["name"])
        )

    def bundles(self) -> list[dict[str, Any]]:
        """Return what was displayed, updates included, as MIME bundles."""
        shown = ("display_data", "update_display_data", "execute_result")
        return [m["content"]["data"] for m in self.messages if m["msg_type"] in shown]


class Kernel:
    """A kernel process and a client of it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Begin without a process.

        Args:
            folder: Where its code runs; its workspace lies there.
            environment: Variables besides those of the tests.
        """
        self.folder = folder
        self._environment = environment
        self._log = (folder / "kernel.log").open("ab")
        # Servers name the file so, and keep it when they restart a kernel.
        file = folder / f"kernel-{uuid.uuid4()}.json"
        self._manager = KernelManager(connection_file=str(file))

    @property
    def root(self) -> Path:
        """Its workspace."""
        return self.folder / ".nbtrack"

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self._manager.provisioner.pid)

    def start(self) -> None:
        """Start the process and wait until it answers."""
        environment = {**os.environ, **self._environment, "PYTHONPATH": str(ROOT)}
        # With it in the environment, ipykernel does not capture file descriptors.
        environment.pop("PYTEST_CURRENT_TEST", None)
        self._manager.start_kernel(
            cwd=str(self.folder), env=environment, stdout=self._log, stderr=self._log
        )
        self._connect()

    def run(self, code: str) -> Ran:
        """Run a cell and wait for its end."""
        return self.wait(self.begin(code))

    def begin(self, code: str) -> str:
        """Run a cell and return at once."""
        return self._client.execute(code, allow_stdin=False)

    def wait(self, request: str) -> Ran:
        """Return what the cell of `begin` gave back, at its end."""
        ran = Ran()
        for message in self._messages(request):
            ran.messages.append(message)
        while True:
            reply = self._client.get_shell_msg(timeout=ANSWER_S)
            if reply["parent_header"].get("msg_id") == request:
                break
        ran.status = reply["content"]["status"]
        ran.error = reply["content"].get("ename", "")
        return ran

    def wait_for_output(self, request: str, text: str) -> None:
        """Wait until a busy cell has printed a text."""
        seen = ""
        while text not in seen:
            message = self._client.get_iopub_msg(timeout=ANSWER_S)
            if message["parent_header"].get("msg_id") == request:
                seen += message["content"].get("text", "")

    def complete(self, code: str) -> list[str]:
        """Return the completions at the end of a line."""
        self._client.complete(code)
        reply = self._client.get_shell_msg(timeout=ANSWER_S)
        return list(reply["content"]["matches"])

    def explain(self, code: str) -> str:
        """Return the help that `code?` shows."""
        self._client.execute(f"{code}?", allow_stdin=False)
        reply = self._client.get_shell_msg(timeout=ANSWER_S)
        return "".join(page["data"]["text/plain"] for page in reply["content"]["payload"])

    def interrupt(self) -> None:
        """Interrupt it, as the button does."""
        self._manager.interrupt_kernel()

    def shut_down(self) -> None:
        """Shut it down, as the menu does."""
        self._manager.shutdown_kernel()

    def restart(self) -> None:
        """Restart it, as the menu does; variables are lost, the kernel's id is not."""
        self._client.stop_channels()
        self._manager.restart_kernel()
        self._connect()

    def last_bundles(self) -> list[dict[str, Any]]:
        """Return what was displayed outside of cells, such as at the very end."""
        ran = Ran()
        try:
            while True:
                ran.messages.append(self._client.get_iopub_msg(timeout=0.5))
        except Empty:
            return ran.bundles()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the process and wait for its end."""
        os.kill(self.pid, number)
        wait_until(lambda: not self._manager.is_alive(), what="the end of the kernel")

    def close(self) -> None:
        """Leave no process and no socket behind."""
        self._client.stop_channels()
        if self._manager.has_kernel:
            self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        self._log.close()

    # --- what it left behind -----------------------------------------------------------

    def runs(self) -> list[RunFacts]:
        """Return the runs of its workspace, newest first."""
        return Reader(self.root).runs()

    def only_run(self) -> RunFacts:
        """Return the one run of its workspace."""
        [facts] = self.runs()
        return facts

    def log_text(self) -> list[str]:
        """Return the lines in the log of the one run."""
        return [line.text for line in Reader(self.root).lines(self.only_run().opened.uid)]

    def _connect(self) -> None:
        self._client: BlockingKernelClient = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=ANSWER_S)

    def _messages(self, request: str) -> Iterator[dict[str, Any]]:
        end_s = time.monotonic() + ANSWER_S
        while time.monotonic() < end_s:
            try:
                message = self._client.get_iopub_msg(timeout=1)
            except Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return
            yield message
        raise AssertionError(f"the cell did not end within {ANSWER_S} s")
