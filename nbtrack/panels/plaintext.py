"""A run in a few lines of text, for terminals, logs and readers of `text/plain`."""

from typing import TYPE_CHECKING

import numpy as np

from nbtrack.panels.words import one_line
from nbtrack.plots import number_text, spark_text
from nbtrack.values import duration

if TYPE_CHECKING:
    from nbtrack.query import RunView
    from nbtrack.store import Series

_MOST_LINES = 12
_WIDEST_NAME = 32


def plain_text(view: "RunView") -> str:
    """Return a header and one line per metric, at most 12 of them."""
    metrics = [series for series in view.series if series.stream == "metric"]
    shown = metrics[:_MOST_LINES]
    width = max((len(_name(series)) for series in shown), default=0)
    lines = [_header(view), *(f"  {_name(one):<{width}}  {_course(one)}" for one in shown)]
    if len(metrics) > len(shown):
        lines.append(f"  … and {len(metrics) - len(shown)} more metrics")
    return "\n".join(lines)


def _header(view: "RunView") -> str:
    run = view.run
    name, project = one_line(run.opened.name, 80), one_line(run.opened.project, 80)
    step = "" if run.step is None else f" · step {run.step}"
    return f"nbtrack run {name} [{run.state.value}] · {project} · {duration(run.active_us)}{step}"


def _name(series: "Series") -> str:
    return one_line(series.key, _WIDEST_NAME)


def _course(series: "Series") -> str:
    values = series.values
    if not len(values):
        return "no points"
    first, last = number_text(float(values[0])), number_text(float(values[-1]))
    bars = spark_text(values[np.isfinite(values)])
    return f"{bars} {first} → {last} (n={series.count})".lstrip()
