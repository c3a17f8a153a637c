"""What `%%track` becomes before a cell is compiled."""

import pytest

from nbtrack.kernel.tracking import parsed_value, rewrite

BODY = ["import nbtrack\n", "nbtrack.log({'a': 1})"]


def test_the_line_becomes_a_call_and_the_others_stay() -> None:
    call = "get_ipython().run_line_magic('_track_begin', 'brave --project digits')\n"

    assert rewrite(["%%track brave --project digits\n", *BODY]) == [call, *BODY]


def test_a_bare_line_without_anything_after_it_is_a_call_too() -> None:
    assert rewrite(["%%track"]) == ["get_ipython().run_line_magic('_track_begin', '')\n"]


def test_blank_lines_and_comments_may_come_before_it() -> None:
    lines = ["\n", "# first\n", "%%track \n", *BODY]

    assert rewrite(lines)[:2] == lines[:2]
    assert rewrite(lines)[2].startswith("get_ipython()")
    assert len(rewrite(lines)) == len(lines)


def test_quotes_in_a_name_cannot_leave_the_text() -> None:
    [line] = rewrite(["%%track a') or print('b\n"])

    assert compile(line, "cell", "eval")
    assert "print" not in compile(line, "cell", "eval").co_names


@pytest.mark.parametrize(
    "first", ["x = 1\n", "%%time\n", "%%tracking\n", "%%track?\n", "  %%track\n", "x = '''\n"]
)
def test_other_cells_are_left_alone(first: str) -> None:
    lines = [first, "%%track\n", *BODY]

    assert rewrite(lines) == lines


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("3", 3),
        ("True", True),
        ("true", True),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ("adam", "adam"),
        ("__import__('os')", "__import__('os')"),
        ("", ""),
        ("'3'", "3"),
    ],
)
def test_config_values_are_read_as_python_or_json_would(text: str, value: object) -> None:
    assert parsed_value(text) == value
