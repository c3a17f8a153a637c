"""Small charts as SVG text: no script, no style sheet, nothing from elsewhere.

Two forms, because pages differ in what they let through. `line_chart` is a whole chart
with axes, legend and text in the page's own colour, to stand inside HTML. `picture` has
neither text nor page colours: it survives as `<img>` (`data_uri`) in front ends that
remove inline SVG, and stretches to any width; the page writes the labels around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from nbtrack.plots.axes import room, tick_texts, ticks_inside
from nbtrack.plots.palette import GREY, PALETTE
from nbtrack.plots.thinning import extremes

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FINE = 10
"""Coordinates are whole tenths of a pixel: shorter than decimals, finer than a screen."""

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {attributes}>'
_LINE = (
    '<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" '
    'stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
)
_CHARACTER = 6.2  # width of a character of an 11 px sans-serif, on the safe side
_MOST_NAME = 40  # characters of a name in a legend


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        name: Untrusted text.
        xs: Shape `(n,)`, float64; points where it is not finite are left out.
        ys: Shape `(n,)`, float64; the line has a gap where it is not finite.
    """

    name: str
    xs: "NDArray[np.float64]"
    ys: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where numbers stand in a rectangle.

    Attributes:
        left: Of the rectangle, pixels; as `top`, `width` and `height`.
        low: The numbers at the left and the lower edge, (x, y).
        high: The numbers at the right and the upper edge, (x, y).
    """

    left: float
    top: float
    width: float
    height: float
    low: tuple[float, float]
    high: tuple[float, float]

    def across(self, xs: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return where numbers stand from left to right, pixels."""
        return self.left + _share(xs, self.low[0], self.high[0]) * self.width

    def down(self, ys: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return where numbers stand from the top down, pixels."""
        return self.top + (1 - _share(ys, self.low[1], self.high[1])) * self.height


def picture(  # noqa: PLR0913 - keywords
    lines: Sequence[Line],
    *,
    span: tuple[float, float],
    rules: Sequence[float],
    width: int = 300,
    height: int = 90,
    colours: Sequence[str] = PALETTE,
    stroke: float = 1.6,
) -> str:
    """Return lines over horizontal rules, without text, that stretches with its box.

    Args:
        lines: What to draw.
        span: The numbers at the lower and the upper edge.
        rules: Where rules are drawn.
        width: Columns: each shows its exact extremes.
        height: Pixels.
        colours: In the order of `lines`, again from the first when they run out.
        stroke: Width of the lines, pixels of the screen.
    """
    lines = [_columns(line, width) for line in lines]
    low, high = range_of([line.xs for line in lines])
    edge = stroke  # half a stroke would be cut off at the edges
    frame = Frame(edge, edge, width - 2 * edge, height - 2 * edge, (low, span[0]), (high, span[1]))
    attributes = f'width="{width}" height="{height}" preserveAspectRatio="none"'
    parts = [_opening(width, height, attributes), _rules(frame, rules, GREY)]
    parts += [
        _drawn(line, frame, colours[i % len(colours)], stroke) for i, line in enumerate(lines)
    ]
    return "".join([*parts, "</svg>"])


def sparkline(
    values: "NDArray[np.float64]", *, width: int = 120, height: int = 24, colour: str = PALETTE[0]
) -> str:
    """Return a series as a line without anything around it."""
    line = Line("", np.arange(len(values), dtype=np.float64), values)
    low, high = range_of([values])
    attributes = f'width="{width}" height="{height}" role="img" aria-hidden="true"'
    frame = Frame(1.5, 1.5, width - 3, height - 3, (0.0, low), (max(len(values) - 1.0, 1.0), high))
    drawn = _drawn(_columns(line, width), frame, colour, 1.4)
    return f"{_opening(width, height, attributes)}{drawn}</svg>"


def line_chart(
    lines: Sequence[Line], *, title: str = "", x_name: str = "", width: int = 720, height: int = 360
) -> str:
    """Return a whole chart: axes with round numbers, a legend, lines.

    Text and axes have the colour of the text around the chart. Every column of pixels
    shows the exact extremes of its points.

    Args:
        lines: What to draw; none at all gives a chart that says so.
        title: Untrusted text.
        x_name: What stands below the horizontal axis; untrusted text.
        width: Pixels; the chart shrinks with its page.
        height: Pixels.
    """
    drawable = [line for line in lines if np.isfinite(line.ys).any()]
    label = title or ", ".join(line.name for line in lines[:8]) or "chart"
    attributes = (
        f'role="img" aria-label="{safe_text(label)}" '
        f'style="width:100%;max-width:{width}px;height:auto" '
        'font-family="system-ui,sans-serif" font-size="11" fill="currentColor"'
    )
    parts = [_opening(width, height, attributes)]
    if title:
        parts.append(
            f'<text x="8" y="18" font-size="13" font-weight="600">{safe_text(title)}</text>'
        )
    if not drawable:
        middle = f'x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle" fill-opacity=".7"'
        return "".join([*parts, f"<text {middle}>no numbers to draw</text></svg>"])
    top = 32 if title else 12
    legend, used = _legend(drawable, width, top) if len(lines) > 1 else ("", 0)
    return "".join([*parts, legend, _plot(drawable, x_name, width, height, top + used), "</svg>"])


def data_uri(svg: str) -> str:
    """Return an SVG as the source of an `<img>`; safe inside a double-quoted attribute."""
    return "data:image/svg+xml," + quote(svg.replace('"', "'"), safe=" =:;/,()'!*-.")


def _plot(lines: Sequence[Line], x_name: str, width: int, height: int, top: int) -> str:
    y_low, y_high = room(*range_of([line.ys for line in lines]))
    y_ticks = ticks_inside(y_low, y_high, most=7)
    x_low, x_high = range_of([line.xs for line in lines])
    y_texts = tick_texts(y_ticks)
    left = 14 + _CHARACTER * max(map(len, y_texts), default=0)
    bottom = 40 if x_name else 24
    size = (width - left - 14, height - top - bottom)
    frame = Frame(left, top, *size, (x_low, y_low), (x_high, y_high))
    parts = [_rules(frame, y_ticks, "currentColor")]
    heights = frame.down(np.array(y_ticks))
    parts += [
        f'<text x="{left - 6:g}" y="{y + 4:.1f}" text-anchor="end" fill-opacity=".75">{text}</text>'
        for y, text in zip(heights, y_texts, strict=True)
    ]
    parts.append(_x_axis(frame, height - bottom))
    if x_name:
        place = f'x="{left + size[0] / 2:g}" y="{height - 8}" text-anchor="middle"'
        parts.append(f'<text {place} fill-opacity=".75">{safe_text(x_name)}</text>')
    for i, line in enumerate(lines):
        drawn = _columns(line, int(size[0]))
        parts.append(_drawn(drawn, frame, PALETTE[i % len(PALETTE)], 1.6))
    return "".join(parts)


def _x_axis(frame: Frame, bottom: float) -> str:
    low, high = frame.low[0], frame.high[0]
    inside = ticks_inside(low, high, most=8)
    places = frame.across(np.array(inside))
    return "".join(
        f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle" fill-opacity=".75">{text}</text>'
        for x, text in zip(places, tick_texts(inside), strict=True)
    )


def _legend(lines: Sequence[Line], width: int, top: int) -> tuple[str, int]:
    """Return the legend and its height, pixels."""
    x, y, parts = 10.0, top + 8.0, []
    for i, line in enumerate(lines):
        name = line.name if len(line.name) <= _MOST_NAME else line.name[: _MOST_NAME - 1] + "…"
        needed = 34 + _CHARACTER * len(name)
        if x > 10 and x + needed > width:  # noqa: PLR2004 - the left margin
            x, y = 10.0, y + 17
        colour = PALETTE[i % len(PALETTE)]
        parts.append(
            f'<path d="M{x:.1f} {y - 4:g}h14" stroke="{colour}" stroke-width="2.5"/>'
            f'<text x="{x + 19:.1f}" y="{y:g}">{safe_text(name)}</text>'
        )
        x += needed
    return "".join(parts), int(y) - top + 16


def _rules(frame: Frame, values: Sequence[float], colour: str) -> str:
    places = np.rint(frame.down(np.array(values, dtype=np.float64)) * _FINE) / _FINE
    path = "".join(f"M{frame.left:g} {y:g}h{frame.width:g}" for y in places)
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity=".25" '
        'vector-effect="non-scaling-stroke"/>'
    )


def _drawn(line: Line, frame: Frame, colour: str, width: float) -> str:
    """Return a line as paths: one for what is connected, one for points that stand alone."""
    joined: list[str] = []
    alone: list[str] = []
    for points in pieces(line, frame):
        (joined if len(points) > 1 else alone).append(path_of(points))
    parts = [("".join(joined), width), ("".join(alone), 3 * width)]
    return "".join(_LINE.format(path=path, colour=colour, width=w) for path, w in parts if path)


def pieces(line: Line, frame: Frame) -> "Iterator[NDArray[np.int64]]":
    """Yield the pieces between gaps as `(n, 2)` whole tenths of a pixel."""
    with np.errstate(invalid="ignore"):
        xs, ys = frame.across(line.xs) * _FINE, frame.down(line.ys) * _FINE
    finite = np.isfinite(xs) & np.isfinite(ys)
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    for low, high in bounds.reshape(-1, 2):
        yield np.rint(np.stack([xs[low:high], ys[low:high]], axis=1)).astype(np.int64)


def path_of(points: "NDArray[np.int64]") -> str:
    """Return a piece as the data of an SVG path."""
    x, y = points[0] / _FINE
    moves = [move for move in np.diff(points, axis=0).tolist() if any(move)]
    steps = " ".join(f"{_tenths(dx)} {_tenths(dy)}" for dx, dy in moves) or "0 0"
    return f"M{x:g} {y:g}l{steps}".replace(" -", "-")


def _tenths(value: int) -> str:
    text = f"{value / _FINE:g}"
    return text.replace("0.", ".", 1) if abs(value) < _FINE else text


def _columns(line: Line, columns: int) -> Line:
    """Return a line with at most two points per column of pixels, about."""
    there = np.isfinite(line.xs)
    xs, ys = line.xs[there], line.ys[there]
    kept = extremes(ys, 2 * columns)
    return Line(line.name, xs[kept], ys[kept])


def range_of(arrays: "Sequence[NDArray[np.float64]]") -> tuple[float, float]:
    """Return the least and the greatest finite number of some arrays, (0, 1) for none."""
    finite = [array[np.isfinite(array)] for array in arrays]
    lows = [float(array.min()) for array in finite if len(array)]
    highs = [float(array.max()) for array in finite if len(array)]
    return (min(lows), max(highs)) if lows else (0.0, 1.0)


def _share(values: "NDArray[np.float64]", low: float, high: float) -> "NDArray[np.float64]":
    half = high / 2 - low / 2
    if half <= 0:
        return np.where(np.isfinite(values), 0.5, np.nan)
    return (values / 2 - low / 2) / half


def _opening(width: int, height: int, attributes: str) -> str:
    return _SVG.format(width=width, height=height, attributes=attributes)


def safe_text(text: str) -> str:
    """Return an untrusted text as it can stand in SVG."""
    printable = "".join(max(character, " ") for character in text)
    return escape(printable.encode("utf-8", "replace").decode(), quote=True)
