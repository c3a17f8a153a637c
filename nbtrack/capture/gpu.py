"""How the GPUs under a run fare, by NVIDIA's management library.

Names are those of the field; `<i>` is the number in nvidia-smi:

    gpu.<i>.gpu, .memory               share of the last second or so in which a kernel ran,
                                       or memory was read or written, 0..100
    gpu.<i>.memoryAllocated(Bytes)     of its memory, 0..100; bytes
    gpu.<i>.temp                       degrees Celsius
    gpu.<i>.powerWatts, .powerPercent  watts; of the limit that is enforced, 0..100
    gpu.<i>.enforcedPowerLimitWatts    watts
    gpu.<i>.fanSpeed                   of the greatest speed, per cent
    gpu.<i>.smClock, .memoryClock      megahertz
    gpu.<i>.encoderUtilization         0..100
    gpu.<i>.correctedMemoryErrors, .uncorrectedMemoryErrors    since the driver was loaded
    gpu.<i>.pcieLinkGen, .pcieLinkWidth                        as it is now; idle links sleep
    gpu.<i>.pcieSentMBps, .pcieReceivedMBps                    10**6 bytes per second
    gpu.process.<i>.gpu, .memory, .memoryAllocated(Bytes)      by this process and its children

What a GPU does not support is left out, and said once for all of it. A container may not
be told whose processes are whose: `gpu.process` is left out there. AMD's and Apple's GPUs
are not read; `nbtrack.add_system_sampler` takes a function that reads them.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from nbtrack.capture import nvml as library
from nbtrack.capture.devices import Gpu, all_gpus, visible_gpus
from nbtrack.capture.nvml import Code, Handle, Nvml, code_of
from nbtrack.errors import Error
from nbtrack.records import Json

Values = dict[str, float]
Tell = Callable[[str, str, str], None]
"""Takes a level, a cause and a text; whoever it is tells each cause once."""

LONG_INTERVAL_S = 1.0
VISIBLE = "CUDA_VISIBLE_DEVICES"
BACK_OFF_LIMIT = 16
_THOUSAND = 1000
_NEVER = frozenset(
    {
        Code.NOT_SUPPORTED,
        Code.INVALID_ARGUMENT,
        Code.NO_PERMISSION,
        Code.FUNCTION_NOT_FOUND,
        Code.NO_ECC_ON_VGPU,
        Code.NOT_THIS_VERSION,
    }
)
_GONE = frozenset({Code.GPU_IS_LOST, Code.RESET_REQUIRED, Code.GPU_NOT_FOUND})
_NO_DRIVER = frozenset({Code.LIBRARY_NOT_FOUND, Code.DRIVER_NOT_LOADED})


class _GoneError(Exception):
    """A GPU does not answer any more."""


def begun(load: Callable[[], Nvml | None] = library.load) -> Nvml | None:
    """Return the library, ready; None where there is no driver of NVIDIA's.

    Raises:
        Error: If there is one and it does not work.
    """
    nvml = load()
    if nvml is None:
        return None
    try:
        nvml.nvmlInit()
    except Exception as error:
        if code_of(error) in _NO_DRIVER:
            return None
        if code_of(error) == Code.VERSIONS_DIFFER:
            raise Error(
                "the driver that is loaded and NVIDIA's library are of different versions: the "
                "driver was updated. Restart the machine to load the new one"
            ) from error
        raise
    return nvml


def gpus_of_machine() -> dict[str, Json]:
    """Return which GPUs this machine has; see `gpu_facts`."""
    return gpu_facts(begun())


def gpu_facts(nvml: Nvml | None) -> dict[str, Json]:
    """Return which GPUs the machine has, by the field's names."""
    if nvml is None:
        return {"gpu_count": 0}
    gpus = all_gpus(nvml)
    cuda = nvml.nvmlSystemGetCudaDriverVersion()
    return {
        **({"gpu": gpus[0].name} if gpus else {}),
        "gpu_count": len(gpus),
        "gpu_devices": [_device_facts(nvml, gpu) for gpu in gpus],
        "gpu_driver": str(nvml.nvmlSystemGetDriverVersion()),
        "cuda_version": f"{cuda // _THOUSAND}.{cuda % _THOUSAND // 10}",
    }


def _device_facts(nvml: Nvml, gpu: Gpu) -> dict[str, Json]:
    facts: dict[str, Json] = {"index": gpu.index, "name": gpu.name, "uuid": gpu.uuid}
    asked: dict[str, Callable[[], int]] = {
        "memory_total": lambda: int(_memory_of(nvml, gpu.handle).total),
        "cuda_cores": lambda: int(nvml.nvmlDeviceGetNumGpuCores(gpu.board)),
    }
    for name, ask in asked.items():
        try:
            facts[name] = ask()
        except Exception as error:
            if code_of(error) is None:
                raise
    return facts


@dataclass(slots=True)
class _Watched:
    """A GPU that is read.

    Attributes:
        gpu: Which.
        unsupported: Names of readings that it does not have.
        seen: Time of its last sample of processes, as the library counts.
        lost: How often it was found to be gone.
        skipped: For how many turns it is left alone.
    """

    gpu: Gpu
    unsupported: dict[str, str] = field(default_factory=dict)
    seen: int = 0
    lost: int = 0
    skipped: int = 0


class Gpus:
    """Reads the GPUs that this process may use. Used by one thread."""

    def __init__(  # noqa: PLR0913 - what it needs to know of its run
        self,
        load: Callable[[], Nvml | None] = library.load,
        *,
        tell: Tell,
        pids: Callable[[], frozenset[int]],
        ids: tuple[int, ...] | None = None,
        interval_s: float = 15.0,
        visible: Callable[[], str | None] = lambda: os.environ.get(VISIBLE),
    ) -> None:
        """Begin; nothing is loaded.

        Args:
            load: Returns the library.
            tell: Told what cannot be read.
            pids: Says which processes are ours.
            ids: Numbers of GPUs that were asked for; None for those that CUDA may use.
            interval_s: Seconds between two readings. Throughput, which takes 40 ms per GPU,
                is not read in short ones.
            visible: Says what `CUDA_VISIBLE_DEVICES` says now.
        """
        self._load = load
        self._tell = tell
        self._pids = pids
        self._ids = ids
        self._visible = visible
        self._with_throughput = interval_s >= LONG_INTERVAL_S
        self._nvml: Nvml | None = None
        self._is_loaded = False
        self._chosen_by: str | None = None
        self._watched: list[_Watched] | None = None

    def read(self) -> Values:
        """Read all of them; none where there is no driver.

        Raises:
            Error: If there is a driver and it does not work.
        """
        if not self._is_loaded:
            self._nvml = begun(self._load)
            self._is_loaded = True
        if self._nvml is None:
            return {}
        values: Values = {}
        for one in self._choose(self._nvml):
            values |= self._read(self._nvml, one)
        return values

    def _choose(self, nvml: Nvml) -> list[_Watched]:
        visible = self._visible()  # a notebook sets it, or changes its mind, in any cell
        if self._watched is None or visible != self._chosen_by:
            gpus = visible_gpus(nvml, visible, self._ids)
            self._say_missing(gpus)
            self._watched, self._chosen_by = [_Watched(gpu) for gpu in gpus], visible
        return self._watched

    def _say_missing(self, gpus: list[Gpu]) -> None:
        missing = sorted(set(self._ids or ()) - {gpu.index for gpu in gpus})
        if missing:
            self._tell(
                "warning",
                "system: missing GPUs",
                f"There is no GPU {', '.join(map(str, missing))} as x_stats_gpu_device_ids asks "
                "for: nvidia-smi -L lists those there are.",
            )

    def _read(self, nvml: Nvml, watched: _Watched) -> Values:
        if watched.skipped > 0:
            watched.skipped -= 1
            return {}
        gpu, known = watched.gpu, len(watched.unsupported)
        try:
            values = dict(self._values(nvml, watched))
        except _GoneError as error:
            self._lose(watched, str(error))
            return {}
        watched.lost = 0
        if len(watched.unsupported) > known:
            self._say_unsupported(watched)
        power, limit = values.get("powerWatts"), values.get("enforcedPowerLimitWatts")
        if power is not None and limit:
            values["powerPercent"] = 100 * power / limit
        own = self._own(nvml, watched)
        return {
            **{f"gpu.{gpu.index}.{name}": value for name, value in values.items()},
            **{f"gpu.process.{gpu.index}.{name}": value for name, value in own.items()},
        }

    def _values(self, nvml: Nvml, watched: _Watched) -> Iterator[tuple[str, float]]:
        readings = {**_READINGS, **(_THROUGHPUT if self._with_throughput else {})}
        for name, read in readings.items():
            yield from self._tried(watched, name, lambda read=read: read(nvml, watched.gpu)).items()  # type: ignore[misc]

    def _tried(self, watched: _Watched, name: str, read: Callable[[], Values]) -> Values:
        """Take one reading; what is not supported is not asked for again."""
        if name in watched.unsupported:
            return {}
        try:
            return read()
        except Exception as error:
            code = code_of(error)
            if code in _GONE:
                raise _GoneError(str(error)) from error
            if code is None or code in _NEVER:
                watched.unsupported[name] = str(error)
            return {}  # or it passes: the next turn tries again

    def _own(self, nvml: Nvml, watched: _Watched) -> Values:
        """Return what this process and its children use of a GPU; nothing where they do not."""
        found = self._tried(watched, "memory of processes", lambda: self._own_memory(nvml, watched))
        if found and not watched.gpu.is_instance:
            found |= self._tried(
                watched, "utilization by processes", lambda: self._own_load(nvml, watched)
            )
        return found

    def _own_memory(self, nvml: Nvml, watched: _Watched) -> Values:
        pids = self._pids()
        processes = nvml.nvmlDeviceGetComputeRunningProcesses(watched.gpu.handle)
        said = [one.usedGpuMemory for one in processes if one.pid in pids]
        known = [used for used in said if used is not None]
        if not known:
            return {}
        used, total = sum(known), _memory_of(nvml, watched.gpu.handle).total
        return {"memoryAllocatedBytes": float(used), "memoryAllocated": 100 * used / total}

    def _own_load(self, nvml: Nvml, watched: _Watched) -> Values:
        pids = self._pids()
        try:
            samples = nvml.nvmlDeviceGetProcessUtilization(watched.gpu.board, watched.seen)
        except Exception as error:
            if code_of(error) in (0, Code.NOT_FOUND):  # nobody has computed meanwhile
                return {"gpu": 0.0, "memory": 0.0}
            raise
        watched.seen = max((one.timeStamp for one in samples), default=watched.seen)
        last = {one.pid: one for one in sorted(samples, key=lambda one: one.timeStamp)}
        own = [one for pid, one in last.items() if pid in pids]
        return {
            "gpu": min(float(sum(one.smUtil for one in own)), 100.0),
            "memory": min(float(sum(one.memUtil for one in own)), 100.0),
        }

    def _lose(self, watched: _Watched, why: str) -> None:
        watched.lost += 1
        watched.skipped = min(2**watched.lost, BACK_OFF_LIMIT) - 1
        name, index = watched.gpu.name, watched.gpu.index
        self._tell(
            "warning",
            f"system: GPU {index} is gone",
            f'GPU {index} ({name}) does not answer any more: NVML says "{why}". It is tried '
            "again later; everything else is recorded.",
        )

    def _say_unsupported(self, watched: _Watched) -> None:
        names = ", ".join(watched.unsupported)
        answers = ", ".join(f'"{one}"' for one in dict.fromkeys(watched.unsupported.values()))
        self._tell(
            "info",
            f"system: {watched.gpu.name}",
            f"Not recorded of {watched.gpu.name}: {names}. NVML answers {answers}. "
            "Everything else is.",
        )


def _memory_of(nvml: Nvml, handle: Handle) -> library.Memory:
    """Return total and used memory as nvidia-smi shows them; older drivers count otherwise."""
    try:
        return nvml.nvmlDeviceGetMemoryInfo(handle, library.MEMORY_WITHOUT_RESERVED)
    except Exception as error:
        if code_of(error) not in (Code.FUNCTION_NOT_FOUND, Code.NOT_THIS_VERSION):
            raise
        return nvml.nvmlDeviceGetMemoryInfo(handle, None)


def _memory(nvml: Nvml, gpu: Gpu) -> Values:
    memory = _memory_of(nvml, gpu.handle)
    return {
        "memoryAllocatedBytes": float(memory.used),
        "memoryAllocated": 100 * memory.used / memory.total,
    }


def _utilization(nvml: Nvml, gpu: Gpu) -> Values:
    rates = nvml.nvmlDeviceGetUtilizationRates(gpu.handle)
    return {"gpu": float(rates.gpu), "memory": float(rates.memory)}


def _errors(kind: int) -> Callable[[Nvml, Gpu], float]:
    def read(nvml: Nvml, gpu: Gpu) -> float:
        return nvml.nvmlDeviceGetMemoryErrorCounter(
            gpu.board, kind, library.SINCE_RESET, library.DEVICE_MEMORY
        )

    return read


def _one(name: str, read: Callable[[Nvml, Gpu], float]) -> Callable[[Nvml, Gpu], Values]:
    return lambda nvml, gpu: {name: float(read(nvml, gpu))}


_READINGS: Mapping[str, Callable[[Nvml, Gpu], Values]] = {
    "utilization": _utilization,
    "memory": _memory,
    "temperature": _one(
        "temp", lambda n, g: n.nvmlDeviceGetTemperature(g.board, library.TEMPERATURE_OF_GPU)
    ),
    "power": _one("powerWatts", lambda n, g: n.nvmlDeviceGetPowerUsage(g.board) / _THOUSAND),
    "power limit": _one(
        "enforcedPowerLimitWatts",
        lambda n, g: n.nvmlDeviceGetEnforcedPowerLimit(g.board) / _THOUSAND,
    ),
    "fan": _one("fanSpeed", lambda n, g: n.nvmlDeviceGetFanSpeed(g.board)),
    "SM clock": _one("smClock", lambda n, g: n.nvmlDeviceGetClockInfo(g.board, library.CLOCK_SM)),
    "memory clock": _one(
        "memoryClock", lambda n, g: n.nvmlDeviceGetClockInfo(g.board, library.CLOCK_MEMORY)
    ),
    "encoder": _one(
        "encoderUtilization", lambda n, g: n.nvmlDeviceGetEncoderUtilization(g.board)[0]
    ),
    "corrected memory errors": _one("correctedMemoryErrors", _errors(library.ERRORS_CORRECTED)),
    "uncorrected memory errors": _one(
        "uncorrectedMemoryErrors", _errors(library.ERRORS_UNCORRECTED)
    ),
    "PCIe generation": _one(
        "pcieLinkGen", lambda n, g: n.nvmlDeviceGetCurrPcieLinkGeneration(g.board)
    ),
    "PCIe width": _one("pcieLinkWidth", lambda n, g: n.nvmlDeviceGetCurrPcieLinkWidth(g.board)),
}
_THROUGHPUT: Mapping[str, Callable[[Nvml, Gpu], Values]] = {
    "PCIe throughput out": _one(
        "pcieSentMBps",
        lambda n, g: n.nvmlDeviceGetPcieThroughput(g.board, library.PCIE_SENT) / _THOUSAND,
    ),
    "PCIe throughput in": _one(
        "pcieReceivedMBps",
        lambda n, g: n.nvmlDeviceGetPcieThroughput(g.board, library.PCIE_RECEIVED) / _THOUSAND,
    ),
}
