"""The arithmetic of the comparison with other trackers."""

import math

from benchmarks.peers.report import (
    Reading,
    Table,
    ahead,
    figure,
    lines,
    quantile,
    render,
)

TIMES = Table(1, "log()", "us", has_tail=True)
SPEED = Table(2, "rows", "points/s", is_more_better=True)


def test_a_line_is_the_median_of_the_rounds_and_its_ratio_to_ours():
    rounds = [
        *(Reading(TIMES, "nbtrack", value, tail) for value, tail in ((2, 9), (4, 7), (30, 8))),
        *(Reading(TIMES, "other", value, 50, "note") for value in (10, 12, 90)),
    ]

    ours, other = lines(rounds)

    assert (ours.median, ours.tail, ours.low, ours.high, ours.ratio) == (4, 8, 2, 30, 1)
    assert (other.median, other.ratio, other.note) == (12, 3, "note")


def test_a_ratio_to_nothing_is_not_a_number():
    ours, other = lines([Reading(TIMES, "nbtrack", 0), Reading(TIMES, "other", 7)])

    assert math.isnan(ours.ratio)
    assert math.isnan(other.ratio)


def test_what_could_not_be_measured_spoils_no_median():
    (line,) = lines([Reading(TIMES, "nbtrack", math.nan), Reading(TIMES, "nbtrack", 3)])

    assert (line.median, line.low, line.high) == (3, 3, 3)


def test_who_is_ahead_of_us_is_named_the_best_first():
    values = {"nbtrack": 5.0, "a": 4.0, "b": 6.0, "c": 3.0, "d": 9.0}

    times = lines(Reading(TIMES, name, value) for name, value in values.items())
    speeds = lines(Reading(SPEED, name, value) for name, value in values.items())

    assert ahead(TIMES, times) == ["c", "a"]
    assert ahead(SPEED, speeds) == ["d", "b"]


def test_a_quantile_of_few_values_is_the_last_one_it_has():
    assert quantile([1, 2, 3, 4], 0.5) == 3
    assert quantile([1, 2], 0.99) == 2
    assert math.isnan(quantile([], 0.5))


def test_a_table_shows_each_tracker_in_a_row():
    found = lines(
        [
            Reading(TIMES, "nbtrack", 2.5, 9.0),
            Reading(TIMES, "other", 5_000.0, 20_000.0, "12 calls"),
            Reading(TIMES, "absent", math.nan, note="unreadable"),
        ]
    )

    title, _, ours, other, absent = render(TIMES, found)

    assert title == "1. log()  [us; less is better]"
    assert ours.split() == ["nbtrack", "2.50", "9", "2.50", "..", "2.50", "1", "x"]
    assert other.split()[:3] == ["other", "5,000", "20,000"]
    assert other.endswith("2,000 x  12 calls")
    assert absent.split() == ["absent", "-", "unreadable"]


def test_a_number_is_shown_with_the_digits_that_count():
    shown = [figure(value) for value in (0.0, 0.0123, 0.5, 12.34, 1234.5, 7.0)]

    assert shown == ["0", "0.0123", "0.50", "12.3", "1,234", "7"]
