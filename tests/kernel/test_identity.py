"""Which notebook a run is of, in each place where notebooks run; nothing is said about it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbtrack.query import Api

ROOT = Path(__file__).parents[2]
SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
{before}
shell.run_cell("import nbtrack; nbtrack.init(project='p', settings={{'silent': True}}).finish()")
"""
CLIENT = """
import nbformat, sys
from nbclient import NotebookClient
cell = nbformat.v4.new_code_cell("import nbtrack; r = nbtrack.init(project='p'); r.finish()")
NotebookClient(nbformat.v4.new_notebook(cells=[cell]), timeout=60).execute()
"""
PAPERMILL = """
import nbformat, papermill
cell = nbformat.v4.new_code_cell("import nbtrack; r = nbtrack.init(project='p'); r.finish()")
nbformat.write(nbformat.v4.new_notebook(cells=[cell]), "in.ipynb")
papermill.execute_notebook("in.ipynb", "out.ipynb", progress_bar=False, kernel_name="python3")
"""
VSCODE = "shell.user_ns['__vsc_ipynb_file__'] = '/data/vscode.ipynb'"
COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')"


def run(folder: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTEST_CURRENT_TEST", None)
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize(
    ("before", "variables", "notebook"),
    [
        ("", {"JPY_SESSION_NAME": "/data/lab.ipynb"}, "/data/lab.ipynb"),
        (VSCODE, {}, "/data/vscode.ipynb"),
        (COLAB, {}, None),
        ("", {"NBTRACK_NOTEBOOK_NAME": "/data/mine.ipynb"}, "/data/mine.ipynb"),
        (VSCODE, {"WANDB_NOTEBOOK_NAME": "mine"}, "{}/mine"),
        ("", {}, None),
    ],
    ids=["jupyter", "vscode", "colab", "said", "said-as-elsewhere", "nowhere"],
)
def test_the_notebook_is_known_without_a_word(tmp_path, before, variables, notebook) -> None:
    done = run(tmp_path, SHELL.format(before=before), NBTRACK_DIR=str(tmp_path), **variables)

    [found] = Api(tmp_path).runs("p")
    expected = notebook and notebook.format(tmp_path)
    assert found._facts.opened.notebook == expected
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("code", [CLIENT, PAPERMILL], ids=["nbclient", "papermill"])
def test_a_notebook_that_is_run_inside_of_another_is_not_that_one(tmp_path, code) -> None:
    """The inner kernel inherits the outer one's variables."""
    done = run(tmp_path, code, JPY_SESSION_NAME="/data/outer.ipynb")

    [found] = Api(tmp_path).runs("p")
    assert found._facts.opened.notebook is None
    assert "nbtrack" not in done.stdout + done.stderr
