"""How soon a panel is on the screen, how often it moves, how soon Stop is heard.

A real JupyterLab and a real Chromium; times are the browser's, from the moment in which
it is told to run the cell. Printed, never asserted.

    make bench
    python tests/benchmarks/bench_panel.py --charts    only many and long charts, and others
"""

import gzip
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

import nbtrack

sys.path.insert(0, str(Path(__file__).parents[1]))

from board import Figure, printed, side_by_side
from browser.conftest import ARGUMENTS, BROWSERS, SCREEN
from browser.page import LabPage
from browser.panel import Panel
from browser.server import LabServer
from chart_cases import FIGURE_WIDGET, Wire, crowd, long_run, many_charts, plotly, scrolling, spike
from conftest import HOMES, JUPYTER
from peer_pages import peer_pages

TIMES = 3
LOAD = "%load_ext nbtrack"
OPEN = 'import nbtrack; run = nbtrack.init(project="bench"); run.display()'
SLEEPING = "import time\nwhile True:\n    run.log({'loss': 1.0, 'acc': 0.5}); time.sleep(0.02)"
COMPUTING = "while True:\n    run.log({'loss': sum(range(20_000)) * 1e-9})"
TO_CANVAS = """index => new Promise((resolve, reject) => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  const start = performance.now();
  const watcher = new MutationObserver(() => {
    if (!notebook.node.querySelector(".nbt canvas")) return;
    watcher.disconnect();
    resolve(performance.now() - start);
  });
  watcher.observe(notebook.node, { childList: true, subtree: true });
  setTimeout(() => reject(new Error("no canvas in 30 s")), 30_000);
  notebook.activeCellIndex = index;
  void commands.execute("notebook:run-cell");
})"""
TO_STOP = """() => new Promise((resolve, reject) => {
  const notebook = window.jupyterapp.shell.currentWidget.node;
  const press = name => [...notebook.querySelectorAll(".nbt button")]
    .find(button => button.textContent.trim() === name).click();
  press("Stop");
  const start = performance.now();
  const watcher = new MutationObserver(() => {
    // The panel that was pressed, or the saved one that takes its place.
    if (!notebook.querySelector(".nbt-state-box[data-state=killed]")) return;
    watcher.disconnect();
    resolve(performance.now() - start);
  });
  watcher.observe(notebook, { attributes: true, childList: true, subtree: true });
  setTimeout(() => reject(new Error("not stopped in 20 s")), 20_000);
  press("Stop run");
})"""


def main() -> None:
    """Print the table."""
    # Kernels that are told of a test hold their output back.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        move_into(Path(folder) / "home")
        server = LabServer.start(Path(folder))
        found = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            page = LabPage(browser.new_context(viewport=SCREEN).new_page(), server)
            wire = Wire(page.page)
            page.start(workspace="bench")
            cases = () if "--charts" in sys.argv else measured(page)
            found = printed(chain(bundles(), cases, charts(page, wire)))
            print(f"\n{side_by_side(found)}")
        finally:
            browser.close()
            server.stop()


def move_into(home: Path) -> None:
    """Let what is started from now on see nothing of the user's: no runs, no settings."""
    for name in (*HOMES, *JUPYTER):
        folder = home if name == "HOME" else home / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)


def bundles() -> Iterator[Figure]:
    """Yield how large the scripts are that a first view loads."""
    static = Path(nbtrack.__file__).parent / "panels" / "static"
    for name in ("panel.js", "comparison.js"):
        yield Figure(name, size_text(static / name), "<= 200 kB, 60 gzip", f"script, {name}")
    plotly = find_spec("plotly")
    if plotly is not None and plotly.origin is not None:
        script = Path(plotly.origin).parent / "package_data" / "widgetbundle.js"
        what = "plotly FigureWidget: its script"
        yield Figure(what, size_text(script), "", "script, panel.js", FIGURE_WIDGET)


def size_text(path: Path) -> str:
    """Return how large a script is, and how much of it travels."""
    text = path.read_bytes()
    return f"{len(text) / 1e3:.0f} kB, {len(gzip.compress(text, 9)) / 1e3:.0f} gzip"


def measured(page: LabPage) -> Iterator[Figure]:
    """Yield how soon there is a panel, and how it lives in a busy cell."""
    for what, loads in (("cell to first canvas", False), ("the same after %load_ext", True)):
        times = [to_canvas(page, f"canvas-{loads}-{n}.ipynb", loads=loads) for n in range(TIMES)]
        value = f"{statistics.median(times):.0f} ms"
        yield Figure(f"{what}, median of {TIMES}", value, "<= 1500 ms", what)
    for what, loop in (("sleeping", SLEEPING), ("computing", COMPUTING)):
        updates, stop_ms = in_a_busy_cell(page, f"busy-{what}.ipynb", loop)
        yield Figure(f"updates per second, {what} loop", f"{updates}", ">= 5")
        yield Figure(f"Stop to killed on the screen, {what} loop", f"{stop_ms:.0f} ms")


def charts(page: LabPage, wire: Wire) -> Iterator[Figure]:
    """Yield the numbers of many charts, of long ones, and of others beside them."""
    parts = {
        "many charts": many_charts(page, wire),
        "scrolling": scrolling(page),
        "a long run": long_run(page),
        "a spike": spike(page),
        "many runs": crowd(page),
        "plotly FigureWidget": plotly(page, wire),
    }
    for name, part in parts.items():
        yield from to_its_end(name, part)
    browser = page.page.context.browser
    if browser is not None:
        yield from peer_pages(browser)


def to_its_end(name: str, part: Iterator[Figure]) -> Iterator[Figure]:
    """Yield figures; what cannot be measured is said, and the others are measured all the same."""
    try:
        yield from part
    except (Error, AssertionError) as error:
        yield Figure(f"{name}: failed", (str(error).splitlines() or [""])[0][:60])


def to_canvas(page: LabPage, name: str, *, loads: bool) -> float:
    """Return milliseconds from running the cell to its panel's first canvas."""
    page.open(name, [LOAD if loads else "1", OPEN + "; run.log({'loss': 1.0})"])
    page.run(0)
    page.wait_idle()
    page.page.wait_for_timeout(1_500)  # as somebody who reads before going on
    milliseconds: float = page.page.evaluate(TO_CANVAS, 1)
    page.wait_idle()
    return milliseconds


def in_a_busy_cell(page: LabPage, name: str, loop: str) -> tuple[int, float]:
    """Return updates per second in a busy cell, and milliseconds from Stop to `killed`."""
    page.open(name, [OPEN, loop])
    page.run(0)
    page.wait_idle()
    page.run(1)
    panel = Panel(page.page.locator(".jp-NotebookPanel:visible"))
    panel.expect_to_move()
    updates = max(panel.updates_in_a_second() for _ in range(TIMES))
    panel.element.evaluate("element => element.scrollIntoView()")
    milliseconds: float = page.page.evaluate(TO_STOP)
    page.wait_idle()
    return updates, milliseconds


if __name__ == "__main__":
    main()
