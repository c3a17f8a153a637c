"""Forks while its threads import: `python forking.py FOLDER CHILDREN SEED`.

Nothing is imported here that would load numpy or duckdb: a run's threads shall do that.
"""

import json
import os
import random
import signal
import sys
import threading
import time

import nbtrack
from nbtrack.panels import preload
from nbtrack.runs import Run

PATIENCE_S = 20.0


def main(folder: str, children: str, seed: str) -> None:
    chance = random.Random(int(seed))
    run = nbtrack.init(project="parents", dir=folder)
    assert "numpy" not in sys.modules
    preload(head_start_s=0)
    codes: list[int | None] = []
    for child in range(int(children)):
        time.sleep(chance.uniform(0, 0.1))
        fork = threading.Thread(target=lambda: codes.append(ended(fork_a_tracker(run))))
        if child % 2:
            fork.start()
            fork.join()
        else:
            fork.run()
    for step in range(100):
        run.log({"loss": step})
    run.finish()
    sys.stdout.write(json.dumps(codes))


def fork_a_tracker(run: Run) -> int:
    """Fork a child that keeps a run of its own; return its process id."""
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        run.log({"loss": -1})
        with nbtrack.init(project="children", dir=run.root) as mine:
            mine.log({"loss": 0.5})
        code = 0 if mine.state == "finished" else 2
    finally:
        os._exit(code)


def ended(child: int) -> int | None:
    """Return how a child ended; None for one that had to be killed."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
