"""How soon the sidebar is there, and how soon a key shows its runs, with very many of them.

A real JupyterLab and a real Chromium; times are the browser's, from the event to the frame
in which the rows are painted. Besides, what the server alone takes. Printed, never asserted.
The workspaces are made once, which takes some minutes.

    make bench
    python tests/benchmarks/bench_sidebar.py
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.conftest import ARGUMENTS, BROWSERS, SCREEN
from browser.page import LabPage
from browser.server import LabServer
from bundles import LAB_SCRIPTS, LIST_AND_TABLE, needed_by
from many_runs import made

from nbtrack.query import Choice, RunIndex, Shortlist
from nbtrack.store import RunFacts

TIMES = 5
KEYS = ("4", "42", "421", "42", "4", "", "br", "brave-o", "config.lr < 0.1", "config.lr < 0.01")
FILTERED = "config.lr < 0.01 and summary.acc > 0.9"
TO_ROWS = """() => new Promise((resolve, reject) => {
  const start = performance.now();
  const look = () => {
    if (document.querySelector("#nbtrack-sidebar .nbt-lab-run[data-uid]")?.checkVisibility()) {
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    } else requestAnimationFrame(look);
  };
  setTimeout(() => reject(new Error("no rows in 30 s")), 30_000);
  window.jupyterapp.shell.activateById("nbtrack-sidebar");
  look();
})"""
TO_FOUND = """text => new Promise((resolve, reject) => {
  const said = document.querySelector(".nbt-lab-said");
  const input = document.querySelector(".nbt-lab-search");
  const start = performance.now();
  const watcher = new MutationObserver(() => {
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  });
  watcher.observe(said, { childList: true, characterData: true, subtree: true });
  setTimeout(() => reject(new Error(`nothing new for ${text} in 10 s`)), 10_000);
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def main() -> None:
    """Print the table."""
    # Kernels that are told of a test hold their output back.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    for count in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            server = LabServer.start(Path(folder))
            shutil.copytree(made(count), server.workspace)
            found = next(filter(None, map(shutil.which, BROWSERS)))
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
            try:
                page = LabPage(browser.new_context(viewport=SCREEN).new_page(), server)
                report(in_the_browser(page, count))
            finally:
                browser.close()
                server.stop()
    report(on_the_server())
    report(on_the_wire())


def report(cases: Iterator[tuple[str, str, str]]) -> None:
    """Print what, how much, and what was promised."""
    for what, value, promise in cases:
        print(f"  {what:<58}{value:>22}   {promise}".rstrip(), flush=True)


def in_the_browser(page: LabPage, count: int) -> Iterator[tuple[str, str, str]]:
    """Yield what somebody waits for who opens the list and types."""
    runs = f"{count:,} runs"
    page.start(workspace=f"bench-{count}")
    page.page.wait_for_timeout(3_000)  # as somebody who looks round before
    yield (
        f"{runs}: sidebar opened, first rows",
        f"{page.page.evaluate(TO_ROWS):.0f} ms",
        "<= 500 ms",
    )
    again = [opened_again(page) for _ in range(TIMES)]
    yield f"{runs}: opened again, median of {TIMES}", f"{statistics.median(again):.0f} ms", ""
    page.page.wait_for_timeout(500)  # what the list says once more is no answer to a key
    times = [page.page.evaluate(TO_FOUND, text) for _ in range(TIMES) for text in (*KEYS, "")]
    late = statistics.quantiles(times, n=20)[-1]
    shown = f"{statistics.median(times):.0f} ms, p95 {late:.0f}, most {max(times):.0f}"
    yield f"{runs}: key to painted rows, median of {len(times)}", shown, "<= 100 ms"
    filtered = [page.page.evaluate(TO_FOUND, text) for _ in range(TIMES) for text in (FILTERED, "")]
    value = f"{statistics.median(filtered[::2]):.0f} ms"
    yield f"{runs}: the same for a filter of two values", value, "<= 100 ms"


def on_the_wire() -> Iterator[tuple[str, str, str]]:
    """Yield what a page loads, not compressed, as Jupyter's server sends it."""
    parts = {
        "every page loads": (needed_by("remoteEntry"), ""),
        "extension, until a run is opened": (needed_by(*LIST_AND_TABLE), "<= 250 kB"),
        "  with the panel and the comparison": (set(LAB_SCRIPTS.glob("*.js")), ""),
    }
    for what, (paths, promise) in parts.items():
        yield what, f"{sum(path.stat().st_size for path in paths) / 1e3:.0f} kB", promise


def opened_again(page: LabPage) -> float:
    """Hide the sidebar, show it, and return milliseconds to its first rows."""
    page.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.page.wait_for_timeout(200)
    milliseconds: float = page.page.evaluate(TO_ROWS)
    return milliseconds


def on_the_server() -> Iterator[tuple[str, str, str]]:
    """Yield what a key costs there, and how it grows with the runs."""
    changed, _ = RunIndex(made(10_000)).poll()
    costs = {}
    for count in (10_000, 100_000):
        runs = copies(changed, count)
        costs[count] = key_ms(runs)
        yield f"{count:,} runs: a key, server alone", f"{costs[count]:.0f} ms", ""
    yield "ten times as many runs take", f"x {costs[100_000] / costs[10_000]:.1f}", "x 10"


def copies(runs: list[RunFacts], count: int) -> dict[int, RunFacts]:
    """Return as many runs, of other names where there are not so many."""
    found = {}
    for number in range(count):
        facts = runs[number % len(runs)]
        opened = replace(facts.opened, name=f"{facts.opened.name}-{number}")
        found[number] = replace(facts, opened=opened)
    return found


def key_ms(runs: dict[int, RunFacts]) -> float:
    """Return milliseconds for a key after another, median of several."""
    shortlist: Shortlist[int] = Shortlist(Choice.parse(group_by=["project"]))
    shortlist.update(runs)
    times = []
    for text in ("b", "br", "bra", "brav", "brave"):
        began_s = time.perf_counter()
        shortlist = Shortlist(Choice.parse(search=text, group_by=["project"]), shortlist)
        shortlist.update(runs)
        shortlist.cut(0, 120)
        times.append((time.perf_counter() - began_s) * 1_000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
