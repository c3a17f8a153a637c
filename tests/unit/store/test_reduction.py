"""A chart shows every extreme, however few points it gets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtrack.store.reduction import Points, bounds_of, extent_of, reduced


def points_of(values, x=None) -> Points:
    values = np.asarray(values, dtype=np.float64)
    x = np.arange(len(values)) if x is None else np.asarray(x, dtype=np.int64)
    return Points(x, x * 10, values)


def cut(points: Points, most: int) -> Points:
    return reduced(points, extent_of(points), most)


def test_a_short_series_stays_whole():
    points = points_of(range(100))

    assert cut(points, 100) is points


@pytest.mark.parametrize("at", [0, 1, 4_321, 9_998, 9_999])
@pytest.mark.parametrize("spike", [1e6, -1e6])
def test_a_spike_one_step_wide_survives(at, spike):
    values = np.sin(np.arange(10_000) / 100)
    values[at] = spike

    kept = cut(points_of(values), 200)

    assert len(kept) <= 200
    assert kept.values[kept.x == at].tolist() == [spike]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_shown_and_hides_no_extreme(odd):
    values = np.arange(10_000.0)
    values[5_000] = odd

    kept = cut(points_of(values), 200)

    assert len(kept) <= 200
    shown = kept.values[kept.x == 5_000]
    assert np.array_equal(shown, [odd], equal_nan=True)
    assert kept.values[np.isfinite(kept.values)].max() == 9_999


def test_nothing_but_nan_is_still_a_series():
    kept = cut(points_of(np.full(10_000, np.nan)), 100)

    assert 2 < len(kept) <= 100


def test_first_and_last_point_are_kept():
    values = np.sin(np.arange(10_000) / 100)

    kept = cut(points_of(values), 50)

    assert (kept.x[0], kept.x[-1]) == (0, 9_999)
    assert (kept.times_us[0], kept.times_us[-1]) == (0, 99_990)


@settings(deadline=None)
@given(
    st.lists(st.floats() | st.integers(-3, 3).map(float), min_size=1, max_size=300),
    st.integers(1, 1_000),
    st.integers(8, 60),
    st.data(),
)
def test_every_bucket_keeps_its_extremes(values, gap, most, data):
    """Checked against the plain definition."""
    steps = st.lists(st.integers(1, gap), min_size=len(values), max_size=len(values))
    points = points_of(values, np.cumsum(data.draw(steps)))
    extent = extent_of(points)

    kept = reduced(points, extent, most)

    assert len(kept) <= max(most, 8)
    assert np.all(np.diff(kept.x) > 0)
    if len(points) > most:
        bucket = np.floor((points.x - extent.low) * extent.scale(most))
        for one in np.unique(bucket):
            inside = points.values[bucket == one]
            shown = points.values[(bucket == one) & np.isin(points.x, kept.x)]
            finite = inside[np.isfinite(inside)]
            if len(finite):
                assert {finite.min(), finite.max()} <= set(shown.tolist())
            if len(finite) < len(inside):
                assert not np.isfinite(shown).all()


@pytest.mark.parametrize(
    ("low", "high", "bounds"),
    [
        (None, None, (-(1 << 62), 1 << 62)),
        (float("-inf"), float("nan"), (-(1 << 62), 1 << 62)),
        (0.5, 2.5, (1, 2)),
        (1e300, -1e300, (-(1 << 62), 1 << 62)),
        (3, 1, (3, 1)),
    ],
)
def test_a_range_is_made_of_whole_steps(low, high, bounds):
    assert bounds_of(low, high) == bounds
