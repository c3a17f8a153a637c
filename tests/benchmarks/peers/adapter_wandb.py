"""wandb, offline mode.

Its reader of offline files went with 0.22, so the frames of a `.wandb` file (those of a
LevelDB log, 32 KiB blocks) are taken apart here, and the records by wandb's own protobuf
classes: what `wandb sync` would find in the file.
"""

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import wandb

NOTE = "offline mode; read from the .wandb file with wandb's protobuf records"

FILE_HEADER = 7
BLOCK = 32_768
FRAME = struct.Struct("<IHB")
LAST_PARTS = (1, 4)  # a whole record, or the last part of one


def begin(
    store: Path, name: str, config: dict[str, Any] | None = None
) -> tuple[Callable[[dict[str, float]], object], Callable[[], object]]:
    """Open a run; return what logs a row and what finishes the run."""
    run = wandb.init(project="peers", name=name, config=config, dir=store, mode="offline")
    return run.log, run.finish


def values(store: Path, key: str) -> Iterator[list[float]]:
    """Yield what is stored of one metric, run by run."""
    for file in sorted(store.rglob("*.wandb")):
        yield [
            json.loads(item.value_json)
            for record in records(file)
            if record.HasField("history")
            for item in record.history.item
            if (item.key or "/".join(item.nested_key)) == key
        ]


def listing(store: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return name, configuration and last values of every run."""
    return [described(file) for file in sorted(store.rglob("*.wandb"))]


def described(file: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return name, configuration and last values of a run."""
    name, config, summary = "", {}, {}
    for record in records(file):
        if record.HasField("run"):
            name = record.run.display_name
            config = {item.key: json.loads(item.value_json) for item in record.run.config.update}
        elif record.HasField("summary"):
            for item in record.summary.update:
                summary[item.key or "/".join(item.nested_key)] = json.loads(item.value_json)
    return name, config, summary


def records(file: Path) -> Iterator[Any]:
    """Yield the whole records of a file; a torn end is none."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, offset, parts = file.read_bytes(), FILE_HEADER, []
    while offset + FRAME.size <= len(data):
        left = BLOCK - offset % BLOCK
        if left < FRAME.size:
            offset += left
            continue
        _, length, kind = FRAME.unpack_from(data, offset)
        offset += FRAME.size + length
        if kind == 0 or offset > len(data):
            return
        parts.append(data[offset - length : offset])
        if kind in LAST_PARTS:
            yield Record.FromString(b"".join(parts))
            parts = []
