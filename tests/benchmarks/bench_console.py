"""What it costs that printed text is kept; printed, never asserted.

    make bench

Each number is a median of pairs, with a run and without, in turns: the machine's mood is
in both. A script prints into a file and into a terminal, a kernel to its front end. What
a run looks up once, when it begins (packages, machine), is over by then: beside a thread
that computes it may take longer than the two seconds that are waited for at least.

Nobody rests before the printing is timed. Virtual machines take memory from those who do:
what is touched first afterwards takes many times as long, with or without a run. The first
line of the table says how many on this machine. Lines are made five times a second, and
each pair begins at another moment between two turns.
"""

import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from jupyter_client.manager import KernelManager

LINES = 50_000
PAIRS = 5
CELLS = 300
REST_S = 2.0

AWAKE = """
import gc, threading, time

def _looks_up():
    return any(thread.name == "nbtrack-provenance" for thread in threading.enumerate())

end = time.perf_counter() + {seconds}
while time.perf_counter() < end or _looks_up():
    gc.collect()
"""
PRINTING = f"""
start = time.perf_counter()
for i in range({LINES}): print(f"epoch {{i}} loss {{i * 0.1:.4f}}")
sys.stdout.flush()
spent = time.perf_counter() - start
"""
OPENING = """
import nbtrack
run = nbtrack.init(project="bench", dir={folder!r}, settings={{"silent": True,
    "x_disable_stats": True, "save_code": False, "disable_git": True}})
"""
HOOKS = """
import statistics, time
_us = {"pre_run_cell": [], "post_run_cell": []}

def _timed(hook, us):
    def timed(argument):
        start = time.perf_counter()
        hook(argument)
        us.append((time.perf_counter() - start) * 1e6)
    return timed

for _event, _hooks in get_ipython().events.callbacks.items():
    for _place, _hook in enumerate(_hooks):
        if _event in _us and "Door." in getattr(_hook, "__qualname__", ""):
            _hooks[_place] = _timed(_hook, _us[_event])
"""
TOLD = "print(sum(map(statistics.median, _us.values())))"
IN_A_ROW = f"""
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult
_cells = get_ipython()._nbtrack_door._cells
_outer = _cells._running[:]
_cells._running.clear()
for _us_of in _us.values(): _us_of.clear()
for _ in range({CELLS}):
    _info = ExecutionInfo("pass", True, False, True, "cell")
    _result = ExecutionResult(_info)
    get_ipython().events.trigger("pre_run_cell", _info)
    get_ipython().events.trigger("post_run_cell", _result)
_cells._running.extend(_outer)
{TOLD}
"""


def main() -> None:
    """Print the table."""
    print(f"printing {LINES:,} lines, Python {sys.version.split()[0]}, median of {PAIRS} pairs")
    print(f"  after {REST_S:.0f} s of rest this machine takes {after_rest():.1f} times as long")
    for line in (*scripts(), *kernels()):
        print(line)


def after_rest() -> float:
    """Return how many times as long it takes to add numbers that nobody touched for a while."""
    numbers = list(range(200_000))
    seconds = []
    for rest_s in (0.0, 0.0, REST_S):
        time.sleep(rest_s)  # the rest is what is measured
        start = time.perf_counter()
        sum(numbers)
        seconds.append(time.perf_counter() - start)
    return seconds[2] / seconds[1]


def scripts() -> Iterator[str]:
    """Print from scripts, into a file and into a terminal."""
    for where, printed in (("a file", into_file), ("a terminal", into_terminal)):
        pairs = [
            (printed(turn, with_run=False), printed(turn, with_run=True)) for turn in range(PAIRS)
        ]
        yield told(f"script, into {where}", pairs, "<= +20 %")


def kernels() -> Iterator[str]:
    """Print from cells, and run cells that do nothing."""
    prints, hooks = [], []
    for turn in range(PAIRS):
        bare, tracked = in_kernel(turn, with_run=False), in_kernel(turn, with_run=True)
        prints.append((bare[0], tracked[0]))
        hooks.append(tracked[1:])
    yield told("kernel", prints, "<= +20 %")
    row_us, cells_us = (statistics.median(column) for column in zip(*hooks, strict=True))
    yield (
        f"  {'hooks of a cell, in a row':<28}{row_us:>8.1f} us, what they note included"
        "         <= 20 us beside the journal write"
    )
    yield f"  {'hooks of a cell, as it runs':<28}{cells_us:>8.1f} us: other code ran in between"


def told(what: str, pairs: list[tuple[float, float]], promise: str) -> str:
    """Return a line of the table from pairs of seconds."""
    more = statistics.median(after / before - 1 for before, after in pairs)
    spread = [after / before - 1 for before, after in pairs]
    bare_us = statistics.median(before for before, _ in pairs) / LINES * 1e6
    return (
        f"  {what:<28}{bare_us:>8.2f} us a line {more:>+8.1%} "
        f"({min(spread):+.0%} to {max(spread):+.0%})   {promise}"
    )


def awake(turn: int) -> str:
    """Return code that computes for two seconds, and a part of the time between two turns."""
    return AWAKE.format(seconds=2 + turn * 0.2 / PAIRS)


def source(folder: str, turn: int, *, with_run: bool) -> str:
    """Return a script that prints, and writes how long it took into a pipe."""
    opening = OPENING.format(folder=folder) * with_run + awake(turn)
    ending = "os.write(int(sys.argv[1]), str(spent).encode())\n"
    return f"import os, sys, time\n{opening}{PRINTING}{ending}" + "run.finish()" * with_run


def into_file(turn: int, *, with_run: bool) -> float:
    """Return the seconds that a script printed into a file."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "out.txt").open("w") as out:
        read, write = os.pipe()
        command = [sys.executable, "-c", source(folder, turn, with_run=with_run), str(write)]
        subprocess.run(command, stdout=out, pass_fds=[write], env=buffered(), check=True)
        return answer(read, write)


def into_terminal(turn: int, *, with_run: bool) -> float:
    """Return the seconds that a script printed into a terminal that somebody reads."""
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        command = [sys.executable, "-c", source(folder, turn, with_run=with_run), str(write)]
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command, stdout=theirs, stderr=theirs, pass_fds=[write], env=buffered()
        )
        os.close(theirs)
        try:
            while os.read(ours, 1 << 16):
                pass
        except OSError:  # the script has ended
            pass
        process.wait()
        os.close(ours)
        return answer(read, write)


def buffered() -> dict[str, str]:
    """Return this environment, without what makes Python write every piece by itself."""
    return {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}


def answer(read: int, write: int) -> float:
    """Return the number that a script wrote into a pipe."""
    os.close(write)
    with os.fdopen(read) as pipe:
        return float(pipe.read())


def in_kernel(turn: int, *, with_run: bool) -> tuple[float, float, float]:
    """Return the seconds that a cell printed, and the microseconds that hooks of cells take."""
    with tempfile.TemporaryDirectory() as folder:
        manager = KernelManager()
        manager.start_kernel(cwd=folder)
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        try:
            if with_run:
                cell(client, OPENING.format(folder=folder) + "run.display();")
            row_us, cells_us = hooks(client) if with_run else (0.0, 0.0)
            printing = "import sys" + awake(turn) + PRINTING
            seconds = float(cell(client, printing + "print(spent)"))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        return seconds, row_us, cells_us


def hooks(client: object) -> tuple[float, float]:
    """Return the microseconds of both hooks of a cell: one after the other, and as cells run."""
    cell(client, HOOKS)
    for _ in range(CELLS):
        cell(client, "pass")
    cells_us = float(cell(client, TOLD))
    return float(cell(client, IN_A_ROW)), cells_us


def cell(client: object, code: str) -> str:
    """Run a cell and return the last line that it printed."""
    text: list[str] = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "stream":
            text.append(message["content"]["text"])
        elif message["msg_type"] == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))

    client.execute_interactive(code, output_hook=hear, timeout=120)  # type: ignore[attr-defined]
    return ("".join(text).strip().splitlines() or ["0"])[-1]


if __name__ == "__main__":
    main()
