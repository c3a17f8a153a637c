"""From a request to an open journal, and back where `init()` is cut short.

A run that nobody has is removed; one that was there before is left as it was.
"""

import contextlib
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nbtrack.clock import Clock
from nbtrack.errors import Error, StoreError
from nbtrack.records import Closed, RunChanged
from nbtrack.runs.request import Request
from nbtrack.settings import Settings
from nbtrack.store import (
    Journal,
    RunFacts,
    discard_run,
    next_number,
    open_part,
    open_workspace,
    remember,
)
from nbtrack.values import new_name

Say = Callable[[str, str], None]
"""Takes a cause and a text for the user."""


def at_home(request: Request, say: Say) -> Request:
    """Open the workspace; where it cannot be written, take a temporary one and say so.

    Raises:
        StoreError: If the run to go on with lies there and it cannot be opened.
    """
    if request.settings.mode == "disabled":
        return request
    try:
        open_workspace(request.root, is_network=request.settings.x_network_filesystem)
    except StoreError as error:
        if request.former is not None:
            raise  # the run to go on with is there, and nowhere else
        other = Path(tempfile.mkdtemp(prefix="nbtrack-")) / ".nbtrack"
        open_workspace(other)
        text = (
            f"{error} This run is kept in {other}. To keep it elsewhere, type "
            "nbtrack.init(dir=...) with a folder that you may write to."
        )
        say(f"workspace {request.root}", text)
        return replace(request, root=other)
    return request


def named(request: Request) -> Request:
    """Give a run a name, where nobody did, and remember it if it is to be resumed by itself."""
    opened = request.opened
    if request.is_guest:
        return request
    if request.settings.mode == "disabled":
        return replace(request, opened=replace(opened, name=f"dummy-{opened.id}"))
    if not opened.name:
        number = next_number(request.root, opened.project)
        request = replace(request, opened=replace(opened, name=new_name(number)))
    remember(request.root, opened.project, opened.id if request.is_remembered else None)
    return request


def open_journal(request: Request, clock: Clock, say: Say) -> tuple[Journal | None, str]:
    """Return the journal, and why what waits for it does not outlive the process, or ""."""
    if request.settings.mode == "disabled":
        return None, "the run is disabled: nothing is kept"
    journal = _begun_journal(request, clock)
    if journal.durability_reason:
        return journal, journal.durability_reason  # a server's page ends with its process
    try:
        journal.spill()
    except StoreError as error:
        say(
            f"spill {request.root}",
            f"{error} Without it, what was logged in the last 0.1 s is lost when the "
            "kernel is killed.",
        )
        return journal, str(error)
    except BaseException as error:
        put_back(request, journal, error)
        raise
    return journal, ""


def put_back(request: Request, journal: Journal | None, error: BaseException) -> None:
    """Undo `open_journal`, of which `error` may have left no journal to be seen."""
    if request.is_guest:
        if journal is not None:
            journal.discard()  # else it is found to be of nobody, and removed with the run's end
    elif _is_reopened(request):
        if journal is not None:
            journal.release()
        elif not isinstance(error, Error):  # it may be held by a frame that was cut short
            traceback.clear_frames(error.__traceback__)
        _close_again(request)
    elif journal is not None:
        journal.discard()
    elif not isinstance(error, Error):
        discard_run(request.root, request.opened.uid)


def known_history(request: Request) -> RunFacts | None:
    """Return what the store knows of the history that a run begins with, if there is one."""
    if request.former is None or request.branch_step is None:
        return request.former
    from nbtrack.store import Reader  # brings numpy and duckdb along

    return Reader(request.root).run(request.opened.uid)


def whole(request: Request, page: str | None) -> Settings:
    """Return the settings of a run, with all that is settled about it."""
    opened = request.opened
    return request.settings.with_values(
        run_id=opened.id,
        run_name=opened.name,
        run_notes=opened.notes,
        run_tags=opened.tags,
        run_group=opened.group,
        run_job_type=opened.job_type,
        project=opened.project,
        entity=opened.entity,
        root_dir=str(request.root.parent),
        host=opened.owner.host,
        username=opened.user or None,
        notebook_name=opened.notebook,
        resumed=request.is_of_former,
        base_url=page,
    )


def _begun_journal(request: Request, clock: Clock) -> Journal:
    root, opened, former = request.root, request.opened, request.former
    if former is None:
        return Journal.create(root, opened)
    if request.is_guest:
        return _begun_part(request, clock)
    if request.branch_step is not None:
        from nbtrack.store import branch  # brings numpy along

        return branch(root, former.opened.uid, request.branch_step, opened)
    journal = Journal.reopen(root, opened.uid)
    try:
        changes = [RunChanged(clock.now_us(), request.changes)] if request.changes else []
        journal.append([opened, *changes])
    except BaseException:
        journal.release()
        _close_again(request)
        raise
    return journal


def _begun_part(request: Request, clock: Clock) -> Journal:
    journal = open_part(request.root, request.opened, has_say=request.has_say)
    try:
        if request.changes:
            journal.append([RunChanged(clock.now_us(), request.changes)])
    except BaseException:
        journal.discard()
        raise
    return journal


def _close_again(request: Request) -> None:
    """Leave a run that was there before as it was; a crashed one has no closing record."""
    was = request.former
    if was is None or was.ended_us is None or was.exit_code is None:
        return
    closed = Closed(was.ended_us, was.state, was.exit_code, was.active_us, was.reason)
    with contextlib.suppress(StoreError):  # nobody is to write it meanwhile
        journal = Journal.reopen(request.root, request.opened.uid)  # cuts off half a batch
        try:
            journal.append([closed])
        finally:
            journal.close()


def _is_reopened(request: Request) -> bool:
    """Tell whether a run goes on in the journal that it has."""
    return request.former is not None and request.branch_step is None
