"""How long notebooks and charts take to leave as files; printed, never asserted.

    python tests/benchmarks/bench_exports.py

A notebook of 50 cells with five panels of runs of 20 metrics x 1,000 points, a figure of
plotly, tables and Markdown with formulas. "Command" is `jupyter nbconvert` from its start
to its end, "start" is what it takes without doing anything, "stock" is what its own HTML
takes, and "page" is what nbtrack does of it once all is loaded. Commands take turns. Beside
the time there is that of the processor, which other work changes less.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import plotly.graph_objects as go
from large_store import pattern, write_run
from nbconvert.exporters import get_exporter

import nbtrack
from nbtrack.errors import MissingDependencyError
from nbtrack.query import ApiRun
from nbtrack.store import Ingester

TIMES = 5
PANELS = 5
STEPS, KEYS = 1_000, 20
TEXT = (
    "## Part {}\n\nWith $\\frac{{1}}{{n}}\\sum_i x_i$ and a table:\n\n| a | b |\n|--|--|\n| 1 | 2 |"
)
CODE = "for step in range(100):\n    run.log({'loss': 1 / (step + 1)})\nprint('done')"
TABLE = "<table>" + "<tr><td>1</td><td>2.5</td></tr>" * 20 + "</table>"

V4 = nbformat.v4


def main() -> None:
    """Print the table."""
    print(f"Python {sys.version.split()[0]}, {sys.platform}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / ".nbtrack"
        for number in range(PANELS):
            write_run(root, f"run-{number}", pattern(STEPS, KEYS, number), STEPS, number)
            Ingester(root).ingest(f"run-{number}")
        path = root.parent / "study.ipynb"
        nbformat.write(notebook(root), path)
        run = nbtrack.Api(root).run("run-0")
        comparison = nbtrack.compare([run], keys=run_keys(run), display=False)
        in_turns(
            ("nbconvert, start", start, ""),
            ("stock HTML, command", lambda: convert(path, "html"), ""),
            ("notebook to HTML, command", lambda: convert(path, "nbtrack"), "<= 3 s"),
        )
        for alone in (
            ("notebook to HTML, page", lambda: exported(path), ""),
            ("notebook to PDF, command", lambda: convert(path, "nbtrackpdf"), ""),
            ("chart to SVG", lambda: comparison.save_chart(root.parent / "a.svg"), ""),
            ("chart to PNG", lambda: comparison.save_chart(root.parent / "a.png"), ""),
        ):
            in_turns(alone)
        size = (root.parent / "study-nbtrack.html").stat().st_size
        print(f"  {'size of the HTML':<30}{size / 1e6:.2f} MB, 4.8 of them plotly.js")


def run_keys(run: ApiRun) -> list[str]:
    """Return five metrics of a run."""
    return list(run.history_keys["keys"])[:5]


def notebook(root: Path) -> nbformat.NotebookNode:
    """Return 50 cells, as an executed notebook has them."""
    api = nbtrack.Api(root)
    panels = [api.run(f"run-{number}")._repr_mimebundle_() for number in range(PANELS)]
    figure = go.Figure(go.Scatter(y=list(range(500))))
    shown = [*panels, {"application/vnd.plotly.v1+json": figure.to_plotly_json()}]
    shown += [{"text/html": TABLE, "text/plain": "table"}] * (25 - len(shown))
    cells = []
    for number, data in enumerate(shown):
        output = V4.new_output("display_data", data)
        cells.append(V4.new_markdown_cell(TEXT.format(number)))
        cells.append(V4.new_code_cell(CODE, execution_count=number, outputs=[output]))
    return V4.new_notebook(cells=cells)


def start() -> None:
    """Load nbconvert, and leave."""
    subprocess.run([sys.executable, "-c", "import nbconvert.nbconvertapp"], check=True)


def convert(path: Path, form: str) -> None:
    """Do what a user types."""
    command = [sys.executable, "-m", "nbconvert", "--to", form, "--log-level", "ERROR"]
    subprocess.run([*command, "--output", f"study-{form}", str(path)], check=True)


def exported(path: Path) -> None:
    """Do the same without the start of a process."""
    get_exporter("nbtrack")().from_filename(str(path))


def in_turns(*acts: tuple[str, Callable[[], object], str]) -> None:
    """Do some things one after the other, several times over, and print what each took."""
    taken: dict[str, list[tuple[float, float]]] = {what: [] for what, _, _ in acts}
    for _ in range(TIMES):
        for what, act, _ in acts:
            began_s, busy_s = time.perf_counter(), processor_s()
            try:
                act()
            except MissingDependencyError:
                continue
            taken[what].append((time.perf_counter() - began_s, processor_s() - busy_s))
    for what, _, promise in acts:
        print(f"  {what:<30}{told(taken[what])}   {promise}")


def told(taken: list[tuple[float, float]]) -> str:
    """Return the median of some times, and their spread."""
    if not taken:
        return "no Chromium is installed"
    walls, busy = zip(*taken, strict=True)
    spread = f"{min(walls):.2f} to {max(walls):.2f}"
    return f"{statistics.median(walls):.2f} s ({spread}), processor {statistics.median(busy):.2f} s"


def processor_s() -> float:
    """Return what this process and those it waited for have taken of the processor."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
