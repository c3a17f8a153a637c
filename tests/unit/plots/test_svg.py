import re
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from nbtrack.plots import Line, data_uri, line_chart, picture, spark_text, sparkline

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "]]></text><foreignObject>",
    "\x00\x08 half \ud800",
)


def line(*ys: float, name: str = "loss") -> Line:
    return Line(name, np.arange(len(ys), dtype=np.float64), np.array(ys))


def places(svg: str) -> list[list[tuple[float, float]]]:
    """Return the points of every piece of every line, in pixels."""
    pieces = []
    for path in ET.fromstring(svg).iter(f"{SVG}path"):  # noqa: S314 - our own
        if path.get("stroke-linejoin") is None:
            continue
        for piece in path.get("d", "").split("M")[1:]:
            numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", piece)]
            steps = np.array(numbers).reshape(-1, 2).cumsum(axis=0)
            pieces.append([(round(x, 1), round(y, 1)) for x, y in steps])
    return pieces


def test_a_picture_shows_each_point_where_it_belongs():
    svg = picture(
        [line(0.0, 10.0, 5.0)], span=(0, 10), rules=[0, 10], width=104, height=54, stroke=2
    )

    assert places(svg) == [[(2, 52), (52, 2), (102, 27)]]


def test_a_line_has_a_gap_where_there_is_no_number():
    svg = picture([line(0, 1, np.nan, 3, 4, np.inf, 5)], span=(0, 5), rules=[])

    assert [len(piece) for piece in places(svg)] == [2, 2, 2]


def test_a_point_that_stands_alone_is_a_dot():
    svg = picture([line(np.nan, 1, np.nan)], span=(0, 2), rules=[], stroke=2)

    assert places(svg) == [[(150, 45), (150, 45)]]
    assert 'stroke-width="6"' in svg


def test_a_spike_one_step_wide_is_drawn():
    ys = np.zeros(100_000)
    ys[54_321] = 1.0

    svg = picture([line(*ys)], span=(0, 1), rules=[], width=100, height=50, stroke=1)

    assert min(y for piece in places(svg) for _, y in piece) == 1
    assert len(svg) < 5_000


def test_a_picture_has_neither_text_nor_the_pages_colours():
    svg = picture([line(1, 2)], span=(1, 2), rules=[1, 2])

    assert {element.tag for element in ET.fromstring(svg).iter()} == {f"{SVG}svg", f"{SVG}path"}  # noqa: S314
    assert "currentColor" not in svg


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_a_chart(text):
    svg = line_chart([line(1, 2, name=text), line(2, 1)], title=text, x_name=text)

    tags = {element.tag for element in ET.fromstring(svg).iter()}  # noqa: S314
    assert tags == {f"{SVG}svg", f"{SVG}path", f"{SVG}text"}
    svg.encode()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line()],
        [line(np.nan)],
        [line(1)],
        [line(5, 5), line(-1e308, 1e308)],
        [line(*range(3), name=f"a long name of a metric {n}") for n in range(30)],
    ],
    ids=["none", "empty", "nan", "single", "enormous", "many"],
)
def test_any_lines_make_a_chart(lines):
    svg = line_chart(lines)

    ET.fromstring(svg)  # noqa: S314
    assert "nan" not in svg
    assert "inf" not in svg


def test_a_chart_without_numbers_says_so():
    assert "no numbers to draw" in line_chart([line(np.nan)])


def test_a_chart_names_its_axis_and_its_lines():
    svg = line_chart([line(1, 2), line(2, 3, name="accuracy")], x_name="step")

    texts = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314
    assert {"loss", "accuracy", "step", "1", "3"} <= set(texts)


def test_an_image_source_is_the_picture_and_fits_an_attribute():
    svg = picture([line(1, 2)], span=(1, 2), rules=[1])

    source = data_uri(svg)

    assert not set(source) & set('"<>#\n')
    assert unquote(source.removeprefix("data:image/svg+xml,")) == svg.replace('"', "'")


@pytest.mark.parametrize("values", [[], [1.0], [np.nan], [1.0, np.nan, 2.0]], ids=str)
def test_any_values_make_a_sparkline(values):
    ET.fromstring(sparkline(np.array(values)))  # noqa: S314


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], ""),
        ([np.nan, np.inf], ""),
        ([1.0], "▁"),
        ([4.0, 2.0, 1.0, 0.5], "█▄▂▁"),
        ([-1e308, 1e308], "▁█"),
    ],
    ids=str,
)
def test_values_become_bars(values, text):
    assert spark_text(np.array(values)) == text


def test_bars_show_a_spike_one_step_wide():
    values = np.zeros(10_000)
    values[777] = 1.0

    assert spark_text(values).count("█") == 1
