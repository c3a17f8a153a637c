"""A disk that is full: training goes on, and what waited is stored when there is room."""

import json

import pytest
from faultkit import Found, Kernel, look, only_run
from storekit import UID, opened_run, row

from nbtrack.clock import SystemClock
from nbtrack.records import Row, RunState
from nbtrack.runs.recorder import Track
from nbtrack.store import Journal, Reader
from nbtrack.store.spill import NAME

pytestmark = pytest.mark.timeout(240)


def test_what_a_full_disk_made_wait_is_stored_once_there_is_room(tmp_path):
    """A limit on the size of files cuts writes short, as a full disk does."""
    with Kernel(tmp_path, "full_disk") as kernel:
        out, err = kernel.end()
    waiting, lost_before, left, lost = json.loads(out)

    assert waiting > 250
    assert (lost_before, left, lost) == (0, 0, 0)
    assert err.count("cannot be written now") == 1
    assert kernel.acknowledged.total == 310
    uid = only_run(kernel.root)
    assert look(kernel.root, uid, "text", kernel.acknowledged) == Found(rows=310)
    facts = Reader(kernel.root).run(uid)
    assert facts.damaged == 0
    assert [notice.cause for notice in facts.notices] == ["journal", "journal again"]


def test_without_a_spill_there_is_one_warning_and_a_run(tmp_path):
    with Kernel(tmp_path, "without_spill") as kernel:
        _, err = kernel.end()

    uid = only_run(kernel.root)
    assert err.count("nbtrack: ") == 1, err
    assert "is lost when the kernel is killed" in err
    assert look(kernel.root, uid, "numbers", kernel.acknowledged) == Found(rows=4_000)
    assert Reader(kernel.root).run(uid).state is RunState.FINISHED


def test_a_record_that_can_never_be_written_does_not_bring_back_the_others(tmp_path):
    """Written one by one they are marked as written too, or they would come twice."""
    root = tmp_path / ".nbtrack"
    journal = Journal.create(root, opened_run(UID))
    journal.spill()
    track = Track(journal, SystemClock(), active_us=lambda: 0, on_trouble=lambda *_: None)
    for step in range(5):
        bad = step == 3
        track.emit(Row(step, "never", {}) if bad else row(step, {"loss": 0.5}))

    assert track.close()

    assert (track.lost, track.pending) == (1, 0)
    assert not (journal.path.parent / NAME).exists()
    assert [one["_step"] for one in Reader(root).rows(UID)] == [0, 1, 2, 4]
