"""Who is told of the machine, and what the user adds to it."""

import math

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.runs import session
from nbtrack.runs.sampling import wanted_by
from nbtrack.settings import Settings
from nbtrack.store import Reader

FAST = {"x_stats_sampling_interval": 0.1, "silent": True, "x_save_requirements": False}


@pytest.fixture(autouse=True)
def _no_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    yield
    nbtrack.teardown()


def begin(**settings) -> nbtrack.Run:
    return nbtrack.init(project="machine", reinit="create_new", settings=FAST | settings)


def names_of(run: nbtrack.Run) -> set[str]:
    session().flush()
    return set(Reader(run.root).keys(run.uid, "system"))


def values_of(run: nbtrack.Run, name: str) -> list[float]:
    session().flush()
    return Reader(run.root).series(run.uid, name, "system").values.tolist()


def test_only_runs_that_want_it_are_told_of_the_machine():
    told, untold = begin(), begin(x_disable_stats=True)

    wait_until(lambda: len(values_of(told, "cpu")) > 1)

    assert names_of(untold) == set()


def test_what_some_runs_want_is_read_for_all_of_them():
    some = [
        Settings(x_stats_disk_paths=["/data"], x_stats_track_process_tree=False),
        Settings(x_stats_disk_paths=["/", "/data"], x_stats_sampling_interval=2.0),
    ]
    gpus = [Settings(x_stats_gpu_device_ids=[3]), Settings(x_stats_gpu_device_ids=[1, 3])]

    wanted = wanted_by(some)

    assert wanted.disk_paths == ("/data", "/")
    assert wanted.interval_s == 2.0
    assert wanted.with_children
    assert wanted.gpu_ids is None
    assert wanted_by(gpus).gpu_ids == (1, 3)
    assert not wanted_by(some[:1]).with_children


def test_what_a_user_adds_is_read_until_it_is_taken_away():
    run = begin()
    reads = []

    def read() -> dict[str, float]:
        reads.append(1)
        return {"fan.0.rpm": 900 + len(reads)}

    take_away = nbtrack.add_system_sampler("fan", read)
    try:
        wait_until(lambda: len(values_of(run, "fan.0.rpm")) > 1)
    finally:
        take_away()
    cpu = len(values_of(run, "cpu"))
    wait_until(lambda: len(values_of(run, "cpu")) > cpu + 2)
    count = len(reads)
    take_away()  # a second time does nothing

    wait_until(lambda: len(values_of(run, "cpu")) > cpu + 4)
    assert len(reads) == count
    assert values_of(run, "fan.0.rpm")[0] > 900


def test_one_of_the_same_name_replaces_it_and_is_not_taken_away_with_it():
    sampling = session().sampling
    first = nbtrack.add_system_sampler("fan", lambda: {"a": 1.0})
    second = nbtrack.add_system_sampler("fan", lambda: {"b": 1.0})
    run = begin()

    first()

    wait_until(lambda: "b" in names_of(run))
    assert "a" not in names_of(run)
    second()
    assert sampling._added == {}


@pytest.mark.parametrize(
    ("name", "read", "said"),
    [
        ("", dict, r"a sampler's name must be a text like 'AMD GPU', not ''"),
        (7, dict, r"a sampler's name must be a text like 'AMD GPU', not 7"),
        ("fan", 900, r"must be a function without arguments .* not 900 \(int\)"),
    ],
)
def test_a_sampler_that_cannot_be_one_is_refused_at_once(name, read, said):
    with pytest.raises(UsageError, match=said):
        nbtrack.add_system_sampler(name, read)


def test_between_two_cells_nothing_is_read_and_readers_pass_over_the_gap():
    run = begin()
    wait_until(lambda: len(values_of(run, "cpu")) > 1)
    here = session()

    here.pause()
    wait_until(lambda: here.sampling._sampler.is_waiting)
    here.resume()
    wait_until(lambda: sum(map(math.isnan, values_of(run, "cpu"))) == 1)
    wait_until(lambda: not math.isnan(values_of(run, "cpu")[-1]))

    found = nbtrack.Api().run(f"machine/{run.id}")
    rows = found.history(stream="system", pandas=False)
    assert not any(math.isnan(value) for row in rows for value in row.values())
    assert not math.isnan(found.system_metrics["system.cpu"])


def test_program_and_machine_are_noted_by_the_fields_names():
    run = begin()
    run.finish()

    found = nbtrack.Api().run(f"machine/{run.id}").metadata
    assert {
        *("os", "python", "executable", "nbtrack", "program", "args", "command", "root"),
        *("host", "username", "cpu", "cpu_count", "cpu_count_logical", "memory", "disk"),
        *("gpu_count", "startedAt", "pid"),
    } <= set(found)
    assert found["memory"]["total"] > 1 << 28
    assert 0 < found["disk"]["/"]["used"] <= found["disk"]["/"]["total"]
    assert 1 <= found["cpu_count"] <= found["cpu_count_logical"]


@pytest.mark.parametrize(
    ("setting", "missing"),
    [("x_disable_meta", {"os", "args", "cpu"}), ("x_disable_machine_info", {"cpu", "disk"})],
)
def test_what_is_switched_off_is_not_noted(setting, missing):
    run = begin(**{setting: True})
    run.finish()

    found = nbtrack.Api().run(f"machine/{run.id}").metadata
    assert not missing & set(found)
    assert ("os" in found) == (setting == "x_disable_machine_info")
