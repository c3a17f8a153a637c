"""From the path in a link to what a page opens: a run, or a project in the list."""

from collections.abc import Sequence
from typing import TypedDict

from nbtrack import query
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.lab.workspaces import Workspace

_LONGEST = 2_000
_SWEEP = 4  # entity/project/sweeps/id


class Place(TypedDict):
    """Where a path leads; `uid` and `name` are "" where that is a project."""

    uid: str
    name: str
    project: str
    workspace: str


def find_place(workspaces: Sequence[Workspace], path: str) -> Place:
    """Return where a path leads, the first workspace that knows it.

    Raises:
        UsageError: If it is malformed, or a name that several runs have.
        RunNotFoundError: If no workspace knows it.
        StoreError: If a workspace cannot be read.
    """
    if len(path) > _LONGEST:
        raise UsageError(f"A path is at most {_LONGEST} characters long, this has {len(path)}.")
    for workspace in workspaces:
        place = _run_in(workspace, path) or _project_in(workspace, path)
        if place is not None:
            return place
    raise RunNotFoundError(
        f"No run or project {path!r} is in the workspaces of this server. It may have been removed."
    )


def _run_in(workspace: Workspace, path: str) -> Place | None:
    if _is_of_a_sweep(path):
        return None
    try:
        run = query.Api(workspace.root).run(path)
    except RunNotFoundError:
        return None
    return Place(uid=run.uid, name=run.name, project=run.project, workspace=workspace.id)


def _project_in(workspace: Workspace, path: str) -> Place | None:
    parts = path.strip("/").split("/")
    if len(parts) != 2 and not _is_of_a_sweep(path):  # noqa: PLR2004 - entity/project
        return None
    there = query.Api(workspace.root).projects(parts[0])
    found = next((one for one in there if one.name == parts[1]), None)
    if found is None:
        return None
    return Place(uid="", name="", project=found.name, workspace=workspace.id)


def _is_of_a_sweep(path: str) -> bool:
    parts = path.strip("/").split("/")
    return len(parts) == _SWEEP and parts[2] == "sweeps"
