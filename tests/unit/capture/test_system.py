"""Readings of the machine."""

import itertools
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from waiting import wait_until

from nbtrack.capture import SystemSampler
from nbtrack.capture.system import ProcessTree, container_memory, gaps_s
from nbtrack.clock import SystemClock
from nbtrack.records import Notice, Record, SystemSample

NAMES = {
    "cpu",
    "memory_percent",
    "proc.cpu.percent",
    "proc.cpu.threads",
    "proc.memory.availableMB",
    "proc.memory.percent",
    "proc.memory.rssMB",
}


def test_the_first_reading_has_every_value_in_its_range() -> None:
    records: list[Record] = []
    sampler = SystemSampler(records.append, SystemClock(), interval_s=0.1)
    sampler.start()
    wait_until(lambda: len(records) > 0)
    sampler.stop()

    sample = records[0]
    assert isinstance(sample, SystemSample)
    assert set(sample.values) == NAMES
    for name in ("cpu", "memory_percent", "proc.cpu.percent", "proc.memory.percent"):
        assert 0 <= sample.values[name] <= 100
    assert sample.values["proc.cpu.threads"] >= 1
    assert sample.values["proc.memory.rssMB"] > 1


def test_nothing_is_read_after_stop() -> None:
    records: list[Record] = []
    sampler = SystemSampler(records.append, SystemClock(), interval_s=0.1)
    sampler.start()
    sampler.stop()
    sampler.sample()

    assert records == []
    assert "nbtrack-system" not in {thread.name for thread in threading.enumerate()}


def test_a_short_run_is_read_more_often_than_a_long_one() -> None:
    times_s = list(itertools.accumulate(itertools.islice(gaps_s(15.0), 7)))

    assert times_s == pytest.approx([0.1, 1, 3, 7, 15, 30, 45])
    assert list(itertools.islice(gaps_s(0.5), 4)) == [0.1, 0.5, 0.5, 0.5]


def test_what_cannot_be_read_is_told_once_and_tried_less_often() -> None:
    records: list[Record] = []
    tried: list[int] = []

    def fail() -> dict[str, float]:
        tried.append(turn)
        raise OSError("no /proc here")

    readings = {"fan": fail, "load": lambda: {"cpu": 50.0}}
    sampler = SystemSampler(records.append, SystemClock(), readings=readings)
    for turn in range(12):  # noqa: B007 - `fail` reads it
        sampler.sample()

    assert tried == [0, 2, 6]
    notices = [record for record in records if isinstance(record, Notice)]
    assert len(notices) == 1
    assert notices[0].text.startswith("The fan cannot be read now (OSError: no /proc here).")
    assert len([r for r in records if isinstance(r, SystemSample)]) == 12


def test_a_child_process_counts_as_part_of_the_run() -> None:
    """The workers of a data loader hold the memory, not the notebook's process."""
    tree = ProcessTree()
    alone = tree.read(1.0)
    code = "data = bytearray(200 * 2**20); print('up', flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout
        assert child.stdout.readline() == b"up\n"

        together = tree.read(2.0)

        child.communicate(b"\n")
    assert "proc.cpu.percent" not in alone
    assert 0 <= together["proc.cpu.percent"] <= 100
    assert together["proc.memory.rssMB"] >= alone["proc.memory.rssMB"] + 190
    assert together["proc.cpu.threads"] > alone["proc.cpu.threads"]


def test_a_containers_limit_is_the_memory_there_is(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("600\n")
    (tmp_path / "memory.stat").write_text("anon 300\ninactive_file 250\n")

    assert container_memory(tmp_path) == (1000, 350)


def test_an_old_container_has_its_limit_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text("1000\n")
    (folder / "memory.usage_in_bytes").write_text("600\n")
    (folder / "memory.stat").write_text("total_inactive_file 100\n")

    assert container_memory(tmp_path) == (1000, 500)


def test_a_container_without_limit_has_the_machines_memory(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("600\n")

    assert container_memory(tmp_path) is None
