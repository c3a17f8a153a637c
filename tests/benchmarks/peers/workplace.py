"""Where the workers of a comparison run: a scratch home, no network, and nothing left behind.

Every process of a tracker carries a token in its environment, also those that the
tracker starts by itself; by it they are found and ended, each by its own id.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from roster import CHECKOUT, Tracker

WORKER = Path(__file__).with_name("worker.py")
TOKEN = "NBTRACK_PEERS_TOKEN"  # noqa: S105 - marks processes, opens nothing
LEAVING_S = 5.0
QUIET = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "PYTHONWARNINGS": "ignore",
    "PYTHONDONTWRITEBYTECODE": "",
    # Whoever tries to leave this machine meets a closed door at once.
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "no_proxy": "localhost,127.0.0.1,::1",
}


class WorkerError(Exception):
    """A worker ended without an answer."""


class Workplace:
    """A scratch folder for one tracker and one store, removed by `close()`."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._folder = Path(tempfile.mkdtemp(prefix="nbtrack-peers-"))
        self.store = self._folder / "store"
        for folder in (self.store, self._folder / "home", self._folder / "tmp"):
            folder.mkdir()
        self._token = uuid4().hex
        self._orders = 0

    def path(self, name: str) -> Path:
        """Return a path for a file that workers share."""
        return self._folder / name

    def do(self, task: str, timeout_s: float = 300, **order: Any) -> dict[str, Any]:  # noqa: ANN401
        """Do one task in a process of its own; return its answer.

        Raises:
            WorkerError: If there is none; the message holds its last words.
        """
        return self.begin(task, **order).answer(timeout_s)

    def begin(self, task: str, **order: Any) -> "Worker":  # noqa: ANN401
        """Start a task."""
        self._orders += 1
        answer = self.path(f"answer-{self._orders}.json")
        text = {
            **order,
            "task": task,
            "module": self.tracker.module,
            "distributions": self.tracker.distributions,
            "store": str(self.store),
            "answer": str(answer),
        }
        with answer.with_suffix(".log").open("wb") as words:
            process = subprocess.Popen(
                [self.tracker.python, WORKER, json.dumps(text)],
                env=self._environment(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
            )
        return Worker(process, answer)

    def serve(self, *arguments: str) -> None:
        """Start a server of the tracker in its environment; it ends with the workplace."""
        with self.path("server.log").open("wb") as words:
            subprocess.Popen(
                [self.tracker.python, *arguments],
                env=self._environment(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
            )

    def settle(self) -> None:
        """Wait a moment for the processes that a tracker started, then end them by their ids."""
        end = time.monotonic() + LEAVING_S
        while any(True for _ in self._left()) and time.monotonic() < end:
            time.sleep(0.05)
        for process in self._left():
            process.kill()

    def clear(self) -> None:
        """Remove the store and what its workers shared."""
        self.settle()
        shutil.rmtree(self.store)
        self.store.mkdir()
        for file in self._folder.iterdir():
            if file.is_file():
                file.unlink()

    def close(self) -> None:
        """End what still runs and remove the folder."""
        self.settle()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _left(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                is_ours = process.environ().get(TOKEN) == self._token
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    yield process
            except psutil.Error:
                continue

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        homes = {name: str(self._folder / "home") for name in ("HOME", "USERPROFILE", "HF_HOME")}
        return {
            **kept,
            **homes,
            **QUIET,
            "TMPDIR": str(self._folder / "tmp"),
            "TRACKIO_DIR": str(self.store),
            "PYTHONPATH": str(CHECKOUT) if self.tracker.module == "nbtrack" else "",
            **self.tracker.variables,
            TOKEN: self._token,
        }


class Worker:
    """A process at work."""

    def __init__(self, process: subprocess.Popen[bytes], answer: Path) -> None:
        self._process = process
        self._answer = answer

    def answer(self, timeout_s: float) -> dict[str, Any]:
        """Wait for the answer.

        Raises:
            WorkerError: If there is none.
        """
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise WorkerError(f"no answer within {timeout_s:.0f} s") from None
        if not self._answer.exists():
            words = self._answer.with_suffix(".log").read_text(errors="replace").strip()
            raise WorkerError((words.splitlines() or [f"exit code {code}"])[-1][:300])
        answer: dict[str, Any] = json.loads(self._answer.read_text())
        return answer

    def kill(self) -> None:
        """End the process as `kill -9` does; what it started itself stays."""
        self._process.kill()
        self._process.wait()
