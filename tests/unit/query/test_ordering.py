"""Runs come in the order that was asked for, those without a value last."""

import math
import re

import pytest
from storekit import START_US, UID, opened_run, row

from nbtrack.query import Api
from nbtrack.query.runs import LONGEST_CELL, MOST_COLUMNS
from nbtrack.query.table import SHOWN_ROWS
from nbtrack.records import ConfigChanged
from nbtrack.store import Journal


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    root = tmp_path_factory.mktemp("workspace") / ".nbtrack"
    values = {"a": 2, "b": 1.5, "c": math.nan, "d": None, "e": 2, "f": "high", "g": math.inf}
    for n, (name, value) in enumerate(values.items()):
        opened = opened_run(f"20260102-030405-{n:08d}", name=name, time_us=START_US + n)
        with_value = {} if value is None else {"loss": value}
        journal = Journal.create(root, opened)
        journal.append([ConfigChanged(START_US, {"n": {"m": -n}}), row(0, with_value)])
        journal.close()
    return Api(root)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("+created_at", "abcdefg"),
        ("created_at", "abcdefg"),
        ("-created_at", "gfedcba"),
        ("+summary_metrics.loss", "baegfcd"),
        ("-summary_metrics.loss", "fgeabdc"),
        ("config.n.m", "gfedcba"),
        ("-display_name", "gfedcba"),
        ("+summary.nothing", "abcdefg"),
        ("-summary.nothing", "gfedcba"),
        ("+tags", "abcdefg"),
    ],
)
def test_runs_come_in_order(api, order, expected):
    assert "".join(run.name for run in api.runs(order=order)) == expected


def test_runs_are_a_lazy_sequence(api):
    runs = api.runs(per_page=2)

    assert len(runs) == 7
    assert [run.name for run in runs[1:3]] == ["b", "c"]
    assert runs[-1].name == "g"
    assert [next(runs).name, next(runs).name] == ["a", "b"]
    assert next(run.name for run in runs) == "a"
    assert next(run.name for run in reversed(runs)) == "g"
    assert sum(1 for _ in iter(lambda: next(runs, None), None)) == 5


def test_runs_are_a_frame_too(api):
    frame = api.runs().to_frame()

    assert frame["config.n.m"].tolist() == [0, -1, -2, -3, -4, -5, -6]
    assert frame["name"].tolist() == list("abcdefg")
    assert api.runs()[:1].to_frame("default")[0]["summary.loss"] == 2


def test_a_cell_shows_what_tells_runs_apart(root):
    for n, rate in enumerate([0.1, 1e-05]):
        journal = Journal.create(root, opened_run(f"{UID}-{n}", name=f"<b>run {n}</b>"))
        journal.append([ConfigChanged(START_US, {"opt": {"lr": rate}, "depth": 50})])
        journal.append([row(0, {"loss": 1 / 3, "text": "words"})])
        journal.close()

    shown = Api(root).runs()._repr_html_()

    cells = re.findall("<t[hd]>(.*?)</t[hd]>", shown)
    assert cells[:5] == ["name", "state", "created_at", "opt.lr", "loss"]
    assert cells[5:7] == ["&lt;b&gt;run 0&lt;/b&gt;", "crashed"]
    assert cells[8:10] == ["0.1", "0.33333"]
    assert cells[13:] == ["1e-05", "0.33333"]
    assert "2 runs." in shown


def test_a_cell_shows_no_more_than_can_be_read(root):
    for n in range(SHOWN_ROWS + 1):
        journal = Journal.create(root, opened_run(f"{UID}-{n:02}"))
        journal.append([ConfigChanged(START_US, {f"k{i}": n for i in range(99)})])
        journal.append([ConfigChanged(START_US, {"k0": f"{n}" * 999})])
        journal.close()

    shown = Api(root).runs()._repr_html_()

    assert shown.count("<th>") == 3 + MOST_COLUMNS
    assert shown.count("<tr>") == 1 + SHOWN_ROWS
    assert max(map(len, re.findall("<td>(.*?)</td>", shown))) == LONGEST_CELL
    assert f"21 runs, of which {SHOWN_ROWS} are shown." in shown
    assert Api(root).runs()[:0]._repr_html_().endswith("<p>0 runs. All columns: to_frame()</p>")
