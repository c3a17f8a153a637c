"""Makes `v1/store.tar.gz` and `v1/expected.json`: what the first format of the store is.

It was run once, with the version that wrote that format, and is kept to show what is in
there. A later format gets a folder of its own; what stands in this one never changes.

    python tests/stores/make_v1.py FOLDER
"""

import gzip
import io
import json
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from look import look

from nbtrack.records import (
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    Heartbeat,
    Json,
    Notice,
    Opened,
    Owner,
    Record,
    Row,
    RunChanged,
    RunState,
    Stream,
    SummaryChanged,
    SystemSample,
)
from nbtrack.records import Path as ValuePath
from nbtrack.store import Ingester, Journal

START_US = 1_750_000_000_000_000
SECOND_US = 1_000_000
FINISHED = "20250615-150640-00000001"
HALF_INGESTED = "20250615-150640-00000002"
KILLED = "20250615-150640-00000003"

NAN, INFINITE = float("nan"), float("inf")

ODD: list[dict[ValuePath, Json]] = [
    {"loss": NAN, "acc": INFINITE, ("opt", "lr"): 0.1},
    {"loss": -INFINITE, "acc": -0.0, ("opt", "lr"): 5e-324},
    {"loss": 1.7976931348623157e308, "epoch": 3, "best": True},
    {"epoch": 2**53, "best": False, "seed": 2**64 - 1, "debt": -(2**70)},
    {"text": 'Größe "x"\n\x00\u2028 \U0001f9a6', "lone": "\ud800", "a.b": 1, ("a", "c"): 2},
    {"nothing": None, "list": [1, "x", None, {"deep": [NAN, 1.5]}], ("opt", "name"): "adam"},
    {"image": {"_type": "image", "size": 3}, "loss": 0.1},
    {},
]


def opened(uid: str, name: str) -> Opened:
    return Opened(
        uid=uid,
        id=uid[-8:],
        entity="somebody",
        project="digits",
        name=name,
        time_us=START_US,
        owner=Owner("a-machine", "a-boot", 4_242, 1_749_999_000.25, "a-kernel"),
        notes="**bold** notes",
        tags=("first", "größer"),
        group="fold-1",
        job_type="train",
        notebook="/home/somebody/train.ipynb",
        user="somebody",
    )


def rows(steps: range) -> list[Record]:
    found: list[Record] = []
    for step in steps:
        values: dict[ValuePath, Json] = {"loss": 1 / (step + 1), "acc": step / 7, "epoch": step}
        odd = ODD[step % len(ODD)] if step % 3 == 0 else {}
        found.append(row(step, values | odd if odd else values))
    return found


def row(step: int, values: dict[ValuePath, Json]) -> Row:
    """Return a row; steps have gaps."""
    return Row(step * 3, START_US + step * SECOND_US // 4 + 1, values)


def said(at_us: int) -> list[Record]:
    """Return one of everything that is no row."""
    return [
        ConfigChanged(at_us, {"lr": 1e-3, "layers": [64, 10], "deep": {"er": {"x": INFINITE}}}),
        SummaryChanged(at_us, {"best": 0.25, ("test", "acc"): NAN}, ("epoch",)),
        RunChanged(at_us, {"name": "renamed", "tags": ["first", "second"]}),
        Notice(at_us, "warning", "gpu", "GPU power is not recorded.", 2),
        SystemSample(at_us, {"cpu": 12.5, "proc.memory.rssMB": 345.25}),
        SystemSample(at_us + SECOND_US, {"cpu": NAN}),
        ConsoleText(at_us, Stream.STDOUT, "epoch 1: \x1b[32mgood\x1b[0m", "cell-1"),
        ConsoleText(at_us, Stream.STDERR, "größer \ud800"),
        ConsoleText(at_us, Stream.NBTRACK, ""),
        Heartbeat(at_us + SECOND_US, at_us + SECOND_US - START_US),
    ]


def finished(root: Path) -> None:
    """Make a run that ended and is in the database, with a pause between two cells."""
    journal = Journal.create(root, opened(FINISHED, "finished"))
    journal.append([ClockTurned(START_US, 0, running=True), *rows(range(40))])
    pause_us = START_US + 10 * SECOND_US
    journal.append(said(pause_us))
    journal.append([ClockTurned(pause_us, 10 * SECOND_US, running=False)])
    again_us = pause_us + 100 * SECOND_US
    journal.append([ClockTurned(again_us, 10 * SECOND_US, running=True)])
    journal.append([Row(500, again_us + 2 * SECOND_US, {"loss": 0.001})])
    end_us = again_us + 3 * SECOND_US
    journal.append([Closed(end_us, RunState.FAILED, 3, 13 * SECOND_US, "the process ended")])
    journal.close()
    assert Ingester(root).ingest(FINISHED)


def half_ingested(root: Path) -> None:
    """Make a run that crashed between two ingests."""
    journal = Journal.create(root, opened(HALF_INGESTED, "half"))
    journal.append([ClockTurned(START_US, 0, running=True), *rows(range(30))])
    journal.append(said(START_US + 5 * SECOND_US))
    assert Ingester(root).ingest(HALF_INGESTED)
    journal.append(rows(range(30, 60)))
    journal.append(said(START_US + 9 * SECOND_US))
    journal.abandon()


def killed(root: Path) -> None:
    """Make a run whose last records are in its spill only, some of them written in part."""
    journal = Journal.create(root, opened(KILLED, "killed"))
    journal.spill()
    records = [*rows(range(20)), *(one for one in said(START_US) if not _is_buffered(one))]
    for record in records:
        assert journal.keep(record)  # type: ignore[arg-type] - no samples and no lines
    journal.append(records, journal.kept)
    later = rows(range(20, 50))
    for record in later:
        assert journal.keep(record)  # type: ignore[arg-type] - rows
    journal.append(later[:7])  # a kill ends a write in its middle, before the mark
    journal.abandon()
    with journal.path.open("ab") as file:
        file.write(b"\xffNB\x01torn")


def _is_buffered(record: Record) -> bool:
    return isinstance(record, SystemSample | ConsoleText)


def packed(folder: Path) -> bytes:
    """Return a folder as a compressed archive that is the same whenever it is made."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            entry = archive.gettarinfo(path, str(path.relative_to(folder)))
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = ""
            with path.open("rb") if path.is_file() else io.BytesIO() as file:
                archive.addfile(entry, file if path.is_file() else None)
    return gzip.compress(plain.getvalue(), 9, mtime=0)


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / ".nbtrack"
        for make in (finished, half_ingested, killed):
            make(root)
        (target / "store.tar.gz").write_bytes(packed(root))
        told = json.dumps(look(root), indent=1, sort_keys=True)
        (target / "expected.json").write_text(told + "\n", "ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
