"""aim with a local repository, one `track(row)` per row."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aim import Repo, Run

NOTE = "local repository, indexed before it is read (`aim storage reindex`)"


def begin(
    store: Path, name: str, config: dict[str, Any] | None = None
) -> tuple[Callable[[dict[str, float]], object], Callable[[], object]]:
    """Open a run; return what logs a row and what finishes the run."""
    run = Run(repo=Repo.from_path(str(store), init=True), experiment="peers")
    run.name = name
    if config:
        run["hparams"] = config
    steps = itertools.count()

    def log(row: dict[str, float]) -> None:
        run.track(row, step=next(steps))

    return log, run.close


def index(store: Path) -> None:
    """Index the runs, as `aim up` does beside the training; without it no run is found."""
    Repo.from_path(str(store))._recreate_index()


def values(store: Path, key: str) -> Iterator[list[float]]:
    """Yield what is stored of one metric, run by run."""
    from aim.storage.context import Context

    for run in Repo.from_path(str(store)).iter_runs():
        metric = run.get_metric(key, Context({}))
        yield [] if metric is None else metric.values.values_list()


def listing(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return name, configuration and last values of every run."""
    return [
        (run.name, run["hparams"], run.collect_sequence_info("metric", skip_last_value=False))
        for run in Repo.from_path(str(store)).iter_runs()
    ]
