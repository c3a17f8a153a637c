"""Loading ahead what the first panel needs, while the user still reads.

numpy, duckdb and the widget libraries take half a second, most of the time between a
cell's start and its panel.
"""

from importlib import import_module
from threading import Thread

_NEEDED = ("nbtrack.query.follower", "nbtrack.panels.pump", "nbtrack.panels.bundle")


def preload() -> None:
    """Begin to load, on a thread of its own."""
    Thread(target=_load, name="nbtrack-preload", daemon=True).start()


def _load() -> None:
    try:
        for name in _NEEDED:
            import_module(name)
    except ImportError:
        return  # whoever needs it for something will say so
