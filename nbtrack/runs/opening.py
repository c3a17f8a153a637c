"""`init()`: from arguments to a run."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from nbtrack.errors import Error, UsageError
from nbtrack.records import Opened
from nbtrack.runs.config import first_config
from nbtrack.runs.joining import opened_together
from nbtrack.runs.lifecycle import FINISHED
from nbtrack.runs.magic import checked_magic
from nbtrack.runs.request import Request
from nbtrack.runs.resuming import Resumption, going_on
from nbtrack.runs.run import Run
from nbtrack.runs.session import Session, session
from nbtrack.runs.settling import alone, settle, tell_unused
from nbtrack.runs.watchfor import watches_of
from nbtrack.settings import Settings, default_project
from nbtrack.store import this_process
from nbtrack.values import (
    checked_entity,
    checked_id,
    checked_project,
    checked_tags,
    checked_text,
    fitting,
    login_name,
    new_id,
    new_uid,
)

Mode = Literal["online", "offline", "disabled", "shared", "dryrun", "run"]
Reinit = Literal["default", "return_previous", "finish_previous", "create_new"]
Resume = Literal["allow", "must", "never", "auto"]
_REINIT = ("default", "return_previous", "finish_previous", "create_new")


def init(  # noqa: PLR0913, PLR0917 - the field's signature
    entity: str | None = None,
    project: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 - the field's name
    id: str | None = None,  # noqa: A002 - the field's name
    name: str | None = None,
    notes: str | None = None,
    tags: Iterable[str] | str | None = None,
    config: object = None,
    config_exclude_keys: Iterable[str] | None = None,
    config_include_keys: Iterable[str] | None = None,
    allow_val_change: bool | None = None,  # noqa: FBT001 - the field's signature
    group: str | None = None,
    job_type: str | None = None,
    mode: Mode | None = None,
    force: bool | None = None,  # noqa: FBT001 - the field's signature
    reinit: Reinit | bool | None = None,  # noqa: FBT001 - the field's signature
    resume: Resume | bool | None = None,  # noqa: FBT001 - the field's signature
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,  # noqa: FBT001 - the field's signature
    tensorboard: bool | None = None,  # noqa: FBT001 - the field's signature
    sync_tensorboard: bool | None = None,  # noqa: FBT001 - the field's signature
    monitor_gym: bool | None = None,  # noqa: FBT001 - the field's signature
    settings: Settings | dict[str, Any] | None = None,
    anonymous: str | bool | None = None,  # noqa: FBT001 - the field's signature
    magic: object = None,
    watch_for: Mapping[str, Any] | None = None,
) -> Run:
    r"""Begin a run and return it.

    In a notebook a run that is still open ends first; in a script it is returned
    instead, and said. Both can be chosen with `reinit`.

    Args:
        entity: Whose run it is; by default your login name.
        project: 1 to 128 characters without `/ \ # ? % :`. By default
            `NBTRACK_PROJECT`, the name of the git repository, or `uncategorized`.
        dir: The folder in which the workspace `.nbtrack` lies; by default
            `NBTRACK_DIR`, or the nearest one upward from the notebook.
        id: Without `: ; , # ? / '`; by default 8 random characters.
        name: What the run is called; by default something like `brave-otter-7`.
        notes: A description, markdown.
        tags: Text of 1 to 64 characters each; a single text is one tag.
        config: A dict, a Namespace, a dataclass, absl flags, an OmegaConf config or the
            path of a YAML file. A `config-defaults.yaml` in the working directory says
            what holds besides.
        config_exclude_keys: Keys of `config` that are left out.
        config_include_keys: The only keys of `config` that are taken.
        allow_val_change: Whether config values may change; by default they may in
            notebooks and not in scripts.
        group: Runs that belong together.
        job_type: What the run does, for example `train` or `eval`.
        mode: `online` and `offline` keep the run on the local disk; `disabled` keeps
            nothing. `dryrun` and `run` are old names of `offline` and `online`.
            `shared` lets several processes log to the run of one `id`: each of them calls
            `init()` and `finish()`; rows get the next step, `step=` is not used.
        force: No effect: nobody has to log in.
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
        save_code: Whether the main script or the notebook is kept with the run, in
            `code/` of its files, without outputs and secrets; by default it is.
        tensorboard: No effect yet.
        sync_tensorboard: No effect yet.
        monitor_gym: No effect yet.
        settings: `nbtrack.Settings` or a dict.
        anonymous: No effect: there are no accounts.
        magic: True logs by itself what libraries do while the run is open: `fit()` and
            `score()` of scikit-learn, rounds of XGBoost and LightGBM, epochs of Keras,
            scalars of TensorBoard writers, and into the config what argparse parses.
            Libraries that are imported later count, too. A dict leaves some out:
            `{"argparse": False}`. `help("nbtrack.integrations.sklearn")`, and so on, says
            what is logged of each.
        watch_for: What to look for in metrics while they are logged, and what follows:
            `{"nan": "stop", "divergence": "warn", "plateau": {"metric": "val/loss",
            "steps": 500, "action": "alert"}}`. Each of `nan`, `divergence` and `plateau` takes
            an action, a dict of options, or a list of such dicts, of which the last that
            means a metric counts. Actions: `note` keeps it for the panel, `warn` says it as
            well, `alert` raises a `run.alert`, `stop` interrupts the cell or script and
            ends the run as `killed`, with the reason; `off`. Options of all: `action`
            (`warn`), `metric`: names, `*` for anything. `nan`: any value that is NaN or
            infinite; metric `*`; noted anyway, once per metric. `divergence`: the mean of the
            last `window` (10) values is above `best + (factor - 1) * max(|best|, |first| /
            100)`, where `best` and `first` are the lowest and the first such mean and
            `factor` is 3, or a value is infinite; metric `*loss`. `plateau`: nothing better
            than the best value by more than `min_delta` (0) for `steps` steps or `minutes`
            minutes of active time; metric `*loss`. `goal` (`minimize`, or what
            `define_metric` says) turns the last two round. Found within about 0.2 s, and
            told once per metric; `log()` costs nothing more.

    Returns:
        The run. `nbtrack.run`, `nbtrack.log()` and `nbtrack.config` mean it from now on.

    Raises:
        UsageError: If an argument cannot be taken; it says which and what to type.
        TypeError: If `config` is of a type that holds no names and values.
        Error: If the store cannot be opened anywhere, or another thread's `init()` takes
            longer than the setting `init_timeout`.

    Examples:
        >>> import nbtrack
        >>> run = nbtrack.init(project="digits", config={"lr": 0.01})
        >>> run.log({"loss": 0.3})
        >>> run.finish()
    """
    here, wanted = session(), checked_magic(magic)
    settled, root = settle(here, settings, mode, dir)
    with alone(here, settled.init_timeout):
        tell_unused(
            here,
            force=force,
            anonymous=anonymous,
            tensorboard=tensorboard,
            sync_tensorboard=sync_tensorboard,
            monitor_gym=monitor_gym,
        )
        watches_of(_first(watch_for, settled.watch_for))
        if settled.capture_loggers:
            from nbtrack.capture import levels_of

            levels_of(settled.capture_loggers)
        if watch_for is not None:
            settled = settled.with_values(watch_for=watch_for)
        if save_code is not None:
            settled = settled.with_values(save_code=save_code)
        asked = Resumption.read(
            _first(resume, settled.resume),
            _first(resume_from, settled.resume_from),
            _first(fork_from, settled.fork_from),
        )
        way = _way(_first(reinit, settled.reinit), in_notebook=here.place.in_notebook)
        given_id = _first(id, settled.run_id)
        user = settled.username or login_name()
        opened = Opened(
            uid="",
            id=checked_id(given_id or new_id()),
            entity=checked_entity(_first(entity, settled.entity) or fitting(user)),
            project=checked_project(
                _first(project, settled.project) or fitting(default_project(here.place))
            ),
            name=checked_text("name", _first(name, settled.run_name) or ""),
            time_us=here.clock.now_us(),
            owner=this_process(here.place.kernel_id),
            notes=_optional("notes", _first(notes, settled.run_notes)),
            tags=checked_tags(_first(tags, settled.run_tags)),
            group=checked_text("group", _first(group, settled.run_group) or ""),
            job_type=checked_text("job_type", _first(job_type, settled.run_job_type) or ""),
            notebook=_notebook(settled) or here.place.notebook,
            user=user,
        )
        values = first_config(config, only=config_include_keys, without=config_exclude_keys)
        may_change = _first(
            _first(allow_val_change, settled.allow_val_change), here.place.in_notebook
        )
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
        if settled.mode == "shared":
            return opened_together(here, request, asked, given_id)
        if settled.mode != "disabled":
            request = going_on(here, request, asked, given_id=given_id)
        run = here.open(request)
        if wanted and not run.disabled:
            here.autolog(run, wanted)
        return run


def _first(given: Any, settled: Any) -> Any:  # noqa: ANN401 - checked by the caller
    """Return what was given, else what the settings say."""
    return settled if given is None else given


def _optional(argument: str, value: object) -> str | None:
    return None if value is None else checked_text(argument, value)


def _notebook(settled: Settings) -> str | None:
    """Return the path of the notebook, if somebody said it."""
    said = settled.notebook_name
    return str(Path(said).expanduser().absolute()) if said else None


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
