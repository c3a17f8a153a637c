"""`Histogram`: numbers in bins, as one value of a row."""

import numpy as np
import pytest

import nbtrack
from nbtrack.values import Histogram, encode


def test_numbers_are_counted_into_64_bins():
    counted = Histogram([1, 2, 2, 3])

    assert (len(counted.histogram), len(counted.bins)) == (64, 65)
    assert sum(counted.histogram) == 4
    assert (counted.bins[0], counted.bins[-1]) == (1.0, 3.0)


def test_bins_are_those_of_numpy():
    numbers = np.random.default_rng(0).normal(size=1000)
    counts, edges = np.histogram(numbers, bins=10)

    counted = Histogram(numbers.reshape(10, 100), num_bins=10)

    assert counted.histogram == counts.tolist()
    assert counted.bins == edges.tolist()


def test_what_is_not_finite_is_not_counted():
    assert sum(Histogram([1.0, np.nan, np.inf, 2.0]).histogram) == 2


def test_what_is_counted_already_is_taken():
    counted = Histogram(np_histogram=np.histogram([1, 2, 3], bins=2))

    assert (counted.histogram, counted.bins) == ([1, 2], [1.0, 2.0, 3.0])


def test_a_generator_and_a_tuple_are_numbers_too():
    assert sum(Histogram(number for number in range(5)).histogram) == 5
    assert sum(Histogram((True, False), num_bins=2).histogram) == 2


def test_it_is_one_value_of_a_row():
    values, plain = encode({"weights": Histogram([0.0, 1.0], num_bins=2)})

    assert values == {"weights": {"_type": "histogram", "values": [1, 1], "bins": [0.0, 0.5, 1.0]}}
    assert not plain


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({}, "needs numbers"),
        ({"sequence": [1], "num_bins": 513}, "num_bins must be 1 to 512"),
        ({"sequence": [1], "num_bins": 0}, "num_bins must be 1 to 512"),
        ({"np_histogram": ([1] * 513, range(514))}, "at most 512 bins"),
        ({"np_histogram": ([1, 2], [0, 1])}, "2 counts has 3 edges, not 2"),
        ({"np_histogram": ([], [0])}, "0 counts has 1 edges"),
        ({"np_histogram": [1, 2, 3]}, "must be \\(counts, edges\\)"),
    ],
)
def test_what_cannot_be_counted_is_refused(keywords, said):
    with pytest.raises(ValueError, match=said):
        Histogram(**keywords)


def test_texts_are_no_numbers():
    with pytest.raises(TypeError, match="counts numbers"):
        Histogram(["a", "b"])


def test_it_comes_back_from_the_store(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    with nbtrack.init() as run:
        run.log({"weights": nbtrack.Histogram([1, 2], num_bins=2)})

    [row] = nbtrack.Api(tmp_path / ".nbtrack").run(run.path).scan_history()
    assert row["weights"] == {"_type": "histogram", "values": [1, 1], "bins": [1.0, 1.5, 2.0]}
