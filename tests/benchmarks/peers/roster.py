"""Who is compared, in which versions, and in an environment of its own for each.

An environment is made when it is first needed, below `build/peers/`, from pinned
versions. A tracker that cannot be installed is left out, and the reason is said.
"""

import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
ENVIRONMENTS = CHECKOUT / "build" / "peers"
INSTALLING_S = 900


@dataclass(frozen=True, slots=True)
class Tracker:
    """A tracker as it is measured.

    Attributes:
        name: What the tables call it.
        environment: Name of its environment; several trackers may share one.
        module: Which adapter speaks for it.
        requirements: What is installed; the names before `==` are said with their versions.
        variables: Environment variables of its processes.
        rows: How many rows it logs where the number of points matters: those that take
            milliseconds per row log fewer.
        absent: Questions in which it does not take part.
    """

    name: str
    environment: str
    module: str
    requirements: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    rows: int = 20_000
    absent: frozenset[int] = frozenset()

    @property
    def distributions(self) -> list[str]:
        """Names whose versions are said."""
        return [text.split("==")[0] for text in self.requirements if "==" in text] or ["duckdb"]

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        folder = "Scripts" if sys.platform == "win32" else "bin"
        return ENVIRONMENTS / self.environment / folder / "python"


def own_requirements() -> tuple[str, ...]:
    """Return what nbtrack itself needs."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    return tuple(project["dependencies"])


MLFLOW = ("mlflow==3.17.2", "numpy")

TRACKERS = (
    Tracker("nbtrack", "nbtrack", "nbtrack", own_requirements()),
    Tracker("wandb", "wandb", "wandb", ("wandb==0.31.0", "numpy")),
    Tracker("trackio", "trackio", "trackio", ("trackio==0.43.0", "numpy")),
    Tracker(
        "tensorboardX",
        "tensorboardX",
        "tensorboardX",
        ("tensorboardX==2.6.5", "tensorboard==2.21.0", "numpy"),
        rows=10_000,
    ),
    Tracker("aim", "aim", "aim", ("aim==3.29.1", "numpy"), rows=5_000),
    Tracker("mlflow", "mlflow", "mlflow", MLFLOW, rows=500),
    Tracker(
        "mlflow async",
        "mlflow",
        "mlflow",
        MLFLOW,
        {"MLFLOW_ENABLE_ASYNC_LOGGING": "true"},
        rows=500,
        absent=frozenset({4, 6, 7, 8}),
    ),
)


def install(tracker: Tracker) -> str | None:
    """Make the tracker's environment unless it stands; return why it cannot be made."""
    folder = ENVIRONMENTS / tracker.environment
    wanted, stamp = "\n".join(tracker.requirements), folder / ".installed"
    if stamp.is_file() and stamp.read_text() == wanted and tracker.python.exists():
        return None
    print(f"  installing {tracker.name} below {folder} ...", flush=True)
    pip = [tracker.python, "-m", "pip", "install", "-q", "--prefer-binary", *tracker.requirements]
    for command in ([sys.executable, "-m", "venv", folder], pip):
        reason = failure(command)
        if reason:
            return reason
    stamp.write_text(wanted)
    return None


def failure(command: list[str | Path]) -> str | None:
    """Run a command; return its last words if it failed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALLING_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return (lines or [f"exit code {done.returncode}"])[-1][:300]
