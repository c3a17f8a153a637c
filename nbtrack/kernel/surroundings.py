"""Where a kernel runs: its notebook, its id, its server; and how the server finds its runs.

All of it is read from the environment and from small files. What is not there is None:
nothing is asked over the network, and nothing is printed about it.
"""

import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrack.settings import Place, variable

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_SESSION = "JPY_SESSION_NAME"
_PARENT = "JPY_PARENT_PID"
_PUBLIC_URL = "JUPYTERHUB_PUBLIC_URL"
_VSCODE_FILE = "__vsc_ipynb_file__"


def look_around(shell: "InteractiveShell") -> Place:
    """Return where a shell runs, as far as it can be known."""
    server_root, server_url = _server()
    return Place(
        notebook=_notebook(shell, server_root),
        kernel_id=_kernel_id(),
        server_root=server_root,
        in_notebook=in_kernel(shell),
        server_url=server_url,
    )


def in_kernel(shell: "InteractiveShell") -> bool:
    """Whether a shell shows its output somewhere else than in a terminal."""
    return getattr(shell, "kernel", None) is not None


def has_live_front_end(shell: "InteractiveShell") -> bool:
    """Whether a person looks at the cells, and not nbclient, nbconvert or papermill.

    Those start a kernel without a Jupyter server, VS Code or Colab around it, and take
    down what cells put out until the cell ends.
    """
    is_of_editor = _VSCODE_FILE in shell.user_ns or "google.colab" in sys.modules
    return is_of_editor or _session_name() is not None


def announce(root: Path) -> None:
    """Tell the Jupyter server that this kernel keeps runs in a workspace.

    Does nothing where there is no server, or where its folder cannot be written.
    """
    runtime = _runtime_folder()
    if runtime is None or _SESSION not in os.environ:
        return
    path = str(root.absolute())
    name = sha256(os.fsencode(path)).hexdigest()[:32]
    folder = runtime / "nbtrack-workspaces"
    fresh = folder / f"{name}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"path": path}), encoding="utf-8")
        fresh.replace(folder / f"{name}.json")
    except (OSError, ValueError):
        return


def _runtime_folder() -> Path | None:
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return None
    return Path(jupyter_runtime_dir())


def _server() -> tuple[Path | None, str | None]:
    """Return root folder and address of the server that started this kernel."""
    parent, runtime = os.environ.get(_PARENT, ""), _runtime_folder()
    if runtime is None or not parent.isdecimal():
        return None, None
    try:
        content = json.loads((runtime / f"jpserver-{parent}.json").read_text(encoding="utf-8"))
        root = Path(content["root_dir"])
    except (OSError, ValueError, TypeError, LookupError):
        return None, None
    url = _public_url() or content.get("url")
    return root if root.is_absolute() else None, url if isinstance(url, str) else None


def _public_url() -> str | None:
    """Return the address that JupyterHub gives a server; its own is one behind a proxy."""
    url = os.environ.get(_PUBLIC_URL, "").strip()
    return url if url.startswith(("https://", "http://")) else None


def _notebook(shell: "InteractiveShell", server_root: Path | None) -> str | None:
    """Return the notebook's path: what a person says, else what the front end tells.

    A console's session has a name that is no file. Colab, nbclient and papermill tell
    nothing.
    """
    said = variable("NOTEBOOK_NAME")
    if said:
        return str(Path(said).expanduser().absolute())
    told = shell.user_ns.get(_VSCODE_FILE) or _session_name()
    if not isinstance(told, str) or not told:
        return None
    path = (server_root or Path.cwd()) / told
    return str(path) if path.suffix == ".ipynb" or path.is_file() else None


def _session_name() -> str | None:
    """Return the name that a server gave this kernel's session, or None.

    A kernel of nbclient or papermill that runs inside of a notebook's kernel inherits the
    variable, and is not meant: then the process that started it has the variable as well,
    and is no server.
    """
    name = os.environ.get(_SESSION)
    parent = os.environ.get(_PARENT, "")
    if not name or not parent.isdecimal() or _server() != (None, None):
        return name or None
    try:
        variables = Path(f"/proc/{parent}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, somebody else's, or a system without
        return name
    return None if os.fsencode(f"{_SESSION}={name}") in variables else name


def _kernel_id() -> str | None:
    """Return the id in the name of the connection file, `kernel-<id>.json`."""
    application = sys.modules.get("ipykernel.kernelapp")
    try:
        file = application.IPKernelApp.instance().abs_connection_file if application else ""
    except Exception:  # noqa: BLE001 - another kernel than ipykernel may say this in any way
        return None
    named = re.fullmatch(r"kernel-(.+)\.json", Path(file).name)
    return named[1] if named else None
