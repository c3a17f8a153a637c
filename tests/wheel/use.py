"""Use an installed nbtrack as a stranger does: `pip install`, JupyterLab, nothing else.

Run with the Python of an environment into which only the wheel and JupyterLab went.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CELLS = """%load_ext nbtrack
import nbtrack
run = nbtrack.init(project="wheel")
for step in range(20): run.log({"train/loss": 1 / (step + 1)})
run.display()
run.finish()
import pathlib; print(pathlib.Path(nbtrack.__file__).parent)"""


def main() -> None:
    """Check what Jupyter finds, then run a notebook in a real kernel."""
    extensions, servers = told("labextension", "list"), told("server", "extension", "list")
    assert re.search(r"nbtrack-lab v\S+ enabled OK", extensions), extensions
    assert re.search(r"nbtrack\.lab enabled", servers), servers
    assert re.search(r"nbtrack\.lab\s+OK", servers), servers
    [settings] = Path(sys.prefix).glob("share/jupyter/labextensions/nbtrack-lab/schemas/*/*.json")
    assert settings.parts[-2:] == ("nbtrack-lab", "plugin.json"), settings
    assert json.loads(settings.read_text("utf-8"))["title"] == "nbtrack"
    with tempfile.TemporaryDirectory() as folder:
        outputs = executed(CELLS, Path(folder))
        assert (Path(folder) / ".nbtrack/nbtrack.duckdb").is_file()
    assert "application/vnd.nbtrack.run.v1+json" in outputs, outputs
    assert sys.prefix in outputs, "the notebook used another nbtrack than the installed one"
    print("the installed wheel gives the magics, the panel and the sidebar")


def told(*arguments: str) -> str:
    """Return what a command of Jupyter's prints, without colours."""
    command = [sys.executable, "-m", "jupyter", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)


def executed(source: str, folder: Path) -> str:
    """Run a cell per line in `folder` and return all outputs as JSON."""
    cells = [nbformat.v4.new_code_cell(line) for line in source.splitlines()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    return json.dumps([cell.outputs for cell in notebook.cells])


if __name__ == "__main__":
    main()
