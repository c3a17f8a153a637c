"""Text that is shown: safe, aligned, and short enough."""

import io
import json

import pytest

from nbtrack.cli.screen import Screen, printable, shortened, width_of
from nbtrack.cli.table import Cell, Column, show_table
from nbtrack.cli.words import age, span


def test_nothing_that_moves_a_cursor_is_printable():
    assert printable("a\x1b[2Jb\rc\u202ed\udc00e") == "a·[2Jb·c·d·e"


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("数字", 4), ("e\u0301", 1), ("", 0)])
def test_a_width_is_counted_in_columns(text, width):
    assert width_of(text) == width


def test_a_text_is_shortened_to_columns():
    assert shortened("brave-otter", 6) == "brave…"
    assert width_of(shortened("数字の学習", 6)) <= 6
    assert shortened("whole", 5) == "whole"


def test_columns_are_aligned_whatever_they_hold():
    out = io.StringIO()
    columns = (Column("NAME"), Column("N", is_number=True), Column("LAST"))

    show_table(
        Screen(out, out), columns, [["数字", "1", "x"], ["abcdef", "1000", Cell("y", "red")]]
    )

    assert out.getvalue().splitlines() == [
        "NAME       N  LAST",
        "数字       1  x",
        "abcdef  1000  y",
    ]


def test_programs_get_json_that_every_parser_reads():
    out = io.StringIO()

    Screen(out, out).json({"a": [float("nan"), float("-inf")], "b": "\x1b\udc00"})

    strict = json.loads(out.getvalue(), parse_constant=pytest.fail)
    assert strict == {"a": ["NaN", "-Infinity"], "b": "\x1b\udc00"}
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0s"), (0.42, "0.4s"), (192, "3m12s"), (3_725, "1h02m"), (1e6, "11d13h")],
)
def test_a_span_has_two_units(seconds, text):
    assert span(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(-5, "0s"), (59, "59s"), (90_000, "1d")])
def test_an_age_has_one_unit(seconds, text):
    assert age(0, seconds * 1_000_000) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "expected"), [(Terminal, "a·[31m\nb·"), (io.StringIO, "a\x1b[31m\nb\r")]
)
def test_a_file_is_printed_as_it_is_but_not_to_a_terminal(kind, expected):
    out = kind()

    Screen(out).raw().write("a\x1b[31m\nb\r")

    assert out.getvalue() == expected
