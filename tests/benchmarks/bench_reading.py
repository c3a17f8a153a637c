"""How soon what was stored is on the screen; printed, never asserted.

    python tests/benchmarks/bench_reading.py [--small]

Reads the workspace that `large_store` makes (a minute, the first time): 100 million points
in a thousand runs, or with `--small` a million in a hundred. "Fresh" is the first time in
a process, after imports; "cold" besides has nothing of the workspace in the page cache.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from large_store import LARGE, SMALL, Scale, made

TIMES = 9
FRESH_TIMES = 5
BEGIN = """
import resource, sys, time
from pathlib import Path
import duckdb, numpy, pandas
from nbtrack.query import Api, Follower, RunIndex
from nbtrack.store import Reader
root = Path(sys.argv[1])
start = time.perf_counter()
{work}
print((time.perf_counter() - start) * 1e3, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
"""
OPEN = "Reader(root).runs(); Reader(root).reduced('run-0050', ['metric3'])"
COLUMNS = "Reader(root).series('single', 'loss')"
LIST = "Reader(root).runs()"
HELLO = "Follower(root, 'wide').snapshot()"


def main() -> None:
    """Print the table."""
    scale = SMALL if "--small" in sys.argv else LARGE
    root = made(scale)
    print(f"Python {sys.version.split()[0]}, {sys.platform}, {scale.points / 1e6:,.0f} M points")
    for what, value, promise in (*opened(root), *read(root), *charts(root, scale)):
        print(f"  {what:<52}{value:>16}   {promise}".rstrip())


def opened(root: Path) -> Iterator[tuple[str, str, str]]:
    """Open the workspace in processes of their own."""
    yield "open: runs table and one chart, cold", fresh(root, OPEN, cold=True), "<= 300 ms"
    yield "the same, fresh", fresh(root, OPEN), ""
    yield "list all runs, fresh", fresh(root, LIST), "<= 60 ms"
    yield "one metric's 100,000 points as columns, fresh", fresh(root, COLUMNS), "<= 50 ms"
    yield "first message of the widest run, fresh", fresh(root, HELLO), "<= 150 ms"


def read(root: Path) -> Iterator[tuple[str, str, str]]:
    """Read one metric back, again and again."""
    from nbtrack.query import Api, RunIndex
    from nbtrack.store import Reader

    reader, index = Reader(root), RunIndex(root)
    run = Api(root).run("single")
    keys = ["loss"]
    index.poll()
    yield "list all runs", warm(lambda: Reader(root).runs()), "<= 60 ms"
    yield "  again, nothing new", warm(index.poll), "<= 3 ms"
    yield "100,000 points as columns", warm(lambda: reader.series("single", "loss")), "<= 50 ms"
    frame = warm(lambda: run.history(samples=100_000, keys=keys))
    yield "  as a DataFrame: history(samples=100_000, keys=)", frame, ""
    rows = warm(lambda: sum(1 for _ in run.scan_history(keys=keys)))
    yield "  row by row: scan_history(keys=)", rows, "<= 50 ms"
    whole = warm(lambda: sum(1 for _ in run.scan_history()))
    yield "  row by row with all that a row has", whole, ""
    sample = warm(lambda: run.history(samples=500, keys=keys, pandas=False))
    yield "  a sample of 500 rows", sample, ""


def charts(root: Path, scale: Scale) -> Iterator[tuple[str, str, str]]:
    """Reduce series as charts do it."""
    from nbtrack.store import Reader

    reader = Reader(root)
    uids = [f"run-{index:04}" for index in range(scale.runs)]
    low, high = scale.long_steps * 0.2, scale.long_steps * 0.25
    one = warm(lambda: reader.reduced("run-0050", ["metric3"]))
    yield "one series to 2,000 points", one, "<= 15 ms"
    yield "all series of the run", warm(lambda: reader.reduced("run-0050")), ""
    long = warm(lambda: reader.reduced("long", ["loss"]))
    yield f"a series of {scale.long_steps:,} points", long, "<= 250 ms"
    zoom = warm(lambda: reader.reduced("long", ["loss"], low=low, high=high))
    yield "  a twentieth of it", zoom, ""
    for count in (50, len(uids)):
        some = uids[:: len(uids) // count]
        overlay = warm(lambda some=some: reader.overlay(some, "metric3"), times=3)
        yield f"one metric of {count:,} runs", overlay, ""


def warm(call: Callable[[], object], times: int = TIMES) -> str:
    """Return the median time of a call after a first one."""
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1e3)
    return f"{statistics.median(taken[1:]):.1f} ms"


def fresh(root: Path, work: str, *, cold: bool = False) -> str:
    """Return the median time of a piece of code in processes of their own."""
    taken = []
    for _ in range(FRESH_TIMES):
        if cold:
            forget(root)
        command = [sys.executable, "-c", BEGIN.format(work=work), str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        taken.append(float(done.stdout.split()[0]))
    return f"{statistics.median(taken):.1f} ms"


def forget(root: Path) -> None:
    """Let the system forget what it has read of the workspace."""
    if not hasattr(os, "posix_fadvise"):
        return
    os.sync()
    for path in (path for path in root.rglob("*") if path.is_file()):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


if __name__ == "__main__":
    main()
