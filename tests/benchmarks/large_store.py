"""A workspace of 100 million points, made once and used again.

    python tests/benchmarks/large_store.py [--small] [folder]

A thousand runs of ten metrics and 10,000 steps, each with ten entries of configuration;
besides them one run of a single metric and 10 million steps, one of 200 metrics and
10,000 steps, and one of a single metric and 100,000 steps. Rows are made by numpy as the
encoder would write them, everything else is what a run does: a journal per run, then
`Ingester.ingest_left_behind`. It takes about two minutes and 2.5 GB of disk.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nbtrack.records import Closed, ConfigChanged, Opened, RunState
from nbtrack.store import Ingester, Journal, this_process
from nbtrack.store.encoding import BLOCK_BYTES
from nbtrack.store.frames import Kind, frame
from nbtrack.store.shapes import BLOCK_HEADER, shape_of

START_US = 1_767_323_045_000_000
STEP_US = 100_000
BLOCKS_PER_NAME = 4  # a shape is named again every quarter of a megabyte
PATTERNS = 16  # runs that differ in nothing but who they are
FOLDER = Path(__file__).parents[2] / "build" / "large_store"


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a store is.

    Attributes:
        name: Of its folder.
        runs: How many ordinary runs.
        metrics: Of each of them.
        steps: Of each of them.
        long_steps: Of the run `long`.
        wide_keys: Metrics of the run `wide`.
    """

    name: str
    runs: int = 1_000
    metrics: int = 10
    steps: int = 10_000
    long_steps: int = 10_000_000
    wide_keys: int = 200

    @property
    def points(self) -> int:
        """How many points the ordinary runs have together."""
        return self.runs * self.metrics * self.steps


LARGE = Scale("100m")
SMALL = Scale("1m", runs=100, steps=1_000, long_steps=100_000, wide_keys=50)


def made(scale: Scale, folder: Path = FOLDER) -> Path:
    """Return the workspace, which is made if it is not there whole."""
    root = folder / scale.name / ".nbtrack"
    done = folder / scale.name / "made"
    if not done.exists():
        shutil.rmtree(folder / scale.name, ignore_errors=True)
        began_s = time.perf_counter()
        points = 0
        for points in written(scale, root):
            print(f"\r  {points / 1e6:,.0f} million points", end="", flush=True)
        Ingester(root).ingest_left_behind()
        print(f"\r  {points / 1e6:,.0f} million points in {time.perf_counter() - began_s:.0f} s")
        done.touch()
    return root


def written(scale: Scale, root: Path) -> Iterator[int]:
    """Write and ingest the journals; yield how many points there are so far."""
    patterns = [pattern(scale.steps, scale.metrics, seed) for seed in range(PATTERNS)]
    ingester = Ingester(root)
    points = 0
    for index in range(scale.runs):
        write_run(root, f"run-{index:04}", patterns[index % PATTERNS], scale.steps, index)
        points += scale.steps * scale.metrics
        if index % 32 == 31:
            ingester.ingest_left_behind()
            yield points
    for uid, steps, keys in (
        ("long", scale.long_steps, 1),
        ("wide", scale.steps, scale.wide_keys),
        ("single", 100_000, 1),
    ):
        write_run(root, uid, pattern(steps, keys, 99), steps, scale.runs)
        ingester.ingest(uid)
        points += steps * keys
        yield points


def write_run(root: Path, uid: str, rows: bytes, steps: int, index: int) -> None:
    """Write the journal of a run that has ended."""
    begun_us = START_US + index * 1_000_000
    config = {f"option{number}": index * number for number in range(10)}
    owner = this_process("kernel-1")
    opened = Opened(uid, uid, "ada", "digits", f"brave-otter-{index}", begun_us, owner)
    journal = Journal.create(root, opened)
    journal.append([ConfigChanged(begun_us, config)])
    journal.close()
    with journal.path.open("ab") as file:
        file.write(rows)
    journal = Journal.reopen(root, uid)
    end_us = START_US + steps * STEP_US
    journal.append([Closed(end_us, RunState.FINISHED, 0, end_us - begun_us)])
    journal.close()


def pattern(steps: int, keys: int, seed: int, *, jitter_us: int = 0) -> bytes:
    """Return rows of noisy curves as frames, each up to `jitter_us` late."""
    random = np.random.default_rng(seed)
    names = [f"metric{number}" for number in range(keys)] if keys > 1 else ["loss"]
    shape = shape_of(1, "metric", names)
    naming = frame(Kind.SHAPE, shape.encoded(), shape.id)
    most_rows = max(1, BLOCK_BYTES // (16 + 8 * keys))
    found = []
    for number, start in enumerate(range(0, steps, most_rows)):
        found += [naming] if number % BLOCKS_PER_NAME == 0 else []
        count = min(most_rows, steps - start)
        at = np.arange(start, start + count, dtype="<i8")
        values = np.exp(-at / steps)[:, None] + 0.05 * random.standard_normal((count, keys))
        late_us = random.integers(0, jitter_us + 1, count) if jitter_us else 0
        times = START_US + at * STEP_US + late_us
        numbers = at.tobytes() + times.tobytes() + values.astype("<f8").tobytes()
        payload = BLOCK_HEADER.pack(count, 0) + numbers + bytes(keys)
        found.append(frame(Kind.ROWS, payload, shape.id))
    return b"".join(found)


def main() -> None:
    """Make the store that the arguments ask for."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    scale = SMALL if "--small" in sys.argv else LARGE
    print(made(scale, Path(words[0]) if words else FOLDER))


if __name__ == "__main__":
    main()
