"""How soon the table of runs is there, and how it scrolls and searches; never asserted.

    python tests/benchmarks/bench_table.py

A real JupyterLab and a real Chromium; times are the browser's. "Blank" is for how long a
line that can be seen shows no run yet, while the wheel turns by 120 or 600 pixels in each
frame, and after a jump to another place. "Key" is from a search that changes to painted
rows. Beside the times stands what the server's processor did, which other work changes less.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from browser.conftest import ARGUMENTS, BROWSERS, SCREEN
from browser.page import LabPage
from browser.server import LabServer
from many_runs import multiply, write_runs

FEW, TIMES_MORE = 1_000, 99
TRIES = 3
JUMPS = (0.4, 0.8, 0.1, 0.95, 0.5, 0.2)
# Each finds another number of runs than the one before: that is how an answer is seen.
SEARCHES = ("otter", "otter-1", "otter-12", "brave", "brave-otter", "", "config.lr < 0.01", "")
OPEN = """charts => new Promise((resolve, reject) => {
  const base = window.location.pathname.replace(/lab.*/, "");
  localStorage.setItem("nbtrack.table:" + base, JSON.stringify({ charts }));
  const start = performance.now();
  const times = {};
  const look = () => {
    const now = performance.now() - start;
    const rows = document.querySelectorAll('.nbt-rt-line[data-kind="run"]').length;
    if (rows > 10) times.rows ??= now;
    const dots = document.querySelectorAll(".nbt-rt-dot").length;
    const drawn = document.querySelector(".nbt-rt-charts canvas") && dots > 10;
    if (drawn) times.charts ??= now;
    if (times.rows !== undefined && (!charts || times.charts !== undefined)) resolve(times);
    else if (now > 60_000) reject(new Error("nothing in a minute"));
    else requestAnimationFrame(look);
  };
  void window.jupyterapp.commands.execute("nbtrack:open-table");
  look();
})"""
BLANK = """const isBlank = grid => {
  const box = grid.getBoundingClientRect();
  const seen = [...grid.querySelectorAll(".nbt-rt-line")].filter(line => {
    const { top, bottom } = line.getBoundingClientRect();
    return bottom > box.top + 30 && top < box.bottom;
  });
  return seen.length < 5 || seen.some(line => line.dataset.kind !== "run");
};
const frame = async () => {
  await new Promise(requestAnimationFrame);
  await new Promise(resolve => setTimeout(resolve));
};
const grid = document.querySelector(".nbt-rt-grid");"""
TURN = f"""async pixels => {{
  {BLANK}
  grid.scrollTop = 0;
  let [worst, since] = [0, null];
  for (let turns = 0; turns < 150; turns++) {{
    grid.scrollTop += pixels;
    await frame();
    if (!isBlank(grid)) since = null;
    else worst = Math.max(worst, performance.now() - (since ??= performance.now()));
  }}
  return worst;
}}"""
JUMP = f"""async share => {{
  {BLANK}
  grid.scrollTop = share * grid.scrollHeight;
  const start = performance.now();
  do await frame(); while (isBlank(grid) && performance.now() - start < 20_000);
  return performance.now() - start;
}}"""
SEARCH = """async text => {
  const count = document.querySelector(".nbt-rt-count");
  const input = document.querySelector(".nbt-rt-bar input");
  const before = count.textContent;
  const start = performance.now();
  input.value = text;
  input.dispatchEvent(new Event("input"));
  while (count.textContent === before && performance.now() - start < 20_000) {
    await new Promise(requestAnimationFrame);
  }
  await new Promise(resolve => setTimeout(resolve));
  return performance.now() - start;
}"""


def main() -> None:
    """Print the table."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LabServer.start(Path(folder))
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        print(f"Python {sys.version.split()[0]}, Chromium {browser.version}")
        try:
            page = LabPage(browser.new_context(viewport=SCREEN).new_page(), server)
            write_runs(server.workspace, FEW)
            few_runs(page)
            multiply(server.workspace, TIMES_MORE)
            many_runs(page, server)
        finally:
            browser.close()
            server.stop()


def few_runs(page: LabPage) -> None:
    """Print how soon the table of a thousand runs is there, with charts of fifty."""
    rows, charts = [], []
    for attempt in range(TRIES + 1):
        page.start(workspace=f"table-{attempt}")
        times = page.page.evaluate(OPEN, True)  # noqa: FBT003 - a page takes no keywords
        rows.append(times["rows"])
        charts.append(times["charts"])
    # The server has not looked at the runs before the first try.
    say(f"{FEW:,} runs: rows", rows[1:], "", f"first time {rows[0]:,.0f}")
    say(f"{FEW:,} runs: charts of 50", charts[1:], "<= 1,000", f"first time {charts[0]:,.0f}")


def many_runs(lab: LabPage, server: LabServer) -> None:
    """Print how a table of a hundred thousand scrolls and searches."""
    lab.start(workspace="table-many")
    page = lab.page
    first = page.evaluate(OPEN, False)["rows"]  # noqa: FBT003 - as above
    page.wait_for_function(
        "() => document.querySelector('.nbt-rt-count').textContent.includes('100,000')",
        timeout=120_000,
    )
    page.wait_for_timeout(3_000)
    print(f"  100,000 runs: rows, the first time{first:>10,.0f} ms")
    say("  blank, wheel of 120 pixels", [page.evaluate(TURN, 120)], "<= 100")
    say("  blank, wheel of 600 pixels", [page.evaluate(TURN, 600)], "<= 100")
    say("  blank after a jump", [page.evaluate(JUMP, share) for share in JUMPS], "<= 100")
    searched, worked_s = with_work(server, lambda: searches(page))
    each_ms = 1_000 * worked_s / len(SEARCHES)
    say("  key to rows", searched, "<= 150", f"server's processor {each_ms:,.0f} ms each")


def searches(page: Page) -> list[float]:
    """Return how long each search took, milliseconds."""
    return [page.evaluate(SEARCH, text) for text in SEARCHES]


def with_work(server: LabServer, act: Callable[[], list[float]]) -> tuple[list[float], float]:
    """Return what something came to, and the seconds that the server's processor worked."""
    process = psutil.Process(server.process.pid)
    before, begun_s = process.cpu_times(), time.monotonic()
    found = act()
    after = process.cpu_times()
    idle_s = time.monotonic() - begun_s
    return found, min(idle_s, after.user + after.system - before.user - before.system)


def say(what: str, times_ms: list[float], promise: str, more: str = "") -> None:
    """Print a line: the median and the worst."""
    middle, worst = statistics.median(times_ms), max(times_ms)
    print(f"  {what:<34}{middle:>8,.0f} ms, worst {worst:>7,.0f}   {promise:<9} {more}")


if __name__ == "__main__":
    main()
