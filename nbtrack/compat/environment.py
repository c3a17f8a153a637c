"""`wandb.env`: the environment variables by which libraries pass on names."""

import os

from nbtrack.settings import variable

DIR = "WANDB_DIR"
ENTITY = "WANDB_ENTITY"
MODE = "WANDB_MODE"
NAME = "WANDB_NAME"
NOTES = "WANDB_NOTES"
PROJECT = "WANDB_PROJECT"
RESUME = "WANDB_RESUME"
RUN_GROUP = "WANDB_RUN_GROUP"
RUN_ID = "WANDB_RUN_ID"
SILENT = "WANDB_SILENT"
TAGS = "WANDB_TAGS"


def set_project(value: str) -> None:
    """Let runs from now on belong to a project, unless `init()` says another."""
    os.environ[PROJECT] = value or "uncategorized"


def set_entity(value: str) -> None:
    """Let runs from now on be somebody's, unless `init()` says another."""
    os.environ[ENTITY] = value


def get_project(default: str | None = None) -> str | None:
    """Return the project of the environment, or `default`."""
    return variable("PROJECT") or default


def get_entity(default: str | None = None) -> str | None:
    """Return the entity of the environment, or `default`."""
    return variable("ENTITY") or default


def get_run(default: str | None = None) -> str | None:
    """Return the run id of the environment, or `default`."""
    return variable("RUN_ID") or default


def get_dir(default: str | None = None) -> str | None:
    """Return the folder of the environment, or `default`."""
    return variable("DIR") or default


def get_tags(default: str = "") -> list[str]:
    """Return the tags of the environment, or those in `default`, comma-separated."""
    return [tag for tag in (variable("TAGS") or default).split(",") if tag]


def is_offline() -> bool:
    """Return whether the environment asks for `offline`."""
    return variable("MODE") == "offline"
