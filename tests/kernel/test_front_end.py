"""Kernels of a Jupyter server: live panels, and what the server and the notebook keep."""

import json
import os
from pathlib import Path

import pytest
from kernel.process import Kernel

from nbtrack import panels
from nbtrack.kernel.surroundings import announce

WIDGET = "application/vnd.jupyter.widget-view+json"
OPEN = "import nbtrack; run = nbtrack.init(project='front', name='otter'); run.display()"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return what a Jupyter server tells its kernels."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    content = json.dumps({"root_dir": str(tmp_path), "pid": os.getpid()})
    (runtime / f"jpserver-{os.getpid()}.json").write_text(content)
    return {
        "JPY_SESSION_NAME": str(tmp_path / "train.ipynb"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
    }


def test_a_run_knows_its_notebook_and_its_kernel(kernel: Kernel) -> None:
    kernel.run(OPEN)

    opened = kernel.only_run().opened
    assert opened.notebook == str(kernel.folder / "train.ipynb")
    [file] = kernel.folder.glob("kernel-*.json")
    assert opened.owner.kernel_id == file.stem.removeprefix("kernel-")


def test_the_server_is_told_of_the_workspace(kernel: Kernel) -> None:
    kernel.run(OPEN)

    [file] = (kernel.folder / "runtime/nbtrack-workspaces").iterdir()
    assert json.loads(file.read_text()) == {"path": str(kernel.root)}


def test_shutting_down_leaves_a_picture_in_the_notebook(kernel: Kernel) -> None:
    """Whoever opens the notebook tomorrow sees the run, not a dead widget."""
    ran = kernel.run(OPEN)
    kernel.run("for i in range(20): run.log({'loss': 1 / (i + 1)})")

    kernel.shut_down()

    assert ran.bundles()[0][panels.MIME_TYPE]["snapshot"]["run"]["state"] == "running"
    card = kernel.last_bundles()[-1]
    assert WIDGET not in card
    assert card[panels.MIME_TYPE]["snapshot"]["run"]["state"] == "finished"
    assert "finished" in card["text/plain"]


def test_finishing_in_a_later_cell_leaves_a_picture_in_the_first(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.log({'loss': 1})")

    bundles = kernel.run("run.finish()").bundles()

    assert "finished" in bundles[-1]["text/plain"]
    assert WIDGET not in bundles[-1]


def test_a_stop_leaves_a_picture_too(kernel: Kernel) -> None:
    kernel.run(OPEN)

    bundles = kernel.run("%nbtrack stop").bundles()

    assert "killed" in bundles[-1]["text/plain"]


def test_unloading_leaves_pictures(kernel: Kernel) -> None:
    kernel.run(OPEN)

    bundles = kernel.run("%unload_ext nbtrack").bundles()

    assert WIDGET not in bundles[-1]
    assert kernel.run("run.log({'a': 1}); run.finish()").status == "ok"


def test_announcing_twice_is_one_announcement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    announce(tmp_path / ".nbtrack")
    announce(tmp_path / ".nbtrack")

    assert len(list((tmp_path / "runtime/nbtrack-workspaces").iterdir())) == 1
