"""Many threads log at once, and one of them may fork."""

import pytest
from faultkit import LONG, Found, Kernel, look, only_run

from nbtrack.records import RunState
from nbtrack.store import Reader

pytestmark = pytest.mark.timeout(300 if LONG else 60)


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
