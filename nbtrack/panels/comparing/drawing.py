"""From what a view wants to see of several runs to the numbers that it draws."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbtrack.clock import MICROSECONDS
from nbtrack.panels.messages import Precision, clean, joined
from nbtrack.panels.protocol import BandHead, ChartHead, Draw, LineHead, Reply
from nbtrack.query import Question
from nbtrack.store import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack import query
    from nbtrack.query import Chart, Drawing
    from nbtrack.store import Pairs, RunFacts


def drawing_of(comparison: "query.Comparison", intent: Draw) -> tuple[Reply, bytes]:
    """Return the answer to a view, and its buffer.

    Raises:
        Error: If the runs cannot be read, or there is no such field to group by.
    """
    asked = question_of(intent)
    drawing = comparison.draw(asked, intent["changed"])
    charts, buffer = pack_drawing(drawing, comparison.facts, asked.x)
    reply = Reply(op="reply", id=intent["id"], uid=intent["uid"])
    reply |= {"charts": charts, "groups": [short_name(name) for name in drawing.groups]}
    return reply, buffer


def short_name(name: str) -> str:
    """Return the name of a group as it is shown: values may be long."""
    shown = clean(name)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[:_LONGEST_NAME]}…"


def question_of(intent: Draw) -> Question:
    """Return what an intent asks for."""
    question = Question(
        keys=tuple(dict.fromkeys(intent["keys"])),
        uids=None if intent["runs"] is None else tuple(intent["runs"]),
        x=intent["x"],
        low=intent["low"],
        high=intent["high"],
        group_by=tuple(intent["group_by"]),
        band=intent["band"],
    )
    return replace(question, per_line=intent["points"]) if "points" in intent else question


_LONGEST_NAME = 120


def pack_drawing(
    drawing: "Drawing", runs: "Sequence[RunFacts]", x: str, precision: Precision = 8
) -> tuple[list[ChartHead], bytes]:
    """Return the heads of charts and the buffer in which their numbers stand.

    Args:
        drawing: The charts.
        runs: Those that are in them.
        x: What stands below, as in the question.
        precision: Bytes per number.
    """
    started = {facts.opened.uid: facts.opened.time_us for facts in runs}
    parts = (part for chart in drawing.charts for part in _parts(chart, started, x))
    return [_head(chart, drawing.group_of) for chart in drawing.charts], joined(parts, precision)


def _head(chart: "Chart", group_of: Mapping[str, int]) -> ChartHead:
    return ChartHead(
        key=clean(chart.key),
        runs=chart.runs,
        lines=[
            LineHead(uid=uid, group=group_of.get(uid, 0), points=len(line.values), count=line.count)
            for uid, line in chart.lines.items()
        ],
        bands=[
            BandHead(group=group, points=len(band.steps)) for group, band in chart.bands.items()
        ],
        trouble=clean(chart.trouble),
    )


def _parts(chart: "Chart", started: Mapping[str, int], x: str) -> "Iterable[NDArray[Any]]":
    for uid, line in chart.lines.items():
        yield _across(line, started.get(uid, 0), x)
        yield line.values
    for band in chart.bands.values():
        yield from (band.steps, band.counts, band.means, band.lows, band.highs)


def _across(line: "Series | Pairs", started_us: int, x: str) -> "NDArray[Any]":
    if not isinstance(line, Series):
        return line.across
    return (line.times_us - started_us) / MICROSECONDS if x == "time" else line.steps
