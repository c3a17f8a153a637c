"""The picture of runs beside each other for readers without the panel: HTML, no script."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.panels.words import html, value_text
from nbtrack.plots import PALETTE, Line, data_uri, number_text, picture, room, ticks_inside
from nbtrack.query import differences, leaves, ranked_metrics
from nbtrack.store import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.query import Chart, Drawing, Leaves, Outlook
    from nbtrack.store import Pairs, RunFacts

_MOST_CHARTS = 8
_MOST_ROWS = 30
_MOST_COLUMNS = 5  # of the config, and of metrics
_MOST_DRAWN = 16
_COLUMNS = 280
_HEIGHT = 110
_FAINT = "66"
_WHOLE = "min-width:0;break-inside:avoid"  # on paper, too
_RULE = "1px solid rgba(127,133,141,.35)"
_MUTED = "opacity:.72"
_CELL = "padding:2px 14px 2px 0;text-align:left;white-space:nowrap;border:0;background:none"


def card(runs: "Sequence[RunFacts]", drawing: "Drawing", outlook: "Outlook") -> str:
    """Return the card; everything that runs say is text in it."""
    colours = _colours(runs, drawing)
    parts = [
        _header(runs, drawing),
        _charts(drawing, outlook, colours),
        _table(runs, colours),
    ]
    style = (
        f"box-sizing:border-box;max-width:1000px;margin:4px 0;border:{_RULE};border-radius:8px;"
        "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px;line-height:1.5"
    )
    return f'<div class="nbtrack-static" style="{style}">\n{"".join(parts)}</div>'


def _colours(runs: "Sequence[RunFacts]", drawing: "Drawing") -> dict[str, str]:
    """Return a colour per run: of its group where there are groups, else one after the other."""
    is_grouped = any(drawing.groups)
    return {
        facts.opened.uid: PALETTE[
            (drawing.group_of.get(facts.opened.uid, 0) if is_grouped else number) % len(PALETTE)
        ]
        for number, facts in enumerate(runs)
    }


def _header(runs: "Sequence[RunFacts]", drawing: "Drawing") -> str:
    going = sum(facts.state.goes_on for facts in runs)
    live = f" &nbsp; {going} going on" if going else ""
    groups = "".join(
        f'<span style="white-space:nowrap;padding-right:12px"><span style="color:'
        f'{PALETTE[number % len(PALETTE)]}">■</span> {html(name, 60)}</span> '
        for number, name in enumerate(drawing.groups[: len(PALETTE)])
        if name
    )
    legend = f'<div style="padding-top:4px">{groups}</div>\n' if groups else ""
    count = "1 run" if len(runs) == 1 else f"{len(runs):,} runs"
    return (
        f'<div style="padding:10px 16px;border-bottom:{_RULE};break-after:avoid">\n'
        f'<strong style="font-size:15px">{count} compared</strong>'
        f'<span style="{_MUTED}">{live}</span>\n{legend}</div>\n'
    )


def _charts(drawing: "Drawing", outlook: "Outlook", colours: dict[str, str]) -> str:
    shown = "".join(
        _chart(chart, outlook, colours) for chart in drawing.charts[:_MOST_CHARTS] if chart.runs
    )
    if not shown:
        return f'<div style="padding:14px 16px;{_MUTED}">No metrics so far.</div>\n'
    grid = (
        "display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));"
        "gap:16px 22px;padding:14px 16px"
    )
    return f'<div style="{grid}">\n{shown}</div>\n'


def _chart(chart: "Chart", outlook: "Outlook", colours: dict[str, str]) -> str:
    drawn = list(_lines(chart, outlook.x, colours))
    ys = np.concatenate([line.ys for line, _ in drawn] or [np.array([])])
    finite = ys[np.isfinite(ys)]
    title = html(chart.key)
    head = f'<div style="overflow:hidden;text-overflow:ellipsis" title="{title}">{title}</div>\n'
    if not len(finite):
        return f'<div style="{_WHOLE}">{head}<div style="{_MUTED}">no numbers</div></div>\n'
    span = room(float(finite.min()), float(finite.max()))
    image = picture(
        [line for line, _ in drawn],
        span=span,
        rules=ticks_inside(*span, most=4),
        width=_COLUMNS,
        height=_HEIGHT,
        colours=[colour for _, colour in drawn],
    )
    low, high = number_text(float(finite.min())), number_text(float(finite.max()))
    what = f"{chart.runs} runs, {low} to {high}, over {html(outlook.x, 40)}"
    return (
        f'<div style="{_WHOLE}">{head}'
        f'<img style="width:100%;height:{_HEIGHT}px;margin:6px 0 3px"'
        f' alt="{title}: {what}" src="{data_uri(image)}">\n'
        f'<div style="font-size:11px;{_MUTED}">{what}</div></div>\n'
    )


def _lines(chart: "Chart", x: str, colours: dict[str, str]) -> Iterator[tuple[Line, str]]:
    """Yield lines and their colours: of groups mean and edges, else of runs."""
    for group, band in chart.bands.items():
        colour = PALETTE[group % len(PALETTE)]
        yield Line("", band.steps, band.means), colour
        for edge in (band.lows, band.highs):
            yield Line("", band.steps, edge), colour + _FAINT
    if not chart.bands:
        for uid, line in list(chart.lines.items())[:_MOST_DRAWN]:
            yield Line("", _across(line, x), line.values), colours[uid]


def _across(line: "Series | Pairs", x: str) -> "NDArray[np.float64]":
    if not isinstance(line, Series):
        return line.across
    if x == "step" or not len(line.times_us):
        return line.steps
    seconds: NDArray[np.float64] = (line.times_us - line.times_us[0]) / MICROSECONDS
    return seconds


def _table(runs: "Sequence[RunFacts]", colours: dict[str, str]) -> str:
    shown = runs[:_MOST_ROWS]
    config = differences([leaves(facts.config) for facts in runs]).differing[:_MOST_COLUMNS]
    metrics = ranked_metrics(runs)[:_MOST_COLUMNS]
    heads = "".join(
        f'<th style="{_CELL};{_MUTED};font-weight:400">{html(name, 40)}</th>'
        for name in ("run", "state", *config, *metrics)
    )
    rows = "".join(_row(facts, config, metrics, colours) for facts in shown)
    rest = len(runs) - len(shown)
    more = f'<div style="{_MUTED};font-size:11px">and {rest:,} more runs</div>' if rest > 0 else ""
    style = f"padding:10px 16px;border-top:{_RULE};overflow-x:auto"
    look = "border-collapse:collapse;font-size:12px;color:inherit;margin:0"
    return (
        f'<div style="{style}"><table style="{look}">'
        f"<thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table>{more}</div>\n"
    )


def _row(
    facts: "RunFacts", config: Sequence[str], metrics: Sequence[str], colours: dict[str, str]
) -> str:
    here, summary = leaves(facts.config), leaves(facts.summary)
    colour = colours[facts.opened.uid]
    cells = [
        f'<span style="color:{colour}">━</span> {html(facts.opened.name, 60)}',
        facts.state.value,
        *(_cell(here, name) for name in config),
        *(_cell(summary, name) for name in metrics),
    ]
    shown = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{shown}</tr>\n"


def _cell(values: "Leaves", name: str) -> str:
    return html(value_text(values[name], 40)) if name in values else ""
