"""Loading ahead what the first panel needs, while the user still reads.

numpy, duckdb and the widget libraries take half a second, most of the time between a
cell's start and its panel.
"""

from contextlib import suppress
from importlib import import_module
from threading import Thread

from nbtrack.forks import kept_from_forks

_NEEDED = ("nbtrack.query.follower", "nbtrack.panels.pump", "nbtrack.panels.bundle")


def preload() -> None:
    """Begin to load, on a thread of its own."""
    Thread(target=_load, name="nbtrack-preload", daemon=True).start()


def _load() -> None:
    # Whoever needs what is missing for something will say so.
    with kept_from_forks(), suppress(ImportError):
        for name in _NEEDED:
            import_module(name)
