"""History as a plotly figure that also shows where plotly.js is missing.

A bare plotly figure leaves a blank behind in exported HTML. Ours carries a static chart
of the same lines, made when it is shown. plotly is imported when a figure is made.
"""

import difflib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nbtrack.errors import UsageError
from nbtrack.plots.palette import GREY, PALETTE
from nbtrack.plots.sparks import spark_text
from nbtrack.plots.svg import Line, line_chart

if TYPE_CHECKING:
    from numpy.typing import NDArray

History: TypeAlias = Any
"""A pandas DataFrame, columns by name, or rows as mappings."""

_PLOTLY = "application/vnd.plotly.v1+json"
_X_NAMES = {"_step": "step", "_runtime": "runtime (s)", "_timestamp": "time"}
_GRID = "rgba(127,133,141,0.25)"


def curves(history: History, keys: str | Iterable[str] | None = None, x: str = "_step") -> Any:  # noqa: ANN401 - a plotly figure
    """Draw metrics as lines.

    Args:
        history: A pandas DataFrame, a mapping of columns, or rows as mappings. What is
            not a number in it, or missing, is a point left out.
        keys: Which columns; by default all that hold numbers and do not begin with `_`.
        x: The column below: `_step`, `_runtime`, `_timestamp` or any other.

    Returns:
        A `plotly.graph_objects.Figure` whose display also has a static picture.

    Raises:
        UsageError: If there is no such column, or nothing to draw.

    Examples:
        >>> figure = curves({"_step": [0, 1, 2], "loss": [3.0, 2.0, 1.5]}, ["loss"])
        >>> figure.data[0].y.tolist()
        [3.0, 2.0, 1.5]
    """
    columns = _columns(history)
    named = [keys] if isinstance(keys, str) else None if keys is None else list(keys)
    chosen = _numeric(columns, x) if named is None else named
    for key in (x, *chosen):
        _check(key, columns)
    figure = _figure_class()()
    for key in chosen:
        xs, ys = _points(columns[x], columns[key])
        if x == "_timestamp":
            xs = np.rint(xs * 1_000).astype("datetime64[ms]")
        mode = "lines" if len(ys) > 1 else "markers"
        figure.add_scatter(x=xs, y=ys, name=_literal(key), mode=mode)
    _dress(figure, _literal(_X_NAMES.get(x, x)), [_literal(key) for key in chosen])
    return figure


def plotly_script() -> str:
    """Return plotly.js, as the installed plotly has it: 5 MB."""
    from importlib.resources import files

    return (files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8")


def _columns(history: History) -> "dict[str, NDArray[np.float64]]":
    if hasattr(history, "columns"):
        return {str(name): _floats(history[name]) for name in history.columns}
    if isinstance(history, Mapping):
        return {str(name): _floats(values) for name, values in history.items()}
    rows = list(history)
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _floats([row.get(name) for row in rows]) for name in names}


def _floats(values: Iterable[Any]) -> "NDArray[np.float64]":
    """Return a column as floats; NaN where there is no number."""
    array = np.asarray(values)
    if array.dtype.kind in "fiub":
        return array.astype(np.float64)
    return np.array([_float(value) for value in values], dtype=np.float64)


def _float(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float | np.number) else np.nan
    except OverflowError:
        return np.nan


def _numeric(columns: "Mapping[str, NDArray[np.float64]]", x: str) -> list[str]:
    found = [
        key
        for key, values in columns.items()
        if key != x and not key.startswith("_") and not np.isnan(values).all()
    ]
    if not found:
        raise UsageError("there are no metrics to draw: the history holds no column of numbers.")
    return found


def _check(key: str, columns: Mapping[str, object]) -> None:
    if key in columns:
        return
    close = difflib.get_close_matches(key, columns, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else f" There are: {', '.join(columns)}."
    raise UsageError(f"the history has no column {key!r}.{hint}")


def _points(
    xs: "NDArray[np.float64]", ys: "NDArray[np.float64]"
) -> "tuple[NDArray[Any], NDArray[np.float64]]":
    """Return the points that have both numbers; an infinite one is a gap."""
    there = ~(np.isnan(xs) | np.isnan(ys))
    return xs[there], ys[there]


def _literal(text: str) -> str:
    """Return a text that plotly, which reads tags in names, shows as it is."""
    return escape(text, quote=False)


def _dress(figure: Any, x_name: str, keys: list[str]) -> None:  # noqa: ANN401 - a plotly figure
    axis = {"gridcolor": _GRID, "zeroline": False, "linecolor": _GRID, "automargin": True}
    figure.update_layout(
        template="none",
        colorway=list(PALETTE),
        # No background and a grey that does on light and dark: the page shows through.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY, "size": 12},
        height=380,
        margin={"l": 56, "r": 20, "t": 36, "b": 44},
        hovermode="x unified",
        showlegend=len(keys) > 1,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        xaxis={**axis, "title": {"text": x_name}},
        yaxis={**axis, "title": {"text": keys[0] if len(keys) == 1 else ""}},
    )


@cache
def _figure_class() -> type[Any]:
    """Return the class of our figures; this is where plotly is imported."""
    import plotly.graph_objects as go  # type: ignore[import-untyped]

    class Figure(go.Figure):  # type: ignore[misc]
        """A plotly figure with a static picture beside it."""

        # plotly's own would show it through a renderer and hide our bundle.
        _ipython_display_ = None

        def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, Any]:
            return _bundle(self)

    return Figure


def _bundle(figure: Any) -> dict[str, Any]:  # noqa: ANN401 - a plotly figure
    lines = [line for trace in figure.data if (line := _line(trace)) is not None]
    title, x_name = figure.layout.title.text or "", figure.layout.xaxis.title.text or ""
    drawn = line_chart(lines, title=unescape(title), x_name=unescape(x_name))
    return {
        _PLOTLY: json.loads(figure.to_json()),
        "text/html": f'<div class="nbtrack-static">{drawn}</div>',
        "text/plain": "\n".join(f"{_printable(line.name)} {spark_text(line.ys)}" for line in lines),
    }


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _line(trace: Any) -> Line | None:  # noqa: ANN401 - a plotly trace
    """Return a trace as a line, or None if it is something else."""
    if trace.type not in ("scatter", "scattergl") or trace.y is None:
        return None
    ys = _floats(trace.y)
    xs = np.arange(len(ys), dtype=np.float64) if trace.x is None else _across(trace.x)
    return Line(unescape(trace.name or ""), xs, ys) if len(xs) == len(ys) else None


def _across(values: Any) -> "NDArray[np.float64]":  # noqa: ANN401 - plotly keeps what it was given
    array = np.asarray(values)
    if array.dtype.kind == "M" and len(array):
        seconds: NDArray[np.float64] = (array - array.min()) / np.timedelta64(1, "s")
        return seconds
    return _floats(values)
