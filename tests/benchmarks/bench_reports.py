"""How large reports are and how soon they are there; printed, never asserted.

    python tests/benchmarks/bench_reports.py

Values are noise in all their bits, which nothing can pack, and rows come up to 30 ms late:
real runs are smaller. Chromium opens the files without a network. "Ready" is from the
navigation's start to when every figure is live and the first chart, which is
scrolled to, is drawn.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from large_store import pattern, write_run
from playwright.sync_api import Browser, sync_playwright

from nbtrack import reports
from nbtrack.query import Comparison
from nbtrack.store import Ingester

TIMES = 5
LATE_US = 30_000
CASES = (
    ("200,000 points: 100 metrics", 2_000, 100, "<= 2.5 MB, ready <= 800 ms"),
    ("10 million points: 10 metrics", 1_000_000, 10, "<= 6 MB"),
    ("10 million points: one metric", 10_000_000, 1, "<= 6 MB"),
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY = """() => new Promise((done) => {
  const look = () => {
    // Charts are drawn where somebody sees them.
    document.querySelector("figure[data-nbtrack]")?.scrollIntoView();
    const drawn = document.querySelector("figure[data-nbtrack] canvas");
    if (document.documentElement.dataset.nbtrack === "ready" && drawn) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""


def main() -> None:
    """Print the table."""
    print(f"Python {sys.version.split()[0]}, {sys.platform}")
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder) / ".nbtrack"
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for number, (what, steps, keys, promise) in enumerate(CASES):
            uid = f"run-{number}"
            write_run(root, uid, pattern(steps, keys, number, jitter_us=LATE_US), steps, number)
            Ingester(root).ingest(uid)
            print(f"  {what:<34}{', '.join(measured(root, uid, browser))}   {promise}")
        browser.close()


def measured(root: Path, uid: str, browser: Browser) -> Iterator[str]:
    """Write the report of a run, and open it."""
    began_s = time.perf_counter()
    path = root.parent / f"{uid}.html"
    reports.write_report(Comparison.of_uids(root, [uid]), path)
    yield f"written in {time.perf_counter() - began_s:.2f} s"
    yield f"{path.stat().st_size / 1e6:.2f} MB"
    taken = [opened_ms(path, browser) for _ in range(TIMES)]
    spread = f"{min(taken):.0f} to {max(taken):.0f}"
    yield f"ready after {statistics.median(taken):.0f} ms ({spread})"


def opened_ms(path: Path, browser: Browser) -> float:
    """Open a file in a window of its own; return when it is ready."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(path.as_uri(), wait_until="commit")
    found = page.evaluate(READY)
    context.close()
    return float(found)


if __name__ == "__main__":
    main()
