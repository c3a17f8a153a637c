"""`nbtrack.log()` and its like: what a run does, for the one that was opened last."""

import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import IO, Any, Concatenate, Literal, ParamSpec, TypeVar

from nbtrack.errors import Error
from nbtrack.runs.alerts import AlertLevel
from nbtrack.runs.metrics import Metric
from nbtrack.runs.run import Run
from nbtrack.runs.session import session

P = ParamSpec("P")
R = TypeVar("R")


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

    Examples:
        >>> nbtrack.log({"train/loss": 0.5})
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

    Examples:
        >>> metric = nbtrack.define_metric("val/loss", summary="min")
        >>> metric.summary
        ('min',)
    """
    run = active("define_metric")
    return run.define_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)


def save(
    glob_str: str | os.PathLike[str] | bytes | None = None,
    base_path: str | os.PathLike[str] | None = None,
    policy: Literal["live", "now", "end"] = "live",
    glob: bool = True,  # noqa: FBT001, FBT002 - the field's signature
) -> list[str]:
    """Keep copies of files with the run that was opened last; see `Run.save`.

    Raises:
        Error: If no run is open.

    Examples:
        >>> kept = nbtrack.save("models/*.pt")
        >>> len(kept)
        1
    """
    return active("save").save(glob_str, base_path, policy, glob)


def restore(
    name: str,
    run_path: str | None = None,
    replace: bool = False,  # noqa: FBT001, FBT002 - the field's signature
    root: str | os.PathLike[str] | None = None,
) -> IO[str] | None:
    """Open a file of the run that was opened last, or of another one; see `Run.restore`.

    Raises:
        Error: If no run is open.

    Examples:
        >>> kept = nbtrack.save("models/*.pt")
        >>> with nbtrack.restore("models/best.pt") as file:
        ...     file.read()
        'weights'
    """
    return active("restore").restore(name, run_path, replace, root)


def alert(
    title: str,
    text: str,
    level: str | AlertLevel | None = None,
    wait_duration: float | timedelta | None = None,
) -> None:
    """Say something that a person should look at; see `Run.alert`.

    Raises:
        Error: If no run is open.

    Examples:
        >>> nbtrack.alert("loss is NaN", "at epoch 3, lr 0.1", level="ERROR")
    """
    active("alert").alert(title, text, level, wait_duration)


def mark_preempting() -> None:
    """Say that the machine will be taken away; see `Run.mark_preempting`.

    Raises:
        Error: If no run is open.

    Examples:
        >>> nbtrack.mark_preempting()
    """
    active("mark_preempting").mark_preempting()


def _of_the_active_run(method: Callable[Concatenate[Run, P], R]) -> Callable[P, R]:
    """Return a function that calls a method of the run that was opened last.

    Args:
        method: Of `Run`. The function raises `Error` if no run is open.
    """

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return method(active(method.__name__), *args, **kwargs)

    return call


link_artifact = _of_the_active_run(Run.link_artifact)
link_model = _of_the_active_run(Run.link_model)
log_artifact = _of_the_active_run(Run.log_artifact)
log_code = _of_the_active_run(Run.log_code)
log_model = _of_the_active_run(Run.log_model)
pin_config_keys = _of_the_active_run(Run.pin_config_keys)
unwatch = _of_the_active_run(Run.unwatch)
use_artifact = _of_the_active_run(Run.use_artifact)
use_model = _of_the_active_run(Run.use_model)
watch = _of_the_active_run(Run.watch)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: FBT001 - the field's signature
    """End the run that was opened last; without one nothing happens.

    Examples:
        >>> nbtrack.finish()
        >>> nbtrack.run is None
        True
    """
    run = session().active
    if run is not None:
        run.finish(exit_code, quiet)


join = finish
"""An old name of `finish`."""


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
