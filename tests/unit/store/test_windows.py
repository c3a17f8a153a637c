"""Whoever looks closer sees every extreme of what lies there, along any axis."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from storekit import START_US, UID, opened_run

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Row
from nbtrack.store import Ingester, Journal, Reader, Span

VALUES = st.floats() | st.integers(-3, 3).map(float)


def seen(rows, ingested, span, most=8):
    """Return `loss` within a span; some rows are in the database, the rest in the tail."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        journal = Journal.create(root, opened_run())
        journal.append(rows[:ingested])
        Ingester(root).ingest(UID)
        journal.append(rows[ingested:])
        (found,) = Reader(root).window(UID, ["loss"], span, most)
        journal.close()
        return found


def extremes(values):
    """Return the least and the greatest finite number, and whether there is another one."""
    finite = values[np.isfinite(values)]
    ends = (finite.min(), finite.max()) if len(finite) else None
    return ends, bool(np.any(~np.isfinite(values)))


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 50), VALUES), min_size=1, max_size=80),
    st.integers(0, 80),
    st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)),
    st.sampled_from(["step", "time", "metric"]),
)
@example([(50, 1.0)] * 3 + [(1, 2.0)] * 60, 40, (0, 1_000), "time")
def test_a_window_has_the_exact_extremes_of_what_lies_in_it(steps, ingested, ends, axis):
    """The axes differ in scale: a pause is long in time and nothing in steps."""
    low, high = sorted(ends)
    places = np.cumsum([gap for gap, _ in steps]).astype(float)
    values = np.array([value for _, value in steps])
    rows = [
        Row(
            int(place) if axis == "step" else index,
            START_US + int(place * (MICROSECONDS if axis == "time" else 1)),
            {"loss": value, "tokens": float(place)},
        )
        for index, (place, value) in enumerate(zip(places, values, strict=True))
    ]

    found = seen(rows, ingested, Span(low, high, axis, "tokens" if axis == "metric" else ""))

    inside = (places >= low) & (places <= high)
    assert found.count == int(inside.sum())
    assert extremes(found.values) == extremes(values[inside])
    if axis == "metric":
        assert set(found.xs.tolist()) <= set(places[inside].tolist())
        assert bool(np.all(found.xs[1:] >= found.xs[:-1]))


def test_each_column_along_time_shows_its_own_extremes():
    """A thousand rows in the first second must not leave the next hour one point."""
    times = [*np.linspace(0, 1, 1_000), *np.linspace(10, 3_600, 100)]
    rows = [
        Row(step, START_US + int(time * MICROSECONDS), {"loss": float(step)})
        for step, time in enumerate(times)
    ]

    found = seen(rows, 500, Span(axis="time"), most=100)

    late = found.times_us > START_US + 5 * MICROSECONDS
    assert late.sum() > 40


@pytest.mark.parametrize("spike", [1e300, -np.inf])
def test_a_spike_stays_where_it_was_when_a_metric_lies_below(spike):
    values = [0.0] * 5_000
    values[1_234] = spike
    rows = [
        Row(step, START_US + step, {"loss": value, "epoch": step / 100})
        for step, value in enumerate(values)
    ]

    found = seen(rows, 3_000, Span(10, 20, "metric", "epoch"), most=50)

    assert found.count == 1_001
    assert len(found.values) <= 50
    assert found.xs[found.values == spike].tolist() == [12.34]


def test_a_point_stands_at_the_last_value_of_the_metric_below_it():
    """Epochs are often logged once, and the losses after them many times."""
    rows = [Row(0, START_US, {"loss": 9.0}), Row(1, START_US, {"epoch": 1.0})]
    rows += [Row(2, START_US, {"loss": 8.0}), Row(3, START_US, {"epoch": 0.5, "loss": 7.0})]

    found = seen(rows, 2, Span(axis="metric", metric="epoch"))

    assert found.count == 2, "what was logged before any epoch has no place"
    assert dict(zip(found.xs, found.values, strict=True)) == {1.0: 8.0, 0.5: 7.0}


def test_along_a_metric_that_is_not_there_nothing_has_a_place():
    found = seen([Row(0, START_US, {"loss": 9.0})], 1, Span(axis="metric", metric="epoch"))

    assert (found.count, len(found.xs)) == (0, 0)
