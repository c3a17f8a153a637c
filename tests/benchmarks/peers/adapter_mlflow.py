"""mlflow with its SQLite store, one `log_metrics` per row: the fastest call it has for rows."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient

NOTE = "SQLite store, log_metrics(row)"

IS_SYNCHRONOUS = os.environ.get("MLFLOW_ENABLE_ASYNC_LOGGING") != "true"
PAGE = 1_000


def begin(
    store: Path, name: str, config: dict[str, Any] | None = None
) -> tuple[Callable[[dict[str, float]], object], Callable[[], object]]:
    """Open a run; return what logs a row and what finishes the run."""
    place(store)
    mlflow.set_experiment("peers")
    mlflow.start_run(run_name=name)
    if config:
        mlflow.log_params(config)
    steps = itertools.count()

    def log(row: dict[str, float]) -> None:
        mlflow.log_metrics(row, step=next(steps), synchronous=IS_SYNCHRONOUS)

    return log, finish


def finish() -> None:
    """Wait for what is under way and end the run."""
    if not IS_SYNCHRONOUS:
        mlflow.flush_async_logging()
    mlflow.end_run()


def fill(store: Path, name: str, key: str, points: list[float]) -> None:
    """Store many points of one metric in batches of 1,000, the most it takes."""
    from mlflow.entities import Metric

    _, end = begin(store, name)
    run_id = mlflow.active_run().info.run_id
    metrics = [Metric(key, value, 0, step) for step, value in enumerate(points)]
    for start in range(0, len(metrics), PAGE):
        MlflowClient().log_batch(run_id, metrics=metrics[start : start + PAGE])
    end()


def values(store: Path, key: str) -> Iterator[list[float]]:
    """Yield what is stored of one metric, run by run."""
    for run in runs(store):
        history = MlflowClient().get_metric_history(run.info.run_id, key)
        yield [metric.value for metric in history]


def listing(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return name, configuration and last values of every run."""
    return [(run.info.run_name, run.data.params, run.data.metrics) for run in runs(store)]


def runs(store: Path) -> Iterator[Any]:
    """Yield the runs, page by page."""
    place(store)
    client, token = MlflowClient(), None
    experiment = client.get_experiment_by_name("peers")
    while True:
        page = client.search_runs([experiment.experiment_id], max_results=PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def place(store: Path) -> None:
    """Say where the store is."""
    mlflow.set_tracking_uri(f"sqlite:///{store / 'mlflow.db'}")
