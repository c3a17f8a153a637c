import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.plots import number_text, room, tick_texts, ticks_inside

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite, st.integers(2, 10))
def test_ticks_inside_a_range_with_room_are_inside_it(one, other, most):
    low, high = room(min(one, other), max(one, other))

    found = ticks_inside(low, high, most)

    assert low < high
    assert len(found) <= most
    assert all(low - (high / 2 - low / 2) * 1e-9 <= tick <= high for tick in found)
    assert len(set(tick_texts(found))) == len(found)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0.03, 2.31, [0.0, 1.0, 2.0]),
        (0.9, 0.97, [0.9, 0.925, 0.95]),
        (0, 499, [0.0, 200.0, 400.0]),
        (-120, 6, [-100.0, -50.0, 0.0]),
        (5, 5, [4.0, 5.0, 6.0]),
        (0, 0, [-1.0, 0.0, 1.0]),
    ],
)
def test_ticks_are_round(low, high, found):
    assert ticks_inside(*room(low, high), most=3) == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),  # noqa: RUF001 - as it is shown
        (0, "0"),
        (-0.0, "0"),
        (12.0, "12"),
        (1_234_567, "1234567"),
        (10**20, "1e+20"),
        (0.000012345, "1.234e-05"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_numbers_are_told_shortly(value, text):
    assert number_text(value) == text


def test_texts_of_ticks_have_the_digits_that_tell_them_apart():
    assert tick_texts([12345678.0, 12345678.5]) == ["12345678", "12345678.5"]
    assert tick_texts([1e-9, 1.5e-9]) == ["1e-9", "1.5e-9"]
    assert tick_texts([]) == []
