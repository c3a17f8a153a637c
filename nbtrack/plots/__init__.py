"""Columns in, pictures out: plotly figures, static SVG, sparklines of text.

The home of plotly. Importing this package loads neither plotly nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.plots.axes import number_text, room, tick_texts, ticks_inside
    from nbtrack.plots.figure import curves
    from nbtrack.plots.palette import PALETTE
    from nbtrack.plots.sparks import spark_text
    from nbtrack.plots.svg import Line, data_uri, line_chart, picture, sparkline
    from nbtrack.plots.thinning import extremes

__all__ = [
    "PALETTE",
    "Line",
    "curves",
    "data_uri",
    "extremes",
    "line_chart",
    "number_text",
    "picture",
    "room",
    "spark_text",
    "sparkline",
    "tick_texts",
    "ticks_inside",
]

_HOMES = {
    "PALETTE": "palette",
    "Line": "svg",
    "curves": "figure",
    "data_uri": "svg",
    "extremes": "thinning",
    "line_chart": "svg",
    "number_text": "axes",
    "picture": "svg",
    "room": "axes",
    "spark_text": "sparks",
    "sparkline": "svg",
    "tick_texts": "axes",
    "ticks_inside": "axes",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack.plots' has no attribute {name!r}")
    value = getattr(import_module(f"nbtrack.plots.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
