"""`define_metric`: step metrics, what the summary keeps, patterns; the same live and stored."""

import json
import os
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbtrack
from nbtrack.errors import Error, UsageError
from nbtrack.metrics import Aggregate, escaped_name, path_of
from nbtrack.records import MetricDefined
from nbtrack.runs import Run, session
from nbtrack.store import Ingester, Reader


@pytest.fixture
def run(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(session(), "voice", lambda _level, _text: None)
    run = nbtrack.init(project="metrics", dir=tmp_path, settings={"x_disable_stats": True})
    yield run
    run.finish()


def summary_of(run: Run) -> dict:
    """Return the live summary, after checking that a reader sees the same."""
    run.flush()
    live = {key: value for key, value in run.summary.as_dict().items() if key[0] != "_"}
    for _ in range(2):
        facts = Reader(run.root).run(run.uid)
        stored = {key: value for key, value in facts.summary.items() if key[0] != "_"}
        assert json.dumps(stored, sort_keys=True) == json.dumps(live, sort_keys=True)
        Ingester(run.root).ingest(run.uid)
    return live


def rows_of(run: Run) -> list[dict]:
    run.flush()
    rows = Reader(run.root).rows(run.uid)
    return [{key: value for key, value in row.items() if key[0] != "_"} for row in rows]


def test_the_summary_keeps_what_was_asked_for_and_nothing_else(run):
    run.define_metric("loss", summary="min, MAX,mean")
    for loss in (2.0, 0.5, 3.5):
        run.log({"loss": loss, "acc": loss / 2})

    assert summary_of(run) == {"loss": {"min": 0.5, "max": 3.5, "mean": 2.0}, "acc": 1.75}


def test_best_goes_by_the_goal(run):
    run.define_metric("loss", summary="best,last", goal="minimize")
    run.define_metric("acc", summary="best,first", goal="maximize")
    for value in (2, 5, 3):
        run.log({"loss": value, "acc": value})

    assert summary_of(run) == {"loss": {"best": 2, "last": 3}, "acc": {"best": 5, "first": 2}}


def test_nan_spoils_neither_extremes_nor_mean(run):
    run.define_metric("loss", summary="min,max,mean,last")
    for loss in (nan, 1.0, 3.0, nan):
        run.log({"loss": loss})

    kept = summary_of(run)["loss"]

    assert (kept["min"], kept["max"], kept["mean"]) == (1.0, 3.0, 2.0)
    assert isnan(kept["last"])


def test_a_metric_of_nothing_but_nan_has_no_extremes(run):
    run.define_metric("loss", summary="min,max,mean")
    run.log({"loss": nan})

    assert summary_of(run) == {}


def test_none_keeps_what_was_set_by_hand(run):
    run.define_metric("loss", summary="none")
    run.summary["loss"] = "by hand"
    run.log({"loss": 1.0})

    assert summary_of(run) == {"loss": "by hand"}


def test_a_value_set_by_hand_does_not_end_the_aggregates(run):
    run.define_metric("loss", summary="min")
    run.log({"loss": 1.0})
    run.summary["loss"] = 7
    run.log({"loss": 2.0})

    assert summary_of(run) == {"loss": {"min": 1.0}}


def test_definitions_of_a_metric_add_up_and_overwrite_replaces_them(run):
    run.define_metric("loss", summary="min", hidden=True)
    both = run.define_metric("loss", summary="max")
    alone = run.define_metric("loss", summary="mean", overwrite=True)

    assert (both.summary, both.hidden) == (("min", "max"), True)
    assert (alone.summary, alone.hidden) == (("mean",), False)


def test_rows_without_the_step_metric_get_its_last_value(run):
    run.define_metric("val/*", step_metric="epoch")
    run.log({"val/loss": 1.0})
    run.log({"epoch": 3})
    run.log({"val/loss": 0.5})
    run.log({"val/loss": 0.25, "epoch": 4})
    run.log({"other": 1})

    assert rows_of(run) == [
        {"val/loss": 1.0, "epoch": 0},
        {"epoch": 3},
        {"val/loss": 0.5, "epoch": 3},
        {"val/loss": 0.25, "epoch": 4},
        {"other": 1},
    ]


def test_step_sync_can_be_off(run):
    epoch = run.define_metric("epoch", hidden=True)
    run.define_metric("loss", step_metric=epoch, step_sync=False)
    run.log({"loss": 1.0})

    assert rows_of(run) == [{"loss": 1.0}]


def test_a_pattern_counts_for_a_metric_from_its_first_row_on(run):
    run.define_metric("*", summary="max")
    run.define_metric("val/*", summary="min")
    run.log({"val/loss": 1.0, "loss": 1.0, "_private": 1.0})
    run.define_metric("val/*", summary="mean", overwrite=True)
    run.log({"val/loss": 3.0, "val/acc": 5.0, "loss": 2.0, "_private": 2.0})
    run.flush()

    live = run.summary.as_dict()
    stored = Reader(run.root).run(run.uid).summary

    assert live["val/loss"] == stored["val/loss"] == {"min": 1.0}
    assert live["val/acc"] == stored["val/acc"] == {"mean": 5.0}
    assert live["loss"] == stored["loss"] == {"max": 2.0}
    assert live["_private"] == stored["_private"] == 2.0


def test_nested_metrics_are_named_with_dots_and_dots_in_keys_are_escaped(run):
    run.define_metric("n.loss", summary="max")
    run.define_metric(r"top\.1", summary="min")
    run.log({"n": {"loss": 3}, "top.1": 4})
    run.log({"n": {"loss": 2}, "top.1": 5})

    assert summary_of(run) == {"n": {"loss": {"max": 3}}, "top.1": {"min": 4}}


def test_numbers_that_come_in_many_kinds_are_summed_up_alike(run):
    run.define_metric("*", summary="min,max,mean,first,last")
    for value in (1, True, 2**60, -inf, 0.5, None, "text", 3):
        run.log({"x": value})
    run.log({"x": 3})

    assert summary_of(run)["x"]["max"] == float(2**60)


def test_a_reader_learns_the_definitions(run):
    run.define_metric("val/*", step_metric="epoch", hidden=True)
    run.log({"val/loss": 1.0})
    run.flush()
    for _ in range(2):
        (pattern, metric) = Reader(run.root).run(run.uid).metrics
        assert (pattern.name, metric.name) == ("val/*", "val/loss")
        assert (metric.step_metric, metric.step_sync, metric.hidden) == ("epoch", True, True)
        Ingester(run.root).ingest(run.uid)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": 3},
        {"name": "a*b"},
        {"name": "loss", "summary": "median"},
        {"name": "loss", "summary": 3},
        {"name": "loss", "goal": "up"},
        {"name": "loss", "step_metric": 3},
        {"name": "loss", "step_metric": ""},
    ],
)
def test_wrong_definitions_are_refused_at_once(run, wrong):
    with pytest.raises(UsageError):
        run.define_metric(**wrong)


def test_nothing_is_defined_without_a_run_or_after_it(run):
    run.finish()

    with pytest.raises(UsageError, match="finished"):
        run.define_metric("loss")
    with pytest.raises(Error, match="define_metric"):
        nbtrack.define_metric("loss")


def test_rows_stay_as_fast_as_they_were_until_something_is_defined(run):
    assert run._history.metrics is None
    nbtrack.define_metric("loss", summary="min")
    assert run._history.metrics is not None


@given(st.one_of(st.text(min_size=1), st.lists(st.text(), min_size=2).map(tuple)))
def test_every_path_has_a_name_of_its_own(path):
    assert path_of(escaped_name(path)) == path


@given(st.lists(st.floats(), min_size=1), st.integers(min_value=0))
def test_an_aggregate_is_the_same_in_pieces(values, cut):
    whole, first, second = Aggregate(), Aggregate(), Aggregate()
    cut %= len(values) + 1
    for value in values:
        whole.add(value)
    for value in values[:cut]:
        first.add(value)
    for value in values[cut:]:
        second.add(value)
    first.join(second)

    asked = MetricDefined(0, "x", summary=("min", "max", "first", "last", "best"), goal="maximize")

    assert repr(first.summary(asked)) == repr(whole.summary(asked))
    assert first.count == whole.count
