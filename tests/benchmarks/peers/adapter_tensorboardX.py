"""tensorboardX, one `add_scalar` per value; read by tensorboard's own event reader."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter

NOTE = "32-bit values; read by tensorboard's EventAccumulator"


def begin(
    store: Path, name: str, config: dict[str, Any] | None = None
) -> tuple[Callable[[dict[str, float]], object], Callable[[], object]]:
    """Open a run; return what logs a row and what finishes the run."""
    writer = SummaryWriter(str(store / name))
    if config:
        writer.add_text("config", json.dumps(config))
    steps = itertools.count()

    def log(row: dict[str, float]) -> None:
        step = next(steps)
        for key, value in row.items():
            writer.add_scalar(key, value, step)

    return log, writer.close


def values(store: Path, key: str) -> Iterator[list[float]]:
    """Yield what is stored of one metric, run by run."""
    for _, events in accumulated(store):
        known = key in events.Tags()["scalars"]
        yield [point.value for point in events.Scalars(key)] if known else []


def listing(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return name, configuration and last values of every run."""
    return [
        (
            name,
            json.loads(events.Tensors("config/text_summary")[0].tensor_proto.string_val[0]),
            {key: events.Scalars(key)[-1].value for key in events.Tags()["scalars"]},
        )
        for name, events in accumulated(store)
    ]


def accumulated(store: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and events of every run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for folder in sorted(path for path in store.iterdir() if path.is_dir()):
        events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
        yield folder.name, events.Reload()
