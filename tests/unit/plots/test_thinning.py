import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nbtrack.plots import extremes

values = arrays.arrays(np.float64, st.integers(0, 400), elements=st.floats(width=64))


@given(values, st.integers(4, 60))
def test_the_extremes_and_the_ends_are_kept(given_values, points):
    kept = extremes(given_values, points)

    finite = given_values[np.isfinite(given_values)]
    if len(finite):
        assert given_values[kept][np.isfinite(given_values[kept])].min() == finite.min()
        assert given_values[kept][np.isfinite(given_values[kept])].max() == finite.max()
    if len(given_values):
        assert (kept[0], kept[-1]) == (0, len(given_values) - 1)
    assert (np.diff(kept) > 0).all()


@given(values, st.integers(4, 60))
def test_a_value_that_is_not_finite_does_not_vanish(given_values, points):
    kept = given_values[extremes(given_values, points)]

    assert np.isfinite(kept).all() == np.isfinite(given_values).all()


def test_no_more_points_are_kept_than_were_asked_for():
    assert len(extremes(np.arange(10_000.0), 400)) <= 400


def test_a_short_series_is_kept_whole():
    assert extremes(np.arange(5.0), 5).tolist() == [0, 1, 2, 3, 4]


def test_reducing_twice_keeps_a_spike_one_step_wide():
    values = np.zeros(100_000)
    values[54_321] = 7.0

    once = values[extremes(values, 2_000)]

    assert once[extremes(once, 100)].max() == 7.0
