"""The picture of a run for readers without the panel: one HTML card, no script.

It must be legible wherever notebooks are shown, light or dark, also where style sheets,
inline SVG or the page's variables are taken away. So text has the page's own colour,
everything else a colour that does on both; charts are images, with their labels beside
them as text; without any style the card still reads from top to bottom.
"""

from typing import TYPE_CHECKING

import numpy as np

from nbtrack.panels.words import date, html, value_text
from nbtrack.plots import (
    PALETTE,
    Line,
    data_uri,
    number_text,
    picture,
    room,
    tick_texts,
    ticks_inside,
)
from nbtrack.values import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nbtrack.query import RunView
    from nbtrack.records import Json, Notice
    from nbtrack.store import RunFacts, Series

_MOST_CHARTS = 12
_FEW_CHARTS = 2
_MOST_VALUES = 12
_MOST_NOTICES = 3
_MOST_LINES = 8
_COLUMNS = 280  # of pixels per chart: more are not seen, fewer save bytes

_STATE_COLOURS = {
    "running": "#3b7dd8",
    "finished": "#2a9664",
    "failed": "#d4524c",
    "crashed": "#d4524c",
    "killed": "#d9731a",
}
_GREY = "#7f858d"
_WHOLE = "min-width:0;break-inside:avoid"  # on paper, too
_RULE = "1px solid rgba(127,133,141,.35)"
_MUTED = "opacity:.72"
_SMALL = f"font-size:11px;{_MUTED}"
_CUT = "overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
_ENDS = "display:flex;justify-content:space-between;gap:10px"


def card(view: "RunView") -> str:
    """Return the card of a run; everything a run says is text in it."""
    parts = [
        _header(view.run),
        _notices(view.run),
        _charts(view),
        _values(view.run),
        _log(view),
        _footer(view.run),
    ]
    style = (
        f"box-sizing:border-box;max-width:900px;margin:4px 0;border:{_RULE};border-radius:8px;"
        "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px;line-height:1.5"
    )
    return f'<div class="nbtrack-static" style="{style}">\n{"".join(parts)}</div>'


def _header(run: "RunFacts") -> str:
    state, opened = run.state.value, run.opened
    colour = _STATE_COLOURS.get(state, _GREY)
    step = "" if run.step is None else f" &nbsp; step {run.step}"
    return (
        f'<div style="{_ENDS};flex-wrap:wrap;align-items:baseline;padding:10px 16px;'
        f'border-bottom:{_RULE};break-after:avoid">\n'
        '<div style="min-width:0;overflow-wrap:anywhere">'
        f'<strong style="font-size:15px">{html(opened.name)}</strong> '
        f'<span style="{_MUTED}">&nbsp;{html(opened.project)}</span></div>\n'
        f'<div style="white-space:nowrap"><span style="color:{colour}">●</span> {state} '
        f'<span style="{_MUTED}">&nbsp; {duration(run.active_us)}{step}</span></div>\n</div>\n'
    )


def _notices(run: "RunFacts") -> str:
    texts = [run.reason] if run.reason else []
    texts += [_said(one) for one in run.notices if one.title or one.level != "info"][
        -_MOST_NOTICES:
    ]
    if not texts:
        return ""
    rows = "".join(f"<div>▲ {html(text, 300)}</div>\n" for text in texts)
    style = f"padding:8px 16px 0;overflow-wrap:anywhere;{_MUTED}"
    return f'<div style="{style}">{rows}</div>\n'


def _said(notice: "Notice") -> str:
    return notice.text if notice.title is None else f"{notice.title}: {notice.text}"


def _charts(view: "RunView") -> str:
    drawable = [one for one in view.series if one.stream == "metric" and len(one.values)]
    if not drawable:
        return f'<div style="padding:14px 16px;{_MUTED}">No metrics so far.</div>\n'
    height = 130 if len(drawable) <= _FEW_CHARTS else 84
    shown = "".join(_chart(series, height) for series in drawable[:_MOST_CHARTS])
    grid = (
        "display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));"
        "gap:16px 22px;padding:14px 16px"
    )
    rest = len(drawable) - _MOST_CHARTS
    more = f'<div style="padding:0 16px 10px;{_SMALL}">and {rest} more metrics</div>\n'
    return f'<div style="{grid}">\n{shown}</div>\n{more if rest > 0 else ""}'


def _chart(series: "Series", height: int) -> str:
    finite = series.values[np.isfinite(series.values)]
    last = number_text(float(series.values[-1]))
    title = html(series.key)
    head = (
        f'<div style="{_ENDS};align-items:baseline"><span style="{_CUT}" title="{title}">'
        f"{title}</span> <strong>{last}</strong></div>\n"
    )
    if not len(finite):
        nothing = f'<div style="{_SMALL}">no finite values</div>'
        return f'<div style="{_WHOLE}">{head}{nothing}</div>\n'
    low, high = number_text(float(finite.min())), number_text(float(finite.max()))
    extent = f'<div style="{_SMALL}">min {low} &nbsp; max {high} &nbsp; n {series.count}</div>'
    drawn = _drawn(series, finite, height, f"{title}: last {last}, min {low}, max {high}")
    return f'<div style="{_WHOLE}">{head}{drawn}{extent}</div>\n'


def _drawn(series: "Series", finite: "NDArray[np.float64]", height: int, alt: str) -> str:
    xs, unit = _across(series)
    span = room(float(finite.min()), float(finite.max()))
    rules = ticks_inside(*span, most=4)
    line = Line(series.key, xs, series.values)
    image = picture(
        [line], span=span, rules=rules, width=_COLUMNS, height=height, colours=PALETTE[:1]
    )
    labels, width = _labels(rules, span)
    size = f"flex:1;min-width:0;width:80%;height:{height}px;margin:0"
    ends = [number_text(float(value)) for value in (xs[np.isfinite(xs)][[0, -1]])]
    return (
        f'<div style="display:flex;gap:6px;margin:6px 0 3px">{labels}'
        f'<img style="{size}" alt="{alt}" src="{data_uri(image)}"></div>\n'
        f'<div style="{_ENDS};padding-left:{width + 6}px;{_SMALL}"><span>{unit} {ends[0]}</span> '
        f"<span>{ends[1]}</span></div>\n"
    )


def _labels(rules: list[float], span: tuple[float, float]) -> tuple[str, int]:
    """Return the labels of rules, each beside its rule, and their width in pixels."""
    low, high = span
    texts = tick_texts(rules)
    width = round(6.6 * max(map(len, texts), default=0)) + 2
    labels = "".join(
        f'<span style="position:absolute;right:0;line-height:12px;margin-top:-6px;'
        f'top:{100 * (high / 2 - rule / 2) / (high / 2 - low / 2):.1f}%">{text}</span> '
        for rule, text in zip(rules, texts, strict=True)
    )
    style = f"flex:none;position:relative;width:{width}px;{_SMALL}"
    return f'<div style="{style}">{labels}</div>', width


def _across(series: "Series") -> "tuple[NDArray[np.float64], str]":
    """Return where points stand from left to right, and in what unit."""
    if np.isfinite(series.steps).any():
        return series.steps, "step"
    return (series.times_us - series.times_us[0]) / 1e6, "second"


def _values(run: "RunFacts") -> str:
    summary = {key: value for key, value in run.summary.items() if not key.startswith("_")}
    tables = _table("Summary", summary) + _table("Config", run.config)
    if not tables:
        return ""
    style = f"display:flex;flex-wrap:wrap;gap:10px 36px;padding:10px 16px;border-top:{_RULE}"
    return f'<div style="{style}">\n{tables}</div>\n'


def _table(title: str, values: "Mapping[str, Json]") -> str:
    rows = list(_leaves(values, ""))
    if not rows:
        return ""
    shown = "".join(
        f'<div style="{_ENDS}"><span style="{_CUT};{_MUTED}">{html(key, 80)}</span> '
        f'<span style="{_CUT}">{html(value_text(value))}</span></div>\n'
        for key, value in rows[:_MOST_VALUES]
    )
    rest = len(rows) - _MOST_VALUES
    more = f'<div style="{_SMALL}">and {rest} more</div>\n' if rest > 0 else ""
    style = f"flex:1 1 240px;{_WHOLE}"
    return f'<div style="{style}"><strong>{title}</strong>\n{shown}{more}</div>\n'


def _leaves(values: "Mapping[str, Json]", prefix: str) -> "list[tuple[str, Json]]":
    found: list[tuple[str, Json]] = []
    for key, value in values.items():
        # Deeper than that a name says less than the value it leads to.
        if isinstance(value, dict) and value and prefix.count(".") < 3:  # noqa: PLR2004
            found += _leaves(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _log(view: "RunView") -> str:
    lines = view.lines[-_MOST_LINES:]
    if not lines:
        return ""
    text = "\n".join(html(line.text) for line in lines)
    style = (
        "margin:4px 0 0;padding:0;background:transparent;border:0;color:inherit;"
        "font-size:11.5px;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere"
    )
    count = f'<span style="{_SMALL}">&nbsp;last {len(lines)} of {view.line_count} lines</span>'
    return (
        f'<div style="padding:10px 16px;border-top:{_RULE}"><strong>Log</strong> {count}\n'
        f'<pre style="{style}">{text}</pre></div>\n'
    )


def _footer(run: "RunFacts") -> str:
    started, seen = date(run.opened.time_us), date(run.seen_us)
    until = f" · as of {seen}" if run.ended_us is None else ""
    tags = "".join(f" · {html(tag, 40)}" for tag in run.opened.tags[:8])
    style = f"padding:6px 16px;border-top:{_RULE};{_SMALL};overflow-wrap:anywhere"
    return (
        f'<div style="{style}">nbtrack · {html(run.opened.id, 80)} · {started}{until}{tags}</div>\n'
    )
