"""Runs: opening them, logging to them, ending them.

The package is called `runs` because `nbtrack.run` is the active run.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.runs.alerts import AlertLevel
from nbtrack.runs.config import Config
from nbtrack.runs.lifecycle import FAILED, FINISHED, KILLED, Outcome
from nbtrack.runs.metrics import Metric
from nbtrack.runs.opening import init
from nbtrack.runs.process import (
    login,
    require,
    setup,
    teardown,
    termerror,
    termlog,
    termsetup,
    termwarn,
)
from nbtrack.runs.run import Run
from nbtrack.runs.session import STOPPED, Observer, Presenter, Session, session
from nbtrack.runs.shortcuts import (
    alert,
    attach,
    define_metric,
    finish,
    join,
    log,
    mark_preempting,
    of_the_active_run,
    restore,
    save,
)
from nbtrack.runs.status import Status
from nbtrack.runs.summary import Summary

if TYPE_CHECKING:
    from nbtrack.runs.api import Api

__all__ = [
    "FAILED",
    "FINISHED",
    "KILLED",
    "STOPPED",
    "AlertLevel",
    "Api",
    "Config",
    "Metric",
    "Observer",
    "Outcome",
    "Presenter",
    "Run",
    "Session",
    "Status",
    "Summary",
    "alert",
    "attach",
    "define_metric",
    "finish",
    "init",
    "join",
    "log",
    "login",
    "mark_preempting",
    "of_the_active_run",
    "require",
    "restore",
    "save",
    "session",
    "setup",
    "teardown",
    "termerror",
    "termlog",
    "termsetup",
    "termwarn",
]


def __getattr__(name: str) -> object:
    if name == "Api":  # brings numpy and duckdb along
        return import_module("nbtrack.runs.api").Api
    raise AttributeError(f"module 'nbtrack.runs' has no attribute {name!r}")
