"""Live views of runs on a page, and the pictures that stand for them on paper."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.panels import kept_comparison, one_line
from nbtrack.panels.protocol import COMPARE_MIME_TYPE
from nbtrack.plots import ChartStyle, Curve, Words, extremes, line_sample, paper_chart
from nbtrack.query import Drawing
from nbtrack.reports.desk import Desk, note
from nbtrack.reports.exhibits import MOST_SERIES
from nbtrack.reports.markup import Html, h, joined
from nbtrack.reports.parcel import Parcel
from nbtrack.reports.subject import MOST_RUNS_EACH
from nbtrack.store import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.query import Chart, Comparison
    from nbtrack.reports.sections import Section
    from nbtrack.store import Pairs, RowStream, RunFacts

_MOST_STILLS = 24
_FEW_STILLS = 2
_COLUMNS = 300  # of pixels, each with its exact extremes
_MOST_CURVES = 12
_COMPARISON_POINTS = 200_000
_COMPARISON_HEIGHT = 620
_WHAT: Final = {"metric": "metrics", "system": "readings of the machine"}
_BANDS: Final = {
    "std": "one standard deviation",
    "stderr": "one standard error",
    "t95": "the 95 % t-interval of the mean",
    "minmax": "the range from least to greatest",
}
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
_WIDE = ChartStyle(width_mm=165, height_mm=75, font_size_pt=8, background="none", legend="none")
_NARROW = ChartStyle(width_mm=80, height_mm=52, font_size_pt=7, background="none", legend="none")


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
    compared = [(title, list(curves)) for title, curves in _compared(beside, drawing)]
    stills = [_still(title, curves, outlook.x, len(compared)) for title, curves in compared]
    label = f"Comparison of {len(beside)} runs"
    still = joined(_legend([curves for _, curves in compared]), _grid(stills))
    return desk.figure(parcel, still, _comparison_said(beside, drawing), label)


def _of_each(desk: Desk, section: "Section", stream: "RowStream") -> Html:
    runs = desk.subject.of(section)
    parts = [_figure(desk, section, facts, stream) for facts in runs[:MOST_RUNS_EACH]]
    rest = len(runs) - MOST_RUNS_EACH
    return joined(*parts, note(f"And {rest:,} more runs.") if rest > 0 else None)


def _figure(desk: Desk, section: "Section", facts: "RunFacts", stream: "RowStream") -> Html:
    whole = desk.subject.whole(facts)
    found = whole.series(stream, section.keys)
    if not found:
        return note(h("i", facts.opened.name), f" has no {_WHAT[stream]} to show.")
    series = found[:MOST_SERIES]
    figure = desk.figure(
        whole.parcel(series),
        _stills(series, facts),
        _said(series, facts),
        f"Charts of run {one_line(facts.opened.name)}",
    )
    lacking = len(found) - len(series)
    return joined(figure, note(f"{lacking:,} more are in the store alone.") if lacking else None)


def _stills(series: "Sequence[Series]", facts: "RunFacts") -> Html:
    x = "step" if series[0].stream == "metric" else "seconds"
    stills = [
        _still(_NAMES.get(one.key, one.key), [_curve(one.key, *_laid(one, facts))], x, len(series))
        for one in series[:_MOST_STILLS]
    ]
    rest = len(series) - len(stills)
    more = note(f"{rest:,} more are in the interactive figure.") if rest > 0 else None
    return joined(_grid(stills), more)


def _said(series: "Sequence[Series]", facts: "RunFacts") -> Html:
    what = _WHAT[series[0].stream]
    count = f"{len(series):,} {what}" if len(series) > 1 else f"One of the {what}"
    return joined(f"{count} of ", h("i", facts.opened.name), f": {_points_said(series)}")


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


def _legend(charts: "Sequence[Sequence[Curve]]") -> Html | None:
    """Return the names of all curves, once for all charts; None where there is but one."""
    names = {(curve.slot or 0, curve.name) for curves in charts for curve in curves}
    if len(names) <= 1:
        return None
    items = [h("li", Html(line_sample(slot, _NARROW)), name) for slot, name in sorted(names)]
    return h("ul", *items, class_="nbr-legend", aria_label="Lines")


def _grid(stills: Sequence[Html]) -> Html:
    few = "few" if len(stills) <= _FEW_STILLS else None
    return h("div", *stills, class_="nbr-stills", data_count=few)


def _compared(beside: "Comparison", drawing: Drawing) -> Iterator[tuple[str, Iterator[Curve]]]:
    for chart in drawing.charts:
        yield chart.key, _bands(chart, drawing) if chart.bands else _lines(chart, beside)


def _bands(chart: "Chart", drawing: Drawing) -> Iterator[Curve]:
    for group, band in list(chart.bands.items())[:_MOST_CURVES]:
        name = one_line(drawing.groups[group] or "all runs", 60)
        yield Curve(name, band.steps, band.means, None, band.lows, band.highs, group)


def _lines(chart: "Chart", beside: "Comparison") -> Iterator[Curve]:
    """Yield the lines of the first runs, each in the colour that it has in all charts."""
    there = [(slot, facts) for slot, facts in enumerate(beside.facts) if _uid(facts) in chart.lines]
    for slot, facts in there[:_MOST_CURVES]:
        line = chart.lines[_uid(facts)]
        xs = _across(line, facts.opened.time_us, beside.outlook.x)
        yield replace(_curve(facts.opened.name, xs, line.values), slot=slot)


def _uid(facts: "RunFacts") -> str:
    return facts.opened.uid


def _across(line: "Series | Pairs", started_us: int, x: str) -> "NDArray[np.float64]":
    if not isinstance(line, Series):
        return line.across
    seconds: NDArray[np.float64] = (line.times_us - started_us) / MICROSECONDS
    return seconds if x == "time" else line.steps


def _comparison_said(beside: "Comparison", drawing: Drawing) -> Html:
    outlook, shown = beside.outlook, len(drawing.charts)
    there = len(outlook.keys or beside.keys())
    count = f"{shown:,} of {there:,}" if there > shown else f"{shown:,}"
    said = f"{count} metrics of {len(beside):,} runs over {outlook.x}."
    if outlook.group_by:
        around = f"means, and {_BANDS[outlook.band]} around them, of all points of all runs"
        return joined(f"{said} Grouped by {', '.join(outlook.group_by)}: {around}.")
    drawn = max((len(chart.lines) for chart in drawing.charts), default=0)
    most = max((chart.runs for chart in drawing.charts), default=0)
    return joined(said, f" Lines are those of the first {drawn:,} runs." if most > drawn else None)
