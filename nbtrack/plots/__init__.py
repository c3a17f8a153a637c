"""Columns in, pictures out: plotly figures, static SVG, charts for print, sparklines of text.

The home of plotly. Importing this package loads neither plotly nor numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.plots.axes import number_text, room, tick_texts, ticks_inside
    from nbtrack.plots.chromium import find_chromium, printer
    from nbtrack.plots.figure import curves, plotly_script
    from nbtrack.plots.palette import PALETTE
    from nbtrack.plots.paper import Curve, Words, line_sample, paper_chart
    from nbtrack.plots.rendering import FORMATS, rendered
    from nbtrack.plots.smoothing import smooth
    from nbtrack.plots.sparks import spark_text
    from nbtrack.plots.style import ChartStyle, checked_smoothing
    from nbtrack.plots.svg import Line, data_uri, line_chart, picture, sparkline
    from nbtrack.plots.thinning import extremes

__all__ = [
    "FORMATS",
    "PALETTE",
    "ChartStyle",
    "Curve",
    "Line",
    "Words",
    "checked_smoothing",
    "curves",
    "data_uri",
    "extremes",
    "find_chromium",
    "line_chart",
    "line_sample",
    "number_text",
    "paper_chart",
    "picture",
    "plotly_script",
    "printer",
    "rendered",
    "room",
    "smooth",
    "spark_text",
    "sparkline",
    "tick_texts",
    "ticks_inside",
]

_HOMES = {
    "FORMATS": "rendering",
    "PALETTE": "palette",
    "ChartStyle": "style",
    "Curve": "paper",
    "Line": "svg",
    "Words": "paper",
    "checked_smoothing": "style",
    "curves": "figure",
    "data_uri": "svg",
    "extremes": "thinning",
    "find_chromium": "chromium",
    "line_chart": "svg",
    "line_sample": "paper",
    "number_text": "axes",
    "paper_chart": "paper",
    "picture": "svg",
    "plotly_script": "figure",
    "printer": "chromium",
    "rendered": "rendering",
    "room": "axes",
    "smooth": "smoothing",
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
