"""Addresses of runs: in the JupyterLab that started the kernel, else on disk."""

from pathlib import Path
from urllib.parse import quote

from nbtrack import query
from nbtrack.records import Opened
from nbtrack.runs.pages import page_of_run
from nbtrack.settings import Place


def page_of(place: Place) -> str | None:
    """Return the address at which JupyterLab shows the notebook, or the server's files.

    Returns:
        The address, which holds no secret; None where no server is known.
    """
    if place.server_url is None:
        return None
    below = ""
    if place.notebook and place.server_root:
        path = Path(place.notebook).absolute()
        if path.is_relative_to(place.server_root):
            below = quote(path.relative_to(place.server_root).as_posix())
    return f"{place.server_url.rstrip('/')}/lab/tree/{below}"


def run_link(page: str | None, opened: Opened, root: Path) -> str:
    """Return the address of a run; without a server that of a page on disk."""
    if page is None:
        return page_of_run(opened, root)
    return _below(page, opened, f"runs/{opened.id}")


def project_link(page: str | None, opened: Opened, root: Path) -> str:
    """Return the address of its project; without a server that of the workspace."""
    return root.absolute().as_uri() if page is None else _below(page, opened, "")


def sweep_link(page: str | None, opened: Opened, root: Path, sweep_id: str) -> str:
    """Return the address of its sweep; without a server that of the workspace."""
    if page is None:
        return root.absolute().as_uri()
    return _below(page, opened, f"sweeps/{sweep_id}")


def _below(page: str, opened: Opened, path: str) -> str:
    parts = [opened.entity, opened.project, *path.split("/")]
    return f"{page}?{query.PARAMETER}={'/'.join(quote(part, safe='') for part in parts if part)}"
