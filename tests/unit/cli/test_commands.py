"""What the commands print, for people and for programs, and how they end."""

import json
import os
import pty
import subprocess
import sys

import pytest
from storekit import START_US, opened_run

from nbtrack.cli import main
from nbtrack.records import SummaryChanged
from nbtrack.store import Journal, Reader
from nbtrack.store.layout import database_path


def command_line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nbtrack", *arguments]


def in_a_terminal(*arguments: str, columns: int, **variables: str) -> str:
    """Run a command in a terminal of so many columns and return what it printed."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        command_line(*arguments),
        stdin=child,
        stdout=child,
        stderr=child,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", **variables},
    )
    os.close(child)
    printed = b""
    while piece := _read(parent):
        printed += piece
    process.wait(30)
    os.close(parent)
    return printed.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # the other side is closed
        return b""


# --- the command line itself ---------------------------------------------------------


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_is_cheap(option):
    """It is typed more often than anything else."""
    report = (
        "import sys\nfrom nbtrack.cli import main\n"
        f"try:\n    main([{option!r}])\nexcept SystemExit as end:\n    code = end.code\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )

    assert done.stdout
    assert {"numpy", "duckdb", "nbtrack.store", "psutil"} & set(done.stderr.split()) == set()


@pytest.mark.parametrize(
    "arguments",
    [[], ["lss"], ["ls", "--limit", "0"], ["ls", "--state", "well"], ["doctor", "extra"]],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage: nbtrack" in capsys.readouterr().err


COMMANDS = [
    "init",
    "completion",
    "ls",
    "show",
    "tail",
    "stop",
    "tag",
    "doctor",
    "rebuild",
    "du",
    "gc",
    "rm",
    "restore",
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "Exit codes:" in said
    assert ("--json prints" in said) == ("--json  " in said or "--json\n" in said)


@pytest.mark.parametrize("name", ["ls", "du", "gc", "rebuild", "restore"])
def test_without_a_workspace_one_line_says_what_to_do(name, command):
    done = command(name)

    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "--dir" in done.err


def test_the_workspace_may_be_named_after_the_command(filled, capsys):
    assert main(["ls", "--dir", str(filled.parent), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 5


def test_what_is_unforeseen_is_one_line_unless_debugged(filled, command):
    database_path(filled).unlink()
    runs = filled / "runs"
    runs.rename(filled / "elsewhere")
    runs.write_text("no folder")

    done = command("ls")

    assert done.code == 1
    assert done.err.startswith("nbtrack: cannot list the runs")
    assert done.err.count("\n") == 1
    with pytest.raises(OSError, match="cannot list the runs"):
        command("--debug", "ls")


def test_a_closed_pipe_is_quiet(filled):
    """`nbtrack ls | head -1` is what people type."""
    reading = subprocess.Popen(
        command_line("--dir", str(filled), "ls", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    reading.stdout.close()

    said = reading.stderr.read()
    reading.stderr.close()

    assert said == b""
    assert reading.wait(30) == 0


# --- ls ------------------------------------------------------------------------------


def test_runs_are_listed_newest_first(filled, command):
    done = command("ls")

    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].split()[:4] == ["STATE", "NAME", "PROJECT", "UID"]
    assert [line.split()[0] for line in lines[1:]].count("crashed") == 1
    assert "train/loss=49" in lines[1]
    assert "▁" in lines[1]


def test_runs_are_listed_for_programs(filled, command):
    said = json.loads(command("ls", "--json", "--project", "letters").out)

    (run,) = said["runs"]
    assert said["workspace"] == str(filled)
    assert (run["name"], run["state"], run["rows"]) == ("quiet-fox", "failed", 50)
    assert run["summary"]["train/loss"] == 49.0
    assert run["started"].endswith("+00:00")


def test_runs_are_chosen_by_state_and_number(filled, command):
    crashed = json.loads(command("ls", "--json", "--state", "crashed").out)["runs"]
    two = json.loads(command("ls", "--json", "--limit", "2").out)["runs"]

    assert [run["name"] for run in crashed] == ["slow-crab"]
    assert len(two) == 2


def test_nothing_found_says_why(filled, command):
    done = command("ls", "--project", "nowhere")

    assert done.out == ""
    assert "None of the 5 runs" in done.err


def test_hostile_names_do_not_reach_the_terminal(filled, command):
    for name in ("ls", "doctor"):
        done = command(name)
        assert not set("\x1b\x07\u202e") & set(done.out + done.err)


def test_any_number_can_be_shown(root, command):
    """Python's integers have no end, and a summary may hold any of them."""
    huge = {"up": 10**400, "down": -(10**400), "nan": float("nan"), "deep": {"er": True}}
    journal = Journal.create(root, opened_run())
    journal.append([SummaryChanged(START_US, huge)])
    journal.close()

    assert "up=1e+308 down=-1e+308 nan=nan deep.er=True" in command("ls").out
    assert json.loads(command("ls", "--json").out)["runs"][0]["summary"]["nan"] == "NaN"


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_a_table_fits_its_terminal(filled, columns):
    printed = in_a_terminal("--dir", str(filled), "ls", columns=columns, NO_COLOR="1")

    lines = printed.splitlines()
    assert len(lines) == 6
    widest = max(len(line) for line in lines)
    assert widest <= max(columns, 55)  # state, name, uid and age are never left out
    assert "\x1b" not in printed


def test_a_terminal_gets_colours(filled):
    assert "\x1b[31mcrashed" in in_a_terminal("--dir", str(filled), "ls", columns=100)


# --- doctor --------------------------------------------------------------------------


def test_a_healthy_workspace_is_told_so(filled, command):
    done = command("doctor")

    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\nAll is well.\n")


def test_trouble_ends_with_one_and_repair_with_zero(filled, command):
    database_path(filled).write_bytes(b"no database" * 1_000)

    looked = command("doctor")
    repaired = command("doctor", "--repair")
    again = command("doctor")

    assert looked.code == 1
    assert "nbtrack doctor --repair" in looked.out
    assert (repaired.code, again.code) == (0, 0)
    assert "1 thing repaired. All is well." in repaired.out


def test_findings_are_told_to_programs(filled, command):
    database_path(filled).write_bytes(b"no database" * 1_000)

    said = json.loads(command("doctor", "--json").out)

    assert said["is_well"] is False
    (error,) = [one for one in said["findings"] if one["level"] == "error"]
    assert set(error) == {"level", "subject", "text", "remedy", "is_repaired"}


def test_a_doctor_without_a_patient_says_so(command):
    done = command("doctor")

    assert done.code == 1
    assert "there is no workspace" in done.out


# --- rebuild -------------------------------------------------------------------------


def test_a_rebuild_says_what_is_in_there(filled, command):
    done = command("rebuild", "--yes")

    assert done.code == 0
    assert done.out.startswith("5 runs and 500 points in ")


def test_a_rebuild_is_told_to_programs(filled, command):
    said = json.loads(command("rebuild", "--yes", "--json").out)

    assert (said["runs"], said["points"], said["carried"], said["set_aside"]) == (5, 500, [], None)


def test_where_nobody_can_be_asked_nothing_is_done(filled, command, monkeypatch):
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115, PTH123 - closed by pytest
    before = database_path(filled).stat().st_ino

    done = command("rebuild")

    assert done.code == 2
    assert "--yes" in done.err
    assert database_path(filled).stat().st_ino == before


def test_after_all_of_it_the_runs_are_as_they_were(filled, command):
    before = [facts.summary for facts in Reader(filled).runs()]

    for arguments in (["doctor", "--repair"], ["rebuild", "--yes"], ["ls"]):
        assert command(*arguments).code == 0

    assert [facts.summary for facts in Reader(filled).runs()] == before
