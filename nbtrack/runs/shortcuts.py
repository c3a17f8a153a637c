"""`nbtrack.save()` and its like: methods of the run that was opened last."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from nbtrack.runs.opening import active
from nbtrack.runs.run import Run

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
