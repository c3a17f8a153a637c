"""The summary: last values, nested views, values set by hand."""

from threading import RLock

import pytest

from nbtrack.runs.summary import Summary
from nbtrack.values import encode


@pytest.fixture
def changes() -> list:
    return []


@pytest.fixture
def summary(changes) -> Summary:
    return Summary(lock=RLock(), changed=lambda values, removed: changes.append((values, removed)))


def log(summary: Summary, data: dict, step: int = 0) -> None:
    values, plain = encode(data)
    summary.fold(values, step=step, time_us=1_500_000, plain=plain)


def test_the_last_value_of_each_key_stays_and_none_overwrites_nothing(summary):
    log(summary, {"a": 1, "b": 2})
    log(summary, {"a": 3, "b": None}, step=1)

    assert summary.as_dict() == {"a": 3, "b": 2, "_step": 1, "_timestamp": 1.5}


def test_nested_values_are_read_and_set_through(summary, changes):
    log(summary, {"val": {"loss": 1.0}})

    summary["val"]["acc"] = 0.9
    summary.best = {"epoch": 3}

    assert summary["val"].as_dict() == {"loss": 1.0, "acc": 0.9}
    assert summary.best.epoch == 3
    assert changes == [({("val", "acc"): 0.9}, ()), ({("best", "epoch"): 3}, ())]


def test_setting_a_value_where_a_dict_was_removes_what_lay_inside(summary, changes):
    log(summary, {"val": {"loss": 1.0}})

    summary["val"] = 5

    assert summary["val"] == 5
    assert changes == [({"val": 5}, (("val", "loss"),))]


def test_a_value_logged_later_wins_over_one_set_by_hand(summary):
    summary["acc"] = 1.0
    log(summary, {"acc": 0.5})

    assert summary["acc"] == 0.5


def test_a_key_can_be_removed(summary, changes):
    log(summary, {"a": {"b": 1, "c": 2}})

    del summary["a"]

    assert "a" not in summary
    assert changes[-1][0] == {}
    assert set(changes[-1][1]) == {("a", "b"), ("a", "c")}


def test_a_missing_key_is_a_key_error_in_either_style(summary):
    with pytest.raises(KeyError, match="x"):
        summary["x"]
    with pytest.raises(KeyError, match="x"):
        _ = summary.x
    assert summary.get("x") is None


def test_it_behaves_as_a_dict(summary):
    summary.update({"a": 1}, b=2)

    assert dict(summary) == {"a": 1, "b": 2}
    assert list(summary.keys()) == ["a", "b"]
    assert len(summary) == 2


def test_a_dict_that_is_logged_where_a_value_was_replaces_it(summary):
    """The store keeps a tree, in which one of the two has to go."""
    log(summary, {"a": {"old": 1}})
    log(summary, {"a": 5})
    log(summary, {"a": {"b": 2}})

    assert summary["a"].as_dict() == {"b": 2}


def test_a_key_can_be_removed_as_an_attribute(summary):
    summary.best = 1

    del summary.best

    assert "best" not in summary
