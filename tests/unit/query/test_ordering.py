"""Runs come in the order that was asked for, those without a value last."""

import math

import pytest
from storekit import START_US, opened_run, row

from nbtrack.query import Api
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
