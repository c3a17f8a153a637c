"""One chart as SVG for print: sizes in millimetres and points, nothing from elsewhere.

What other charts leave to their page, fonts, colours and background, is said in the file.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nbtrack.plots.axes import room, tick_texts, ticks_inside
from nbtrack.plots.palette import DARK, LIGHT
from nbtrack.plots.style import ChartStyle
from nbtrack.plots.svg import Frame, Line, path_of, pieces, range_of, safe_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS_PER_MM: Final = 72 / 25.4

_INK: Final = {"light": "#1a1a1a", "dark": "#e8e8e8"}
_PAPER: Final = {"light": "#ffffff", "dark": "#111111"}
_DASHES: Final = ("", "6 2.5", "1.8 1.8", "8 2.5 1.8 2.5")
"""Lines whose colour is there already are dashed, in lengths of a line's width."""
_CHARACTER: Final = 0.58
"""Mean width of a character, in ems: digits of Helvetica take 0.556."""
_MOST_MARKS: Final = 200
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve of a chart.

    Attributes:
        name: What the legend says; untrusted text.
        xs: Shape `(n,)`, float64, ascending.
        ys: Shape `(n,)`, float64; NaN and infinities are marked where they occur.
        raw: Shape `(n,)`, float64: drawn faintly behind it, where `ys` is smoothed.
        lows: Shape `(n,)`, float64: lower edge of a band around it.
        highs: Shape `(n,)`, float64: its upper edge.
        slot: Number of its colour and dashes, where other charts draw the same thing; None
            for its place among the curves of this one.
    """

    name: str
    xs: "NDArray[np.float64]"
    ys: "NDArray[np.float64]"
    raw: "NDArray[np.float64] | None" = None
    lows: "NDArray[np.float64] | None" = None
    highs: "NDArray[np.float64] | None" = None
    slot: int | None = None

    def heights(self) -> "list[NDArray[np.float64]]":
        """Return all that has a height."""
        return [one for one in (self.ys, self.raw, self.lows, self.highs) if one is not None]


@dataclass(frozen=True, slots=True)
class Words:
    """What is written around the curves; untrusted text.

    Attributes:
        title: Above them.
        x: Below the horizontal axis.
        y: Beside the vertical axis.
    """

    title: str = ""
    x: str = ""
    y: str = ""


def paper_chart(
    curves: Sequence[Curve], words: Words, style: ChartStyle, *, log: bool = False
) -> str:
    """Return a chart as an SVG file.

    Args:
        curves: At least one finite height among them.
        words: What is written.
        style: How it looks.
        log: Whether the vertical axis is logarithmic; heights that are not above 0 are
            gaps then.
    """
    if log:
        curves = [_logarithmic(one) for one in curves]
    return "".join(_Sheet(curves, words, style, log=log).parts()) + "\n"


def _logarithmic(curve: Curve) -> Curve:
    def laid(heights: "NDArray[np.float64] | None") -> "NDArray[np.float64] | None":
        if heights is None:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(heights > 0, np.log10(heights), np.nan)

    ys = laid(curve.ys)
    assert ys is not None  # noqa: S101 - for the type checker
    raw, lows, highs = laid(curve.raw), laid(curve.lows), laid(curve.highs)
    return Curve(curve.name, curve.xs, ys, raw, lows, highs, curve.slot)


def line_sample(slot: int, style: ChartStyle) -> str:
    """Return a piece of a curve's line as SVG, for a legend that stands outside of charts.

    Args:
        slot: Number of its colour and dashes.
        style: Of the charts.
    """
    return (
        '<svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true">'
        f'<path d="M0 3h22" fill="none" {_stroke(slot, style)}/></svg>'
    )


def _colour(slot: int, style: ChartStyle) -> str:
    of_theme = DARK if style.theme == "dark" else LIGHT
    colours = tuple(style.colours) or of_theme
    return safe_text(colours[slot % len(colours)])


def _stroke(slot: int, style: ChartStyle) -> str:
    """Return the attributes of a curve's line."""
    count = len(style.colours) or len(LIGHT)
    width = style.line_width_pt
    dash = _DASHES[slot // count % len(_DASHES)]
    lengths = " ".join(f"{float(one) * width:g}" for one in dash.split())
    dashed = f' stroke-dasharray="{lengths}"' if lengths else ""
    return f'stroke="{_colour(slot, style)}" stroke-width="{width:g}"{dashed}'


class _Sheet:
    """The paper of one chart, measured out in points."""

    def __init__(
        self, curves: Sequence[Curve], words: Words, style: ChartStyle, *, log: bool
    ) -> None:
        self.curves = curves
        self.slots = [n if one.slot is None else one.slot for n, one in enumerate(curves)]
        self.words = words
        self.style = style
        self.ink = _INK[style.theme]
        self.size = (style.width_mm * POINTS_PER_MM, style.height_mm * POINTS_PER_MM)
        self.em = style.font_size_pt
        low, high = range_of([one for curve in curves for one in curve.heights()])
        self.span = room(low, high)
        most = max(2, int(self.size[1] * 0.75 / (2.2 * self.em)))
        self.y_ticks, self.y_texts = _logs(self.span, most) if log else _plain(self.span, most)
        self.legend = _Legend(self) if style.legend != "none" and len(curves) > 1 else None
        self.frame = self._framed()

    def _framed(self) -> Frame:
        """Return where the curves stand, when all that is written has its room."""
        em, (width, height) = self.em, self.size
        left = em * (0.9 + (1.5 if self.words.y else 0))
        left += em * max(map(_ems, self.y_texts), default=0)
        top = em * (0.7 + (1.9 if self.words.title else 0))
        bottom = em * (2.1 + (1.5 if self.words.x else 0))
        right = em * 1.4
        if self.legend is not None and self.style.legend == "top":
            top += self.legend.height(left, width - right)
        if self.legend is not None and self.style.legend == "right":
            right += self.legend.width()
        low, high = range_of([curve.xs for curve in self.curves])
        across, down = max(width - left - right, 2 * em), max(height - top - bottom, 2 * em)
        return Frame(left, top, across, down, (low, self.span[0]), (high, self.span[1]))

    def parts(self) -> Iterator[str]:
        """Yield the file."""
        width, height = self.size
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.style.width_mm:g}mm" '
            f'height="{self.style.height_mm:g}mm" viewBox="0 0 {width:.2f} {height:.2f}" '
            f'font-family="{safe_text(self.style.font)}" font-size="{self.em:g}" '
            f'fill="{self.ink}" role="img">\n<title>{safe_text(self._said())}</title>\n'
        )
        paper = self.style.background or _PAPER[self.style.theme]
        if paper != "none":
            yield f'<rect width="100%" height="100%" fill="{safe_text(paper)}"/>\n'
        yield from self._written()
        yield from self._axes()
        for slot, curve in zip(self.slots, self.curves, strict=True):
            yield from self._drawn(curve, slot)
        if self.legend is not None:
            yield from self.legend.parts()
        yield "</svg>"

    def _said(self) -> str:
        names = ", ".join(curve.name for curve in self.curves[:8])
        return self.words.title or f"{self.words.y or names} over {self.words.x or 'x'}"

    def _written(self) -> Iterator[str]:
        em, frame = self.em, self.frame
        if self.words.title:
            yield _text(self.words.title, em * 0.9, em * 1.6, 'font-weight="bold"')
        if self.words.x:
            place = (frame.left + frame.width / 2, self.size[1] - em * 0.8)
            yield _text(self.words.x, *place, 'text-anchor="middle"')
        if self.words.y:
            middle = frame.top + frame.height / 2
            turned = f'text-anchor="middle" transform="rotate(-90 {em * 1.3:.1f} {middle:.1f})"'
            yield _text(self.words.y, em * 1.3, middle, turned)

    def _axes(self) -> Iterator[str]:
        frame, em = self.frame, self.em
        bottom, right = frame.top + frame.height, frame.left + frame.width
        heights = np.round(frame.down(np.array(self.y_ticks)), 2).tolist()
        if self.style.grid:
            path = "".join(f"M{frame.left:.2f} {y:g}H{right:.2f}" for y in heights)
            yield _rule(path, self.ink, "0.5", 'stroke-opacity="0.16"')
        for y, text in zip(heights, self.y_texts, strict=True):
            yield _text(text, frame.left - em * 0.5, y + em * 0.35, 'text-anchor="end"')
        most = max(2, int(frame.width / (5 * em)))
        are_whole = all((curve.xs % 1 == 0).all() for curve in self.curves)
        ticks, texts = _plain((frame.low[0], frame.high[0]), most, are_whole=are_whole)
        places = np.round(frame.across(np.array(ticks)), 2).tolist()
        marks = "".join(f"M{x:g} {bottom:.2f}v{em * 0.3:.2f}" for x in places)
        yield _rule(f"M{frame.left:.2f} {bottom:.2f}H{right:.2f}{marks}", self.ink, "0.7")
        for x, text in zip(places, texts, strict=True):
            yield _text(text, x, bottom + em * 1.4, 'text-anchor="middle"')

    def _drawn(self, curve: Curve, slot: int) -> Iterator[str]:
        colour = _colour(slot, self.style)
        if curve.lows is not None and curve.highs is not None:
            for path in _areas(curve.xs, curve.lows, curve.highs, self.frame):
                yield f'<path d="{path}" fill="{colour}" fill-opacity="0.18"/>\n'
        if curve.raw is not None:
            faint = f'stroke="{colour}" stroke-width="{self.style.line_width_pt * 0.6:g}"'
            yield from self._line(curve.xs, curve.raw, f'{faint} stroke-opacity="0.3"')
        yield from self._line(curve.xs, curve.ys, _stroke(slot, self.style))
        yield from self._marked(curve, colour)

    def _line(
        self, xs: "NDArray[np.float64]", ys: "NDArray[np.float64]", stroke: str
    ) -> Iterator[str]:
        """Yield a line; points that stand alone are dots."""
        found = list(pieces(Line("", xs, ys), self.frame))
        joined = "".join(path_of(one) for one in found if len(one) > 1)
        if joined:
            yield f'<path d="{joined}" fill="none" {stroke} stroke-linejoin="round"/>\n'
        dots = "".join(f"{path_of(one)}" for one in found if len(one) == 1)
        if dots:
            wide = f'stroke-width="{self.style.line_width_pt * 2.4:g}" stroke-linecap="round"'
            kept = " ".join(part for part in stroke.split(" ") if "stroke-width" not in part)
            yield f'<path d="{dots}" fill="none" {kept} {wide}/>\n'

    def _marked(self, curve: Curve, colour: str) -> Iterator[str]:
        """Yield crosses where there is no number, triangles where it is infinite."""
        heights = curve.ys if curve.raw is None else curve.raw
        frame, half = self.frame, self.em * 0.22
        path, seen, last = "", set[int](), frame.top + frame.height
        xs, downs = frame.across(curve.xs), frame.down(heights)
        for index, height in enumerate(heights.tolist()):
            if math.isfinite(height):
                last = float(downs[index])
                continue
            x = float(xs[index])
            if not math.isfinite(x) or int(x) in seen or len(seen) >= _MOST_MARKS:
                continue
            seen.add(int(x))
            path += _mark(height, x, last, half, frame)
        if path:
            yield _rule(path, colour, "0.8")


class _Legend:
    """The names of curves, each with a piece of its line."""

    def __init__(self, sheet: _Sheet) -> None:
        self.sheet = sheet
        self.names = [_short(curve.name) for curve in sheet.curves]
        self._places: list[tuple[float, float]] = []

    def height(self, left: float, right: float) -> float:
        """Lay the names out in rows between two edges; return how high they are."""
        em = self.sheet.em
        x, y = left, em * (1.5 + (1.9 if self.sheet.words.title else 0))
        for name in self.names:
            needed = em * (3.4 + _ems(name))
            if x > left and x + needed > right + em:
                x, y = left, y + em * 1.4
            self._places.append((x, y))
            x += needed
        return y - em * (0.4 + (1.9 if self.sheet.words.title else 0))

    def width(self) -> float:
        """Return how wide the names are one below the other."""
        return self.sheet.em * (2.8 + max(map(_ems, self.names), default=0))

    def parts(self) -> Iterator[str]:
        """Yield all of it."""
        em, frame = self.sheet.em, self.sheet.frame
        right = frame.left + frame.width + em * 1.2
        below = [
            (right, frame.top + em * (0.8 + 1.4 * number)) for number in range(len(self.names))
        ]
        for number, (x, y) in enumerate(self._places or below):
            line = f"M{x:.1f} {y - em * 0.33:.1f}h{em * 1.8:.1f}"
            stroke = _stroke(self.sheet.slots[number], self.sheet.style)
            yield f'<path d="{line}" fill="none" {stroke}/>\n'
            yield _text(self.names[number], x + em * 2.2, y)


def _plain(
    span: tuple[float, float], most: int, *, are_whole: bool = False
) -> tuple[list[float], list[str]]:
    """Return round numbers of an axis and their texts, with equally many decimals."""
    at = [one for one in ticks_inside(*span, most=most) if not are_whole or one.is_integer()]
    texts = tick_texts(at) if at else []
    if not any("e" in text for text in texts):
        decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
        texts = [f"{value:.{decimals}f}" for value in at]
    return at, [_signed(text) for text in texts]


def _logs(span: tuple[float, float], most: int) -> tuple[list[float], list[str]]:
    """Return ticks of a logarithmic axis: powers of ten, of few also their 2 and 5 times."""
    low, high = span
    powers = range(math.floor(low), math.ceil(high) + 1)
    stride = max(1, math.ceil((high - low) / most))
    factors = (1, 2, 5) if high - low < 2 else (1,)  # noqa: PLR2004 - fewer than two decades
    found = [
        (math.log10(factor) + power, _power(factor, power))
        for power in powers
        if power % stride == 0
        for factor in factors
    ]
    inside = [one for one in found if low <= one[0] <= high]
    return [at for at, _ in inside], [text for _, text in inside]


def _power(factor: int, power: int) -> str:
    if -3 <= power <= 3:  # noqa: PLR2004 - as long as it is short
        return f"{factor * 10.0**power:g}"
    return _signed(f"{factor}e{power}")


def _signed(text: str) -> str:
    """Return a number with a real minus sign."""
    return text.replace("-", "\u2212")


def _areas(
    xs: "NDArray[np.float64]",
    lows: "NDArray[np.float64]",
    highs: "NDArray[np.float64]",
    frame: Frame,
) -> Iterator[str]:
    """Yield the area between two lines, piece by piece."""
    both = np.isfinite(lows) & np.isfinite(highs)
    edges = [np.where(both, one, np.nan) for one in (lows, highs)]
    lower, upper = (list(pieces(Line("", xs, one), frame)) for one in edges)
    for below, above in zip(lower, upper, strict=True):
        if len(below) > 1:
            yield path_of(np.concatenate([above, below[::-1]])) + "z"


def _mark(value: float, x: float, last: float, half: float, frame: Frame) -> str:
    """Return a cross at the height of the last value, or a triangle at the edge."""
    if math.isnan(value):
        size = f"{2 * half:.1f}"
        left, top = f"{x - half:.1f}", f"{last - half:.1f}"
        return f"M{left} {top}l{size} {size}m0 -{size}l-{size} {size}"
    edge = frame.top if value > 0 else frame.top + frame.height
    deep = 2 * half if value > 0 else -2 * half
    return f"M{x - half:.1f} {edge + deep:.1f}L{x:.1f} {edge:.1f}l{half:.1f} {deep:.1f}z"


def _rule(path: str, colour: str, width: str, more: str = "") -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" {more}/>\n'


def _text(text: str, x: float, y: float, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{safe_text(text)}</text>\n'


def _ems(text: str) -> float:
    """Return about how wide a text is."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return _CHARACTER * (len(text) - wide) + wide


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
