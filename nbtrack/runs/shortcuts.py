"""`nbtrack.save()` and its like: what is done with the runs that are open."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from nbtrack.errors import UsageError
from nbtrack.runs.lifecycle import Outcome
from nbtrack.runs.opening import active
from nbtrack.runs.run import Run
from nbtrack.runs.session import session

P = ParamSpec("P")
R = TypeVar("R")


def _of_the_active_run(method: Callable[Concatenate[Run, P], R]) -> Callable[P, R]:
    """Return a function that calls a method of the run that was opened last.

    Args:
        method: Of `Run`. The function raises `Error` if no run is open.
    """
    name = method.__name__

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        run = active(name)
        return getattr(run, name)(*args, **kwargs)  # type: ignore[no-any-return] # as method

    return call


alert = _of_the_active_run(Run.alert)
link_artifact = _of_the_active_run(Run.link_artifact)
link_model = _of_the_active_run(Run.link_model)
log_artifact = _of_the_active_run(Run.log_artifact)
log_code = _of_the_active_run(Run.log_code)
log_model = _of_the_active_run(Run.log_model)
mark_preempting = _of_the_active_run(Run.mark_preempting)
pin_config_keys = _of_the_active_run(Run.pin_config_keys)
restore = _of_the_active_run(Run.restore)
save = _of_the_active_run(Run.save)
unwatch = _of_the_active_run(Run.unwatch)
use_artifact = _of_the_active_run(Run.use_artifact)
use_model = _of_the_active_run(Run.use_model)
watch = _of_the_active_run(Run.watch)


def attach(run_id: str) -> Run:
    """Return a run of this process by its id, and let `nbtrack.run` mean it.

    Raises:
        UsageError: If none of that id is open here.
    """
    here = session()
    for run in here.open_runs():
        if run.id == run_id:
            here.active = run
            return run
    raise UsageError(
        f"no run with id {run_id!r} is open in this process. Type "
        f'nbtrack.init(id={run_id!r}, resume="allow") to go on with it.'
    )


def teardown(exit_code: int | None = None) -> None:
    """End every run that is open in this process.

    Args:
        exit_code: 0 or None for `finished`, any other number for `failed`.
    """
    session().end(Outcome.of_exit_code(exit_code), reason="teardown")
