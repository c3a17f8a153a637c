"""What it costs that printed text is kept; printed, never asserted.

    make bench

Each number is a median of pairs, with a run and without, in turns: the machine's mood is
in both. A script prints into a file and into a terminal, a kernel to its front end. What
a run does by itself in its first seconds (packages, machine) is over by then.
"""

import os
import pty
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jupyter_client.manager import KernelManager

LINES = 50_000
PAIRS = 3
CELLS = 300

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
import time
time.sleep(2)
"""
CELL = f"""
import time
shell = get_ipython()
start = time.perf_counter()
for _ in range({CELLS}): shell.run_cell("pass")
print((time.perf_counter() - start) / {CELLS} * 1e6)
"""


def main() -> None:
    """Print the table."""
    print(f"printing {LINES:,} lines, Python {sys.version.split()[0]}, median of {PAIRS} pairs")
    for line in (*scripts(), *kernels()):
        print(line)


def scripts() -> Iterator[str]:
    """Print from scripts, into a file and into a terminal."""
    for where, printed in (("a file", into_file), ("a terminal", into_terminal)):
        pairs = [(printed(with_run=False), printed(with_run=True)) for _ in range(PAIRS)]
        yield told(f"script, into {where}", pairs, "<= +20 %")


def kernels() -> Iterator[str]:
    """Print from cells, and run cells that do nothing."""
    prints, cells = [], []
    for _ in range(PAIRS):
        bare, tracked = in_kernel(with_run=False), in_kernel(with_run=True)
        prints.append((bare[0], tracked[0]))
        cells.append((bare[1], tracked[1]))
    yield told("kernel", prints, "<= +20 %")
    extra_us = statistics.median(after - before for before, after in cells)
    bare_us = statistics.median(before for before, _ in cells)
    yield (
        f"  {'kernel, an empty cell':<28}{bare_us:>8.0f} us        {extra_us:>+8.1f} us "
        "(its record included)   <= +20 us beside the journal"
    )


def told(what: str, pairs: list[tuple[float, float]], promise: str) -> str:
    """Return a line of the table from pairs of seconds."""
    more = statistics.median(after / before - 1 for before, after in pairs)
    spread = [after / before - 1 for before, after in pairs]
    bare_us = statistics.median(before for before, _ in pairs) / LINES * 1e6
    return (
        f"  {what:<28}{bare_us:>8.2f} us a line {more:>+8.1%} "
        f"({min(spread):+.0%} to {max(spread):+.0%})   {promise}"
    )


def source(folder: str, *, with_run: bool) -> str:
    """Return a script that prints, and says how long it took on file descriptor 3."""
    opening = OPENING.format(folder=folder) if with_run else ""
    ending = "os.write(int(sys.argv[1]), str(spent).encode())\n"
    return f"import os, sys, time\n{opening}{PRINTING}{ending}" + "run.finish()" * with_run


def into_file(*, with_run: bool) -> float:
    """Return the seconds that a script printed into a file."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "out.txt").open("w") as out:
        read, write = os.pipe()
        command = [sys.executable, "-c", source(folder, with_run=with_run), str(write)]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
        subprocess.run(command, stdout=out, pass_fds=[write], env=environment, check=True)
        return answer(read, write)


def into_terminal(*, with_run: bool) -> float:
    """Return the seconds that a script printed into a terminal that somebody reads."""
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        command = [sys.executable, "-c", source(folder, with_run=with_run), str(write)]
        ours, theirs = pty.openpty()
        process = subprocess.Popen(command, stdout=theirs, stderr=theirs, pass_fds=[write])
        os.close(theirs)
        try:
            while os.read(ours, 1 << 16):
                pass
        except OSError:  # the script has ended
            pass
        process.wait()
        os.close(ours)
        return answer(read, write)


def answer(read: int, write: int) -> float:
    """Return the number that a script wrote into a pipe."""
    os.close(write)
    with os.fdopen(read) as pipe:
        return float(pipe.read())


def in_kernel(*, with_run: bool) -> tuple[float, float]:
    """Return the seconds that a cell printed, and the microseconds that an empty cell takes."""
    with tempfile.TemporaryDirectory() as folder:
        manager = KernelManager()
        manager.start_kernel(cwd=folder)
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        try:
            if with_run:
                cell(client, OPENING.format(folder=folder) + "run.display();")
            cell(client, CELL)
            empty_us = float(cell(client, CELL))
            seconds = float(cell(client, "import sys, time" + PRINTING + "print(spent)"))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        return seconds, empty_us


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
