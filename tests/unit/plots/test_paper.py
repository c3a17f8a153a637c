"""Charts for print: what stands where, and that nothing in a name gets out of its text."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from nbtrack.errors import UsageError
from nbtrack.plots import ChartStyle, Curve, Words, paper_chart, smooth
from nbtrack.plots.palette import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
JS = Path(__file__).parents[3] / "js/src"
HOSTILE = "]]></text><script>alert(1)</script>\x00\x1b \ud800"
PLAIN = ChartStyle(legend="none", grid=False)


def curve(*ys: float, name: str = "loss", **more) -> Curve:
    return Curve(name, np.arange(len(ys), dtype=np.float64), np.array(ys), **more)


def drawn(*curves: Curve, words: Words | None = None, style: ChartStyle = PLAIN, log: bool = False):
    return ET.fromstring(paper_chart(curves, words or Words(), style, log=log))  # noqa: S314 - our own


def texts(svg: ET.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text")]


def paths(svg: ET.Element, **attributes: str) -> list[str]:
    return [
        one.get("d", "")
        for one in svg.iter(f"{SVG}path")
        if all(one.get(name.replace("_", "-")) == value for name, value in attributes.items())
    ]


def heights(path: str) -> list[float]:
    """Return how far down the points of a line stand, points of paper."""
    numbers = [float(one) for one in re.findall(r"-?\d*\.?\d+", path)]
    return np.array(numbers).reshape(-1, 2).cumsum(axis=0)[:, 1].round(1).tolist()


def test_the_size_is_that_of_the_paper():
    svg = drawn(curve(1, 2), style=ChartStyle(width_mm=127, height_mm=50.8, font_size_pt=7))

    assert (svg.get("width"), svg.get("height")) == ("127mm", "50.8mm")
    assert svg.get("viewBox") == "0 0 360.00 144.00"
    assert svg.get("font-size") == "7"


def test_a_spike_one_step_wide_reaches_its_height():
    [line] = paths(drawn(curve(0, 0, 10, 0, 0)), stroke_linejoin="round")

    low, *_, spike = sorted(heights(line), reverse=True)
    assert low - spike == pytest.approx(90 * 72 / 25.4 * 0.75, rel=0.2)


def test_a_logarithmic_axis_has_powers_of_ten_and_gaps_where_there_is_no_logarithm():
    svg = drawn(curve(1, 10, 0, 100, 1_000), log=True)

    assert texts(svg)[:4] == ["1", "10", "100", "1000"]
    [line] = paths(svg, stroke_linejoin="round")
    assert line.count("M") == 2


def test_what_is_no_number_is_marked():
    clear = drawn(curve(1, 2, 3))
    marked = drawn(curve(1, np.nan, np.inf, -np.inf, 3))

    [marks] = set(paths(marked, stroke_width="0.8")) - set(paths(clear, stroke_width="0.8"))
    assert (marks.count("z"), marks.count("m")) == (2, 1)


def test_smoothing_keeps_the_line_itself_faintly():
    ys = np.array([1.0, 2.0, 1.0, 2.0])
    svg = drawn(Curve("loss", np.arange(4.0), smooth(ys, 0.5), ys))

    assert len(paths(svg, stroke_linejoin="round", stroke_opacity="0.3")) == 1
    assert len(paths(svg, stroke_linejoin="round")) == 2


def test_smoothing_is_that_of_the_panel():
    """Both count per point up to 1,000 of them, and per share of the run beyond."""
    script = (JS / "data/smooth.ts").read_text("utf-8")
    assert "POINTS_PER_VIEW = 1000" in script

    values = np.array([0.0, 1.0, np.nan, 1.0])
    assert smooth(values, 0.5).round(3)[[0, 1, 3]].tolist() == [0.0, 0.667, 0.857]
    assert np.isnan(smooth(values, 0.5)[2])
    of_many = smooth(values, 0.5, logged=4_000)
    assert of_many[1] == pytest.approx((1 - 0.5**250) / (1 - 0.5**500))


def test_colours_are_those_of_the_panel():
    script = (JS / "chart/palette.ts").read_text("utf-8")
    light, dark = re.findall(r"= \[([^\]]+)\] as const;", script)[:2]

    assert tuple(re.findall(r"#\w{6}", light)) == LIGHT
    assert tuple(re.findall(r"#\w{6}", dark)) == DARK


def test_lines_of_one_colour_differ_by_their_dashes():
    svg = drawn(*(curve(number, number + 1) for number in range(7)))

    lines = [one for one in svg.iter(f"{SVG}path") if one.get("stroke-linejoin")]
    assert lines[0].get("stroke") == lines[6].get("stroke")
    assert lines[0].get("stroke-dasharray") != lines[6].get("stroke-dasharray")


def test_between_two_steps_there_is_none():
    assert texts(drawn(curve(1, 2, 3)))[-3:] == ["0", "1", "2"]


def test_a_band_surrounds_its_mean():
    mean = np.array([1.0, 2.0, np.nan, 2.0, 1.0])
    svg = drawn(curve(*mean, lows=mean - 0.5, highs=mean + 0.5))

    areas = paths(svg, fill_opacity="0.18")
    assert len(areas) == 2
    assert all(area.endswith("z") for area in areas)


def test_a_legend_names_curves_where_there_are_several():
    both = (curve(1, 2, name="train"), curve(2, 1, name="val"))

    assert {"train", "val"} <= set(texts(drawn(*both, style=ChartStyle())))
    assert {"train", "val"} <= set(texts(drawn(*both, style=ChartStyle(legend="right"))))
    assert "train" not in texts(drawn(both[0], style=ChartStyle()))


def test_hostile_text_stays_text():
    style = ChartStyle(font=f'"{HOSTILE}"', background='red"><script>', colours=['"/><x>'])

    svg = drawn(curve(1, 2, name=HOSTILE), words=Words(HOSTILE, HOSTILE, HOSTILE), style=style)

    assert {one.tag.removeprefix(SVG) for one in svg.iter()} == {
        *("svg", "title", "rect", "text", "path")
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"width_mm": 0}, "width_mm is a number from 20 to 2000, not 0."),
        ({"dpi": "300"}, "dpi is a number from 36 to 2400, not '300'."),
        ({"theme": "blue"}, "theme is 'light' or 'dark', not 'blue'."),
        ({"legend": None}, "legend is 'top' or 'right' or 'none', not None."),
        ({"font": 3}, "font is a text, not 3."),
        ({"colours": "red"}, "colours is a list like"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_style_that_cannot_be_is_refused(given, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        ChartStyle(**given)
