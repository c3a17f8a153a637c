"""Signals that end a process, and the processes that it forks."""

import os
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from nbtrack.store import Reader

TOP = Path(__file__).parents[3]
FORK = """
import os, signal, threading, time
from collections import Counter
import nbtrack

def fork(work, *signals):
    child = os.fork()
    if child == 0:
        work()
        os._exit(3)
    for number in signals:
        os.kill(child, number)
    return child

def code(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def script(code: str, folder: Path) -> tuple[str, str]:
    done = subprocess.run(
        # Since 3.12 Python warns of every fork of a process that has threads.
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK + textwrap.dedent(code)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TOP), "NBTRACK_QUIET": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_child_that_is_told_to_end_as_soon_as_it_is_there_ends(tmp_path, name):
    """As a pool does whose work is done before all of its workers have begun."""
    out, err = script(
        f"""
        run = nbtrack.init(project="digits")
        children = [fork(lambda: time.sleep(5), signal.{name}) for _ in range(50)]
        print(Counter(map(code, children)) == {{-signal.{name}: 50}})
        """,
        tmp_path,
    )

    assert (out, err) == ("True", "")
    assert [facts.state for facts in Reader(tmp_path / ".nbtrack").runs()] == ["finished"]


def test_a_signal_comes_again_after_code_that_others_wait_for(tmp_path):
    """A record is being taken, for example, and the thread that writes waits for that."""
    out, err = script(
        """
        from nbtrack.runs.signals import EndingSignals

        steps = []
        def inside():
            os.kill(os.getpid(), signal.SIGTERM)
            steps.extend(["inside"] * 1_000)
        def work():
            inside()
            steps.append("work is done")

        signal.signal(signal.SIGTERM, lambda *_: None)
        EndingSignals(steps.append, never_within=[work.__code__]).watch()
        work()
        while "SIGTERM" not in steps:
            time.sleep(0.001)
        print(steps[1_000:])
        """,
        tmp_path,
    )

    assert (out, err) == ("['work is done', 'SIGTERM']", "")


def test_code_that_never_ends_does_not_keep_a_signal_for_ever(tmp_path):
    out, err = script(
        """
        from nbtrack.runs import signals

        told = []
        def work():
            while not told:
                time.sleep(0.001)

        signals.MOST_PAUSES = 5
        signal.signal(signal.SIGTERM, lambda *_: None)
        signals.EndingSignals(told.append, never_within=[work.__code__]).watch()
        os.kill(os.getpid(), signal.SIGTERM)
        work()
        print(told)
        """,
        tmp_path,
    )

    assert (out, err) == ("['SIGTERM']", "")


def test_a_child_of_another_thread_ends_too(tmp_path):
    out, err = script(
        """
        run = nbtrack.init(project="digits")
        children = []
        def forks():
            children.extend(fork(lambda: time.sleep(5), signal.SIGTERM) for _ in range(20))
        threads = [threading.Thread(target=forks) for _ in range(3)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(Counter(map(code, children)) == {-15: 60})
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        """,
        tmp_path,
    )

    assert (out, err) == ("True\nset()", "")


def test_a_child_has_the_handler_that_was_there_before_ours(tmp_path):
    out, _ = script(
        """
        def leave(*_):
            os._exit(7)
        signal.signal(signal.SIGTERM, leave)
        run = nbtrack.init(project="digits")
        print(code(fork(lambda: time.sleep(5), signal.SIGTERM)))
        """,
        tmp_path,
    )

    assert out == "7"


def test_a_handler_that_calls_ours_is_left_to_the_child(tmp_path):
    out, err = script(
        """
        run = nbtrack.init(project="digits")
        ours = signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, lambda *told: ours(*told))
        def work():
            nbtrack.init(project="children").log({"a": 1})
            os.kill(os.getpid(), signal.SIGTERM)
        print(code(fork(work)))
        """,
        tmp_path,
    )

    assert (out, err) == ("-15", "")
    states = {facts.opened.project: facts.state for facts in Reader(tmp_path / ".nbtrack").runs()}
    assert states == {"digits": "finished", "children": "killed"}


def test_a_run_that_a_child_begins_is_killed_with_the_child(tmp_path):
    out, err = script(
        """
        run = nbtrack.init(project="digits")
        def work():
            nbtrack.init(project="children").log({"a": 1})
            os.kill(os.getpid(), signal.SIGTERM)
        print(Counter(code(fork(work)) for _ in range(3)) == {-15: 3})
        run.log({"b": 1})
        """,
        tmp_path,
    )

    assert (out, err) == ("True", "")
    found = Counter(
        (f.opened.project, f.state, f.rows) for f in Reader(tmp_path / ".nbtrack").runs()
    )
    assert found == {("digits", "finished", 1): 1, ("children", "killed", 1): 3}
