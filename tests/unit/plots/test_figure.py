import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbtrack.errors import UsageError
from nbtrack.plots import curves

ROWS = [{"_step": 0, "loss": 2.0, "name": "x"}, {"_step": 1, "acc": 0.5}, {"_step": 2, "loss": 1.0}]
PLOTLY = "application/vnd.plotly.v1+json"


def drawn(figure) -> dict[str, tuple[list[float], list[float]]]:
    return {trace.name: (trace.x.tolist(), trace.y.tolist()) for trace in figure.data}


@pytest.mark.parametrize(
    "history",
    [
        ROWS,
        pd.DataFrame(ROWS),
        {"_step": [0, 1, 2], "loss": [2.0, None, 1.0], "acc": [None, 0.5, None]},
    ],
    ids=["rows", "frame", "columns"],
)
def test_every_metric_is_drawn_where_it_was_logged(history):
    assert drawn(curves(history)) == {"loss": ([0, 2], [2.0, 1.0]), "acc": ([1], [0.5])}


def test_one_metric_can_be_asked_for_by_its_name():
    assert list(drawn(curves(ROWS, "acc"))) == ["acc"]


def test_any_column_may_stand_below():
    history = {"_step": [0, 1], "epoch": [0, 10], "loss": [2.0, 1.0]}

    figure = curves(history, ["loss"], x="epoch")

    assert drawn(figure) == {"loss": ([0, 10], [2.0, 1.0])}
    assert figure.layout.xaxis.title.text == "epoch"


def test_wall_time_is_shown_as_dates():
    figure = curves({"_timestamp": [1.76e9, 1.76e9 + 1], "loss": [2.0, 1.0]}, x="_timestamp")

    assert str(figure.data[0].x[1]).startswith("2025-10-09T08:53:21")


def test_the_bundle_shows_the_lines_where_plotly_is_missing():
    """A bare figure is blank in exported HTML."""
    bundle = curves(ROWS)._repr_mimebundle_()

    assert set(bundle) == {PLOTLY, "text/html", "text/plain"}
    assert "<svg" in bundle["text/html"]
    assert "script" not in bundle["text/html"]
    assert bundle["text/plain"].split("\n") == ["loss █▁", "acc ▁"]
    assert bundle[PLOTLY]["data"][0]["name"] == "loss"


def test_what_is_changed_afterwards_is_in_the_picture():
    figure = curves(ROWS)
    figure.update_layout(title="my training")
    figure.add_bar(x=[1], y=[1])

    html = figure._repr_mimebundle_()["text/html"]

    assert "my training" in html


def test_a_metrics_name_is_text_for_plotly_too():
    """Plotly reads tags and links in names."""
    name = '<a href="javascript:alert(1)">x</a>'

    figure = curves({"_step": [0, 1], name: [1.0, 2.0]})

    assert "<a" not in figure.to_json()
    html = figure._repr_mimebundle_()["text/html"]
    assert "<a" not in html
    assert "&lt;a href=&quot;javascript:alert(1)&quot;&gt;" in html


def test_a_misspelt_column_names_the_one_that_was_meant():
    with pytest.raises(UsageError, match=r"no column 'los'\. Did you mean 'loss'\?"):
        curves(ROWS, ["los"])


def test_a_history_without_numbers_says_so():
    with pytest.raises(UsageError, match="no metrics to draw"):
        curves([{"_step": 0, "name": "x"}])


def test_infinite_values_are_gaps():
    html = curves({"_step": [0, 1, 2], "loss": [1.0, np.inf, 2.0]})._repr_mimebundle_()

    assert "<svg" in html["text/html"]


def test_plotly_is_loaded_when_a_figure_is_made():
    code = "import sys, nbtrack.plots as p; p.curves; p.picture; print('plotly' in sys.modules)"

    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )

    assert said.stdout.strip() == "False"
