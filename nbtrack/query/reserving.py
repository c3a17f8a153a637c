"""A run that is there before anything writes it."""

from dataclasses import replace
from pathlib import Path

from nbtrack.clock import SystemClock
from nbtrack.errors import UsageError
from nbtrack.records import Closed, Opened, RunState
from nbtrack.settings import Place, default_project
from nbtrack.store import Journal, Reader, next_number, open_workspace, this_process
from nbtrack.values import (
    checked_entity,
    checked_id,
    checked_project,
    fitting,
    login_name,
    new_id,
    new_name,
    new_uid,
)


def reserve(
    root: Path, run_id: str | None = None, project: str | None = None, entity: str | None = None
) -> str:
    """Make a run that is `pending`: it has an id and a name, and nobody writes it yet.

    Args:
        root: The workspace; made where there is none.
        run_id: Its id; by default a fresh one.
        project: By default the one that `init()` would choose here.
        entity: Whose it is; by default the person's at the machine.

    Returns:
        Its uid.

    Raises:
        UsageError: If an argument cannot be taken, or the project has a run of that id.
        StoreError: If it cannot be stored.
    """
    user, now_us = login_name(), SystemClock().now_us()
    opened = Opened(
        uid=new_uid(now_us),
        id=checked_id(new_id() if run_id is None else run_id),
        entity=checked_entity(fitting(user) if entity is None else entity),
        project=checked_project(fitting(default_project(Place())) if project is None else project),
        name="",
        time_us=now_us,
        owner=this_process(),
        user=user,
    )
    _must_be_new(open_workspace(root), opened)
    _write(root, opened)
    return opened.uid


def _must_be_new(root: Path, opened: Opened) -> None:
    there = ((one.opened.entity, one.opened.project, one.opened.id) for one in Reader(root).runs())
    if (opened.entity, opened.project, opened.id) in there:
        path = f"{opened.entity}/{opened.project}/{opened.id}"
        raise UsageError(f"there is a run {path} already. Type Api().run({path!r}) to get it.")


def _write(root: Path, opened: Opened) -> None:
    name = new_name(next_number(root, opened.project))
    pending = Closed(opened.time_us, RunState.PENDING, 0, 0, "made by Api().create_run()")
    journal = Journal.create(root, replace(opened, name=name))
    try:
        journal.append([pending])
    except BaseException:
        journal.discard()
        raise
    journal.close()
