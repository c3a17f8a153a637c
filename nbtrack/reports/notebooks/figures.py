"""Figures of plotly that stay figures: its script stands in the page once, if there is one."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

PLOTLY_TYPE: Final = "application/vnd.plotly.v1+json"
FIGURE_TYPE: Final = "application/vnd.nbtrack.figure"
"""Type of the elements that carry figures: no browser takes it for a script."""

_DRAWN_ALIKE: Final = {"scattergl": "scatter", "heatmapgl": "heatmap"}
"""WebGL forms compile code while they run, which the page's policy refuses."""
_HEIGHT_PX: Final = 450


def holds_figures(cells: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether any output of some cells is a figure."""
    outputs = (output for cell in cells for output in cell.get("outputs") or ())
    kept = (output.get("data") for output in outputs)
    return any(isinstance(data, Mapping) and PLOTLY_TYPE in data for data in kept)


def figure_html(figure: Mapping[str, Any], still: str, label: str) -> str:
    """Return the place of a figure, with its data.

    Args:
        figure: As plotly writes it; untrusted.
        still: HTML that stands there without JavaScript.
        label: What it is, for those who cannot see it; plain text.
    """
    data, layout = figure.get("data"), figure.get("layout")
    if not isinstance(data, list):
        return ""
    traces = [_drawable(trace) for trace in data if isinstance(trace, Mapping)]
    height = layout.get("height") if isinstance(layout, Mapping) else None
    is_height = isinstance(height, int | float) and 0 < height < 10_000  # noqa: PLR2004
    box = f"min-height:{height if is_height else _HEIGHT_PX:g}px"
    frames = figure.get("frames")
    drawn = {"data": traces, "layout": layout or {}, "frames": frames or []}
    told = json.dumps(drawn, ensure_ascii=False)
    missing = still or f'<p class="note" role="note">A figure of plotly, {escape(label)}.</p>'
    return (
        f'<div class="plotly-figure" role="group" aria-label="{escape(label, quote=True)}">\n'
        f'<div class="plotly-still">{missing}</div>\n'
        f'<div class="plotly-live" style="{box}" hidden></div>\n'
        f'<script type="{FIGURE_TYPE}">{_inert(told)}</script></div>\n'
    )


def _drawable(trace: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = trace.get("type")
    return {**trace, "type": _DRAWN_ALIKE[kind]} if kind in _DRAWN_ALIKE else trace


def _inert(told: str) -> str:
    return told.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
