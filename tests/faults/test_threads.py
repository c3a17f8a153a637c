"""Many threads log at once, and one of them may fork."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from faultkit import LONG, Found, Kernel, look, only_run

from nbtrack.records import RunState
from nbtrack.store import Reader

pytestmark = pytest.mark.timeout(300 if LONG else 240)


def test_a_hundred_threads_log_every_row_once(tmp_path):
    with Kernel(tmp_path, "hundred_threads") as kernel:
        _, err = kernel.end()

    uid = only_run(kernel.root)
    assert err == ""
    assert look(kernel.root, uid, "numbers", kernel.acknowledged) == Found(rows=5_000)
    assert [row["_step"] for row in Reader(kernel.root).rows(uid)] == list(range(5_000))


def test_forked_children_are_inert_and_cost_their_parent_nothing(tmp_path):
    """As a loader of data forks while other threads log."""
    children = 60 if LONG else 12
    with Kernel(tmp_path, "forking", children) as kernel:
        out, err = kernel.end()

    uid = only_run(kernel.root)
    assert out == str([0] * children), err
    assert look(kernel.root, uid, "numbers", kernel.acknowledged) == Found(rows=40_000)
    assert Reader(kernel.root).run(uid).state is RunState.FINISHED


@pytest.mark.parametrize("seed", range(40 if LONG else 3))
def test_a_fork_waits_for_what_is_being_imported(tmp_path, seed):
    """A child inherits the locks of modules and not the thread that would release them."""
    children = 5
    script = Path(__file__).parent / "forking.py"
    command = [sys.executable, str(script), str(tmp_path), str(children), str(seed)]

    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(script.parents[2]), "NBTRACK_QUIET": "true"},
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
    )

    assert (done.stdout, done.stderr) == (str([0] * children), "")
    by_project = Counter(
        (facts.opened.project, facts.state, facts.rows)
        for facts in Reader(tmp_path / ".nbtrack").runs()
    )
    assert by_project == {
        ("children", RunState.FINISHED, 1): children,
        ("parents", RunState.FINISHED, 100): 1,
    }


def test_pools_of_workers_are_inert_and_compute(tmp_path):
    with Kernel(tmp_path, "pooling") as kernel:
        out, err = kernel.end(120)

    uid = only_run(kernel.root)
    assert (out, err) == (str(4 * sum(range(30))), "")
    assert look(kernel.root, uid, "numbers", kernel.acknowledged) == Found(rows=10_000)
    assert Reader(kernel.root).run(uid).state is RunState.FINISHED
