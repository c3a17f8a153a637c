"""Limits of containers and batch jobs, from both versions of control groups."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbtrack.capture.cgroups import ControlGroups
from nbtrack.capture.machine import Machine, usable_memory, usable_processors

MEBIBYTE = 2**20


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def groups(mount: Path, membership: str) -> ControlGroups:
    (mount.parent / "cgroup").write_text(membership)
    return ControlGroups(mount, mount.parent / "cgroup")


@pytest.fixture
def mount(tmp_path) -> Path:
    return write(tmp_path / "sys")


def test_a_containers_limits_are_at_the_root_of_what_it_sees(mount):
    write(mount, cpu__max="150000 100000\n", cpu__stat="usage_usec 2500000\nuser_usec 1\n")
    write(mount, memory__max="1000\n", memory__current="600\n")
    write(mount, memory__stat="anon 300\ninactive_file 250\n")

    found = groups(mount, "0::/\n")

    assert found.memory() == (1000, 350)
    limit = found.processors()
    assert limit is not None
    assert (limit.processors, limit.used_s()) == (1.5, 2.5)


def test_the_tightest_limit_of_all_groups_above_holds(mount):
    """A batch system limits the job; systemd limits the user; the step itself has none."""
    step = write(mount / "user" / "job" / "step", memory__max="max\n", cpu__max="max 100000\n")
    write(step, memory__current="10\n")
    write(step.parent, memory__max="5000\n", memory__current="700\n", cpu__max="400000 100000\n")
    write(step.parent.parent, memory__max="9000\n", memory__current="8000\n")
    write(step.parent.parent, cpu__max="200000 100000\n", cpu__stat="usage_usec 1000000\n")

    found = groups(mount, "0::/user/job/step\n")

    assert found.memory() == (5000, 700)
    limit = found.processors()
    assert limit is not None
    assert (limit.processors, limit.used_s()) == (2.0, 1.0)


def test_the_first_version_has_a_tree_per_controller(mount):
    memory = write(mount / "memory" / "docker" / "abc", memory__limit_in_bytes="1000\n")
    write(memory, memory__usage_in_bytes="500\n")
    write(memory, memory__stat="inactive_file 1\ntotal_inactive_file 100\n")
    processors = write(mount / "cpu,cpuacct" / "docker" / "abc", cpu__cfs_quota_us="50000\n")
    write(processors, cpu__cfs_period_us="100000\n", cpuacct__usage="3000000000\n")
    (mount / "cpu").symlink_to("cpu,cpuacct")

    found = groups(mount, "9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n")

    assert found.memory() == (1000, 400)
    limit = found.processors()
    assert limit is not None
    assert (limit.processors, limit.used_s()) == (0.5, 3.0)


def test_a_container_that_sees_the_hosts_paths_finds_its_own_files(mount):
    """Its group is what is mounted, though /proc tells the path on the host."""
    write(mount / "memory", memory__limit_in_bytes="1000\n", memory__usage_in_bytes="500\n")

    assert groups(mount, "9:memory:/docker/abc\n").memory() == (1000, 500)


@pytest.mark.parametrize(
    "membership", ["", "0::/\n", "nonsense\n", "0::/../../..\n", "1:cpu:/\x00\n"]
)
def test_without_limits_there_are_none(mount, membership):
    write(mount, memory__max="max\n", memory__current="600\n", cpu__max="max 100000\n")

    found = groups(mount, membership.replace("\x00", "x"))

    assert (found.memory(), found.processors()) == (None, None)


@pytest.mark.parametrize("text", ["", "garbage", "-1 100000", "0 0", "100000", "1e5 1e5"])
def test_a_quota_that_nobody_understands_is_none(mount, text):
    write(mount, cpu__max=text)

    assert groups(mount, "0::/\n").processors() is None


def test_where_there_are_no_control_groups_the_machine_is_all_there_is(tmp_path):
    found = ControlGroups(tmp_path / "nowhere", tmp_path / "nothing")

    import psutil

    assert (found.memory(), found.processors()) == (None, None)
    assert usable_memory(found)[0] == psutil.virtual_memory().total
    assert 1 <= usable_processors(found) <= (psutil.cpu_count() or 1)


def test_the_load_is_that_of_the_container_and_of_its_limit(mount):
    write(mount, cpu__max="50000 100000\n", cpu__stat="usage_usec 0\n")
    write(mount, memory__max=f"{4 * MEBIBYTE}\n", memory__current=f"{3 * MEBIBYTE}\n")
    now_s = 10.0
    machine = Machine(groups(mount, "0::/\n"), lambda: now_s)
    first = machine.read()
    write(mount, cpu__stat="usage_usec 500000\n")
    now_s = 12.0

    second = machine.read()

    assert "cpu" not in first
    assert second["cpu"] == pytest.approx(50.0)  # 0.5 s of the 1 s that it might have used
    assert second["memory_percent"] == 75.0
    assert second["proc.memory.availableMB"] == 1.0


def test_a_limit_greater_than_the_machine_is_no_limit(mount):
    write(mount, memory__max=f"{1 << 59}\n", memory__current="1\n", cpu__max="99999999 1000\n")

    import psutil

    found = groups(mount, "0::/\n")
    assert usable_memory(found)[0] == psutil.virtual_memory().total
    assert usable_processors(found) <= (psutil.cpu_count() or 1)


LIMITED = """
import os, sys
open(os.path.join(sys.argv[1], "cgroup.procs"), "w").write(str(os.getpid()))
from nbtrack.capture.cgroups import ControlGroups
print(*ControlGroups().memory())
"""


def test_a_child_in_a_real_group_sees_its_limit():
    """Only where this machine lets us make a group."""
    group = _made_group()
    if group is None:
        pytest.skip("this machine lets nobody make a control group with a limit of memory")
    try:
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(group)], capture_output=True, text=True, check=True
        )
        limit, used = map(int, done.stdout.split())
    finally:
        group.rmdir()

    assert limit == 300 * MEBIBYTE
    assert 0 < used < limit


def _made_group() -> Path | None:
    for parent, file in (
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
        (Path("/sys/fs/cgroup"), "memory.max"),
    ):
        group = parent / f"nbtrack-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / file).write_text(str(300 * MEBIBYTE))
        except OSError:
            group.rmdir()
            continue
        return group
    return None
