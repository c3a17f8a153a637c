"""How fast a row is stored, and what that costs; printed, never asserted.

    python tests/benchmarks/bench_store.py [speed] [large] [slow] [company]

Times depend on the machine, so each stands beside a yardstick: `os.write` of the bytes of
the journal, in as many calls as the recorder needs. Every measurement has a process of its
own; those that are compared take turns. All of it takes less than three minutes.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 3
COMPANY = 8
COMPANY_S = 12.0
SLOW_S = 60.0

STORED = """
import os, resource, sys, time
import nbtrack
folder, rows, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
run = nbtrack.init(project="bench", dir=folder,
                   settings={"silent": True, "x_disable_stats": True, "durability": sys.argv[4]})
row = {f"train/metric{i}": 0.1 * i for i in range(width)}
clock, times = time.perf_counter_ns, []
began = clock()
for step in range(rows):
    row["train/metric0"] = step / 8
    start = clock()
    run.log(row)
    times.append(clock() - start)
logged = clock()
run.finish()
ended = clock()
import duckdb
found = duckdb.connect(str(run.root / "nbtrack.duckdb"), read_only=True)
((count,),) = found.execute("SELECT count(*) FROM metrics").fetchall()
assert count == rows * width
(journal,) = (run.root / "runs").glob("*/journal.nbj")
data, pieces = journal.read_bytes(), max(1, int((ended - began) / 1e8))
start = clock()
with open(folder + "/raw", "wb", buffering=0) as raw:
    for piece in range(pieces):
        raw.write(data[piece * len(data) // pieces : (piece + 1) * len(data) // pieces])
written = clock() - start
times.sort()
print((ended - began) / 1e9, (ended - logged) / 1e9, written / 1e9, times[rows // 2] / 1e3,
      times[rows * 99 // 100] / 1e3, times[rows * 999 // 1000] / 1e3, times[-1] / 1e6,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
COLD = """
import sys, time
import numpy as np
import nbtrack
run = nbtrack.init(project="bench", dir=sys.argv[1], settings={"silent": True})
row = {f"train/metric{i}": 0.1 * i for i in range(10)}
left = np.random.rand(160, 160)
clock = time.perf_counter_ns
def after_work(call):
    times = []
    for _ in range(700):
        until = clock() + 2_000_000
        while clock() < until:
            left @ left
        start = clock()
        call()
        times.append(clock() - start)
    return sorted(times)
bare, log = after_work(lambda: None), after_work(lambda: run.log(row))
print(bare[350] / 1e3, log[350] / 1e3, log[693] / 1e3)
run.finish()
"""
SLOW = """
import sys, time
if sys.argv[2] == "nbtrack":
    import nbtrack
    run = nbtrack.init(project="bench", dir=sys.argv[1], settings={"silent": True})
    log = run.log
else:
    log = len
began, cpu, step = time.monotonic(), time.process_time(), 0
while time.monotonic() - began < float(sys.argv[3]):
    log({f"train/metric{i}": step + i / 8 for i in range(10)})
    step += 1
    time.sleep(0.05)
share = (time.process_time() - cpu) / (time.monotonic() - began)
for line in open("/proc/self/status"):
    if line.startswith("VmRSS"):
        print(100 * share, int(line.split()[1]) / 1024)
"""
STEADY = """
import sys, time
import nbtrack
run = nbtrack.init(project="bench", dir=sys.argv[1],
                   settings={"silent": True, "x_disable_stats": True})
print("ready", flush=True)
until = due = time.monotonic()
until += float(sys.argv[2])
while due < until:
    run.log({f"train/metric{i}": due for i in range(10)})
    due += 0.01
    time.sleep(max(0.0, due - time.monotonic()))
run.finish()
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what, how much, and what was promised."""

    what: str
    value: str
    promise: str = ""


def main() -> None:
    """Print the table, or the parts of it that were asked for."""
    parts = {"speed": speed, "large": large, "slow": slow, "company": company}
    for name in sys.argv[1:] or parts:
        for line in parts[name]():
            print(f"  {line.what:<52}{line.value:>22}   {line.promise}".rstrip(), flush=True)


def speed() -> Iterator[Line]:
    """Store 200,000 numbers in rows of several widths, and log with cold caches."""
    shapes = [(20_000, 10), (20_000, 1), (2_000, 100)]
    found = {shape: [] for shape in shapes}
    for _ in range(ROUNDS):
        for shape in shapes:
            found[shape].append(fresh(STORED, *shape, "process"))
    for (rows, width), rounds in found.items():
        total, finish, raw, p50, p99, *_ = medians(rounds)
        wide = f"{rows} rows of {width}"
        promise = ">= 500,000" if width == 10 else ""
        yield Line(f"points/s, {wide}, queryable", f"{rows * width / total:,.0f}", promise)
        yield Line("  that is so many times os.write of them", f"{total / raw:.0f} x")
        yield Line("  of which finish()", f"{finish:.2f} s")
        yield Line(f"log() of {width} floats, hot, p50 / p99", f"{p50:.1f} / {p99:.1f} us")
    bare, log, slowest = medians([fresh(COLD) for _ in range(ROUNDS)])
    yield Line("log() of 10 after 2 ms of numpy, p50", f"{log:.1f} us", "<= 12 us")
    yield Line("  a call that does nothing, p50", f"{bare:.1f} us")
    yield Line("  log(), p99", f"{slowest:.1f} us")


def large() -> Iterator[Line]:
    """Store 10,000,000 numbers, under each durability."""
    for durability in ("process", "power-loss"):
        total, finish, raw, *times, rss = fresh(STORED, 1_000_000, 10, durability)
        yield Line(
            f"points/s, 1,000,000 rows of 10, {durability}", f"{1e7 / total:,.0f}", ">= 1.5 M"
        )
        yield Line("  that is so many times os.write of them", f"{total / raw:.0f} x")
        yield Line("  of which finish()", f"{finish:.2f} s")
        yield Line(
            "  log() p50 / p99 / p99.9", " / ".join(f"{one:.1f}" for one in times[:3]) + " us"
        )
        yield Line("  its longest stall", f"{times[3]:.0f} ms")
        yield Line("  most memory (the times of all calls: 40 MB)", f"{rss:.0f} MB")


def slow() -> Iterator[Line]:
    """Log 10 numbers 20 times a second, beside a process that logs nothing."""
    ways = {way: started(SLOW, way, SLOW_S) for way in ("bare", "nbtrack")}
    found = {way: result(process) for way, process in ways.items()}
    (bare_cpu, bare_rss), (cpu, rss) = found["bare"], found["nbtrack"]
    yield Line("20 rows/s for a minute, CPU", f"{cpu - bare_cpu:.2f} %", "<= 1.5 %")
    yield Line("  memory over a bare process", f"{rss - bare_rss:.0f} MB", "<= 60 MB")


def company() -> Iterator[Line]:
    """Follow eight kernels that log 100 rows/s each from another process."""
    import numpy as np

    from nbtrack.query import Follower

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", STEADY, folder, str(COMPANY_S)]
        kernels = [
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(COMPANY)
        ]
        for kernel in kernels:
            assert kernel.stdout is not None
            kernel.stdout.readline()
        root = Path(folder) / ".nbtrack"
        followers = [Follower(root, run.name) for run in (root / "runs").iterdir()]
        delays = list(watched(followers, COMPANY_S - 1))
        for kernel in kernels:
            kernel.communicate()
    seconds = np.concatenate(delays) / 1e6
    p50, p99, last = np.percentile(seconds, (50, 99, 100))
    yield Line(f"{COMPANY} kernels, seen by a follower after, p50", f"{p50:.3f} s")
    yield Line("  p99", f"{p99:.3f} s", "<= 0.3 s")
    yield Line("  at the latest", f"{last:.3f} s")


def watched(followers: list, duration_s: float) -> Iterator:
    """Yield how old the rows are that come, microseconds."""
    for follower in followers:
        follower.snapshot()
    end_s = time.monotonic() + duration_s
    while time.monotonic() < end_s:
        for follower in followers:
            news = follower.poll()
            for block in news.blocks if news else ():
                yield time.time() * 1e6 - block.times_us
        time.sleep(0.1)


def medians(rounds: list[list[float]]) -> list[float]:
    """Return the median of each column."""
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def fresh(code: str, *arguments: object) -> list[float]:
    """Run code in a process and a workspace of its own; return the numbers that it prints."""
    return result(started(code, *arguments))


def started(code: str, *arguments: object) -> tuple[subprocess.Popen, tempfile.TemporaryDirectory]:
    """Start code in a process and a workspace of its own."""
    folder = tempfile.TemporaryDirectory()
    command = [sys.executable, "-c", code, folder.name, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True), folder


def result(running: tuple[subprocess.Popen, tempfile.TemporaryDirectory]) -> list[float]:
    """Wait for a process; return the numbers that it prints."""
    process, folder = running
    out, _ = process.communicate()
    folder.cleanup()
    assert process.returncode == 0
    return [float(word) for word in out.split()]


if __name__ == "__main__":
    main()
