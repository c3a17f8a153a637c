"""What a run outlives: what it was asked for, what it has, and who waits for the disk."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from storekit import UID, opened_run, row
from waiting import wait_until

import nbtrack
from nbtrack.clock import SystemClock
from nbtrack.errors import StoreError
from nbtrack.runs import session, syncing
from nbtrack.runs.recorder import Track
from nbtrack.runs.syncing import Syncer
from nbtrack.store import Journal, Tail
from nbtrack.store.spill import Spill

QUIET = {"silent": True, "x_disable_stats": True}


class Disk:
    """Syncs journals as it is told, and remembers on which thread."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.free = threading.Event()
        self.free.set()
        self.fails = False

    def sync(self, journal: Journal) -> None:
        self.threads.append(threading.current_thread().name)
        assert self.free.wait(30)
        if self.fails:
            raise OSError(5, "Input/output error")
        journal.sync()


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def track(tmp_path, disk, told, monkeypatch) -> Iterator[Track]:
    monkeypatch.setattr(syncing, "PERIOD_S", 0.01)
    journal = Journal.create(tmp_path / ".nbtrack", opened_run())
    track = Track(
        journal,
        SystemClock(),
        active_us=lambda: 0,
        on_trouble=lambda cause, text: told.append(f"{cause}: {text}"),
        durability="power-loss",
        sync=disk.sync,
    )
    track.begin()
    yield track
    disk.free.set()
    track.close()


@pytest.fixture
def _workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    yield
    for run in session().open_runs():
        run.finish()


def steps(root: Path) -> list[int]:
    with Tail.open(root, UID) as tail:
        return [int(step) for entry in tail.entries() for step in getattr(entry, "steps", ())]


def test_only_the_syncers_thread_waits_for_the_disk(track, disk):
    for step in range(100):
        track.emit(row(step, {"loss": 0.5}))
        track.drain()
    wait_until(lambda: disk.threads)
    track.close()

    assert set(disk.threads) == {"nbtrack-syncer"}


def test_a_slow_disk_keeps_nobody_waiting_until_the_run_ends(track, disk, tmp_path):
    disk.free.clear()
    wait_until(lambda: disk.threads, what="a sync that hangs")

    track.emit(row(0, {"loss": 0.5}))
    assert track.drain()

    assert steps(tmp_path / ".nbtrack") == [0]
    assert track.durability == ("power-loss", "")


def test_a_disk_that_refuses_is_said_and_counted_and_changes_what_the_run_has(track, disk, told):
    disk.fails = True
    track.emit(row(0))
    wait_until(lambda: track.failed_syncs >= 2)

    durability, reason = track.durability
    assert durability == "process"
    assert "Input/output error" in reason
    assert {text.partition(":")[0] for text in told} == {"sync"}


def test_the_end_of_a_run_is_durable_before_it_is_over(track, tmp_path):
    track.emit(row(0))
    synced = []
    journal = track._journal
    track._sync = lambda journal: synced.append((journal.sync(), journal.position))

    track.close()

    assert synced[-1][1] == journal.position == journal.path.stat().st_size
    assert not any(thread.name == "nbtrack-syncer" for thread in threading.enumerate())


def test_a_disk_that_never_answers_does_not_keep_a_run_from_ending(disk):
    disk.free.clear()
    syncer = Syncer(lambda: disk.free.wait(30) and None)
    syncer.start()

    assert not syncer.close(wait_s=0.05)
    disk.free.set()
    assert syncer.close()


def test_nothing_new_is_not_synced_again(tmp_path):
    journal = Journal.create(tmp_path / ".nbtrack", opened_run())

    assert journal.sync()
    assert not journal.sync()
    journal.append([row(0)])
    assert journal.sync()
    journal.close()


@pytest.mark.usefixtures("_workspace")
@pytest.mark.parametrize("durability", ["process", "power-loss"])
def test_a_run_has_what_it_was_asked_for(durability, monkeypatch):
    monkeypatch.setenv("NBTRACK_DURABILITY", durability)

    status = nbtrack.init(settings=QUIET).status()

    assert (status.durability, status.durability_reason) == (durability, "")
    assert f"durability='{durability}'" in repr(status)


@pytest.mark.usefixtures("_workspace")
def test_a_run_without_a_spill_says_that_it_is_buffered_and_why(monkeypatch):
    def refuse(*_: object) -> Spill:
        raise StoreError("spill.nbs cannot be made: No space left on device.")

    monkeypatch.setattr(Spill, "create", refuse)

    status = nbtrack.init(settings={**QUIET, "durability": "power-loss"}).status()

    assert status.durability == "buffered"
    assert "No space left on device" in status.durability_reason


@pytest.mark.usefixtures("_workspace")
def test_a_run_says_when_it_was_written_last():
    run = nbtrack.init(settings=QUIET)
    run.log({"loss": 1})
    run.finish()
    written_at = run.status().sync_time

    assert written_at.tzinfo is UTC
    assert run.start_time <= written_at.timestamp() <= datetime.now(UTC).timestamp()
    assert nbtrack.init(mode="disabled", settings=QUIET).status().sync_time is None


@pytest.mark.usefixtures("_workspace")
def test_a_disabled_run_says_so():
    status = nbtrack.init(mode="disabled", settings=QUIET).status()

    assert (status.durability, status.durability_reason) == (
        "buffered",
        "the run is disabled: nothing is kept",
    )


@pytest.mark.skipif(shutil.which("strace") is None, reason="asks strace who syncs")
def test_the_thread_that_logs_never_syncs_a_journal(tmp_path):
    code = (
        "import sys, threading, time, nbtrack\n"
        "run = nbtrack.init(dir=sys.argv[1], settings={'silent': True,\n"
        "    'x_disable_stats': True, 'durability': 'power-loss'})\n"
        "text = 'x' * 100_000\n"
        "until = time.monotonic() + 1.5\n"
        "while time.monotonic() < until:\n"
        "    run.log({'text': text})\n"  # fills the spill: this thread writes, too
        "    time.sleep(0.001)\n"
        "run.finish()\n"
        "print(threading.get_native_id())\n"
    )
    calls = tmp_path / "calls"
    traced = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(calls)]
    done = subprocess.run(
        [*traced, sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    thread = done.stdout.strip()

    syncs = [line.split(None, 1) for line in calls.read_text().splitlines()]
    of_journals = [who for who, call in syncs if "journal.nbj" in call]
    assert 2 <= len(of_journals) <= 4
    assert thread not in of_journals
    assert any(".nbtrack/runs>" in call for _, call in syncs)  # where its folder is named
