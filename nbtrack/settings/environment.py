"""Environment variables: `NBTRACK_<NAME>` first, its twin `WANDB_<NAME>` second."""

import os
from collections.abc import Mapping

PREFIXES = ("NBTRACK_", "WANDB_")
_OTHER_NAMES = {
    "root_dir": "DIR",
    "run_name": "NAME",
    "run_notes": "NOTES",
    "run_tags": "TAGS",
    "run_job_type": "JOB_TYPE",
}
"""Settings whose variable is not called as they are."""


def variable(name: str, environment: Mapping[str, str] | None = None) -> str | None:
    """Return `NBTRACK_<name>` of the environment, else `WANDB_<name>`, else None.

    Args:
        name: In capitals, without a prefix.
        environment: The variables; by default those of now.
    """
    said = os.environ if environment is None else environment
    return next((text for prefix in PREFIXES if (text := said.get(prefix + name))), None)


def variable_of(setting: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the name and the text of the variable that says a setting, if one does.

    `x_label` is said by `NBTRACK_X_LABEL`, `NBTRACK__LABEL` and `NBTRACK_LABEL`.
    """
    for prefix in PREFIXES:
        for name in _names(setting):
            if text := environment.get(prefix + name):
                return prefix + name, text
    return None


def of_the_tracker(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that may concern us."""
    return {name: text for name, text in environment.items() if name.startswith(PREFIXES)}


def _names(setting: str) -> list[str]:
    if setting in _OTHER_NAMES:
        return [_OTHER_NAMES[setting], setting.upper()]
    if setting.startswith("x_"):
        bare = setting.removeprefix("x_").upper()
        return [f"X_{bare}", f"_{bare}", bare]
    return [setting.upper()]
