"""Which run of a project is to be resumed when nobody says which: `resume="auto"`.

<root>/resume.json    {project: id}
"""

import contextlib
import json
import os
from pathlib import Path

from nbtrack.store.layout import PRIVATE_FILE

NAME = "resume.json"


def remembered(root: Path, project: str) -> str | None:
    """Return the id of the run of a project that ended before it was done, if any."""
    found = _read(root).get(project)
    return found if isinstance(found, str) else None


def remember(root: Path, project: str, run_id: str | None) -> None:
    """Remember a run, or with None forget the one that is remembered; never raises.

    What several kernels remember at once for one project, the last one wins.
    """
    known = _read(root)
    if known.get(project) == run_id:
        return
    kept = {name: one for name, one in known.items() if name != project}
    with contextlib.suppress(OSError):
        _write(root / NAME, kept if run_id is None else {**kept, project: run_id})


def _read(root: Path) -> dict[str, object]:
    try:
        said = json.loads((root / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _write(path: Path, known: dict[str, object]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(known, file)
    part.replace(path)
