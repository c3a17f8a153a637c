"""A JupyterLab of the tests' own: loopback, a port and a token of its own, temporary folders."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_until

BASE = "/user/ada"
QUIET = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false"}}
"""Settings that keep dialogs of JupyterLab's own off the screen."""


@dataclass(frozen=True, slots=True)
class LabServer:
    """A running `jupyter lab`, below a path as JupyterHub starts them.

    Attributes:
        url: Where it answers, without a slash at the end.
        token: What it asks for.
        root: Root folder of its file browser; also where its workspace lies.
        process: The server, leader of a process group of its own.
        log: What it printed.
        settings: Folder of the user's settings.
    """

    url: str
    token: str
    root: Path
    process: subprocess.Popen[bytes]
    log: Path
    settings: Path

    @property
    def workspace(self) -> Path:
        """The store of the notebooks that lie in its root."""
        return self.root / ".nbtrack"

    @classmethod
    def start(cls, folder: Path) -> "LabServer":
        """Start one in `folder` and wait until it answers."""
        root = folder / "root"
        root.mkdir()
        write_settings(folder / "settings")
        token, port, log = secrets.token_hex(16), free_port(), folder / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(root, token, port),
                cwd=root,
                env=environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = cls(
            f"http://127.0.0.1:{port}{BASE}", token, root, process, log, folder / "settings"
        )
        wait_until(lambda: server.answers(port), 60, what="the start of JupyterLab", poll_s=0.1)
        return server

    def answers(self, port: int) -> bool:
        """Tell whether the port is open; fail with the log when the server is gone."""
        if self.process.poll() is not None:
            raise AssertionError(f"JupyterLab ended by itself:\n{self.log.read_text('utf-8')}")
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) == 0

    @contextlib.contextmanager
    def setting(self, plugin: str, **values: str) -> Iterator[None]:
        """Give pages that are loaded meanwhile some settings of a plugin."""
        package, name = plugin.split(":")
        path = self.settings / package / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), "utf-8")
        yield
        path.unlink()

    def stop(self) -> None:
        """End the server and its kernels, and nothing else."""
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=5)


def command(root: Path, token: str, port: int) -> list[str]:
    """Return the command line of a JupyterLab that shows its application to the tests."""
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.base_url={BASE}/",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=",
    ]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of the server: nothing in it tells that a test runs.

    Kernels of other servers announce their workspaces to those, and not to this one.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return inherited | {
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def write_settings(folder: Path) -> None:
    """Write the user settings that the tests start with."""
    for plugin, settings in QUIET.items():
        path = folder / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(settings), "utf-8")


def free_port() -> int:
    """Return a port that nobody listened to a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
