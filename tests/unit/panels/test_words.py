import pytest

from nbtrack.panels.words import date, html, one_line, value_text
from nbtrack.values import duration
from tests.unit.panels.making import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_cannot_leave_an_attribute_or_an_element(text):
    assert not set(html(text)) & set("<>\"'")


@pytest.mark.parametrize("text", HOSTILE)
def test_one_line_holds_nothing_that_moves_a_cursor_or_turns_the_writing(text):
    shown = one_line(text + "\r\n\t\x9b31m\u2067")

    assert shown.isprintable()


def test_a_long_text_is_cut():
    assert one_line("x" * 500, most=10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("active_us", "text"),
    [
        (-5, "0.0 s"),
        (59_900_000, "59.9 s"),
        (3_599_000_000, "59 min 59 s"),
        (47 * 3_600_000_000, "47 h 00 min"),
        (50 * 3_600_000_000, "2 d 2 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(active_us, text):
    assert duration(active_us) == text


def test_a_time_that_is_no_date_is_a_question_mark():
    assert date(10**30) == "?"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (None, "None"),
        (0.1, "0.1"),
        (128, "128"),
        (float("nan"), "NaN"),
        (10**400, "1" + 118 * "0" + "…"),
        ([1, float("inf")], '[1, "Infinity"]'),
        ("a\nb", "a b"),
    ],
)
def test_a_value_is_told_on_one_line(value, text):
    assert value_text(value) == text
