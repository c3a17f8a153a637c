"""Runs beside each other on the screen: their messages, their live panel, their picture."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.panels.comparing.channel import CompareChannel
    from nbtrack.panels.comparing.drawing import drawing_of, pack_drawing
    from nbtrack.panels.comparing.shown import ShownComparison

__all__ = ["CompareChannel", "ShownComparison", "drawing_of", "pack_drawing"]

_HOMES = {
    "CompareChannel": "channel",
    "ShownComparison": "shown",
    "drawing_of": "drawing",
    "pack_drawing": "drawing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack.panels.comparing' has no attribute {name!r}")
    return getattr(import_module(f"nbtrack.panels.comparing.{_HOMES[name]}"), name)
