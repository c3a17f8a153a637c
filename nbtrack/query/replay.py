"""A notebook that makes a run again, from the cells that made it.

What it holds comes from a run and is untrusted: in its text, names stand as code, which
no Markdown and no HTML can leave.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nbtrack.errors import Error, UsageError
from nbtrack.query.files import read_part
from nbtrack.query.times import iso
from nbtrack.records import CellRun
from nbtrack.store import RunFacts, files_folder

PACKAGES = "requirements.txt"
LONGEST_LIST_BYTES = 1_000_000
MASK = "***"
FAILING = "raises-exception"
"""Tag of a cell that may fail: nbclient and papermill go on after it."""
SKIPPED = "skip-execution"
"""Tag of a cell that nbclient and papermill do not execute."""
_TAGS = {"error": [FAILING], "interrupted": [SKIPPED]}
_MOST_NAMED = 10


def replay(root: Path, facts: RunFacts, cells: Sequence[CellRun]) -> dict[str, Any]:
    """Return a notebook (nbformat 4).

    Args:
        root: The workspace.
        facts: Of the run.
        cells: That made it, in their order.

    Raises:
        UsageError: If there are no cells.
    """
    folder = files_folder(root, facts.opened.uid)
    if not cells:
        raise UsageError(
            f"no cells of run {facts.opened.name!r} are known: it was made by a script, or by a "
            f"notebook whose cells were not followed. Its code, if it was kept, lies in {folder}."
        )
    first = {
        "cell_type": "markdown",
        "id": "about",
        "metadata": {},
        "source": "\n".join(_about(root, facts, cells)),
    }
    git = _dict(facts.environment.get("git"))
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "nbtrack": {
                "replay_of": _path(facts),
                "uid": facts.opened.uid,
                "commit": git.get("commit", ""),
            },
        },
        "cells": [first, *(_cell(cell) for cell in cells)],
    }


def packages_of(root: Path, uid: str) -> list[str]:
    """Return the packages with which a run was made; none where nobody noted them."""
    try:
        content, _ = read_part(root, uid, PACKAGES, offset=0, length=LONGEST_LIST_BYTES)
    except Error:
        return []
    return content.decode(errors="replace").splitlines()


def _cell(cell: CellRun) -> dict[str, Any]:
    tags = _TAGS.get(cell.status, [])
    about = {"execution_count": cell.execution_count, "status": cell.status}
    return {
        "cell_type": "code",
        "id": f"cell-{cell.number}",
        "metadata": {"nbtrack": about, **({"tags": tags} if tags else {})},
        "execution_count": None,
        "outputs": [],
        "source": cell.source,
    }


def _about(root: Path, facts: RunFacts, cells: Sequence[CellRun]) -> Iterator[str]:
    """Yield the lines of the first cell, Markdown."""
    folder = files_folder(root, facts.opened.uid)
    count = "1 execution of a cell" if len(cells) == 1 else f"{len(cells)} executions of cells"
    yield f"# Again: {_code(facts.opened.name)}"
    yield ""
    yield f"The {count} that made run {_code(_path(facts))}, in their order."
    yield f"It began {iso(facts.opened.time_us)} and is {facts.state}."
    yield ""
    python = facts.environment.get("python")
    if isinstance(python, str):
        system = facts.environment.get("os")
        yield f"- Python: {_code(python)}" + (f" on {_code(system)}" if system else "")
    yield from _about_code(facts, folder)
    yield from _about_cells(cells)
    packages = packages_of(root, facts.opened.uid)
    if packages:
        text = "\n".join(packages)
        longest = max((len(found) for found in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        yield f"- Packages (`pip install -r` {_code(folder / PACKAGES)}):"
        yield from ("", f"{fence}text", text, fence)


def _about_code(facts: RunFacts, folder: Path) -> Iterator[str]:
    git = _dict(facts.environment.get("git"))
    if git.get("commit"):
        branch = f" of branch {_code(git['branch'])}" if git.get("branch") else ""
        remote = f" from {_code(git['remote'])}" if git.get("remote") else ""
        yield f"- Commit: {_code(git['commit'])}{branch}{remote}"
    for patch in sorted(folder.glob("diff*.patch")):
        yield f"- What was changed besides: `git apply` {_code(patch)}"
    if facts.opened.notebook:
        yield f"- Notebook: {_code(facts.opened.notebook)}"


def _about_cells(cells: Sequence[CellRun]) -> Iterator[str]:
    """Yield what whoever runs the notebook should know of its cells."""
    notes = {
        "Failed then, and may again": [c for c in cells if c.status == "error"],
        "Interrupted then, and passed over by nbclient and papermill": [
            c for c in cells if c.status == "interrupted"
        ],
        f"Secrets were taken out; put them in where {_code(MASK)} stands": [
            c for c in cells if MASK in c.source
        ],
    }
    for note, meant in notes.items():
        if meant:
            counts = ", ".join(f"[{c.execution_count or ' '}]" for c in meant[:_MOST_NAMED])
            more = f" and {len(meant) - _MOST_NAMED} more" if len(meant) > _MOST_NAMED else ""
            yield f"- {note}: {_code(counts)}{more}"


def _path(facts: RunFacts) -> str:
    return f"{facts.opened.entity}/{facts.opened.project}/{facts.opened.id}"


def _code(text: object) -> str:
    """Return a text as code of Markdown, on one line."""
    bare = " ".join(str(text).split()).replace("`", "'")
    return f"`{bare}`" if bare else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
