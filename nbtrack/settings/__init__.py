"""Settings of runs and of workspaces, the variables that say them, and where a workspace lies."""

from nbtrack.settings.environment import of_the_tracker, variable
from nbtrack.settings.of_runs import Settings
from nbtrack.settings.place import FOLDER, Place, default_project, find_workspace
from nbtrack.settings.workspace import WorkspaceSettings, settings_of_runs

__all__ = [
    "FOLDER",
    "Place",
    "Settings",
    "WorkspaceSettings",
    "default_project",
    "find_workspace",
    "of_the_tracker",
    "settings_of_runs",
    "variable",
]
