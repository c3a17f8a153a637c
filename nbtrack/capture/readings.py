"""What a sampler reads of the machine, by name. Loads psutil, on the sampler's thread."""

from nbtrack.capture.cgroups import ControlGroups
from nbtrack.capture.gpu import Gpus
from nbtrack.capture.machine import (
    ROOT_DISK,
    DiskTraffic,
    Machine,
    NetworkTraffic,
    disk_space,
    usable_memory,
    usable_processors,
)
from nbtrack.capture.processes import ProcessTree
from nbtrack.capture.system import Reading, Tools, Wanted


def readings_of(wanted: Wanted, tools: Tools) -> dict[str, Reading]:
    """Return what is to be read; each fails for itself.

    Args:
        wanted: What the runs ask for.
        tools: What the readings may need.
    """
    groups = ControlGroups()
    paths = wanted.disk_paths or (ROOT_DISK,)
    tree = ProcessTree(with_children=wanted.with_children, breathe=tools.breathe)
    gpus = Gpus(
        tell=tools.tell,
        pids=lambda: tree.pids,
        ids=wanted.gpu_ids,
        interval_s=wanted.interval_s,
    )

    def read_tree() -> dict[str, float]:
        usable, _ = usable_memory(groups)
        return tree.read(tools.elapsed_s(), usable_processors(groups), usable)

    def space_of(path: str) -> Reading:
        return lambda: disk_space(path)

    return {
        "load and memory of the machine": Machine(groups, tools.elapsed_s).read,
        "load and memory of this process": read_tree,
        **{f"space on the disk of {path!r}": space_of(path) for path in paths},
        "traffic of the disks": DiskTraffic(paths, tools.kept).read,
        "traffic of the network": NetworkTraffic(tools.kept).read,
        "GPUs": gpus.read,
    }
