"""Runs: opening them, logging to them, ending them.

The package is called `runs` because `nbtrack.run` is the active run.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.runs.alerts import AlertLevel
from nbtrack.runs.config import Config
from nbtrack.runs.joining import attach
from nbtrack.runs.later import NAMES_TO_COME, stand_in
from nbtrack.runs.lifecycle import FAILED, FINISHED, KILLED, Outcome
from nbtrack.runs.links import page_of, run_link
from nbtrack.runs.magic import FRAMEWORKS
from nbtrack.runs.metrics import Metric
from nbtrack.runs.opening import init
from nbtrack.runs.outline import Outline
from nbtrack.runs.process import (
    add_system_sampler,
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
from nbtrack.runs.session import ENOUGH, STOPPED, Observer, Presenter, Session, session
from nbtrack.runs.shortcuts import (
    alert,
    define_metric,
    finish,
    join,
    link_artifact,
    link_model,
    log,
    log_artifact,
    log_code,
    log_model,
    mark_preempting,
    of_the_active_run,
    pin_config_keys,
    restore,
    save,
    unwatch,
    use_artifact,
    use_model,
    watch,
)
from nbtrack.runs.status import Status
from nbtrack.runs.summary import Summary
from nbtrack.values import Histogram, new_id

if TYPE_CHECKING:
    from nbtrack.runs.api import Api
    from nbtrack.runs.chartsaving import save_chart_of_run
    from nbtrack.runs.comparing import Comparison, compare

__all__ = [
    "ENOUGH",
    "FAILED",
    "FINISHED",
    "FRAMEWORKS",
    "KILLED",
    "NAMES_TO_COME",
    "STOPPED",
    "AlertLevel",
    "Api",
    "Comparison",
    "Config",
    "Histogram",
    "Metric",
    "Observer",
    "Outcome",
    "Outline",
    "Presenter",
    "Run",
    "Session",
    "Status",
    "Summary",
    "add_system_sampler",
    "alert",
    "attach",
    "compare",
    "define_metric",
    "finish",
    "init",
    "join",
    "link_artifact",
    "link_model",
    "log",
    "log_artifact",
    "log_code",
    "log_model",
    "login",
    "mark_preempting",
    "new_id",
    "of_the_active_run",
    "page_of",
    "pin_config_keys",
    "require",
    "restore",
    "run_link",
    "save",
    "save_chart_of_run",
    "session",
    "setup",
    "stand_in",
    "teardown",
    "termerror",
    "termlog",
    "termsetup",
    "termwarn",
    "unwatch",
    "use_artifact",
    "use_model",
    "watch",
]


def __getattr__(name: str) -> object:
    if name == "Api":  # brings numpy and duckdb along, as those below do
        return import_module("nbtrack.runs.api").Api
    if name == "save_chart_of_run":
        return import_module("nbtrack.runs.chartsaving").save_chart_of_run
    if name in ("Comparison", "compare"):
        return getattr(import_module("nbtrack.runs.comparing"), name)
    raise AttributeError(f"module 'nbtrack.runs' has no attribute {name!r}")
