"""nbtrack, by its public names, as everyone would call it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbtrack

NOTE = "defaults"
VERSIONS = {"nbtrack": nbtrack.__version__}


def begin(
    store: Path, name: str, config: dict[str, Any] | None = None
) -> tuple[Callable[[dict[str, float]], object], Callable[[], object]]:
    """Open a run; return what logs a row and what finishes the run."""
    run = nbtrack.init(
        project="peers", name=name, config=config, dir=store, settings={"silent": True}
    )
    return run.log, run.finish


def values(store: Path, key: str) -> Iterator[list[float]]:
    """Yield what is stored of one metric, run by run."""
    for run in nbtrack.Api(store).runs("peers"):
        yield [row[key] for row in run.scan_history(keys=[key])]


def listing(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return name, configuration and last values of every run."""
    return [(run.name, run.config, run.summary) for run in nbtrack.Api(store).runs("peers")]
