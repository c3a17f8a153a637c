"""`init()`: from arguments to a run."""

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from nbtrack.errors import Error, UsageError
from nbtrack.records import Opened
from nbtrack.runs.config import jsonable_config
from nbtrack.runs.lifecycle import FINISHED
from nbtrack.runs.metrics import Metric
from nbtrack.runs.names import (
    checked_entity,
    checked_id,
    checked_project,
    fitting,
    login_name,
    new_id,
    new_uid,
)
from nbtrack.runs.resuming import Resumption, going_on
from nbtrack.runs.run import Run
from nbtrack.runs.session import Request, Session, session
from nbtrack.settings import Settings, default_project, find_workspace, variable
from nbtrack.store import this_process
from nbtrack.values import checked_tags, checked_text

Reinit = Literal["default", "return_previous", "finish_previous", "create_new"]
Resume = Literal["allow", "must", "never", "auto"]
_REINIT = ("default", "return_previous", "finish_previous", "create_new")


def init(  # noqa: PLR0913 - the field's signature
    project: str | None = None,
    *,
    name: str | None = None,
    config: object = None,
    entity: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 - the field's name
    id: str | None = None,  # noqa: A002 - the field's name
    notes: str | None = None,
    tags: Iterable[str] | str | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: Literal["online", "offline", "disabled", "dryrun", "run"] | None = None,
    allow_val_change: bool | None = None,
    reinit: Reinit | bool | None = None,
    resume: Resume | bool | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    settings: Settings | dict[str, Any] | None = None,
) -> Run:
    r"""Begin a run and return it.

    In a notebook a run that is still open ends first; in a script it is returned
    instead, and said. Both can be chosen with `reinit`.

    Args:
        project: 1 to 128 characters without `/ \ # ? % :`. By default
            `NBTRACK_PROJECT`, the name of the git repository, or `uncategorized`.
        name: What the run is called; by default something like `brave-otter-7`.
        config: A dict, a Namespace, a dataclass or the path of a YAML file.
        entity: Whose run it is; by default your login name.
        dir: The folder in which the workspace `.nbtrack` lies; by default
            `NBTRACK_DIR`, or the nearest one upward from the notebook.
        id: Without `: ; , # ? / '`; by default 8 random characters.
        notes: A description, markdown.
        tags: Text of 1 to 64 characters each; a single text is one tag.
        group: Runs that belong together.
        job_type: What the run does, for example `train` or `eval`.
        mode: `online` and `offline` keep the run on the local disk; `disabled` keeps
            nothing.
        allow_val_change: Whether config values may change; by default they may in
            notebooks and not in scripts.
        reinit: What happens to a run that is open: `return_previous`,
            `finish_previous`, or `create_new`, which leaves it open and does not touch
            `nbtrack.run`. True and False mean finish and return.
        resume: Goes on with the run of this `id` after it has ended: `allow` begins one
            if there is none, `must` raises then; `never` raises if there is one. `auto`
            (or True) goes on with the last run that was opened so and did not finish.
            What was logged, config and summary are still there, steps and active time
            go on, name, notes and tags stay unless they are given.
        resume_from: `"<id>?_step=<n>"` goes on with a run after step n: what it logged
            later is gone; it lies in the trash for a while.
        fork_from: `"<id>?_step=<n>"` begins a new run with what another one had logged
            up to step n; that one stays as it is.
        settings: `nbtrack.Settings` or a dict.

    Returns:
        The run. `nbtrack.run`, `nbtrack.log()` and `nbtrack.config` mean it from now on.

    Raises:
        UsageError: If an argument cannot be taken; it says which and what to type.
        TypeError: If `config` is of a type that holds no names and values.
        Error: If the store cannot be opened anywhere.

    Examples:
        >>> import nbtrack
        >>> run = nbtrack.init(project="digits", config={"lr": 0.01})
        >>> run.log({"loss": 0.3})
        >>> run.finish()
    """
    here = session()
    with here.opening:
        settled = Settings.read(settings, mode)
        asked = Resumption.read(_default(resume, "RESUME"), resume_from, fork_from)
        way = _way(reinit, in_notebook=here.place.in_notebook)
        opened = Opened(
            uid="",
            id=checked_id(_default(id, "RUN_ID") or new_id()),
            entity=checked_entity(_default(entity, "ENTITY") or fitting(login_name())),
            project=checked_project(
                _default(project, "PROJECT") or fitting(default_project(here.place))
            ),
            name=checked_text("name", _default(name, "NAME") or ""),
            time_us=here.clock.now_us(),
            owner=this_process(here.place.kernel_id),
            notes=_optional("notes", _default(notes, "NOTES")),
            tags=checked_tags(tags if tags is not None else _listed(variable("TAGS"))),
            group=checked_text("group", _default(group, "RUN_GROUP") or ""),
            job_type=checked_text("job_type", _default(job_type, "JOB_TYPE") or ""),
            notebook=here.place.notebook,
            user=login_name(),
        )
        values = jsonable_config(config)
        may_change = here.place.in_notebook if allow_val_change is None else allow_val_change
        root = find_workspace(dir, here.place)
        if asked.mode == "must" and way == "return_previous" and here.open_runs():
            raise Error('resume="must" while another run is open. Type run.finish() first.')
        previous = _previous(here, way)
        if previous is not None:
            return previous
        request = Request(
            replace(opened, uid=new_uid(opened.time_us)),
            root,
            settled,
            values,
            way != "create_new",
            may_change,
            is_remembered=asked.mode == "auto",
        )
        if settled.mode != "disabled":
            request = going_on(here, request, asked, given_id=_default(id, "RUN_ID"))
        return here.open(request)


def _default(given: Any, name: str) -> Any:  # noqa: ANN401 - checked by the caller
    return variable(name) if given is None else given


def _optional(argument: str, value: object) -> str | None:
    return None if value is None else checked_text(argument, value)


def _listed(tags: str | None) -> list[str]:
    return [tag.strip() for tag in (tags or "").split(",") if tag.strip()]


def _way(reinit: object, *, in_notebook: bool) -> str:
    if isinstance(reinit, bool):
        return "finish_previous" if reinit else "return_previous"
    if reinit is None or reinit == "default":
        return "finish_previous" if in_notebook else "return_previous"
    if reinit not in _REINIT:
        raise UsageError(f"reinit must be one of {', '.join(_REINIT)}, not {reinit!r}.")
    return str(reinit)


def _previous(here: Session, way: str) -> Run | None:
    """Return the open run that is the answer, or make room for a new one."""
    runs = here.open_runs()
    if not runs or way == "create_new":
        return None
    if way == "return_previous":
        text = (
            f"run {runs[-1].name!r} is still open and is returned as it is; new arguments are "
            'not used. Type run.finish() first, or nbtrack.init(reinit="finish_previous").'
        )
        here.say(f"returned {runs[-1].uid}", text, level="info")
        return runs[-1]
    for run in runs:
        here.say(f"another {run.uid}", _ended(run), level="info")
        here.close(run, FINISHED, reason="another run began")
    return None


def _ended(run: Run) -> str:
    return (
        f"run {run.name!r} was still open and is finished now, because another run begins. To "
        'keep both open, type nbtrack.init(reinit="create_new").'
    )


def active(caller: str) -> Run:
    """Return the run that `nbtrack.<caller>()` means.

    Raises:
        Error: If none is open.
    """
    run = session().active
    if run is None:
        raise Error(f"You must call nbtrack.init() before nbtrack.{caller}(): no run is open.")
    return run


def log(data: dict[str, Any], step: int | None = None, commit: bool | None = None) -> None:  # noqa: FBT001 - the field's signature
    """Log values to the run that was opened last; see `Run.log`.

    Raises:
        Error: If no run is open.
    """
    active("log").log(data, step=step, commit=commit)


def define_metric(  # noqa: PLR0913, PLR0917 - the field's signature
    name: str,
    step_metric: str | Metric | None = None,
    step_sync: bool | None = None,  # noqa: FBT001 - the field's signature
    hidden: bool | None = None,  # noqa: FBT001 - the field's signature
    summary: str | Iterable[str] | None = None,
    goal: str | None = None,
    overwrite: bool | None = None,  # noqa: FBT001 - the field's signature
) -> Metric:
    """Say what a metric of the run that was opened last is; see `Run.define_metric`.

    Raises:
        Error: If no run is open.
    """
    run = active("define_metric")
    return run.define_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: FBT001 - the field's signature
    """End the run that was opened last; without one nothing happens."""
    run = session().active
    if run is not None:
        run.finish(exit_code, quiet)


class NotYet:
    """Stands for `nbtrack.config` and `nbtrack.summary` before there is a run."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        """Stand for the public name `name`."""
        self._name = name

    def _refuse(self, *_: object) -> Any:  # noqa: ANN401 - never returns
        raise Error(f"You must call nbtrack.init() before nbtrack.{self._name}: no run is open.")

    __getitem__ = __setitem__ = __contains__ = __iter__ = __len__ = _refuse

    def __setattr__(self, name: str, value: object) -> None:
        """Say that there is no run yet."""
        if name not in self.__slots__:
            self._refuse()
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - never returns
        """Say that there is no run yet."""
        if name.startswith(("__", "_repr_", "_ipython_")):
            raise AttributeError(name)
        return self._refuse()

    def __repr__(self) -> str:
        """Say that there is no run yet."""
        return f"<nbtrack.{self._name}: no run is open>"


def of_the_active_run(name: str) -> object:
    """Return what `nbtrack.run`, `nbtrack.config` or `nbtrack.summary` is now."""
    run = session().active
    if name == "run":
        return run
    return NotYet(name) if run is None else getattr(run, name)
