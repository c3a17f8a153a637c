"""The line beside a run in a list: few values, of the metric that people look for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.store.spark import KEPT, SHOWN, Spark


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("epoch", "lr", "accuracy"), "accuracy"),
        (("accuracy", "val/loss", "train/loss"), "val/loss"),
        (("epoch",), "epoch"),
        ((), ""),
    ],
)
def test_a_loss_comes_first_and_counters_last(names, chosen):
    assert Spark().chosen(names).name == chosen


def test_a_better_metric_that_comes_later_is_taken():
    spark = Spark().chosen(("epoch",)).fed(np.array([1.0])).chosen(("epoch", "loss"))

    assert (spark.name, spark.seen) == ("loss", 0)
    assert spark.chosen(("train/loss",)).name == "loss"


@given(st.lists(st.integers(1, 300), max_size=12))
def test_values_are_evenly_spaced_and_the_last_is_shown(sizes):
    """In whatever pieces they come."""
    count = sum(sizes)
    at_once = Spark("x").fed(np.arange(float(count))) if count else Spark("x")
    in_pieces, start = Spark("x"), 0
    for size in sizes:
        in_pieces = in_pieces.fed(np.arange(float(start), float(start + size)))
        start += size

    assert in_pieces == at_once
    shown = in_pieces.shown()
    assert len(in_pieces.values) <= KEPT
    assert len(shown) <= SHOWN
    assert len(shown) >= min(count, SHOWN // 2)
    if count:
        assert (shown[0], shown[-1]) == (0, count - 1)
        assert len(set(np.diff(shown)[:-1])) <= 1
