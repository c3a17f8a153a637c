"""`save_chart()`: metrics of runs as a picture for print, in a file."""

import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbtrack import plots, query
from nbtrack.clock import MICROSECONDS
from nbtrack.errors import NbtrackWarning, UsageError
from nbtrack.store import Series, write_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.store import Pairs, RunFacts

_MOST_KEYS = 8
_AS_MANY_AS_MAY_BE = 1 << 30
_UNITS = ((2 * 86_400.0, 86_400.0, "days"), (7_200.0, 3_600.0, "h"), (300.0, 60.0, "min"))
"""From how many seconds on time is told in a unit, its seconds, its name."""


def save_chart(  # noqa: PLR0913 - what is written on a chart and how
    comparison: query.Comparison,
    path: object,
    *,
    smoothing: float = 0.0,
    log: bool = False,
    title: str = "",
    x_label: str | None = None,
    y_label: str | None = None,
    style: plots.ChartStyle | None = None,
) -> Path:
    """Write a chart of runs into a file; their outlook says of what.

    Args:
        comparison: The runs.
        path: Of the file.
        smoothing: As in the panel.
        log: Whether the vertical axis is logarithmic.
        title: Above the chart.
        x_label: Below it; by default what stands there.
        y_label: Beside it; by default the metric, if it is one.
        style: How it looks.

    Raises:
        UsageError: If an argument cannot be taken, or there is nothing to draw.
        StoreError: If runs cannot be read or the file cannot be written.
        MissingDependencyError: If it takes a Chromium and there is none.
    """
    file, form = _target(path)
    share = plots.checked_smoothing(smoothing)
    look = plots.ChartStyle() if style is None else style
    if not isinstance(look, plots.ChartStyle):
        raise UsageError(f"style is a nbtrack.ChartStyle(...), not {style!r}.")
    keys = _keys(comparison)
    curves, x_said = _laid_out(list(_curves(comparison, keys, share)), comparison.outlook.x)
    _expect_heights(curves, keys, log=log)
    words = plots.Words(
        title=title,
        x=x_said if x_label is None else x_label,
        y=(keys[0] if len(keys) == 1 else "") if y_label is None else y_label,
    )
    svg = plots.paper_chart(curves, words, look, log=log)
    write_file(file, plots.rendered(svg, form, look))
    return file


def save_chart_of_run(
    root: Path,
    uid: str,
    path: object,
    *,
    keys: object = None,
    x: object = "step",
    **said: Any,  # noqa: ANN401 - what is written on the chart and how
) -> Path:
    """Write metrics of one run into a file; see `save_chart`.

    Raises:
        UsageError: If an argument cannot be taken, or there is nothing to draw.
        StoreError: If the run cannot be read or the file cannot be written.
    """
    named = list(keys) if isinstance(keys, Iterable) and not isinstance(keys, str) else keys
    outlook = query.Outlook.of(named, x, None, "std")
    comparison = query.Comparison.of_uids(root, [uid], outlook)
    return save_chart(comparison, path, **said)


def _keys(comparison: query.Comparison) -> tuple[str, ...]:
    keys = comparison.outlook.keys or tuple(comparison.keys())
    if len(keys) > _MOST_KEYS and not comparison.outlook.keys:
        raise UsageError(
            f"which metrics? There are {len(keys)}, too many for one chart: "
            f"{', '.join(map(repr, keys[:_MOST_KEYS]))}, …. Type keys=[{keys[0]!r}]."
        )
    return keys


def _target(path: object) -> tuple[Path, str]:
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"path is that of a file like 'loss.svg', not {path!r}.")
    file = Path(path).expanduser()
    form = file.suffix[1:].lower()
    if form not in plots.FORMATS or file.is_dir():
        raise UsageError(
            f"a chart is written as .svg, .png or .pdf, not as {str(path)!r}. "
            f"Type {str(file.with_suffix('.svg'))!r}."
        )
    return file, form


def _curves(
    comparison: query.Comparison, keys: tuple[str, ...], smoothing: float
) -> Iterator[plots.Curve]:
    """Yield what is to be drawn, key by key: bands of groups, else lines of runs."""
    outlook = comparison.outlook
    question = query.Question(
        keys, x=outlook.x, group_by=outlook.group_by, band=outlook.band, points=_AS_MANY_AS_MAY_BE
    )
    drawing = comparison.draw(question)
    named = {facts.opened.uid: facts for facts in comparison.facts}
    for chart in drawing.charts:
        _say_what_is_missing(chart)
        for number, band in chart.bands.items():
            group = " ".join((*_field(outlook.group_by), drawing.groups[number] or "none"))
            name = _joined(group, chart.key, keys)
            yield plots.Curve(name, band.steps, band.means, None, band.lows, band.highs)
        for uid, line in chart.lines.items() if not chart.bands else ():
            name = chart.key
            if len(named) > 1:
                name = _joined(named[uid].opened.name, chart.key, keys)
            yield _curve(name, line, named[uid], outlook.x, smoothing)


def _say_what_is_missing(chart: "query.Chart") -> None:
    said = chart.trouble
    if not chart.bands and chart.runs > len(chart.lines):
        said = f"{said} The newest {len(chart.lines)} of {chart.runs:,} runs are drawn.".strip()
    if said:
        warnings.warn(f"{chart.key}: {said}", NbtrackWarning, stacklevel=5)


def _curve(
    name: str, line: "Series | Pairs", facts: "RunFacts", x: str, smoothing: float
) -> plots.Curve:
    xs = _across(line, facts, x)
    if not smoothing:
        return plots.Curve(name, xs, line.values)
    return plots.Curve(name, xs, plots.smooth(line.values, smoothing, line.count), line.values)


def _across(line: "Series | Pairs", facts: "RunFacts", x: str) -> "NDArray[np.float64]":
    if not isinstance(line, Series):
        return line.across
    if x != "time":
        return line.steps
    # Clocks are set back sometimes; a chart's x never goes back.
    return np.maximum.accumulate((line.times_us - facts.opened.time_us) / MICROSECONDS)


def _field(group_by: Sequence[str]) -> list[str]:
    """Return what runs are grouped by, if that is one thing: its values say little alone."""
    return [one.removeprefix("config.") for one in group_by] if len(group_by) == 1 else []


def _joined(name: str, key: str, keys: Sequence[str]) -> str:
    return name if len(keys) == 1 else f"{name} · {key}"


def _laid_out(curves: list[plots.Curve], x: str) -> tuple[list[plots.Curve], str]:
    """Return curves along an axis that people read, and what is said below it."""
    if x != "time":
        return curves, x
    longest_s = max((float(one.xs[-1]) for one in curves if len(one.xs)), default=0.0)
    for from_s, unit_s, unit in _UNITS:
        if longest_s >= from_s:
            return [replace(one, xs=one.xs / unit_s) for one in curves], f"time ({unit})"
    return curves, "time (s)"


def _expect_heights(curves: Sequence[plots.Curve], keys: Sequence[str], *, log: bool) -> None:
    heights = np.concatenate([one.ys for one in curves] or [np.array([])])
    finite = heights[np.isfinite(heights)]
    below = int((finite <= 0).sum()) if log else 0
    if not len(finite) or below == len(finite):
        what = "numbers above 0" if below else "numbers"
        named = ", ".join(map(repr, keys)) or "any metric"
        raise UsageError(f"there is nothing to draw: no run here has {what} of {named}.")
    if below:
        warnings.warn(
            f"{below:,} of {len(finite):,} values are not above 0: a logarithmic axis cannot "
            "show them, and the lines have gaps there.",
            NbtrackWarning,
            stacklevel=4,
        )
