"""What processors, memory and disks the machine below a run has.

Names are those of the field. Counts of bytes are whole numbers of bytes:

    cpu, cpu_count, cpu_count_logical   the processor's name, its cores, its threads
    cpu_limit                           processors that a container or an affinity leaves
    memory                              `total`, and in a container `limit`
    disk                                by path: `total`, and what is `used` at the start

Loads psutil: only threads of ours import this module.
"""

import platform
from collections.abc import Iterable
from pathlib import Path

import psutil

from nbtrack.capture.cgroups import ControlGroups
from nbtrack.capture.machine import ROOT_DISK, usable_processors
from nbtrack.capture.program import Scene
from nbtrack.records import Json

_CPU_INFO = Path("/proc/cpuinfo")
_HEAD_BYTES = 8192  # the first processor; some machines have hundreds
_NAMES_OF_CPU = ("model name", "hardware", "cpu model", "cpu")


def machine_facts(scene: Scene) -> dict[str, Json]:
    """Return what processors, memory and disks the machine has."""
    groups = ControlGroups()
    logical = psutil.cpu_count() or 1
    usable = usable_processors(groups)
    found: dict[str, Json] = {
        "cpu": processor_name(),
        "cpu_count": psutil.cpu_count(logical=False) or logical,
        "cpu_count_logical": logical,
        "memory": _memory(groups),
        "disk": _disks(scene.settings.x_stats_disk_paths or (ROOT_DISK,)),
    }
    return found | ({"cpu_limit": usable} if usable < logical else {})


def processor_name(path: Path = _CPU_INFO) -> str:
    """Return what the processor is called; where nothing says it, its architecture."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return platform.processor() or platform.machine()
    pairs = [line.partition(":") for line in head.splitlines()]
    said = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return next((said[name] for name in _NAMES_OF_CPU if said.get(name)), platform.machine())


def _memory(groups: ControlGroups) -> dict[str, Json]:
    total = psutil.virtual_memory().total
    found: dict[str, Json] = {"total": total}
    limit = groups.memory()
    if limit is not None and limit[0] < total:
        found["limit"] = limit[0]
    return found


def _disks(paths: Iterable[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for path in paths:
        try:
            usage = psutil.disk_usage(path)
        except OSError:
            continue  # the sampler says that it cannot be read
        found[path] = {"total": usage.total, "used": usage.used}
    return found
