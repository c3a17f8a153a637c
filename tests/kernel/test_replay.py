"""A notebook that was tracked, made again from what the run knows of it."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from nbtrack.cli import main
from nbtrack.query import Api

ROOT = Path(__file__).parents[2]
CELLS = (
    "import random\nrandom.seed(7)\nweights = [random.random() for _ in range(4)]",
    "import nbtrack\nrun = nbtrack.init(project='replay', config={'lr': 0.1})",
    "1 / 0",
    """def train():
    for step in range(20):
        weights[step % 4] *= random.uniform(0.5, 1)
        run.log({'loss': sum(weights)})""",
    "train()",
    "%load_ext nbtrack\n!echo between",
    "train()\nrun.summary['verdict'] = 'good'\nrun.finish()",
)


def executed(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a notebook in a kernel of its own, as nbconvert and papermill do."""
    folder.mkdir()
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_CURRENT_TEST")


def test_the_notebook_of_a_run_makes_the_same_metrics_again(tmp_path, capsys) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    cells[2].metadata["tags"] = ["raises-exception"]
    executed(nbformat.v4.new_notebook(cells=cells), tmp_path / "first")
    [first] = Api(tmp_path / "first").runs("replay")

    path = tmp_path / "again.ipynb"
    code = main(["--dir", str(tmp_path / "first"), "reproduce", first.id, "-o", str(path)])
    executed(nbformat.read(path, as_version=4), tmp_path / "second")

    assert code == 0
    [second] = Api(tmp_path / "second").runs("replay")
    assert [cell["source"] for cell in second.cells()] == list(CELLS)
    assert second.config == first.config
    results = [{k: v for k, v in run.summary.items() if k[0] != "_"} for run in (first, second)]
    assert results[0] == results[1]
    assert set(results[0]) == {"loss", "verdict"}
    losses = [[row["loss"] for row in run.scan_history(keys=["loss"])] for run in (first, second)]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 40
