"""The numbers that users feel before they see a chart; printed, never asserted.

    make bench

Times depend on the machine, so each stands beside something every machine does: the
bare `deque.append` that a hand-over costs at least, and `json.dumps` of the same row.
"""

import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "nbtrack"
CALLS = 20_000
FRESH_RUNS = 7
ROW = {f"train/metric{i}": 0.1 * i for i in range(10)}

IMPORT = """
import sys, time
before = set(sys.modules); start = time.perf_counter()
import nbtrack
seconds = time.perf_counter() - start
new = set(sys.modules) - before
print(seconds * 1e3, len(new), sum(name.split(".")[0] == "nbtrack" for name in new))
"""
INIT = """
import sys, time
import nbtrack
def opened():
    start = time.perf_counter()
    run = nbtrack.init(project="bench", dir=sys.argv[1], settings={"silent": True})
    seconds = time.perf_counter() - start
    run.finish()
    return seconds * 1e3
print(opened(), opened())
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what, how much, and what was promised."""

    what: str
    value: str
    promise: str = ""


def main() -> None:
    """Print the table."""
    print(f"Python {sys.version.split()[0]}, {sys.platform}")
    for line in (*imports(), *inits(), *logs(), *bundles()):
        print(f"  {line.what:<44}{line.value:>24}   {line.promise}".rstrip())


def imports() -> Iterator[Line]:
    """Import nbtrack in fresh processes."""
    times, (new, ours) = [], (0, 0)
    for _ in range(FRESH_RUNS):
        milliseconds, new, ours = map(float, fresh(IMPORT))
        times.append(milliseconds)
    yield Line("import nbtrack, median of 7", f"{statistics.median(times):.1f} ms", "<= 100 ms")
    yield Line("modules it loads (of nbtrack)", f"{new:.0f} ({ours:.0f})")


def inits() -> Iterator[Line]:
    """Open the first run of a process, and the next."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = [tuple(map(float, fresh(INIT, folder))) for _ in range(FRESH_RUNS)]
    first, second = (statistics.median(column) for column in zip(*pairs, strict=True))
    yield Line("init() to ready, first in a process", f"{first:.1f} ms", "<= 100 ms")
    yield Line("init() to ready, after that", f"{second:.1f} ms")


def logs() -> Iterator[Line]:
    """Log rows of 10 floats as fast as it goes."""
    import nbtrack

    with tempfile.TemporaryDirectory() as folder:
        run = nbtrack.init(project="bench", dir=folder, settings={"silent": True})
        log = measured(lambda: run.log(ROW))
        run.finish()
    queue: deque[tuple[int, dict[str, float]]] = deque()
    append = measured(lambda: queue.append((1, ROW)))
    dumps = measured(lambda: json.dumps(ROW))
    for name, index in (("p50", 0), ("p99", 1)):
        promise = "<= 5 us" if name == "p50" else ""
        yield Line(f"log() of 10 floats, hot, {name}", f"{log[index]:.2f} us", promise)
    yield Line("  that is so many bare deque.append", f"{log[0] / append[0]:.1f} x")
    yield Line("  that is so many json.dumps of the row", f"{log[0] / dumps[0]:.2f} x")


def bundles() -> Iterator[Line]:
    """Weigh what the browser loads."""
    panel = [PACKAGE / "panels/static/panel.js"]
    extension = sorted((PACKAGE / "lab/labextension").rglob("*.js"))
    first = [path for path in extension if path.name.startswith("remoteEntry")]
    promised = (
        ("panel bundle", panel, "<= 200 kB"),
        ("labextension, with every page", first, ""),
        ("labextension, all of it", extension, "<= 250 kB"),
    )
    for name, files, limit in promised:
        content = [file.read_bytes() for file in files if file.is_file()]
        raw, packed = sum(map(len, content)), sum(len(gzip.compress(text)) for text in content)
        yield Line(f"{name} (gzip)", f"{raw / 1e3:.1f} kB ({packed / 1e3:.1f})", limit)


def measured(call: Callable[[], object]) -> tuple[float, float]:
    """Return p50 and p99 of a call, microseconds, less what the stopwatch costs."""
    clock = time.perf_counter_ns

    def sample(function: Callable[[], object]) -> list[int]:
        times = []
        for _ in range(CALLS):
            start = clock()
            function()
            times.append(clock() - start)
        return sorted(times)

    empty = sample(lambda: None)[CALLS // 2]
    times = sample(call)
    return (times[CALLS // 2] - empty) / 1e3, (times[CALLS * 99 // 100] - empty) / 1e3


def fresh(code: str, *arguments: str) -> list[str]:
    """Run code in a process of its own and return the words of its last line."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1].split()


if __name__ == "__main__":
    main()
