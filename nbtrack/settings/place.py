"""Where code runs, and where its workspace lies.

A workspace is a folder named `.nbtrack`. It is looked for near the notebook, so that
one project keeps one store however its kernels were started.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtrack.errors import UsageError
from nbtrack.settings.environment import variable

FOLDER = ".nbtrack"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the code runs, as far as the front door knows.

    Attributes:
        notebook: Path of the notebook file, or None.
        kernel_id: Id of the Jupyter kernel, or None.
        server_root: Root folder of the Jupyter server, or None.
        in_notebook: Whether cells are run by IPython in a kernel.
        server_url: Address of the Jupyter server, with a slash at its end, or None.
    """

    notebook: str | None = None
    kernel_id: str | None = None
    server_root: Path | None = None
    in_notebook: bool = False
    server_url: str | None = None


def find_workspace(
    given: str | os.PathLike[str] | None,
    place: Place,
    environment: Mapping[str, str] | None = None,
) -> Path:
    """Return where the workspace of a run lies; it need not exist yet.

    The first that is there: the folder given, `NBTRACK_DIR` (or `WANDB_DIR`), the
    nearest `.nbtrack` upward from the notebook's folder or the working directory, the
    Jupyter server's root when the notebook lies below it, the working directory.

    Args:
        given: What `init(dir=)` got: the folder in which `.nbtrack` lies, or a
            `.nbtrack` folder itself.
        place: Where the code runs.
        environment: What the variables say; by default what they say now.

    Raises:
        UsageError: If `given` is no path.
    """
    named = given if given is not None else variable("DIR", environment)
    if named is not None:
        if not isinstance(named, str | os.PathLike):
            raise UsageError(
                f"dir must be the path of a folder, not {named!r} ({type(named).__name__}). "
                f"Type dir={str(named)!r}."
            )
        folder = Path(named).expanduser().absolute()
        return folder if folder.name == FOLDER else folder / FOLDER
    start = Path(place.notebook).absolute().parent if place.notebook else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    if place.server_root is not None and start.is_relative_to(place.server_root):
        return place.server_root / FOLDER
    return Path.cwd() / FOLDER


def default_project(place: Place) -> str:
    """Return the name of the git repository that holds the code, or `uncategorized`."""
    start = Path(place.notebook).absolute().parent if place.notebook else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            below = start.relative_to(folder).as_posix().replace("/", "_")
            return folder.name if below in ("", ".") else f"{folder.name}-{below}"
    return "uncategorized"
