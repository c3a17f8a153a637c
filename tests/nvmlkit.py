"""NVIDIA's management library as it behaves, with boards that a test makes up.

Answers are those of the real one: its classes of errors, its units, and that nothing works
before `nvmlInit`. MIG boards have no utilization, instances have memory and nothing else,
and a board that is lost answers so to every question.
"""

from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace

from pynvml import NVMLError

from nbtrack.capture.nvml import Code

UNINITIALIZED, NO_DATA, UNKNOWN = 1, 0, 999
GIB = 1 << 30


@dataclass
class Instance:
    """A MIG instance of a board."""

    uuid: str
    total: int = 10 * GIB
    used: int = GIB
    name: str = "NVIDIA A100-SXM4-80GB MIG 1g.10gb"


@dataclass
class Board:
    """One GPU.

    Attributes:
        answers: Code that a function answers instead of a value, by its name.
        processes: Bytes by process; None where the driver does not say.
        samples: `(pid, time, sm %, memory %)`.
        instances: Of MIG, by their place; None for a place that is free.
    """

    uuid: str
    name: str = "NVIDIA A100-SXM4-80GB"
    total: int = 80 * GIB
    used: int = 20 * GIB
    answers: dict[str, int] = field(default_factory=dict)
    processes: dict[int, int | None] = field(default_factory=dict)
    samples: list[tuple[int, int, int, int]] = field(default_factory=list)
    instances: list[Instance | None] = field(default_factory=list)
    lost: bool = False


class FakeNvml:
    """The functions of the library that are used.

    Attributes:
        called: How often each function was called.
    """

    def __init__(self, *boards: Board, init: int = 0) -> None:
        self.boards = boards
        self.called: Counter[str] = Counter()
        self._init = init
        self._is_ready = False

    def nvmlInit(self):  # noqa: N802
        self.called["nvmlInit"] += 1
        if self._init:
            raise NVMLError(self._init)
        self._is_ready = True

    def nvmlDeviceGetCount(self):  # noqa: N802
        if not self._is_ready:
            raise NVMLError(UNINITIALIZED)
        return len(self.boards)

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        return self._of(self.boards[index], "nvmlDeviceGetHandleByIndex")

    def nvmlDeviceGetMigDeviceHandleByIndex(self, device, index):  # noqa: N802
        if device.instances[index] is None:
            raise NVMLError(Code.NOT_FOUND)
        return device.instances[index]

    def nvmlDeviceGetMemoryInfo(self, handle, version=None):  # noqa: N802
        board = self._of(handle, f"nvmlDeviceGetMemoryInfo v{2 if version else 1}")
        reserved = 0 if version else GIB // 2
        return SimpleNamespace(total=board.total, used=board.used + reserved)

    def nvmlDeviceGetUtilizationRates(self, handle):  # noqa: N802
        board = self._of(handle, "nvmlDeviceGetUtilizationRates")
        if isinstance(board, Instance) or board.instances:
            raise NVMLError(Code.NOT_SUPPORTED)
        return SimpleNamespace(gpu=83, memory=41)

    def nvmlDeviceGetComputeRunningProcesses(self, handle):  # noqa: N802
        board = self._of(handle, "nvmlDeviceGetComputeRunningProcesses")
        return [
            SimpleNamespace(pid=pid, usedGpuMemory=used)
            for pid, used in getattr(board, "processes", {}).items()
        ]

    def nvmlDeviceGetProcessUtilization(self, handle, time_stamp):  # noqa: N802
        board = self._of(handle, "nvmlDeviceGetProcessUtilization")
        new = [one for one in board.samples if one[1] > time_stamp]
        if not new:
            raise NVMLError(Code.NOT_FOUND)
        return [
            SimpleNamespace(pid=pid, timeStamp=at, smUtil=sm, memUtil=memory)
            for pid, at, sm, memory in new
        ]

    def nvmlSystemGetDriverVersion(self):  # noqa: N802
        return "570.86.15"

    def nvmlSystemGetCudaDriverVersion(self):  # noqa: N802
        return 12080

    def __getattr__(self, name: str) -> object:
        """Answer what needs no more than the board and a number."""
        if name not in _ANSWERS:
            raise AttributeError(name)
        return lambda handle, *rest: _ANSWERS[name](self._of(handle, name), *rest)

    def _of(self, board, name: str):
        self.called[name] += 1
        if getattr(board, "lost", False):
            raise NVMLError(Code.GPU_IS_LOST)
        code = getattr(board, "answers", {}).get(name)
        if code is not None:
            raise NVMLError(code)
        return board


_ANSWERS = {
    "nvmlDeviceGetName": lambda board: board.name,
    "nvmlDeviceGetUUID": lambda board: board.uuid,
    "nvmlDeviceGetMigMode": lambda board: [int(bool(board.instances))] * 2,
    "nvmlDeviceGetMaxMigDeviceCount": lambda board: len(board.instances),
    "nvmlDeviceGetTemperature": lambda _, __: 61,
    "nvmlDeviceGetPowerUsage": lambda _: 287_500,
    "nvmlDeviceGetEnforcedPowerLimit": lambda _: 400_000,
    "nvmlDeviceGetFanSpeed": lambda _: 30,
    "nvmlDeviceGetClockInfo": lambda _, kind: {1: 1410, 2: 1593}[kind],
    "nvmlDeviceGetEncoderUtilization": lambda _: [7, 167_000],
    "nvmlDeviceGetMemoryErrorCounter": lambda _, kind, __, ___: {0: 3, 1: 0}[kind],
    "nvmlDeviceGetCurrPcieLinkGeneration": lambda _: 4,
    "nvmlDeviceGetCurrPcieLinkWidth": lambda _: 16,
    "nvmlDeviceGetPcieThroughput": lambda _, counter: {0: 1_500_000, 1: 250_000}[counter],
    "nvmlDeviceGetNumGpuCores": lambda _: 6912,
}
