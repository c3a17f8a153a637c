"""Loading ahead what the first panel needs, while the user still reads.

numpy, duckdb and the widget libraries take half a second, most of the time between a
cell's start and its panel.
"""

import time
from contextlib import suppress
from importlib import import_module
from threading import Thread

from nbtrack.forks import kept_from_forks

_NEEDED = ("nbtrack.query.follower", "nbtrack.panels.pump", "nbtrack.panels.bundle")
HEAD_START_S = 0.1
"""How long the thread stays back, so that `init()` does not share the interpreter with it."""


def preload(head_start_s: float = HEAD_START_S) -> None:
    """Begin to load, on a thread of its own, after so many seconds."""
    Thread(target=_load, args=(head_start_s,), name="nbtrack-preload", daemon=True).start()


def _load(head_start_s: float) -> None:
    time.sleep(head_start_s)
    # Whoever needs what is missing for something will say so.
    with kept_from_forks(), suppress(ImportError):
        for name in _NEEDED:
            import_module(name)
