"""Settings of a run, and where its workspace lies.

A workspace is a folder named `.nbtrack`. It is looked for near the notebook, so that
one project keeps one store however its kernels were started.
"""

import math
import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from nbtrack.errors import UsageError

FOLDER = ".nbtrack"
SETTINGS = "settings.toml"
SHORTEST_SAMPLING_S = 0.1
LONGEST_SAMPLING_S = 86_400


@dataclass(frozen=True, slots=True)
class Place:
    """Where the code runs, as far as the front door knows.

    Attributes:
        notebook: Path of the notebook file, or None.
        kernel_id: Id of the Jupyter kernel, or None.
        server_root: Root folder of the Jupyter server, or None.
        in_notebook: Whether cells are run by IPython in a kernel.
    """

    notebook: str | None = None
    kernel_id: str | None = None
    server_root: Path | None = None
    in_notebook: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set besides the arguments of `init()`.

    Attributes:
        mode: `online` and `offline` both keep the run in the local store; `disabled`
            keeps nothing. By default `NBTRACK_MODE`, or `online`.
        console: `auto` records what cells print, `off` does not.
        x_stats_sampling_interval: Seconds between two readings of the system, 0.1 to a day.
            A run's first readings come closer together, so that a short run has some.
        x_disable_stats: Whether system readings are off.
        silent: Whether nbtrack says nothing at all outside of its panel.
        x_network_filesystem: Whether the workspace lies on a network file system, or on
            another one whose locks cannot be trusted; for all processes, until a run says
            something else. By default `NBTRACK_NETWORK_FILESYSTEM` (1 or 0), or None:
            nbtrack finds out.
        durability: `process`: what `log()` took outlives the process, however that ends;
            when the power fails or the operating system crashes, about the last half
            minute may be lost. `power-loss`: then only the last second or so is lost, and
            nothing of a run that is finished; costs one write to the disk per second, on
            a thread of its own. By default `NBTRACK_DURABILITY`, or `process`. What a run
            really has is in `run.status().durability`.

    Examples:
        >>> Settings(x_stats_sampling_interval=1.0).console
        'auto'
    """

    mode: str = field(default_factory=lambda: variable("MODE") or "online")
    console: str = "auto"
    x_stats_sampling_interval: float = 15.0
    x_disable_stats: bool = False
    silent: bool = False
    x_network_filesystem: bool | None = field(default_factory=lambda: _flag("NETWORK_FILESYSTEM"))
    durability: str = field(default_factory=lambda: variable("DURABILITY") or "process")

    def __post_init__(self) -> None:
        """Check every value."""
        _expect_one_of("console", self.console, ("auto", "off"))
        _expect_one_of("durability", self.durability, ("process", "power-loss"))
        interval_s = self.x_stats_sampling_interval
        if not isinstance(interval_s, int | float) or not (
            SHORTEST_SAMPLING_S <= interval_s <= LONGEST_SAMPLING_S
        ):
            raise UsageError(
                f"x_stats_sampling_interval must be {SHORTEST_SAMPLING_S} to "
                f"{LONGEST_SAMPLING_S} seconds, not {interval_s!r}. To have no system readings, "
                "type settings={'x_disable_stats': True}."
            )
        if self.x_network_filesystem not in (None, True, False):
            raise UsageError(
                f"x_network_filesystem must be True, False or None, not "
                f"{self.x_network_filesystem!r}."
            )
        object.__setattr__(self, "mode", _mode(self.mode))

    @classmethod
    def read(cls, given: "Settings | dict[str, Any] | None", mode: str | None) -> Self:
        """Settle what holds: an argument beats `settings`, which beat the environment.

        Args:
            given: What `init(settings=)` got.
            mode: What `init(mode=)` got.

        Raises:
            UsageError: If a name or a value is not known.
        """
        if isinstance(given, cls):
            return given if mode is None else replace(given, mode=mode)
        chosen = {} if mode is None else {"mode": mode}
        return cls(**{**cls._checked({} if given is None else given), **chosen})

    @classmethod
    def _checked(cls, given: "Settings | dict[str, Any]") -> dict[str, Any]:
        if not isinstance(given, dict):
            raise UsageError(
                f"settings must be nbtrack.Settings or a dict, not {type(given).__name__}."
            )
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise UsageError(f"unknown setting {name!r}. Known are: {', '.join(known)}.")
        return given


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
        said = _said(root / SETTINGS)
        names = [field.name for field in fields(cls)]
        for name in said:
            if name not in names:
                raise UsageError(
                    f"unknown setting {name!r} in {root / SETTINGS}. Known are: {', '.join(names)}."
                )
        given = {name: text for name in names if (text := variable(name.upper())) is not None}
        return cls(**{**said, **{name: _days(name, text) for name, text in given.items()}})


def variable(name: str) -> str | None:
    """Return `NBTRACK_<name>` of the environment, else `WANDB_<name>`, else None."""
    return os.environ.get(f"NBTRACK_{name}") or os.environ.get(f"WANDB_{name}") or None


def find_workspace(given: str | os.PathLike[str] | None, place: Place) -> Path:
    """Return where the workspace of a run lies; it need not exist yet.

    The first that is there: the folder given, `NBTRACK_DIR` (or `WANDB_DIR`), the
    nearest `.nbtrack` upward from the notebook's folder or the working directory, the
    Jupyter server's root when the notebook lies below it, the working directory.

    Args:
        given: What `init(dir=)` got: the folder in which `.nbtrack` lies, or a
            `.nbtrack` folder itself.
        place: Where the code runs.

    Raises:
        UsageError: If `given` is no path.
    """
    named = given if given is not None else variable("DIR")
    if named is not None:
        if not isinstance(named, str | os.PathLike):
            raise UsageError(
                f"dir must be the path of a folder, not {named!r} ({type(named).__name__}). "
                f"Type dir={str(named)!r}."
            )
        folder = Path(named).expanduser().absolute()
        return folder if folder.name == FOLDER else folder / FOLDER
    start = Path(place.notebook).absolute().parent if place.notebook else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    if place.server_root is not None and start.is_relative_to(place.server_root):
        return place.server_root / FOLDER
    return Path.cwd() / FOLDER


def default_project(place: Place) -> str:
    """Return the name of the git repository that holds the code, or `uncategorized`."""
    start = Path(place.notebook).absolute().parent if place.notebook else Path.cwd()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            below = start.relative_to(folder).as_posix().replace("/", "_")
            return folder.name if below in ("", ".") else f"{folder.name}-{below}"
    return "uncategorized"


def _expect_one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}.")


def _flag(name: str) -> bool | None:
    value = variable(name)
    if value is None:
        return None
    if value not in ("0", "1"):
        raise UsageError(f"NBTRACK_{name} must be 1 (yes) or 0 (no), not {value!r}.")
    return value == "1"


def _mode(value: object) -> str:
    same = {"dryrun": "offline", "run": "online"}
    mode = same.get(str(value), str(value))
    _expect_one_of("mode", mode, ("online", "offline", "disabled"))
    return mode


def _said(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
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
