"""What the numbers of a group come to, as a statistician would say it."""

import math
import statistics

import pytest

from nbtrack.query import Field, summarize
from nbtrack.store import RunFacts
from tests.unit.panels.making import facts


def runs(*values: object) -> list[RunFacts]:
    return [facts(config={} if value is None else {"x": value}) for value in values]


def summary(*values: object):
    [found] = summarize(runs(*values), [Field.parse("config.x")])
    return found


def test_mean_and_deviation_are_those_of_a_sample():
    numbers = [0.1, 0.25, 0.7, 0.4]

    found = summary(*numbers)

    assert (found.n, found.low, found.high) == (4, 0.1, 0.7)
    assert found.mean == pytest.approx(statistics.fmean(numbers))
    assert found.std == pytest.approx(statistics.stdev(numbers))


def test_what_is_no_finite_number_is_left_out_and_not_counted():
    found = summary(*[1, math.nan, math.inf, True, "7", None, [3], 10**400, 3])

    assert (found.n, found.mean) == (2, 2.0)


def test_one_number_has_no_deviation():
    assert summary(0.5).std is None


@pytest.mark.parametrize("number", [1e308, -1e308, 0.1, 5e-324], ids=repr)
def test_equal_numbers_have_themselves_as_mean(number):
    """Sums overflow, and means of many would lie beside them all."""
    found = summary(*[number] * 7)

    assert found.mean == number
    assert found.std == 0


def test_a_deviation_that_no_number_holds_is_none():
    assert summary(-1e308, 1e308).std is None


def test_a_column_without_numbers_has_no_summary():
    assert summarize(runs("a", None), [Field.parse("config.x")]) == []
