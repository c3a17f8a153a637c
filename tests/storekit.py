"""What tests of the store and of those who read it share: a run, and its rows."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path as FilePath

from nbtrack.records import Closed, Json, Opened, Path, Row, RunState
from nbtrack.store import Ingester, Journal, RunFacts, this_process

UID = "20260102-030405-0000abcd"
START_US = 1_767_323_045_000_000
SECOND_US = 1_000_000


def opened_run(uid: str = UID, **changes) -> Opened:
    fields = {
        "id": uid[-8:],
        "entity": "ada",
        "project": "digits",
        "name": "brave-otter",
        "time_us": START_US,
        "owner": this_process("kernel-1"),
    }
    return Opened(uid=uid, **{**fields, **changes})


def row(step: int, values: Mapping[Path, Json] | None = None) -> Row:
    """Return a row that was logged `step` seconds after the start."""
    return Row(step, START_US + step * SECOND_US, values or {})


def rows(steps: Sequence[int] | range, *names: str) -> list[Row]:
    """Return rows in which the value of the i-th name at step s is s + i / 8."""
    return [row(step, {name: step + i / 8 for i, name in enumerate(names)}) for step in steps]


def logged(found: Mapping[str, Json]) -> dict[str, Json]:
    """Return what the user logged of a row that a reader gave back."""
    return {key: value for key, value in found.items() if not key.startswith("_")}


def said(value: object) -> str:
    """Return a text that is equal for equal values, NaN and the types of numbers included."""
    return json.dumps(value, sort_keys=True, default=str)


def told(facts: RunFacts) -> str:
    """Return all that facts tell, to be compared."""
    return said(asdict(facts))


def write_forever(root: FilePath, uid: str, acknowledge: Connection) -> None:
    """Append row after row, and tell the step of each that is written; runs in a process."""
    journal = Journal.create(root, opened_run(uid))
    for step in range(1_000_000):
        journal.append(rows([step], "loss"))
        acknowledge.send(step)


def last_sent(receiving: Connection) -> int:
    """Return the last number that a process sent before it ended."""
    last = -1
    with contextlib.suppress(EOFError):
        while True:
            last = receiving.recv()
    return last


def write_and_ingest(root: FilePath, uid: str, count: int) -> None:
    """Log `count` rows, let them into the database every now and then; runs in a process."""
    journal = Journal.create(root, opened_run(uid))
    ingester = Ingester(root)
    for start in range(0, count, 50):
        journal.append(rows(range(start, start + 50), "loss", "acc"))
        ingester.ingest(uid)
    end_us = START_US + count * SECOND_US
    journal.append([Closed(end_us, RunState.FINISHED, 0, count * SECOND_US)])
    journal.close()


def ingest_forever(root: FilePath, uid: str, ready: Connection) -> None:
    """Log rows and let them into the database until it is killed; runs in a process."""
    journal = Journal.create(root, opened_run(uid))
    ingester = Ingester(root)
    for start in range(0, 1_000_000, 20):
        journal.append(rows(range(start, start + 20), "loss"))
        ready.send(ingester.ingest(uid))
