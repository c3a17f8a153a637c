"""Joining a run that another process writes: `mode="shared"`, `attach()`, a pickled run.

Processes that log to one run each write a part of their own (see `company`). Those that
come with `mode="shared"` have a say: the run goes on as long as one of them does. Those
that attach are guests of whoever has begun it.
"""

import os
from dataclasses import replace
from pathlib import Path

from nbtrack.errors import Error, RunNotFoundError, StoreError, UsageError
from nbtrack.runs.request import Request
from nbtrack.runs.resuming import Resumption, changed_fields, former, newest, resumed
from nbtrack.runs.run import Run
from nbtrack.runs.session import Session, session
from nbtrack.runs.settling import settle
from nbtrack.settings import Settings
from nbtrack.store import RunFacts, footing_of, one_joins, open_workspace, this_process


def opened_together(
    here: Session, request: Request, asked: Resumption, given_id: str | None
) -> Run:
    """Begin a run with several processes, join it, or go on with it after its end.

    Args:
        here: The session.
        request: What `init(mode="shared")` was asked for.
        asked: What it was asked to go on with.
        given_id: Of the run; without one a run is begun that others can join by its id.

    Raises:
        UsageError: If the arguments exclude each other, locks prove nothing in the
            workspace, or `must` or `never` is not met.
        Error: If the store cannot be written, or this process has the run open already.
    """
    if asked.rewind is not None or asked.fork is not None:
        raise UsageError(
            'mode="shared" goes on with a run as it is: resume_from and fork_from exclude it. '
            "Make the branch with one process first, then join it by its id."
        )
    try:
        open_workspace(request.root, is_network=request.settings.x_network_filesystem)
    except StoreError:
        return here.open(request)  # a temporary workspace, which nobody can join
    _expect_locks(request.root)
    with one_joins(request.root, request.settings.init_timeout):
        return _opened(here, request, asked.mode or "allow", given_id)


def attach(attach_id: str, root: str | os.PathLike[str] | None = None) -> Run:
    """Return a run of an id that goes on, in this process or in another one.

    What another process logs to it gets the next step, and does not decide how it ends.

    Args:
        attach_id: Id or uid of the run.
        root: The workspace, by default the one that `nbtrack.init()` would take.

    Raises:
        RunNotFoundError: If there is no such run.
        Error: If it has ended, or cannot be joined.

    Examples:
        >>> nbtrack.init(id="first").log({"loss": 0.5})
        >>> nbtrack.attach("first").id
        'first'
    """
    here = session()
    for run in here.open_runs():
        if attach_id in (run.id, run.uid):
            return run
    settled, home = settle(here, None, None, None if root is None else Path(root).parent)
    found = newest(home, attach_id)
    if found is None:
        raise RunNotFoundError(
            f"no run {attach_id!r} is open in this process, and there is none in {str(home)!r}. "
            "Type nbtrack.init(id=...) to begin one."
        )
    _expect_going_on(found)
    _expect_locks(home)
    settings = settled.with_values(mode="shared", x_update_finish_state=False)
    is_global = here.active is None
    return here.open(_joining(found, home, settings, is_global=is_global))


def revived(uid: str, root: str, mode: str) -> Run:
    """Return the run that was pickled, to log to it from this process.

    Args:
        uid: Of the run.
        root: Its workspace.
        mode: Its mode: of a disabled run nothing is anywhere.

    Raises:
        Error: As `attach`.
    """
    here = session()
    if mode != "disabled" or any(run.uid == uid for run in here.open_runs()):
        return attach(uid, root)
    from nbtrack.runs.opening import init  # it joins runs, too

    return init(mode="disabled", reinit="create_new")


def _opened(here: Session, request: Request, mode: str, given_id: str | None) -> Run:
    found = former(request.root, given_id, request.opened.project, mode)
    if found is None:
        return here.open(request)
    if not found.state.goes_on:
        try:
            return here.open(resumed(request, found))
        except StoreError:  # one that had joined it goes on with it just now
            found = former(request.root, given_id, request.opened.project, mode) or found
    _expect_elsewhere(here, found)
    return here.open(_shared(request, found))


def _shared(request: Request, found: RunFacts) -> Request:
    """Return the request of a process that joins; one that is not primary changes nothing."""
    is_primary = request.settings.x_primary
    changes = changed_fields(request.opened) if is_primary else {}
    return replace(
        request,
        opened=replace(found.opened, owner=request.opened.owner, **changes),
        former=found,
        config=request.config if is_primary else {},
        changes={
            name: list(one) if isinstance(one, tuple) else one for name, one in changes.items()
        },
        may_change_config=True,
        is_guest=True,
        has_say=request.settings.x_update_finish_state,
    )


def _joining(found: RunFacts, root: Path, settings: Settings, *, is_global: bool) -> Request:
    owner = this_process(session().place.kernel_id)
    return Request(
        opened=replace(found.opened, owner=owner),
        root=root,
        settings=settings,
        config={},
        is_global=is_global,
        may_change_config=True,
        former=found,
        is_guest=True,
        has_say=False,
    )


def _expect_elsewhere(here: Session, found: RunFacts) -> None:
    uid = found.opened.uid
    if any(run.uid == uid for run in here.open_runs()):
        raise Error(
            f"run {found.opened.name!r} ({found.opened.id}) is open in this process already. Log "
            "to that object; to get it, type nbtrack.attach(...)."
        )


def _expect_going_on(found: RunFacts) -> None:
    opened = found.opened
    if not found.state.goes_on:
        raise Error(
            f"run {opened.name!r} ({opened.id}) is {found.state}: nobody can attach to it. To go "
            f'on with it, type nbtrack.init(id={opened.id!r}, resume="must").'
        )


def _expect_locks(root: Path) -> None:
    footing = footing_of(root)
    if footing.is_shared:
        raise UsageError(
            f"several processes cannot log to one run here: the workspace {footing.reason}, "
            "where locks do not tell who lives. Give each process a run, in one group: "
            "nbtrack.init(group=...)."
        )
