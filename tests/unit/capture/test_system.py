"""Readings of the machine, and the thread that takes them."""

import itertools
import math
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from waiting import wait_until

from nbtrack.capture import SystemSampler, Wanted
from nbtrack.capture.system import gaps_s
from nbtrack.clock import SystemClock
from nbtrack.records import Notice, Record, SystemSample

ALWAYS = {
    "cpu",
    "memory_percent",
    "network.recv",
    "network.sent",
    "proc.cpu.percent",
    "proc.cpu.threads",
    "proc.memory.availableMB",
    "proc.memory.percent",
    "proc.memory.rssMB",
}


def samples_in(records: list[Record]) -> list[Mapping[str, float]]:
    return [record.values for record in records if isinstance(record, SystemSample)]


def sampler_of(
    records: list[Record], readings: dict[str, Callable[[], Mapping[str, float]]], **how
) -> SystemSampler:
    return SystemSampler(records.append, SystemClock(), source=lambda *_: readings, **how)


def test_the_first_reading_has_every_value_in_its_range(tmp_path: Path) -> None:
    records: list[Record] = []
    wanted = Wanted(interval_s=0.1, disk_paths=("/", str(tmp_path)))
    sampler = SystemSampler(records.append, SystemClock(), wanted)
    sampler.start()
    wait_until(lambda: len(samples_in(records)) > 1)
    sampler.stop()

    first, second, *_ = samples_in(records)
    assert set(first) >= ALWAYS | {
        "disk./.usagePercent",
        "disk./.usageGB",
        f"disk.{tmp_path}.usageGB",
    }
    for name in ("cpu", "memory_percent", "proc.cpu.percent", "proc.memory.percent"):
        assert 0 <= first[name] <= 100
    assert first["proc.cpu.threads"] >= 1
    assert first["proc.memory.rssMB"] > 1
    assert 0 <= first["network.sent"] <= second["network.sent"]
    for name in first:
        if name.endswith((".in", ".out")):
            assert 0 <= first[name] <= second[name]
    assert [record for record in records if isinstance(record, Notice)] == []


def test_nothing_is_read_after_stop() -> None:
    records: list[Record] = []
    sampler = SystemSampler(records.append, SystemClock(), Wanted(interval_s=0.1))
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

    sampler = sampler_of(records, {"fan": fail, "load": lambda: {"cpu": 50.0}})
    for turn in range(12):  # noqa: B007 - `fail` reads it
        sampler.sample()

    assert tried == [0, 2, 6]
    notices = [record for record in records if isinstance(record, Notice)]
    assert len(notices) == 1
    assert notices[0].text.startswith("The fan cannot be read now (OSError: no /proc here).")
    assert samples_in(records) == [{"cpu": 50.0}] * 12


def test_a_disk_that_is_not_there_hides_no_other() -> None:
    records: list[Record] = []
    paths = ("/no/such/disk", "/")
    sampler = SystemSampler(records.append, SystemClock(), Wanted(disk_paths=paths))

    sampler.sample()

    (values,) = samples_in(records)
    assert "disk./.usageGB" in values
    (notice,) = [record for record in records if isinstance(record, Notice)]
    assert notice.text.startswith("The space on the disk of '/no/such/disk' cannot be read now")


def test_nothing_is_read_between_two_cells_and_the_gap_is_marked() -> None:
    records: list[Record] = []
    reads: list[float] = []

    def read() -> dict[str, float]:
        reads.append(1.0)
        return {"cpu": float(len(reads))}

    sampler = sampler_of(records, {"load": read}, wanted=Wanted(interval_s=0.1))
    sampler.start()
    wait_until(lambda: len(samples_in(records)) >= 1)
    sampler.pause()
    wait_until(lambda: sampler.is_waiting)
    count, seen = len(reads), len(records)
    sampler.resume()
    wait_until(lambda: len(records) >= seen + 2)
    sampler.stop()

    marks = [number for number, values in enumerate(samples_in(records)) if is_gap(values)]
    assert marks == [seen]
    assert samples_in(records)[seen + 1]["cpu"] == count + 2  # one look more, for differences
    times = [record.time_us for record in records if isinstance(record, SystemSample)]
    assert times == sorted(times)


def is_gap(values: Mapping[str, float]) -> bool:
    return all(math.isnan(value) for value in values.values())


def test_a_pause_that_misses_no_reading_leaves_no_gap() -> None:
    records: list[Record] = []
    sampler = sampler_of(records, {"load": lambda: {"cpu": 1.0}}, wanted=Wanted(interval_s=0.1))
    sampler.start()
    for _ in range(1000):
        sampler.pause()
        sampler.resume()
    wait_until(lambda: len(records) >= 3)
    sampler.stop()

    assert not any(is_gap(values) for values in samples_in(records))


def test_a_second_run_is_read_for_at_once_and_as_it_wants() -> None:
    records: list[Record] = []
    wanted: list[Wanted] = []

    def source(now: Wanted, _: object) -> dict[str, Callable[[], dict[str, float]]]:
        wanted.append(now)
        return {"load": lambda: {"cpu": 1.0}}

    sampler = SystemSampler(records.append, SystemClock(), Wanted(3600.0), source=source)
    sampler.start()
    wait_until(lambda: len(records) >= 1)
    before = len(records)

    sampler.begin_anew(Wanted(3600.0, gpu_ids=(0,)))

    wait_until(lambda: len(records) > before)
    sampler.stop()
    assert wanted == [Wanted(3600.0), Wanted(3600.0, gpu_ids=(0,))]


def test_counters_go_on_when_another_run_wants_something_else() -> None:
    """What was sent since the first run began does not fall when a second one begins."""
    records: list[Record] = []
    sampler = SystemSampler(records.append, SystemClock())
    sampler.sample()
    sampler._tools.kept["network"] = (-1000, -500)

    sampler.begin_anew(Wanted(1.0))
    sampler.sample()

    assert samples_in(records)[-1]["network.sent"] >= 1000


def test_a_run_that_begins_later_is_told_too_what_cannot_be_read() -> None:
    records: list[Record] = []

    def fail() -> dict[str, float]:
        raise OSError("no")

    sampler = sampler_of(records, {"fan": fail})
    for _ in range(4):
        sampler.sample()
    sampler.begin_anew(Wanted())
    for _ in range(8):
        sampler.sample()

    assert len([record for record in records if isinstance(record, Notice)]) == 2


def test_a_source_that_fails_is_told_and_ends_nothing() -> None:
    records: list[Record] = []

    def source(*_: object) -> dict[str, Callable[[], dict[str, float]]]:
        raise ImportError("No module named 'psutil'")

    sampler = SystemSampler(
        records.append, SystemClock(), source=source, added={"fan": lambda: {"fan.0.rpm": 900}}
    )
    sampler.sample()

    assert samples_in(records) == [{"fan.0.rpm": 900.0}]
    (notice,) = [record for record in records if isinstance(record, Notice)]
    assert "The machine cannot be read now (ImportError: No module named 'psutil')" in notice.text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"fan": "fast"}, "ValueError: could not convert"),
        ({1: 2.0}, "TypeError: readings are called by texts like 'fan.0.rpm', not by 1"),
        (7, "AttributeError: 'int' object has no attribute 'items'"),
    ],
)
def test_what_a_users_reading_answers_wrongly_is_told(answer: object, said: str) -> None:
    records: list[Record] = []
    sampler = sampler_of(records, {"load": lambda: {"cpu": 1.0}}, added={"mine": lambda: answer})

    sampler.sample()

    (notice,) = [record for record in records if isinstance(record, Notice)]
    assert said in notice.text
    assert samples_in(records) == [{"cpu": 1.0}]


def test_psutil_and_pynvml_are_not_loaded_by_the_users_thread() -> None:
    code = (
        "import sys, nbtrack.runs\n"
        "assert not {'psutil', 'pynvml'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-300:]
