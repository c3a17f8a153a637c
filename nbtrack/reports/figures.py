"""Live views of runs on a page, and the pictures that stand for them on paper."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.panels import kept_comparison, one_line
from nbtrack.panels.protocol import COMPARE_MIME_TYPE
from nbtrack.plots import ChartStyle, Curve, Words, extremes, paper_chart
from nbtrack.query import Drawing
from nbtrack.reports.desk import Desk, note
from nbtrack.reports.markup import Html, h, joined
from nbtrack.reports.parcel import Parcel
from nbtrack.reports.subject import MOST_RUNS_EACH
from nbtrack.store import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.query import Chart, Comparison
    from nbtrack.reports.sections import Section
    from nbtrack.store import Pairs, RunFacts

_MOST_STILLS = 24
_FEW_STILLS = 2
_COLUMNS = 300  # of pixels, each with its exact extremes
_MOST_CURVES = 12
_COMPARISON_POINTS = 200_000
_COMPARISON_HEIGHT = 620
_NAMES: Final = {
    "cpu": "CPU, %",
    "memory_percent": "Memory in use, %",
    "proc.memory.availableMB": "Memory available, MiB",
    "proc.cpu.percent": "CPU of the process, %",
    "proc.cpu.threads": "Threads",
    "proc.memory.rssMB": "Memory of the process, MiB",
    "proc.memory.percent": "Share of memory, %",
    "network.sent": "Sent since the start, bytes",
    "network.recv": "Received since the start, bytes",
}
_WIDE = ChartStyle(width_mm=165, height_mm=75, font_size_pt=8, background="none")
_NARROW = ChartStyle(width_mm=80, height_mm=52, font_size_pt=7, background="none")


def charts(desk: Desk, section: "Section") -> Html:
    """Return the metrics of runs, a figure per run."""
    return _of_each(desk, section, "metric")


def system(desk: Desk, section: "Section") -> Html:
    """Return the readings of the machine, a figure per run."""
    return _of_each(desk, section, "system")


def comparison(desk: Desk, section: "Section") -> Html:
    """Return runs beside each other: metrics overlaid, bands of all points."""
    beside = desk.subject.beside(section)
    picture = kept_comparison(beside, f"report-{beside.identity}", points=_COMPARISON_POINTS)
    parcel = Parcel(
        COMPARE_MIME_TYPE,
        picture.bundle,
        picture.buffer,
        picture.runs,
        {"height": _COMPARISON_HEIGHT},
    )
    drawing, outlook = picture.drawing, beside.outlook
    stills = [
        _still(title, list(curves), outlook.x, len(drawing.charts))
        for title, curves in _compared(beside, drawing)
    ]
    label = f"Comparison of {len(beside)} runs"
    return desk.figure(parcel, _grid(stills), _comparison_said(beside, drawing), label)


def _of_each(desk: Desk, section: "Section", stream: str) -> Html:
    runs = desk.subject.of(section)
    parts = [_figure(desk, section, facts, stream) for facts in runs[:MOST_RUNS_EACH]]
    rest = len(runs) - MOST_RUNS_EACH
    return joined(*parts, note(f"And {rest:,} more runs.") if rest > 0 else None)


def _figure(desk: Desk, section: "Section", facts: "RunFacts", stream: str) -> Html:
    whole = desk.subject.whole(facts)
    series = whole.series(stream, section.keys)
    if not series:
        what = "metrics" if stream == "metric" else "readings of the machine"
        return note(h("i", facts.opened.name), f" has no {what} to show.")
    x = "step" if stream == "metric" else "seconds"
    stills = [
        _still(_NAMES.get(one.key, one.key), [_curve(one.key, *_laid(one, facts))], x, len(series))
        for one in series[:_MOST_STILLS]
    ]
    what = "metrics" if stream == "metric" else "readings of the machine"
    said = joined(
        f"{len(series):,} {what} of " if len(series) > 1 else "One metric of ",
        h("i", facts.opened.name),
        f": {_points_said(series)}",
    )
    left_out = len(series) - len(stills)
    more = note(f"{left_out:,} more are in the interactive figure.") if left_out > 0 else None
    label = f"Charts of run {one_line(facts.opened.name)}"
    parcel = whole.parcel(stream, section.keys)
    return desk.figure(parcel, joined(_grid(stills), more), said, label)


def _points_said(series: "Sequence[Series]") -> str:
    """Say how many points there are, and where what is kept of them ends."""
    kept, all_ = sum(len(one.values) for one in series), sum(one.count for one in series)
    if kept >= all_:
        return f"all {all_:,} points, exactly."
    coarsest = max(one.count / max(1, len(one.values)) for one in series)
    return (
        f"{kept:,} of {all_:,} points. Of every {2 * coarsest:,.0f} neighbours, or fewer, the "
        "least and the greatest are kept, exactly, so that no peak is lost at any zoom; what is "
        "closer than that is in the store alone."
    )


def _laid(series: "Series", facts: "RunFacts") -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    if np.isfinite(series.steps).any():
        return series.steps, series.values
    seconds: NDArray[np.float64] = (series.times_us - facts.opened.time_us) / MICROSECONDS
    return seconds, series.values


def _curve(name: str, xs: "NDArray[np.float64]", ys: "NDArray[np.float64]") -> Curve:
    kept = extremes(ys, 2 * _COLUMNS)
    return Curve(one_line(name, 60), xs[kept], ys[kept])


def _still(title: str, curves: Sequence[Curve], x: str, count: int) -> Html:
    drawable = [one for one in curves if any(np.isfinite(ys).any() for ys in one.heights())]
    style = _WIDE if count <= _FEW_STILLS else _NARROW
    if not drawable:
        return h("div", h("b", one_line(title)), note("no numbers to draw"))
    words = Words(title=one_line(title, 60), x=one_line(x, 40))
    return h("div", Html(paper_chart(drawable, words, style)))


def _grid(stills: Sequence[Html]) -> Html:
    few = "few" if len(stills) <= _FEW_STILLS else None
    return h("div", *stills, class_="nbr-stills", data_count=few)


def _compared(beside: "Comparison", drawing: Drawing) -> Iterator[tuple[str, Iterator[Curve]]]:
    names = {facts.opened.uid: facts.opened.name for facts in beside.facts}
    started = {facts.opened.uid: facts.opened.time_us for facts in beside.facts}
    for chart in drawing.charts:
        curves = _bands(chart, drawing) if chart.bands else _lines(chart, names, started, beside)
        yield chart.key, curves


def _bands(chart: "Chart", drawing: Drawing) -> Iterator[Curve]:
    for group, band in list(chart.bands.items())[:_MOST_CURVES]:
        name = one_line(drawing.groups[group] or "all runs", 60)
        yield Curve(name, band.steps, band.means, None, band.lows, band.highs)


def _lines(
    chart: "Chart", names: dict[str, str], started: dict[str, int], beside: "Comparison"
) -> Iterator[Curve]:
    for uid, line in list(chart.lines.items())[:_MOST_CURVES]:
        yield _curve(names[uid], _across(line, started[uid], beside.outlook.x), line.values)


def _across(line: "Series | Pairs", started_us: int, x: str) -> "NDArray[np.float64]":
    if not isinstance(line, Series):
        return line.across
    seconds: NDArray[np.float64] = (line.times_us - started_us) / MICROSECONDS
    return seconds if x == "time" else line.steps


def _comparison_said(beside: "Comparison", drawing: Drawing) -> Html:
    outlook = beside.outlook
    said = f"{len(drawing.charts):,} metrics of {len(beside):,} runs over {outlook.x}."
    bands = {
        "std": "one standard deviation",
        "stderr": "one standard error",
        "t95": "the 95 % t-interval of the mean",
        "minmax": "least and greatest",
    }[outlook.band]
    if outlook.group_by:
        by = ", ".join(outlook.group_by)
        said += f" Grouped by {by}: means, and {bands} around them, of all points of all runs."
    return joined(said)
