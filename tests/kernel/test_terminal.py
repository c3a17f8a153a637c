"""What is printed outside of notebooks: scripts run with `python`, and IPython in a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from nbtrack.query import Api

ROOT = Path(__file__).parents[2]
BEGIN = "import nbtrack; run = nbtrack.init(project='terminal', settings={'quiet': True})"


@pytest.fixture
def surroundings() -> dict[str, str]:
    given = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    given.pop("PYTEST_CURRENT_TEST", None)
    return given


def script(folder: Path, environment: dict[str, str], code: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", f"{BEGIN}\n{code}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def in_terminal(command: list[str], folder: Path, environment: dict[str, str], typed: str) -> str:
    """Run a program in a terminal of its own, type into it, and return what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(command[0], command, environment)  # noqa: S606 - the child becomes it
    os.write(terminal, typed.encode())
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # the program ended, and its terminal with it
        pass
    os.close(terminal)
    os.waitpid(pid, 0)
    return shown.decode(errors="replace")


def logged(folder: Path) -> list[tuple[str, str]]:
    [run] = Api(folder).runs("terminal")
    return [(line["label"], line["content"]) for line in run.console_logs()]


PRINTING = """
import contextlib, io, logging, os, sys, threading, warnings
print('by print')
print('by stderr', file=sys.stderr)
logging.warning('by logging')
thread = threading.Thread(target=print, args=('by a thread',)); thread.start(); thread.join()
for i in range(100): print(f'\\r{i:3d} %', end='')
print()
print('\\x1b[31mred\\x1b[0m')
with contextlib.redirect_stdout(io.StringIO()): print('hidden')
child = os.fork()
if child == 0:
    print('by a child', flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_what_a_script_prints_is_in_its_log_and_on_the_screen(tmp_path, surroundings):
    ran = script(tmp_path, surroundings, PRINTING + "run.finish()\nprint('after')")

    assert ran.returncode == 0
    assert ran.stderr == "by stderr\nWARNING:root:by logging\n"
    for line in ("by print\n", "by a thread\n", " 99 %\n", "by a child\n", "after\n"):
        assert ran.stdout.count(line) == 1
    assert logged(tmp_path) == [
        ("stdout", "by print"),
        ("stderr", "by stderr"),
        ("stderr", "WARNING:root:by logging"),
        ("stdout", "by a thread"),
        ("stdout", " 99 %"),
        ("stdout", "\x1b[31mred\x1b[0m"),
    ]


def test_the_traceback_of_a_script_is_in_its_log_once(tmp_path, surroundings):
    ran = script(tmp_path, surroundings, "1 / 0")

    assert ran.returncode == 1
    told = [text for _, text in logged(tmp_path)]
    assert told[0] == "Traceback (most recent call last):"
    assert told[-1] == "ZeroDivisionError: division by zero"
    assert told.count(told[-1]) == 1


def test_the_exception_that_ends_a_block_is_in_its_log(tmp_path, surroundings):
    """The run has ended when Python shows the traceback."""
    script(tmp_path, surroundings, "with run:\n    print('begun', end='')\n    1 / 0")

    told = logged(tmp_path)
    assert told[0] == ("stdout", "begun")
    assert told[1] == ("stderr", "Traceback (most recent call last):")
    assert told[-1] == ("stderr", "ZeroDivisionError: division by zero")


def test_a_script_with_the_console_off_keeps_its_streams(tmp_path, surroundings):
    surroundings["NBTRACK_CONSOLE"] = "off"
    ran = script(tmp_path, surroundings, "import sys; print(vars(sys.stdout).keys())")

    assert "write" not in ran.stdout
    assert logged(tmp_path) == []


def test_a_script_is_told_what_redirect_does_not_do(tmp_path, surroundings):
    surroundings["NBTRACK_CONSOLE"] = "redirect"
    ran = script(tmp_path, surroundings, "print('heard')")

    assert "console='redirect' is taken as 'wrap' outside of a kernel" in ran.stderr
    assert ("stdout", "heard") in logged(tmp_path)


def test_what_ipython_shows_in_a_terminal_is_in_the_log(tmp_path, surroundings):
    """IPython covers `write` in every cell, and puts back what was there after it."""
    ipython = [sys.executable, "-m", "IPython", "--simple-prompt", "--colors=NoColor"]
    cells = [BEGIN, "print('first cell')", "print('second'); print('third')", "1 / 0", "6 * 7"]
    typed = "\n".join([*cells, "!echo by a bang", "run.finish()", "exit()", ""])

    shown = in_terminal(ipython, tmp_path, surroundings, typed)

    told = [text for _, text in logged(tmp_path)]
    for line in ("first cell", "second", "third", "ZeroDivisionError: division by zero"):
        assert told.count(line) == 1
        assert line in shown
    assert "42" in "".join(told)
