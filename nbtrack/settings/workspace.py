"""What is set for a workspace, in its `settings.toml`."""

import math
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from nbtrack.errors import UsageError
from nbtrack.settings.environment import variable
from nbtrack.settings.of_runs import Settings

SETTINGS = "settings.toml"
_NOT_BY_A_FOLDER = "alert_webhook_private"


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What is set for a workspace, in its `settings.toml`.

    Attributes:
        retention_days: Runs that ended so many days ago go into the trash, except those
            tagged `keep`; None keeps all. `NBTRACK_RETENTION_DAYS` beats the file, and
            `off` there means None.
        trash_days: Runs stay in the trash for so many days. `NBTRACK_TRASH_DAYS` beats
            the file.

    Examples:
        >>> WorkspaceSettings(retention_days=90).trash_days
        30.0
    """

    retention_days: float | None = None
    trash_days: float = 30.0

    def __post_init__(self) -> None:
        """Check every value."""
        if self.retention_days is not None:
            _expect_days("retention_days", self.retention_days)
        _expect_days("trash_days", self.trash_days)

    @classmethod
    def read(cls, root: Path) -> Self:
        """Return what holds in a workspace.

        Args:
            root: The `.nbtrack` folder; without a `settings.toml` in it, nothing is set.

        Raises:
            UsageError: If the file or a variable cannot be understood: then nothing is to
                be deleted.
        """
        names = [field.name for field in fields(cls)]
        said = {name: one for name, one in read_file(root).items() if name in names}
        given = {name: text for name in names if (text := variable(name.upper())) is not None}
        return cls(**{**said, **{name: _days(name, text) for name, text in given.items()}})


def read_file(root: Path) -> dict[str, Any]:
    """Return what the `settings.toml` of a workspace says, for it and for its runs.

    Args:
        root: The `.nbtrack` folder; without a `settings.toml` in it, nothing is set.

    Raises:
        UsageError: If the file cannot be understood, or a name in it is not known.
    """
    said = _said(root / SETTINGS)
    names = [*(one.name for one in fields(WorkspaceSettings)), *Settings.names()]
    for name in said:
        if name not in names:
            raise UsageError(
                f"unknown setting {name!r} in {root / SETTINGS}. Known are: {', '.join(names)}."
            )
    return said


def settings_of_runs(root: Path) -> dict[str, Any]:
    """Return what the `settings.toml` of a workspace says for its runs.

    Raises:
        UsageError: As `read_file`.
    """
    if not os.path.isfile(root / SETTINGS):  # noqa: PTH113 - never raises
        return {}  # what else is wrong with the workspace is said when it is opened
    names = Settings.names()
    said = {name: value for name, value in read_file(root).items() if name in names}
    if _NOT_BY_A_FOLDER in said:
        raise UsageError(
            f"{root / SETTINGS} cannot set {_NOT_BY_A_FOLDER}: a folder that came from elsewhere "
            f"must not reach into your network. Set NBTRACK_{_NOT_BY_A_FOLDER.upper()}=1."
        )
    return said


def _said(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        import tomllib  # most workspaces say nothing

        return tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}. It holds lines like retention_days = 90"
        ) from error


def _days(name: str, text: str) -> float | None:
    if name == "retention_days" and text.lower() in ("off", "none"):
        return None
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(
            f"NBTRACK_{name.upper()} must be a number of days, not {text!r}."
        ) from error


def _expect_days(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise UsageError(f"{name} must be a number of days above 0, not {value!r}.")
