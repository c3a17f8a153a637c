"""Going on with a run: `resume=`, `resume_from=` and `fork_from=` of `init()`."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbtrack.errors import Error, RunNotFoundError, UsageError
from nbtrack.records import Opened
from nbtrack.runs.request import Request
from nbtrack.runs.session import Session
from nbtrack.store import RunFacts, remember, remembered

_MODES = ("allow", "must", "never", "auto")
_MOMENT = re.compile(r"(?P<run>[^?]+)\?_step=(?P<step>\d{1,16})")


@dataclass(frozen=True, slots=True)
class Moment:
    """A run up to a step.

    Attributes:
        run: Its id, or its path.
        step: The last step that counts.
    """

    run: str
    step: int


@dataclass(frozen=True, slots=True)
class Resumption:
    """What `init()` was asked to go on with.

    Attributes:
        mode: `allow`, `must`, `never`, `auto`, or None.
        rewind: Where the run is to begin again.
        fork: With whose history a new run is to begin.
    """

    mode: str | None = None
    rewind: Moment | None = None
    fork: Moment | None = None

    @classmethod
    def read(cls, resume: object, resume_from: object, fork_from: object) -> "Resumption":
        """Check the arguments.

        Raises:
            UsageError: If one cannot be taken, or two exclude each other.
        """
        named = {"resume": resume, "resume_from": resume_from, "fork_from": fork_from}
        given = [name for name, value in named.items() if value is not None and value is not False]
        if len(given) > 1:
            raise UsageError(f"{' and '.join(given)} exclude each other: give one of them.")
        return cls(
            mode=_mode(resume),
            rewind=_moment("resume_from", resume_from),
            fork=_moment("fork_from", fork_from),
        )


def newest(root: Path, run_id: str, project: str | None = None) -> RunFacts | None:
    """Return the newest run of an id, if there is one.

    Args:
        root: The workspace.
        run_id: Id or uid.
        project: Only of this project; None for any.
    """
    from nbtrack.store import Reader  # brings numpy and duckdb along

    reader = Reader(root)
    try:
        for facts in reader.runs():
            opened = facts.opened
            if run_id in (opened.id, opened.uid) and project in (None, opened.project):
                return facts
        return None
    finally:
        reader.close()


def former(root: Path, run_id: str | None, project: str, mode: str) -> RunFacts | None:
    """Return the run that is to be gone on with; None for a new one.

    Args:
        root: The workspace.
        run_id: Which; None where nobody said.
        project: Its project.
        mode: As in `Resumption`.

    Raises:
        UsageError: If `must` finds none, or `never` finds one.
    """
    wanted = run_id or (remembered(root, project) if mode == "auto" else None)
    if mode == "must" and wanted is None:
        raise UsageError(
            'resume="must" needs the id of a run: nbtrack.init(id=..., resume="must").'
        )
    found = newest(root, wanted, project) if wanted is not None else None
    if mode == "must" and found is None:
        raise UsageError(
            f'resume="must" found no run {wanted!r} in project {project!r}. To begin one if there '
            'is none, type resume="allow".'
        )
    if mode == "never" and found is not None:
        raise UsageError(
            f'resume="never", but there is a run {wanted!r} in project {project!r} '
            f"({found.opened.name}, {found.state}). Give another id, or none."
        )
    if mode == "auto" and (run_id or found is None):
        remember(root, project, run_id)
    return found


def source(root: Path, moment: Moment, project: str) -> RunFacts:
    """Return the run with whose history another begins.

    Raises:
        RunNotFoundError: If there is none.
        UsageError: If it has not come so far.
    """
    name = moment.run.strip("/").rpartition("/")[2]
    found = newest(root, name, project) or newest(root, name)
    if found is None:
        raise RunNotFoundError(f"no run {moment.run!r} in {str(root)!r} to begin from.")
    if found.step is None or moment.step > found.step:
        raise UsageError(
            f"run {moment.run!r} has come to step {found.step}, not to {moment.step}. Type a "
            "step that it has logged."
        )
    return found


def going_on(here: Session, request: Request, asked: Resumption, given_id: str | None) -> Request:
    """Return the request with the run that it goes on with, if it was asked for one.

    Raises:
        Error: As the functions below.
    """
    if asked.fork is not None:
        return _forked(here, request, asked.fork, given_id)
    if asked.rewind is not None:
        return _rewound(here, request, asked.rewind)
    opened, root = request.opened, request.root
    if asked.mode is None:
        _say_known(here, request, given_id)
        return request
    found = former(root, given_id, opened.project, asked.mode)
    return request if found is None else resumed(request, found)


def changed_fields(given: Opened) -> dict[str, Any]:
    """Return the names that a run which is there gets anew, those that were given."""
    fields = {name: getattr(given, name) for name in ("name", "notes", "tags", "group", "job_type")}
    return {name: value for name, value in fields.items() if value}


def resumed(request: Request, found: RunFacts) -> Request:
    """Return the request to go on with a run.

    Raises:
        Error: If somebody writes it.
    """
    expect_ended(found)
    given = request.opened
    changes = changed_fields(given)
    opened = replace(found.opened, owner=given.owner, **changes)
    return replace(
        request,
        opened=opened,
        former=found,
        changes={
            name: list(one) if isinstance(one, tuple) else one for name, one in changes.items()
        },
        may_change_config=True,
    )


def _forked(here: Session, request: Request, moment: Moment, given_id: str | None) -> Request:
    here.flush()
    found = source(request.root, moment, request.opened.project)
    if given_id == found.opened.id:
        raise UsageError(
            f"fork_from begins another run: it cannot have the id {given_id!r} too. To go on "
            f'with that one, type resume_from="{given_id}?_step={moment.step}".'
        )
    return _branched(request, found, moment.step)


def _rewound(here: Session, request: Request, moment: Moment) -> Request:
    here.flush()
    found = source(request.root, moment, request.opened.project)
    expect_ended(found)
    kept = replace(
        found.opened,
        uid=request.opened.uid,
        owner=request.opened.owner,
        time_us=request.opened.time_us,
    )
    return _branched(replace(request, opened=kept), found, moment.step)


def _branched(request: Request, found: RunFacts, step: int) -> Request:
    path = f"{found.opened.entity}/{found.opened.project}/{found.opened.id}?_step={step}"
    return replace(
        request,
        opened=replace(request.opened, branched_from=path),
        former=found,
        branch_step=step,
        may_change_config=True,
    )


def _say_known(here: Session, request: Request, given_id: str | None) -> None:
    """Say that an id is given to a second run; both are kept."""
    if given_id is None or newest(request.root, given_id, request.opened.project) is None:
        return
    here.say(
        f"second {request.opened.uid}",
        f"there is a run {given_id!r} in project {request.opened.project!r} already. This one "
        'begins anew beside it; to go on with that one, type nbtrack.init(id=..., resume="allow").',
    )


def expect_ended(facts: RunFacts) -> None:
    """Refuse to go on with a run that somebody still writes.

    Raises:
        Error: If it is running.
    """
    if facts.state.goes_on:
        owner = facts.opened.owner
        raise Error(
            f"run {facts.opened.name!r} ({facts.opened.id}) is still being written by process "
            f"{owner.pid} on {owner.host}. Finish it there first: run.finish()."
        )


def _mode(resume: object) -> str | None:
    if resume is None or resume is False:
        return None
    if resume is True:
        return "auto"
    if resume not in _MODES:
        raise UsageError(f"resume must be one of {', '.join(_MODES)}, not {resume!r}.")
    return str(resume)


def _moment(argument: str, given: object) -> Moment | None:
    if given is None:
        return None
    found = _MOMENT.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise UsageError(f'{argument} must be like "1f3k9x2a?_step=200", not {given!r}.')
    return Moment(found["run"], int(found["step"]))
