"""A chart for print in the format of its file: SVG by ourselves, PNG and PDF by Chromium."""

import struct
import zlib
from typing import Final

from nbtrack.plots.chromium import PIXELS_PER_INCH, printer
from nbtrack.plots.style import ChartStyle

FORMATS: Final = ("svg", "png", "pdf")

_MM_PER_INCH: Final = 25.4
_PAGE: Final = (
    '<!doctype html><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<style>@page{margin:0}body{margin:0}svg{display:block}</style>"
)
_PNG_HEAD: Final = 33
"""Bytes of a PNG's signature and its first chunk."""


def rendered(svg: str, form: str, style: ChartStyle) -> bytes:
    """Return a chart as the bytes of a file.

    Args:
        svg: The chart.
        form: One of `FORMATS`.
        style: How it looks; a PNG has so many pixels as its `dpi` says.

    Raises:
        MissingDependencyError: If it takes a Chromium and there is none.
        PrintError: If Chromium cannot print it.
    """
    if form == "svg":
        return svg.encode("utf-8")
    width_in, height_in = style.width_mm / _MM_PER_INCH, style.height_mm / _MM_PER_INCH
    size_px = (width_in * PIXELS_PER_INCH, height_in * PIXELS_PER_INCH)
    with printer() as press:
        press.show(_PAGE + svg, width_px=size_px[0], height_px=size_px[1])
        if form == "png":
            return _with_dpi(press.png(*size_px, style.dpi / PIXELS_PER_INCH), style.dpi)
        margins = dict.fromkeys(("marginTop", "marginBottom", "marginLeft", "marginRight"), 0)
        return press.pdf(paperWidth=width_in, paperHeight=height_in, pageRanges="1", **margins)


def _with_dpi(png: bytes, dpi: float) -> bytes:
    """Return a PNG that says how large it is on paper."""
    per_metre = round(dpi / _MM_PER_INCH * 1_000)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_PNG_HEAD] + chunk + png[_PNG_HEAD:]
