"""NVIDIA's management library: the part of it that is used, and how to get at it.

The home of pynvml, whose functions are called as they are: what a test puts in their place
has to behave like the library. Units are the library's: milliwatts, megahertz, degrees
Celsius, whole per cent, bytes; PCIe throughput in thousands of bytes per second, measured
by waiting for 20 ms.
"""

import ctypes
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Protocol, TypeAlias, cast

Handle: TypeAlias = Any
"""What the library calls a device by."""

LIBRARY = "libnvidia-ml.so.1"
CLOCK_SM, CLOCK_MEMORY = 1, 2
TEMPERATURE_OF_GPU = 0
ERRORS_CORRECTED, ERRORS_UNCORRECTED = 0, 1
SINCE_RESET = 0  # the other count is of the board's whole life and never comes down
DEVICE_MEMORY = 2
MEMORY_WITHOUT_RESERVED = 0x02000028  # what nvidia-smi shows
PCIE_SENT, PCIE_RECEIVED = 0, 1
MIG_IS_ON = 1


class Code(IntEnum):
    """What the library answers instead of a value."""

    INVALID_ARGUMENT = 2
    NOT_SUPPORTED = 3
    NO_PERMISSION = 4
    NOT_FOUND = 6
    DRIVER_NOT_LOADED = 9
    LIBRARY_NOT_FOUND = 12
    FUNCTION_NOT_FOUND = 13
    GPU_IS_LOST = 15
    RESET_REQUIRED = 16
    VERSIONS_DIFFER = 18
    NO_ECC_ON_VGPU = 22
    NOT_THIS_VERSION = 25
    GPU_NOT_FOUND = 28


class Memory(Protocol):
    """Bytes."""

    total: int
    used: int


class Rates(Protocol):
    """Per cent."""

    gpu: int
    memory: int


class ComputeProcess(Protocol):
    """A process with memory on a GPU, bytes; None where the driver does not say how much."""

    pid: int
    usedGpuMemory: int | None  # noqa: N815 - the library's name


class ProcessSample(Protocol):
    """What a process made of a GPU at some time, per cent."""

    pid: int
    timeStamp: int  # noqa: N815 - the library's names
    smUtil: int  # noqa: N815
    memUtil: int  # noqa: N815


class Nvml(Protocol):
    """The functions that are used; each may raise an error whose `value` is a `Code`."""

    nvmlInit: Callable[[], None]  # noqa: N815 - the library's names, here and below
    nvmlDeviceGetCount: Callable[[], int]  # noqa: N815
    nvmlDeviceGetHandleByIndex: Callable[[int], Handle]  # noqa: N815
    nvmlDeviceGetName: Callable[[Handle], str]  # noqa: N815
    nvmlDeviceGetUUID: Callable[[Handle], str]  # noqa: N815
    nvmlDeviceGetMigMode: Callable[[Handle], Sequence[int]]  # noqa: N815
    nvmlDeviceGetMaxMigDeviceCount: Callable[[Handle], int]  # noqa: N815
    nvmlDeviceGetMigDeviceHandleByIndex: Callable[[Handle, int], Handle]  # noqa: N815
    nvmlDeviceGetMemoryInfo: Callable[[Handle, int | None], Memory]  # noqa: N815
    nvmlDeviceGetUtilizationRates: Callable[[Handle], Rates]  # noqa: N815
    nvmlDeviceGetTemperature: Callable[[Handle, int], int]  # noqa: N815
    nvmlDeviceGetPowerUsage: Callable[[Handle], int]  # noqa: N815
    nvmlDeviceGetEnforcedPowerLimit: Callable[[Handle], int]  # noqa: N815
    nvmlDeviceGetFanSpeed: Callable[[Handle], int]  # noqa: N815
    nvmlDeviceGetClockInfo: Callable[[Handle, int], int]  # noqa: N815
    nvmlDeviceGetEncoderUtilization: Callable[[Handle], Sequence[int]]  # noqa: N815
    nvmlDeviceGetMemoryErrorCounter: Callable[[Handle, int, int, int], int]  # noqa: N815
    nvmlDeviceGetCurrPcieLinkGeneration: Callable[[Handle], int]  # noqa: N815
    nvmlDeviceGetCurrPcieLinkWidth: Callable[[Handle], int]  # noqa: N815
    nvmlDeviceGetPcieThroughput: Callable[[Handle, int], int]  # noqa: N815
    nvmlDeviceGetComputeRunningProcesses: Callable[[Handle], Sequence[ComputeProcess]]  # noqa: N815
    nvmlDeviceGetProcessUtilization: Callable[[Handle, int], Sequence[ProcessSample]]  # noqa: N815
    nvmlDeviceGetNumGpuCores: Callable[[Handle], int]  # noqa: N815
    nvmlSystemGetDriverVersion: Callable[[], str]  # noqa: N815
    nvmlSystemGetCudaDriverVersion: Callable[[], int]  # noqa: N815


def load() -> Nvml | None:
    """Return the library's functions; None where there is no driver of NVIDIA's.

    Looking for the driver first saves everyone else the 25 ms of pynvml.
    """
    if sys.platform != "win32":
        try:
            ctypes.CDLL(LIBRARY)
        except OSError:
            return None
    import pynvml  # type: ignore[import-untyped]  # it comes without types

    return cast("Nvml", pynvml)


def code_of(error: Exception) -> int | None:
    """Return the code that the library answered, or None if the error is another one."""
    value = getattr(error, "value", None)
    return value if isinstance(value, int) else None
