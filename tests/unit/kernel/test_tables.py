"""Small tables in a cell's output."""

import pytest

from nbtrack.kernel.tables import age, bundle, duration

NASTY = "<script>alert(1)</script>&\x1b[31m\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3_599, "59 min 59 s"),
        (3_661, "1 h 1 min"),
        (86_400 * 3 + 7_300, "3 d 2 h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_an_age_has_one_unit() -> None:
    assert age(0, 3_700_000_000) == "1 h ago"


def test_a_table_is_html_and_text() -> None:
    shown = bundle(("run", "state"), [("otter", "running"), ("a", "failed")], note="2 runs")

    assert shown["text/plain"].splitlines() == [
        "run    state",
        "otter  running",
        "a      failed",
        "2 runs",
    ]
    assert shown["text/html"].count("<tr>") == 3


def test_what_a_run_says_is_never_markup_or_control() -> None:
    shown = bundle((NASTY,), [(NASTY,)], note=NASTY)

    assert "<script" not in shown["text/html"]
    assert shown["text/html"].count("&lt;script&gt;") == 3
    assert "\x1b" not in shown["text/plain"]
    assert len(shown["text/plain"].splitlines()) == 3


def test_a_table_without_rows_is_its_note() -> None:
    assert bundle(("run",), [], note="none") == {
        "text/plain": "none",
        "text/html": "<div>none</div>",
    }
