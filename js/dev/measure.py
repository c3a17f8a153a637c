"""Measure what an update costs: 20 charts of 2,000 points, all of them in view.

Build the page first (`node build.mjs dev`). Prints milliseconds of JavaScript per update:
taking the message in, and drawing all charts in one animation frame.
"""
# ruff: noqa: INP001, T201  (a script beside the npm package that prints what it measured)

import shutil
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright
from shoot import ARGUMENTS

PAGE = (Path(__file__).parent / "index.html").as_uri()

TIMED = """
window.frames_ms = [];
const plain = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => plain((now) => {
  const start = performance.now();
  callback(now);
  window.frames_ms.push(performance.now() - start);
});
"""

ROUNDS = """
async ([rounds, rows]) => {
  const quantile = (values, q) => values.sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];
  const taken = [];
  window.frames_ms.length = 0;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    nbt.source.append(rows);
    taken.push(performance.now() - start);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
  const drawn = window.frames_ms.filter((ms) => ms > 1);
  return {
    take_p50: quantile(taken, 0.5), take_p95: quantile(taken, 0.95),
    draw_p50: quantile(drawn, 0.5), draw_p95: quantile(drawn, 0.95),
    draws: drawn.length, canvases: document.querySelectorAll("canvas").length,
    heap_mb: performance.memory.usedJSHeapSize / 1e6,
  };
}
"""


def main() -> None:
    """Print one line per case."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1400})
        page.add_init_script(TIMED)
        for smoothing in ("0", "0.9"):
            query = {
                "charts": "20",
                "steps": "2000",
                "speed": "0",
                "height": "1300",
                "smoothing": smoothing,
            }
            page.goto(f"{PAGE}?{urlencode(query)}")
            page.wait_for_selector("canvas")
            page.wait_for_timeout(1500)
            found = page.evaluate(ROUNDS, [60, 10])
            print(f"smoothing {smoothing}:", {k: round(v, 2) for k, v in found.items()})
        browser.close()


if __name__ == "__main__":
    main()
