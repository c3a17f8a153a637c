"""What ran, and on what hardware."""

import sys

import pytest

from nbtrack.capture import Scene, machine_facts, program_facts
from nbtrack.capture.hardware import processor_name
from nbtrack.capture.program import NO_PROGRAM
from nbtrack.settings import Settings


def scene(**changes) -> Scene:
    command = ("python", "train.py", "--api-key", "hunter2hunter2", "--lr", "0.1")
    told = {"folder": "/home/ada", "arguments": command[1:], "command": command, **changes}
    return Scene(told.pop("settings", Settings()), **told)


def test_a_script_is_told_with_its_arguments_and_without_its_secrets():
    found = program_facts(scene())

    assert found["program"] == "/home/ada/train.py"
    assert found["args"] == ["--api-key", "***", "--lr", "0.1"]
    assert found["command"] == "python train.py --api-key '***' --lr 0.1"
    assert found["executable"] == sys.executable
    assert str(found["python"]).startswith("CPython 3.")


def test_a_notebook_has_no_arguments_of_its_own():
    settings = Settings(notebook_name="/home/ada/train.ipynb")

    found = program_facts(scene(settings=settings, in_notebook=True))

    assert found["program"] == "/home/ada/train.ipynb"
    assert not {"args", "command"} & set(found)


@pytest.mark.parametrize(
    ("changes", "program"),
    [
        ({"arguments": ("-c",)}, NO_PROGRAM),
        ({"arguments": ("",)}, NO_PROGRAM),
        ({"arguments": ()}, NO_PROGRAM),
        ({"in_notebook": True}, NO_PROGRAM),
        ({"arguments": ("/abs/train.py",)}, "/abs/train.py"),
        ({"folder": ""}, "train.py"),
        ({"settings": Settings(program="mine.py")}, "mine.py"),
    ],
)
def test_the_program_is_what_was_started(changes, program):
    assert program_facts(scene(**changes))["program"] == program


def test_a_working_directory_that_is_gone_is_no_trouble(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    found = Scene(Settings())

    assert found.folder == ""
    assert "root" not in program_facts(found)


def test_a_disk_that_is_not_there_is_left_out_of_the_hardware():
    paths = ["/no/such/disk", "/"]

    found = machine_facts(scene(settings=Settings(x_stats_disk_paths=paths)))

    assert list(found["disk"]) == ["/"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags: a\n", "AMD EPYC 7B13"),
        ("processor: 0\nHardware\t: BCM2835\n", "BCM2835"),
        ("cpu\t\t: POWER9, altivec supported\n", "POWER9, altivec supported"),
    ],
    ids=["x86", "arm", "power"],
)
def test_a_processor_is_called_by_its_name(tmp_path, text, name):
    (tmp_path / "cpuinfo").write_text(text)

    assert processor_name(tmp_path / "cpuinfo") == name


def test_a_processor_without_a_name_is_called_by_its_kind(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor: 0\n")

    assert processor_name(tmp_path / "cpuinfo")
    assert processor_name(tmp_path / "nowhere")
