"""GPUs, as NVIDIA's library tells of them; no test needs one."""

import sys

import pytest
from nvmlkit import GIB, UNKNOWN, Board, FakeNvml, Instance

from nbtrack.capture import nvml as library
from nbtrack.capture.devices import visible_gpus
from nbtrack.capture.gpu import Gpus, begun, gpu_facts
from nbtrack.capture.nvml import Code
from nbtrack.errors import Error

PID, CHILD, STRANGER = 100, 101, 999
A, B, C = "GPU-8932f937-d72c", "GPU-89ff0000-0000", "GPU-aaaa0000-0000"


def gpus(nvml: FakeNvml | None, told: list | None = None, **how) -> Gpus:
    how = {"pids": lambda: frozenset({PID, CHILD}), "visible": lambda: None, **how}
    tell = (lambda *said: told.append(said)) if told is not None else lambda *_: None
    return Gpus(lambda: nvml, tell=tell, **how)


def indices(nvml: FakeNvml, visible: str | None, ids=None) -> list[int]:
    nvml.nvmlInit()
    return [gpu.index for gpu in visible_gpus(nvml, visible, ids)]


def test_readings_have_the_fields_names_and_units():
    values = gpus(FakeNvml(Board(A))).read()

    assert values == {
        "gpu.0.gpu": 83.0,
        "gpu.0.memory": 41.0,
        "gpu.0.memoryAllocatedBytes": 20.0 * GIB,
        "gpu.0.memoryAllocated": 25.0,
        "gpu.0.temp": 61.0,
        "gpu.0.powerWatts": 287.5,
        "gpu.0.enforcedPowerLimitWatts": 400.0,
        "gpu.0.powerPercent": 71.875,
        "gpu.0.fanSpeed": 30.0,
        "gpu.0.smClock": 1410.0,
        "gpu.0.memoryClock": 1593.0,
        "gpu.0.encoderUtilization": 7.0,
        "gpu.0.correctedMemoryErrors": 3.0,
        "gpu.0.uncorrectedMemoryErrors": 0.0,
        "gpu.0.pcieLinkGen": 4.0,
        "gpu.0.pcieLinkWidth": 16.0,
        "gpu.0.pcieSentMBps": 1500.0,
        "gpu.0.pcieReceivedMBps": 250.0,
    }


def test_every_function_that_is_called_is_one_of_the_library():
    import pynvml

    names = [name for name in library.Nvml.__annotations__ if name.startswith("nvml")]

    assert names
    assert all(callable(getattr(pynvml, name)) for name in names)
    assert {code.name: code for code in Code} == {
        "INVALID_ARGUMENT": pynvml.NVML_ERROR_INVALID_ARGUMENT,
        "NOT_SUPPORTED": pynvml.NVML_ERROR_NOT_SUPPORTED,
        "NO_PERMISSION": pynvml.NVML_ERROR_NO_PERMISSION,
        "NOT_FOUND": pynvml.NVML_ERROR_NOT_FOUND,
        "DRIVER_NOT_LOADED": pynvml.NVML_ERROR_DRIVER_NOT_LOADED,
        "LIBRARY_NOT_FOUND": pynvml.NVML_ERROR_LIBRARY_NOT_FOUND,
        "FUNCTION_NOT_FOUND": pynvml.NVML_ERROR_FUNCTION_NOT_FOUND,
        "GPU_IS_LOST": pynvml.NVML_ERROR_GPU_IS_LOST,
        "RESET_REQUIRED": pynvml.NVML_ERROR_RESET_REQUIRED,
        "VERSIONS_DIFFER": pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH,
        "NO_ECC_ON_VGPU": pynvml.NVML_ERROR_VGPU_ECC_NOT_SUPPORTED,
        "NOT_THIS_VERSION": pynvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH,
        "GPU_NOT_FOUND": pynvml.NVML_ERROR_GPU_NOT_FOUND,
    }
    assert pynvml.nvmlMemory_v2 == library.MEMORY_WITHOUT_RESERVED
    assert (library.CLOCK_SM, library.CLOCK_MEMORY) == (pynvml.NVML_CLOCK_SM, pynvml.NVML_CLOCK_MEM)
    assert library.DEVICE_MEMORY == pynvml.NVML_MEMORY_LOCATION_DEVICE_MEMORY
    assert library.PCIE_RECEIVED == pynvml.NVML_PCIE_UTIL_RX_BYTES


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, [0, 1, 2]),
        ("", []),
        ("2,0", [2, 0]),
        (" 1 , 1", [1]),
        ("0,-1,2", [0]),
        ("0,7,2", [0]),
        ("NoDevFiles", []),
        ("GPU-8932,2", [0, 2]),
        ("GPU-89", []),
        ("GPU-aaaa0000-0000", [2]),
        ("MIG-1234", []),
    ],
    ids=[
        *("unset", "empty", "numbers", "one-twice", "minus-one-ends", "unknown-ends", "a-word"),
        *("beginning-of-a-uuid", "two-fit", "whole-uuid", "no-mig"),
    ],
)
def test_the_gpus_are_those_that_cuda_sees(visible, expected):
    assert indices(FakeNvml(Board(A), Board(B), Board(C)), visible) == expected


def test_gpus_that_were_asked_for_beat_those_that_cuda_sees():
    told: list = []
    nvml = FakeNvml(Board(A), Board(B))

    values = gpus(nvml, told, ids=(1, 5), visible=lambda: "0").read()

    assert {name.split(".")[1] for name in values} == {"1"}
    ((level, _, text),) = told
    assert level == "warning"
    assert text.startswith("There is no GPU 5 as x_stats_gpu_device_ids asks for")


def test_a_variable_that_a_cell_sets_later_counts_from_then_on():
    visible = ["0"]
    watched = gpus(FakeNvml(Board(A), Board(B)), visible=lambda: visible[0])
    assert "gpu.0.temp" in watched.read()

    visible[0] = "1"

    assert {name.split(".")[1] for name in watched.read()} == {"1"}


@pytest.mark.parametrize("named", ["MIG-2222", "MIG-GPU-8932f937-d72c/2/0"])
def test_an_instance_of_mig_has_its_own_memory_and_its_boards_sensors(named):
    instances = [None, Instance("MIG-1111-x"), Instance(f"{named}", used=5 * GIB)]
    told: list = []

    values = gpus(FakeNvml(Board(A, instances=instances)), told, visible=lambda: named).read()

    assert values["gpu.0.memoryAllocated"] == 50.0
    assert values["gpu.0.powerWatts"] == 287.5
    assert "gpu.0.gpu" not in values
    assert [level for level, *_ in told] == ["info"]


def test_what_one_gpu_does_not_support_is_left_out_and_said_once():
    told: list = []
    answers = {
        "nvmlDeviceGetFanSpeed": Code.NOT_SUPPORTED,
        "nvmlDeviceGetPowerUsage": Code.NOT_SUPPORTED,
        "nvmlDeviceGetMemoryErrorCounter": Code.NO_PERMISSION,
    }
    nvml = FakeNvml(Board(A, "NVIDIA T4", answers=answers), Board(B))
    watched = gpus(nvml, told)

    for _ in range(3):
        values = watched.read()

    assert "gpu.0.powerWatts" not in values
    assert "gpu.0.powerPercent" not in values
    assert values["gpu.0.temp"] == 61.0
    assert values["gpu.1.powerWatts"] == 287.5
    ((level, cause, text),) = told
    assert (level, cause) == ("info", "system: NVIDIA T4")
    assert text == (
        "Not recorded of NVIDIA T4: power, fan, corrected memory errors, uncorrected memory "
        'errors. NVML answers "Not Supported", "Insufficient Permissions". Everything else is.'
    )
    assert nvml.called["nvmlDeviceGetFanSpeed"] == 1 + 3  # of the other board


def test_a_reading_that_fails_for_a_moment_is_tried_again():
    board = Board(A, answers={"nvmlDeviceGetTemperature": UNKNOWN})
    told: list = []
    watched = gpus(FakeNvml(board), told)
    assert "gpu.0.temp" not in watched.read()

    board.answers.clear()

    assert watched.read()["gpu.0.temp"] == 61.0
    assert told == []


def test_a_gpu_that_disappears_is_told_and_the_others_go_on():
    board, told = Board(A), []
    nvml = FakeNvml(board, Board(B))
    watched = gpus(nvml, told)
    watched.read()

    board.lost = True
    seen = [any(name.startswith("gpu.0.") for name in watched.read()) for _ in range(6)]
    lost_at = nvml.called["nvmlDeviceGetUtilizationRates"]
    board.lost = False
    back = [any(name.startswith("gpu.0.") for name in watched.read()) for _ in range(8)]

    assert not any(seen)
    assert "gpu.1.temp" in watched.read()
    assert lost_at < 2 * 7  # it is not asked every time
    assert back[-1]
    causes = {cause for _, cause, _ in told}
    assert causes == {"system: GPU 0 is gone"}
    assert 'NVML says "GPU is lost"' in told[0][2]


def test_a_gpu_that_is_lost_from_the_beginning_hides_no_other():
    assert indices(FakeNvml(Board(A, lost=True), Board(B)), None) == [1]


@pytest.mark.parametrize("code", [Code.LIBRARY_NOT_FOUND, Code.DRIVER_NOT_LOADED])
def test_a_machine_without_a_driver_has_no_gpus_and_nobody_is_told(code):
    told: list = []
    nvml = FakeNvml(init=code)

    watched = gpus(nvml, told)

    assert [watched.read(), watched.read(), told] == [{}, {}, []]
    assert nvml.called["nvmlInit"] == 1
    assert gpu_facts(begun(lambda: None)) == {"gpu_count": 0}


def test_a_driver_that_was_updated_under_a_running_machine_is_told_with_what_helps():
    with pytest.raises(Error, match=r"different versions.*Restart the machine"):
        gpus(FakeNvml(Board(A), init=Code.VERSIONS_DIFFER)).read()


def test_memory_and_load_of_our_own_processes_are_told_apart():
    board = Board(
        A,
        processes={PID: 8 * GIB, CHILD: 2 * GIB, STRANGER: 10 * GIB},
        samples=[(PID, 1, 90, 9), (PID, 5, 40, 4), (CHILD, 5, 10, 1), (STRANGER, 5, 50, 5)],
    )
    watched = gpus(FakeNvml(board))

    first, second = watched.read(), watched.read()

    assert first["gpu.process.0.memoryAllocatedBytes"] == 10.0 * GIB
    assert first["gpu.process.0.memoryAllocated"] == 12.5
    assert (first["gpu.process.0.gpu"], first["gpu.process.0.memory"]) == (50.0, 5.0)
    assert second["gpu.process.0.gpu"] == 0.0  # nobody has computed since


@pytest.mark.parametrize("processes", [{}, {STRANGER: GIB}, {PID: None}])
def test_where_nobody_says_whose_memory_it_is_nothing_is_said_of_ours(processes):
    values = gpus(FakeNvml(Board(A, processes=processes))).read()

    assert not any(name.startswith("gpu.process.") for name in values)


@pytest.mark.parametrize("code", [Code.FUNCTION_NOT_FOUND, Code.NOT_THIS_VERSION])
def test_an_older_driver_counts_memory_in_its_own_way(code):
    board = Board(A, answers={"nvmlDeviceGetMemoryInfo v2": code})

    values = gpus(FakeNvml(board)).read()

    assert values["gpu.0.memoryAllocatedBytes"] == 20.5 * GIB


def test_throughput_takes_its_time_and_is_left_out_of_short_intervals():
    assert "gpu.0.pcieSentMBps" not in gpus(FakeNvml(Board(A)), interval_s=0.5).read()


def test_the_gpus_of_a_machine_are_named():
    nvml = FakeNvml(Board(A), Board(B, "NVIDIA T4", answers={"nvmlDeviceGetNumGpuCores": 3}))
    nvml.nvmlInit()

    assert gpu_facts(nvml) == {
        "gpu": "NVIDIA A100-SXM4-80GB",
        "gpu_count": 2,
        "gpu_devices": [
            {
                "index": 0,
                "name": "NVIDIA A100-SXM4-80GB",
                "uuid": A,
                "memory_total": 80 * GIB,
                "cuda_cores": 6912,
            },
            {"index": 1, "name": "NVIDIA T4", "uuid": B, "memory_total": 80 * GIB},
        ],
        "gpu_driver": "570.86.15",
        "cuda_version": "12.8",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="there pynvml looks for the library itself")
def test_without_a_driver_pynvml_is_not_even_loaded(monkeypatch):
    monkeypatch.setattr(library, "LIBRARY", "libnvidia-ml-that-nobody-has.so.1")

    assert library.load() is None
