"""trackio, its local store (one SQLite database per project); `TRACKIO_DIR` says where."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import trackio

NOTE = "local SQLite, no dashboard"


def begin(
    store: Path,
    name: str,
    config: dict[str, Any] | None = None,
) -> tuple[Callable[[dict[str, float]], object], Callable[[], object]]:
    """Open a run; return what logs a row and what finishes the run."""
    run = trackio.init(project="peers", name=name, config=config, embed=False)
    return run.log, trackio.finish


def values(store: Path, key: str) -> Iterator[list[float]]:
    """Yield what is stored of one metric, run by run."""
    from trackio.sqlite_storage import SQLiteStorage

    for run in trackio.Api().runs("peers"):
        found = SQLiteStorage.get_metric_values("peers", run.name, key, run_id=run.id)
        yield [row["value"] for row in found]


def listing(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return name, configuration and last values of every run."""
    from trackio.sqlite_storage import SQLiteStorage

    records = SQLiteStorage.get_run_records("peers")
    configs = SQLiteStorage.get_all_run_configs("peers")
    chosen = [{"run": record["name"], "run_id": record["id"]} for record in records]
    logs = SQLiteStorage.get_logs_batch("peers", chosen, scalar_only=True)
    return [
        (record["name"], configs[record["id"]], found["logs"][-1])
        for record, found in zip(records, logs, strict=True)
    ]
