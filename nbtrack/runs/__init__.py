"""Runs: opening them, logging to them, ending them.

The package is called `runs` because `nbtrack.run` is the active run.
"""

from nbtrack.runs.config import Config
from nbtrack.runs.lifecycle import FAILED, FINISHED, KILLED, Outcome
from nbtrack.runs.opening import finish, init, log, of_the_active_run
from nbtrack.runs.run import Run, Status
from nbtrack.runs.session import Observer, Presenter, Session, session
from nbtrack.runs.summary import Summary

__all__ = [
    "FAILED",
    "FINISHED",
    "KILLED",
    "Config",
    "Observer",
    "Outcome",
    "Presenter",
    "Run",
    "Session",
    "Status",
    "Summary",
    "finish",
    "init",
    "log",
    "of_the_active_run",
    "session",
]
