"""What a script says of a run when it begins and when it has ended."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import nbtrack
from nbtrack.runs import session
from nbtrack.store import Reader

LOGGED = """
import nbtrack
run = nbtrack.init(project="digits", name="otter", id="abc"{more})
for step in range(200):
    run.log({{"loss": 1 / (step + 1), "acc": step}})
run.log({{"note": "a text that is far too long"}})
run.finish({finish})
"""


def script(code: str, folder: Path, **environment: str) -> list[str]:
    """Return the lines that a script wrote to stderr."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def logged(folder: Path, more: str = "", finish: str = "", **environment: str) -> list[str]:
    return script(LOGGED.format(more=more, finish=finish), folder, **environment)


def without_time(lines: list[str]) -> list[str]:
    return [re.sub(r"\d+\.\d s", "0.0 s", line) for line in lines]


def folder_of_only_run(folder: Path) -> str:
    (facts,) = Reader(folder / ".nbtrack").runs()
    return str(folder / ".nbtrack" / "runs" / facts.opened.uid)


@pytest.fixture(autouse=True)
def _no_run_stays():
    yield
    for run in session().open_runs():
        run.finish()


def test_a_script_says_where_a_run_lies_and_how_it_went(tmp_path):
    said = without_time(logged(tmp_path))

    place = folder_of_only_run(tmp_path)
    rising = next(line for line in said if line.startswith("  acc")).split()[1]
    falling = next(line for line in said if line.startswith("  loss")).split()[1]
    assert said == [
        f"nbtrack: run otter (digits) lies in {place}; to see it: nbtrack show abc",
        "nbtrack: run otter (digits) · finished · 0.0 s · step 200",
        f"  acc   {rising}  199",
        f"  loss  {falling}  0.005",
        f"  note  {'':{len(rising)}}  a text that is far …",
        f"  {place}",
    ]
    assert 30 < len(rising) == len(falling) <= 40
    assert (rising[0], rising[-1], falling[0], falling[-1]) == ("▁", "█", "█", "▁")


def test_what_a_summary_keeps_of_a_metric_has_the_bars_of_that_metric(tmp_path):
    code = """
    import nbtrack
    run = nbtrack.init(project="digits", name="otter")
    run.define_metric("val.acc", summary="max,last")
    for step in range(200):
        run.log({"val": {"acc": step % 150}, "high": {"max": -step}})
    run.finish()
    """

    said = script(code, tmp_path)

    bars = {words[0]: words[1:] for words in map(str.split, said) if len(words) == 3}
    assert bars["val.acc.max"][0] == bars["val.acc.last"][0]
    assert bars["val.acc.max"][0].startswith("▁")
    assert (bars["val.acc.max"][1], bars["val.acc.last"][1]) == ("149", "49")
    assert bars["high.max"][0].startswith("█")  # logged by that very name


def test_a_terminal_without_such_letters_gets_no_bars(tmp_path):
    said = without_time(logged(tmp_path, PYTHONIOENCODING="ascii"))

    assert said[1:-1] == [
        "nbtrack: run otter (digits) - finished - 0.0 s - step 200",
        "  acc   199",
        "  loss  0.005",
        "  note  a text that is far ...",
    ]


@pytest.mark.parametrize(
    ("more", "environment"),
    [
        (', settings={"quiet": True}', {}),
        (', settings={"silent": True}', {}),
        ("", {"NBTRACK_QUIET": "true"}),
        ("", {"NBTRACK_SILENT": "true"}),
        (', mode="disabled"', {}),
    ],
)
def test_nothing_is_said_where_nobody_wants_to_hear_it(tmp_path, more, environment):
    assert logged(tmp_path, more, **environment) == []


def test_a_quiet_finish_says_nothing_more(tmp_path):
    assert len(logged(tmp_path, finish="quiet=True")) == 1


def test_the_end_of_the_process_says_how_a_run_went(tmp_path):
    code = """
    import nbtrack
    nbtrack.init(project="digits", name="otter").log({"loss": 1.23456789})
    raise RuntimeError
    """
    said = without_time(script(code, tmp_path))

    assert "nbtrack: run otter (digits) · failed · 0.0 s · step 0" in said
    assert "  loss  ▁  1.2346" in said


def test_ten_metrics_are_told_by_name_and_the_others_counted(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    run = nbtrack.init(project="digits")
    run.log({f"m{number:02d}": number for number in reversed(range(13))})
    run.finish()

    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines[2:12]] == [f"m{number:02d}" for number in range(10)]
    assert lines[12] == "  and 3 more metrics"


def test_dropped_rows_are_counted(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    run = nbtrack.init(project="digits", settings={"show_warnings": False})
    run.log({"loss": 1}, step=5)
    run.log({"loss": 2}, step=3)
    run.finish()

    told = "  rows that were dropped, because their step came too late: 1"
    assert told in capsys.readouterr().err.splitlines()


def test_what_a_run_is_called_does_not_move_the_cursor(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    run = nbtrack.init(project="digits", name="\x1b[2Jotter\n", id="a$(date)")
    run.log({"\x1b[1m\nloss\u202e": 1.0, "text": "a\r\nb\x07"})
    run.finish()

    said = capsys.readouterr().err
    assert all(line.isprintable() for line in said.splitlines())
    assert len(said.splitlines()) == 5
    assert "nbtrack show 'a$(date)'" in said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "True"),
        (float("nan"), "NaN"),
        (float("-inf"), "-∞"),
        (0.000123456789, "0.00012346"),
        (10**400, "∞"),
        ("", ""),
    ],
)
def test_every_value_has_a_short_text(tmp_path, monkeypatch, capsys, value, text):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    run = nbtrack.init(project="digits")
    run.summary["best"] = value
    run.finish()

    assert capsys.readouterr().err.splitlines()[2] == f"  best  {text}"


def test_a_closed_stderr_ends_nothing(tmp_path):
    code = """
    import sys, nbtrack
    sys.stderr.close()
    run = nbtrack.init(project="digits")
    run.log({"loss": 1})
    run.finish()
    """
    script(code, tmp_path)

    (facts,) = Reader(tmp_path / ".nbtrack").runs()
    assert (facts.state, facts.rows) == ("finished", 1)
