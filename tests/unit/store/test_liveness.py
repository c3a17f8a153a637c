"""Whether a run lives is concluded from evidence, also when its machine cannot be asked."""

import multiprocessing
import os
from dataclasses import replace

import pytest

from nbtrack.records import RunState
from nbtrack.store import liveness
from nbtrack.store.liveness import SILENCE_US, is_alive, started_at, state_of, this_process

NOW_US = 1_000_000_000_000
ME = this_process()
CRASHED, RUNNING = RunState.CRASHED, RunState.RUNNING


def dead_process():
    child = multiprocessing.get_context("fork").Process(target=int)
    child.start()
    owner = replace(ME, pid=child.pid, process_started_at=liveness.started_at(child.pid))
    child.join()
    return owner


def test_this_process_lives():
    assert ME.pid == os.getpid()
    assert is_alive(ME)


def test_setting_the_wall_clock_moves_no_start(monkeypatch):
    """`btime` of /proc/stat is the present time less the time since the boot."""
    monkeypatch.setattr(liveness, "_booted_at", lambda: 4_000_000_000.0)

    assert is_alive(ME)
    assert started_at(ME.pid) == ME.process_started_at
    assert state_of(ME, NOW_US, locked=None, now_us=NOW_US + 100 * SILENCE_US) is RUNNING
    assert state_of(ME, NOW_US + 100 * SILENCE_US, locked=True, now_us=NOW_US) is RUNNING


@pytest.mark.skipif(not liveness.boot_id(), reason="starts were always counted from the epoch")
def test_the_first_journals_counted_from_the_epoch():
    since_epoch = liveness._booted_at() + ME.process_started_at
    old = replace(ME, process_started_at=since_epoch)

    assert is_alive(old)
    assert not is_alive(replace(old, process_started_at=since_epoch - 100))


def test_another_process_with_the_same_id_is_another():
    assert not is_alive(replace(ME, process_started_at=ME.process_started_at - 100))
    assert not is_alive(dead_process())


@pytest.mark.parametrize(
    ("owner", "silence_us", "locked", "state"),
    [
        (ME, 0, True, RUNNING),
        (ME, 10 * SILENCE_US, True, RUNNING),  # the laptop slept
        (ME, 0, False, CRASHED),
        (ME, 0, None, RUNNING),
        (dead_process(), 0, None, CRASHED),
        (dead_process(), 0, True, RUNNING),
        (dead_process(), 10 * SILENCE_US, True, CRASHED),  # a forked child holds the lock
        (dead_process(), -10 * SILENCE_US, True, CRASHED),  # and the clock was turned back
        (ME, -10 * SILENCE_US, True, RUNNING),
        (replace(ME, host="elsewhere"), 0, False, RUNNING),
        (replace(ME, host="elsewhere"), 2 * SILENCE_US, True, CRASHED),
        (replace(ME, boot_id="before"), 0, False, RUNNING),
        (replace(ME, boot_id="before"), 2 * SILENCE_US, False, CRASHED),
    ],
)
def test_a_state_follows_from_the_evidence(owner, silence_us, locked, state):
    assert state_of(owner, NOW_US - silence_us, locked=locked, now_us=NOW_US) is state


def test_the_name_of_a_program_may_hold_anything(monkeypatch):
    """Brackets and spaces in it shift the fields of /proc."""
    fields = " ".join(str(n) for n in range(4, 53))
    stat = f"7 (a) b (c)) S {fields}"
    monkeypatch.setattr(liveness.Path, "read_text", lambda *_: stat)

    assert liveness._started_at_on_linux(7) == 22 / os.sysconf("SC_CLK_TCK")
