"""nbtrack: experiment tracking that lives in the notebook.

    import nbtrack

    run = nbtrack.init(project="digits", config={"lr": 1e-3})
    run.display()
    for epoch in range(10):
        run.log({"train/loss": 1 / (epoch + 1)})
    run.finish()

Names are loaded when they are first used, so that the import costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.errors import CommError, Error, UsageError
    from nbtrack.kernel import init
    from nbtrack.runs import (
        AlertLevel,
        Api,
        Config,
        Run,
        Summary,
        alert,
        define_metric,
        finish,
        join,
        log,
        login,
        mark_preempting,
        require,
        restore,
        save,
        setup,
        teardown,
        termerror,
        termlog,
        termsetup,
        termwarn,
    )
    from nbtrack.settings import Settings

    config: Config
    run: Run | None
    summary: Summary

__version__ = "0.1.0"

__all__ = [
    "AlertLevel",
    "Api",
    "CommError",
    "Error",
    "Run",
    "Settings",
    "UsageError",
    "alert",
    "config",
    "define_metric",
    "finish",
    "init",
    "join",
    "log",
    "login",
    "mark_preempting",
    "require",
    "restore",
    "run",
    "save",
    "setup",
    "summary",
    "teardown",
    "termerror",
    "termlog",
    "termsetup",
    "termwarn",
]

_HOMES = {
    "AlertLevel": "nbtrack.runs",
    "Api": "nbtrack.runs",
    "CommError": "nbtrack.errors",
    "Error": "nbtrack.errors",
    "Run": "nbtrack.runs",
    "Settings": "nbtrack.settings",
    "UsageError": "nbtrack.errors",
    "alert": "nbtrack.runs",
    "define_metric": "nbtrack.runs",
    "finish": "nbtrack.runs",
    "init": "nbtrack.kernel",
    "join": "nbtrack.runs",
    "load_ipython_extension": "nbtrack.kernel",
    "log": "nbtrack.runs",
    "login": "nbtrack.runs",
    "mark_preempting": "nbtrack.runs",
    "require": "nbtrack.runs",
    "restore": "nbtrack.runs",
    "save": "nbtrack.runs",
    "setup": "nbtrack.runs",
    "teardown": "nbtrack.runs",
    "termerror": "nbtrack.runs",
    "termlog": "nbtrack.runs",
    "termsetup": "nbtrack.runs",
    "termwarn": "nbtrack.runs",
    "unload_ipython_extension": "nbtrack.kernel",
}
_OF_THE_RUN = ("config", "run", "summary")


def __getattr__(name: str) -> object:
    if name in _OF_THE_RUN:
        runs = import_module("nbtrack.runs")
        return runs.of_the_active_run(name)
    if name == "errors":
        return import_module("nbtrack.errors")
    if name == "_attach":  # Lightning's name for it
        return import_module("nbtrack.runs").attach
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_HOMES, "__version__"})
