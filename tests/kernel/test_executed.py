"""Notebooks that nobody looks at: nbclient, nbconvert --execute, papermill."""

import json
import os
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.exporters import get_exporter
from traitlets.config import Config

from nbtrack import panels
from nbtrack.records import RunState
from nbtrack.reports import parcels_in
from nbtrack.store import Reader

ROOT = Path(__file__).parents[2]
WIDGET = "application/vnd.jupyter.widget-view+json"
OPEN = "import nbtrack; run = nbtrack.init(project='batch', name='otter')\nrun.display()"
LOG = "for i in range(20): run.log({'loss': 1 / (i + 1)})"


@pytest.fixture(autouse=True)
def batch_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels find nbtrack, and capture what is written to file descriptors."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)


def notebook(*cells: str) -> nbformat.NotebookNode:
    """Return a notebook of code cells."""
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return made


def executed(folder: Path, *cells: str) -> nbformat.NotebookNode:
    """Execute a notebook as nbconvert does."""
    made = notebook(*cells)
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"}
    client = NotebookClient(made, timeout=60, resources={"metadata": {"path": str(folder)}})
    client.execute(env=environment)
    return made


def card_of(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the one bundle that a cell shows."""
    [output] = [output for output in cell.outputs if output.output_type == "display_data"]
    return output.data


def test_an_executed_notebook_keeps_the_finished_run(tmp_path: Path) -> None:
    done = executed(tmp_path, OPEN, LOG, "run.finish()")

    card = card_of(done.cells[0])
    assert WIDGET not in card
    assert "image/svg+xml" in card["text/html"]
    assert "<script" not in card["text/html"]
    assert "finished" in card["text/plain"]
    assert card[panels.MIME_TYPE]["snapshot"]["run"]["state"] == "finished"
    assert "widgets" not in done.metadata
    nbformat.validate(done)


def test_the_picture_follows_the_cells_while_the_run_is_open(tmp_path: Path) -> None:
    done = executed(tmp_path, OPEN, LOG)

    run = card_of(done.cells[0])[panels.MIME_TYPE]["snapshot"]["run"]
    assert (run["state"], run["rows"]) == ("running", 20)
    [facts] = Reader(tmp_path / ".nbtrack").runs()
    assert facts.state is RunState.FINISHED


def test_a_run_as_last_expression_is_shown(tmp_path: Path) -> None:
    done = executed(tmp_path, OPEN.replace(".display()", ""), LOG, "run.finish()")

    assert "finished" in card_of(done.cells[0])["text/plain"]


def test_a_notebook_that_fails_leaves_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        executed(tmp_path, OPEN, LOG, "1 / 0")

    [facts] = Reader(tmp_path / ".nbtrack").runs()
    assert (facts.state, facts.rows) == (RunState.FAILED, 20)


def test_a_page_that_is_executed_and_exported_shows_how_the_runs_ended(tmp_path: Path) -> None:
    """As `jupyter nbconvert --to nbtrack --execute` does it in a CI job."""
    compared = "nbtrack.compare([run], keys='loss')"
    config = Config({"ExecutePreprocessor": {"enabled": True, "timeout": 60}})
    exporter = get_exporter("nbtrack")(config=config)

    page, _ = exporter.from_notebook_node(
        notebook(OPEN, LOG, "run.finish()", compared), {"metadata": {"path": str(tmp_path)}}
    )

    run, comparison = (parcel.bundle for parcel in parcels_in(page))
    assert run["snapshot"]["run"]["state"] == "finished"
    assert run["snapshot"]["run"]["rows"] == 20
    assert [one["name"] for one in comparison["comparison"]["runs"]] == ["otter"]


def test_papermill_is_a_notebook_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Config may change and a second run ends the first, as everywhere in notebooks."""
    monkeypatch.chdir(tmp_path)
    made = notebook(
        OPEN, "run.config['lr'] = 1; run.config['lr'] = 2", "nbtrack.init(project='batch').finish()"
    )
    for cell in made.cells:
        cell.metadata["tags"] = []
    (tmp_path / "in.ipynb").write_text(json.dumps(made))

    papermill.execute_notebook(
        "in.ipynb", "out.ipynb", kernel_name="python3", progress_bar=False, cwd=str(tmp_path)
    )

    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert "finished" in card_of(done.cells[0])["text/plain"]
    first = Reader(tmp_path / ".nbtrack").runs()[-1]
    assert first.config == {"lr": 2}
