"""One measurement of one tracker, in a process of its own and in the tracker's environment.

    python worker.py '{"tracker": "wandb", "task": "log", "store": "...", "answer": "..."}'

The answer is a file with one JSON line, since trackers print what they like. Nothing is
imported here that a tracker could be spared of: `start` times its imports.
"""

import json
import sys
import time
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import rows

Order = dict[str, Any]

HOT_ROWS = 2_000
TRIES = 40
FEWEST_RUNS = 20


def main() -> None:
    """Do what was ordered and leave the answer."""
    order: Order = json.loads(sys.argv[1])
    answer = TASKS[order["task"]](order)
    partial = Path(order["answer"] + ".partial")
    partial.write_text(json.dumps(answer) + "\n")
    partial.replace(order["answer"])


def adapter(order: Order) -> ModuleType:
    """Import the tracker through its adapter."""
    return import_module(f"adapter_{order['module']}")


def versions(order: Order) -> Order:
    """Say what is measured."""
    found = {name: metadata.version(name) for name in order["distributions"]}
    module = adapter(order)
    return {"versions": getattr(module, "VERSIONS", {}) | found, "note": module.NOTE}


def start(order: Order) -> Order:
    """Import the tracker and open a run."""
    began = time.perf_counter()
    module = adapter(order)
    imported = time.perf_counter()
    _, finish = module.begin(Path(order["store"]), "start")
    ready = time.perf_counter()
    finish()
    return {"import_s": imported - began, "init_s": ready - imported}


def log(order: Order) -> Order:
    """Time every call of `log()`; with `work_ms` other work goes on between the calls."""
    given = rows.rows(order["metrics"], HOT_ROWS)
    record, finish = adapter(order).begin(Path(order["store"]), "log")
    work = training(order["work_ms"]) if order["work_ms"] else None
    clock, times = time.perf_counter_ns, []
    end = clock() + int(order["limit_s"] * 1e9)
    for call in range(order["calls"]):
        row = given[call % HOT_ROWS]
        if work is not None:
            work()
        before = clock()
        record(row)
        after = clock()
        times.append(after - before)
        if after > end:
            break
    finish()
    return {"times_us": microseconds(times)}


def training(work_ms: float) -> Any:  # noqa: ANN401 - a function
    """Return what works for a while on more memory than a cache holds, as training does."""
    import numpy as np

    matrix = np.random.default_rng(7).random((1_024, 1_024))

    def work() -> None:
        end = time.perf_counter() + work_ms / 1e3
        while time.perf_counter() < end:
            np.sqrt(matrix, out=matrix)
            np.add(matrix, 0.5, out=matrix)

    return work


def throughput(order: Order) -> Order:
    """Log many rows as fast as it goes and finish the run."""
    given = rows.rows(10, order["rows"])
    record, finish = adapter(order).begin(Path(order["store"]), "throughput")
    began = time.perf_counter()
    for row in given:
        record(row)
    logged = time.perf_counter()
    finish()
    return {"log_s": logged - began, "seconds": time.perf_counter() - began}


def paced(order: Order) -> Order:
    """Log rows at a pace, all opening their run at the same moment; count what returned."""
    given = rows.rows(10, HOT_ROWS)
    module = adapter(order)
    Path(order["ready"]).touch()
    while not Path(order["go"]).exists():
        time.sleep(0.002)
    record, finish, failures = begun(module, order)
    times, errors = loop(record, given, order)
    began = time.perf_counter()
    finish()
    return {
        "times_us": microseconds(times),
        "errors": errors,
        "init_errors": failures,
        "rows": len(times) - errors,
        "finish_s": time.perf_counter() - began,
    }


def begun(module: ModuleType, order: Order) -> tuple[Any, Any, list[str]]:
    """Open a run, again and again until it works; return also what went wrong before."""
    failures: list[str] = []
    while True:
        try:
            return *module.begin(Path(order["store"]), order["name"]), failures
        except Exception as error:
            failures.append(" ".join(f"{type(error).__name__}: {error}".split())[:80])
            if len(failures) >= TRIES:
                raise
            time.sleep(0.25)


def loop(record: Any, given: list[dict[str, float]], order: Order) -> tuple[list[int], int]:  # noqa: ANN401
    """Call `record` at the pace ordered; return the times of the calls, and how many failed.

    The count of calls that returned stands in a mapped file, which outlives a kill.
    """
    import mmap
    import struct

    clock, times, errors, period = time.perf_counter_ns, [], 0, int(1e9 / order["rate"])
    with Path(order["acknowledged"]).open("r+b") as file, mmap.mmap(file.fileno(), 8) as count:
        due, end = clock(), clock() + int(order["seconds"] * 1e9)
        while due < end and clock() < end:
            row = given[len(times) % HOT_ROWS]
            before = clock()
            try:
                record(row)
            except Exception:  # noqa: BLE001 - it is counted
                errors += 1
            times.append(clock() - before)
            struct.pack_into("<q", count, 0, len(times) - errors)
            due += period
            time.sleep(max(0, due - clock()) / 1e9)
    return times, errors


def count(order: Order) -> Order:
    """Count the rows that the tracker's own reader finds."""
    module, store = adapter(order), Path(order["store"])
    indexed(module, store)
    found = [len(values) for values in module.values(store, rows.COUNTED)]
    return {"rows": sum(found), "runs": len(found)}


def fill(order: Order) -> Order:
    """Store one run with many points of one metric."""
    points = [row[rows.COUNTED] for row in rows.rows(1, order["rows"])]
    module, store = adapter(order), Path(order["store"])
    if hasattr(module, "fill"):
        module.fill(store, "fill", rows.COUNTED, points)
    else:
        record, finish = module.begin(store, "fill")
        for point in points:
            record({rows.COUNTED: point})
        finish()
    indexed(module, store)
    return {}


def read(order: Order) -> Order:
    """Read all points of that metric back, as Python floats."""
    module = adapter(order)
    began = time.perf_counter()
    points = next(module.values(Path(order["store"]), rows.COUNTED))
    between = time.perf_counter()
    next(module.values(Path(order["store"]), rows.COUNTED))
    again_s = time.perf_counter() - between
    return {"seconds": between - began, "again_s": again_s, "points": len(points)}


def make_runs(order: Order) -> Order:
    """Make runs with a configuration and last values until there are enough, or time is up."""
    module, store, (row,) = adapter(order), Path(order["store"]), rows.rows(10, 1)
    end, made = time.monotonic() + order["limit_s"], 0
    while made < order["runs"] and (made < FEWEST_RUNS or time.monotonic() < end):
        record, finish = module.begin(store, f"run-{made}", rows.config())
        record(row)
        finish()
        made += 1
    indexed(module, store)
    return {"runs": made}


def list_runs(order: Order) -> Order:
    """List all runs with configuration and last values."""
    module = adapter(order)
    began = time.perf_counter()
    found = module.listing(Path(order["store"]))
    between = time.perf_counter()
    module.listing(Path(order["store"]))
    again_s = time.perf_counter() - between
    whole = [name for name, config, last in found if len(config) >= 10 and len(last) > 0]
    return {"seconds": between - began, "again_s": again_s, "runs": len(whole)}


def curves(order: Order) -> Order:
    """Log runs that a page draws as the lines of some charts; `rate` rows a second, 0 for all."""
    module = adapter(order)
    for line in range(order["lines"]):
        record, finish = module.begin(Path(order["store"]), f"line-{line}")
        for step in range(order["steps"]):
            record(
                {f"m/{chart}": rows.curve(chart, line, step) for chart in range(order["charts"])}
            )
            if order["rate"]:
                time.sleep(1 / order["rate"])
        finish()
    return {}


def spike(order: Order) -> Order:
    """Log points of one metric, one of them far above the others, as many as time allows."""
    record, finish = adapter(order).begin(Path(order["store"]), "spike")
    end, logged = time.monotonic() + order["limit_s"], 0
    while logged < order["rows"] and time.monotonic() < end:
        record({"m/spike": order["value"] if logged == order["at"] else 1 + logged % 7})
        logged += 1
    finish()
    return {"rows": logged}


def indexed(module: ModuleType, store: Path) -> None:
    """Let the tracker do what it wants done before its store is read."""
    if hasattr(module, "index"):
        module.index(store)


def microseconds(times_ns: list[int]) -> list[float]:
    """Return times in microseconds, shortest first."""
    return [time_ns / 1e3 for time_ns in sorted(times_ns)]


TASKS = {
    "versions": versions,
    "start": start,
    "log": log,
    "throughput": throughput,
    "paced": paced,
    "count": count,
    "fill": fill,
    "read": read,
    "make_runs": make_runs,
    "list_runs": list_runs,
    "curves": curves,
    "spike": spike,
}

if __name__ == "__main__":
    main()
