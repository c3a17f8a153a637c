"""A workspace on a network file system: journals there, a database on this host's own disk."""

import errno
import fcntl
import json
import multiprocessing
import os
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from storekit import START_US, UID, opened_run, row, rows

from nbtrack.clock import SystemClock
from nbtrack.errors import StoreError
from nbtrack.records import Closed, RunState
from nbtrack.store import (
    Ingester,
    Journal,
    Reader,
    SharedIngesting,
    footing_of,
    ingesting,
    lease,
    open_workspace,
    this_process,
)
from nbtrack.store.database import Database, UnavailableError
from nbtrack.store.layout import DATABASE, database_path
from nbtrack.store.liveness import started_at
from nbtrack.store.recovery import recover
from nbtrack.store.spill import NAME
from nbtrack.store.tail import Tail

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def root(tmp_path) -> Path:
    return open_workspace(tmp_path / ".nbtrack", is_network=True)


@pytest.fixture
def derived(root) -> Path:
    return footing_of(root).folder


@pytest.fixture
def sharing(root):
    sharing = SharedIngesting(root)
    yield sharing
    sharing.close()


def dead_process():
    child = FORK.Process(target=int)
    child.start()
    owner = replace(this_process(), pid=child.pid, process_started_at=time.time())
    child.join()
    return owner


def steps_of(root) -> list[int]:
    return [one["_step"] for one in Reader(root).rows(UID)]


def stored(root) -> int:
    with Database(root).reading() as window:
        return window.rows("SELECT count(*) FROM nb.metrics")[0][0] if window else 0


def elect_another(folder: Path) -> Path:
    """Make a lease of a process that lives: the one that started this one."""
    parent = os.getppid()
    owner = replace(this_process(), pid=parent, process_started_at=started_at(parent))
    numbers = [int(path.suffix[1:]) for path in folder.glob("lease.*")]
    path = folder / f"lease.{max(numbers, default=0) + 1}"
    path.write_text(json.dumps(asdict(owner)))
    return path


def test_a_server_ingests_what_living_kernels_write(root, journal, derived, sharing):
    journal.append(rows(range(5), "loss"))
    assert sharing.tend() == 1
    journal.append(rows(range(5, 8), "loss"))
    assert sharing.tend() == 1
    assert sharing.tend() == 0

    assert stored(root) == 8
    assert (derived / DATABASE).exists()
    assert not database_path(root).exists()
    assert steps_of(root) == list(range(8))


def test_one_server_is_elected_and_the_others_read(root, journal, derived, sharing):
    journal.append(rows(range(5), "loss"))
    assert sharing.tend() == 1
    sharing.close()
    other = elect_another(derived)
    journal.append(rows(range(5, 8), "loss"))

    assert sharing.tend() == 0
    assert Ingester(root).ingest_left_behind() == 0
    assert not Ingester(root).ingest(UID)
    assert steps_of(root) == list(range(8))
    assert stored(root) == 5

    other.unlink()
    assert sharing.tend() == 1
    assert stored(root) == 8


def test_the_elected_server_stays_elected_between_its_rounds(root, derived, sharing):
    sharing.tend()

    assert lease.is_ours(derived)
    sharing.close()
    assert not lease.is_ours(derived)


def test_a_server_lets_go_of_a_workspace_that_is_said_to_be_local(root, derived, sharing):
    sharing.tend()
    open_workspace(root, is_network=False)

    assert sharing.tend() == 0
    assert not lease.is_ours(derived)


def test_where_no_lock_holds_only_the_elected_process_opens_the_database(
    root, journal, derived, sharing, monkeypatch
):
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    monkeypatch.setenv("NBTRACK_CACHE_DIR", str(derived.parent))  # looked up anew
    journal.append(rows(range(5), "loss"))
    assert sharing.tend() == 1
    assert stored(root) == 5

    sharing.close()

    assert not footing_of(root).has_locks
    with pytest.raises(UnavailableError, match="another process"):
        stored(root)
    assert steps_of(root) == list(range(5))


def test_a_derived_database_that_is_lost_is_made_again(root, journal, derived, sharing):
    journal.append(rows(range(5), "loss"))
    sharing.tend()
    (derived / DATABASE).write_bytes(b"no database at all" * 1_000)
    (derived / f"{DATABASE}.wal").unlink()

    journal.append(rows(range(5, 8), "loss"))
    assert not Ingester(root).ingest("missing")
    assert Ingester(root).ingest(UID)

    assert stored(root) == 8


@pytest.mark.parametrize(
    ("owner", "silence_s", "state"),
    [
        ("this", 0, RunState.RUNNING),
        ("this", 3_600, RunState.RUNNING),
        ("dead", 0, RunState.CRASHED),
        ("elsewhere", 0, RunState.RUNNING),
        ("elsewhere", 3_600, RunState.CRASHED),
    ],
)
def test_whether_a_run_lives_is_not_asked_of_its_lock(root, owner, silence_s, state):
    owners = {
        "this": this_process(),
        "dead": dead_process(),
        "elsewhere": replace(this_process(), host="elsewhere"),
    }
    time_us = SystemClock().now_us() - silence_s * 1_000_000
    journal = Journal.create(root, opened_run(UID, owner=owners[owner], time_us=time_us))

    with Tail.open(root, UID) as tail:
        assert tail.is_locked() is None
    assert Reader(root).run(UID).state is state
    journal.close()


def left_with_a_spill(root, owner) -> Path:
    """Leave a run whose last rows are in its spill, from before the workspace was shared."""
    open_workspace(root, is_network=False)
    journal = Journal.create(root, opened_run(UID, owner=owner))
    journal.spill()
    journal.append(rows(range(3), "loss"))
    for step in range(3, 6):
        assert journal.keep(row(step, {"loss": 0.5}))
    journal.abandon()
    open_workspace(root, is_network=True)
    return journal.path.parent / NAME


def test_what_a_dead_process_of_this_host_left_comes_back(root):
    spill = left_with_a_spill(root, dead_process())

    assert recover(root, UID) == 3
    assert not spill.exists()
    assert steps_of(root) == list(range(6))


@pytest.mark.parametrize("why", ["lives", "elsewhere", "another"])
def test_what_may_still_be_written_is_left_alone(root, derived, why):
    owner = {
        "lives": this_process(),
        "elsewhere": replace(dead_process(), host="elsewhere"),
        "another": dead_process(),
    }[why]
    spill = left_with_a_spill(root, owner)
    if why == "another":
        elect_another(derived)

    assert recover(root, UID) == 0
    assert spill.exists()


def test_a_hole_that_is_filled_a_moment_later_costs_nothing(root, journal, sharing):
    """Pages of another host's batch may come in any order."""
    journal.append(rows(range(3), "loss"))
    sharing.tend()
    begin = journal.position
    journal.append(rows(range(3, 6), "loss"))
    end = journal.position
    journal.append(rows(range(6, 9), "loss"))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:begin] + bytes(end - begin) + whole[end:])
    assert sharing.tend() == 0
    assert stored(root) == 3

    journal.path.write_bytes(whole)
    assert sharing.tend() == 1
    assert stored(root) == 9


def test_damage_that_stays_does_not_hold_up_a_run_for_ever(root, journal, sharing, monkeypatch):
    journal.append(rows(range(3), "loss"))
    begin = journal.position
    journal.append(rows(range(3, 6), "loss"))
    end = journal.position
    journal.append(rows(range(6, 9), "loss"))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:begin] + bytes(end - begin) + whole[end:])
    assert sharing.tend() == 0

    monkeypatch.setattr(ingesting, "PATIENCE_S", 0.0)

    assert sharing.tend() == 1
    assert stored(root) == 6


def test_a_run_that_has_ended_is_not_waited_for(root, journal, sharing):
    journal.append(rows(range(3), "loss"))
    begin = journal.position
    journal.append(rows(range(3, 6), "loss"))
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    data = bytearray(journal.path.read_bytes())
    data[begin + 20] ^= 1
    journal.path.write_bytes(data)

    assert sharing.tend() == 1


@pytest.mark.parametrize("call", ["write", "fdatasync"])
@pytest.mark.parametrize("code", [errno.EIO, errno.EDQUOT, errno.ENOSPC, errno.ESTALE])
def test_a_write_that_the_server_refuses_is_taken_back(root, journal, monkeypatch, call, code):
    """What a server cannot keep it may say only when one asks whether it is stored."""
    journal.append(rows(range(3), "loss"))
    position = journal.position

    def refuse(*_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr("nbtrack.store.journal._FORCE" if call == "fdatasync" else "os.write", refuse)
        with pytest.raises(StoreError) as caught:
            journal.append(rows(range(3, 6), "loss"))

    assert caught.value.errno == code
    assert (journal.position, journal.path.stat().st_size) == (position, position)
    journal.append(rows(range(3, 6), "loss"))
    assert steps_of(root) == list(range(6))


def test_a_stale_file_is_opened_again(root, journal, monkeypatch):
    """A server that was restarted knows the file, and no opening of it."""
    journal.append(rows(range(3), "loss"))
    real, stale = os.write, os.fstat(journal._descriptor)
    replaced = os.open(os.devnull, os.O_WRONLY)
    os.dup2(replaced, journal._descriptor)
    os.close(replaced)

    def write(descriptor, data):
        if not os.path.samestat(os.fstat(descriptor), stale):
            raise OSError(errno.ESTALE, "Stale file handle")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(StoreError, match="Stale"):
        journal.append(rows(range(3, 6), "loss"))
    journal.append(rows(range(3, 6), "loss"))

    assert steps_of(root) == list(range(6))
