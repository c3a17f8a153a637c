"""Where a run comes from: the notebook and the cell that made it, as a page can open them."""

from pathlib import Path
from typing import TypedDict

from nbtrack.clock import MICROSECONDS
from nbtrack.store import Reader, RunFacts

CELL = "cell"
"""Name of the fact of a run's environment that says which cell began it."""


class Origin(TypedDict):
    """What made a run.

    `path` is `entity/project/runs/id`. `file` is the notebook as its kernel knew it, ""
    where there was none; `notebook` the same below the server's root, "" where it lies
    elsewhere. `cell` is the id of the cell that began the run, "" where that is not known.
    """

    path: str
    file: str
    notebook: str
    cell: str


def origin_of(root: Path, uid: str, server_root: Path) -> Origin:
    """Return where a run of a workspace comes from.

    Args:
        root: The workspace.
        uid: Of the run.
        server_root: Root folder of the server's file browser.

    Raises:
        RunNotFoundError: If there is no such run.
        StoreError: If the store cannot be read.
    """
    reader = Reader(root)
    facts = reader.run(uid)
    opened = facts.opened
    noted = facts.environment.get(CELL)
    return Origin(
        path=f"{opened.entity}/{opened.project}/runs/{opened.id}",
        file=opened.notebook or "",
        notebook=below(server_root, opened.notebook or ""),
        cell=noted if isinstance(noted, str) else _cell_by_time(reader, facts),
    )


def below(server_root: Path, notebook: str) -> str:
    """Return a notebook's path as the server's pages name it; "" where they cannot.

    Examples:
        >>> below(Path("/home/ada"), "/home/ada/digits/train.ipynb")
        'digits/train.ipynb'
        >>> below(Path("/home/ada"), "/home/ada/../eve/train.ipynb")
        ''
    """
    path = Path(notebook)
    if notebook == "" or ".." in path.parts:
        return ""
    for base in (server_root, server_root.resolve()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return ""


def _cell_by_time(reader: Reader, facts: RunFacts) -> str:
    """Return the cell during which a run began; such as older kernels noted are read for it."""
    began_us = facts.opened.time_us
    for cell in reader.cells(facts.opened.uid):
        ended_us = cell.started_us + cell.duration_us + MICROSECONDS // 1_000
        if cell.cell_id and 0 < cell.started_us <= began_us <= ended_us:
            return cell.cell_id
    return ""
