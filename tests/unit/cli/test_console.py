"""What a run printed, and what it prints."""

import json
import signal
import subprocess
import sys
from threading import Thread

import pytest
from storekit import SECOND_US, START_US, UID, opened_run
from waiting import wait_until

from nbtrack.records import Closed, ConsoleText, RunState, Stream
from nbtrack.store import Journal


def lines(texts, stream=Stream.STDOUT) -> list[ConsoleText]:
    return [ConsoleText(START_US, stream, text) for text in texts]


@pytest.fixture
def journal(root):
    """The journal of a run that printed thirty lines and goes on."""
    journal = Journal.create(root, opened_run())
    journal.append(lines(f"line {number}" for number in range(30)))
    yield journal
    journal.close()


def end(journal) -> None:
    journal.append([Closed(START_US + SECOND_US, RunState.FINISHED, 0, SECOND_US)])


@pytest.fixture
def following(root):
    """A process that follows the run, and what it has printed so far."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrack", "--dir", str(root), "tail", UID, "-f", "-n", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    printed: list[str] = []
    reading = Thread(target=lambda: printed.extend(iter(process.stdout.readline, "")))
    reading.start()
    yield process, printed
    process.kill()
    process.wait(30)
    reading.join(30)
    process.stdout.close()
    process.stderr.close()


def test_the_last_lines_are_printed(journal, command):
    assert command("tail", UID, "-n", "2").out == "line 28\nline 29\n"
    assert len(command("tail", UID).out.splitlines()) == 10


def test_lines_are_printed_for_programs_one_by_one(journal, command):
    journal.append(lines(["\x1b[31moh"], Stream.STDERR))

    *_, last = command("tail", UID, "--json").out.splitlines()

    assert json.loads(last) == {
        "number": 30,
        "time": "2026-01-02T03:04:05+00:00",
        "stream": "stderr",
        "text": "\x1b[31moh",
    }


def test_what_a_run_prints_cannot_move_the_cursor(journal, command):
    journal.append(lines(["\x1b[31mred\x1b[0m\tx\x1b]0;title\x07\x08\u202e"]))

    assert command("tail", UID, "-n", "1").out == "red     x··\n"


def test_following_an_ended_run_returns_at_once(journal, command):
    end(journal)

    done = command("tail", UID, "-f", "-n", "1")

    assert (done.code, done.out) == (0, "line 29\n")
    assert "finished" in done.err


def test_a_live_run_is_followed_until_it_ends(journal, following):
    process, printed = following
    wait_until(lambda: printed == ["line 29\n"], what="the first line")

    journal.append(lines(["more"]))
    wait_until(lambda: printed[1:] == ["more\n"], what="the next line")
    journal.append(lines(["last"]))
    end(journal)

    assert process.wait(30) == 0
    assert "finished" in process.stderr.read()
    wait_until(lambda: printed[2:] == ["last\n"], what="the last line")


def test_ctrl_c_ends_following_and_not_the_run(journal, following):
    process, printed = following
    wait_until(lambda: printed == ["line 29\n"], what="the first line")

    process.send_signal(signal.SIGINT)

    assert process.wait(30) == 0
    assert process.stderr.read() == ""
