"""Charts under load: many of them, long ones, and the same data as plotly's FigureWidget."""

import json
import re
import statistics
import time
from collections.abc import Iterator

from board import Figure
from browser.conftest import SCREEN
from browser.page import LabPage
from browser.panel import Panel
from large_store import pattern, write_run
from playwright.sync_api import Page, ViewportSize
from waiting import wait_until

from nbtrack.store import Ingester, Reader

CHARTS, LINES, POINTS = 20, 5, 2_000
SECONDS = 6
MEBIBYTE = 1 << 20
LARGE: ViewportSize = {"width": 2100, "height": 1500}
LONG_STEPS = 10_000_000
RUNS, RUN_STEPS = 1_000, 20_000

SPIKE_ROWS, SPIKE_AT = 1_000_000, 333_333
SPIKE = 94_321.5  # in no time and no count, and the same in 32 bits

FIGURE_WIDGET = "FigureWidget"
FIRST_CHARTS = f"{CHARTS} charts x {LINES} lines, first drawn"
HEAP, WIRE = "heap", "on the wire"
UPDATES, DRAWING = "updates per second, 10 asked", "drawing per update"
SPIKE_SHOWN = "a spike of one step is seen"

RUN = f"""
import math, time, nbtrack
run = nbtrack.init(project="bench")
def row(step):
    return {{f"m{{c}}/{{k}}": math.sin(step / (20 + c)) + 0.1 * k + 0.02 * ((step * 7919 + c) % 11)
            for c in range({CHARTS}) for k in range({LINES})}}
for step in range({POINTS}):
    run.log(row(step))
"""
SPIKED = f"""
import nbtrack
run = nbtrack.init(project="bench", name="spiked")
for step in range({SPIKE_ROWS}):
    run.log({{"loss": {SPIKE} if step == {SPIKE_AT} else 0.0}})
run.display()
"""
SHOW = "run.display(height=1300)"
LIVE = f"""
end = time.monotonic() + {SECONDS + 4}
step = {POINTS}
while time.monotonic() < end:
    run.log(row(step)); step += 1; time.sleep(0.1)
"""
PLOTLY = f"""
import math, time
import plotly.graph_objects as go
from IPython.display import display
def line(c, k, n={POINTS}):
    return [math.sin(s / (20 + c)) + 0.1 * k + 0.02 * ((s * 7919 + c) % 11) for s in range(n)]
figures = [go.FigureWidget([go.Scatter(y=line(c, k), mode="lines") for k in range({LINES})],
                           layout=dict(height=220, width=320)) for c in range({CHARTS})]
display(*figures)
"""
PLOTLY_LIVE = f"""
end = time.monotonic() + {SECONDS + 4}
rounds = 0
while time.monotonic() < end:
    began = time.monotonic()
    for c, figure in enumerate(figures):
        with figure.batch_update():
            for trace in figure.data:
                trace.y = tuple(trace.y[1:]) + (0.5,)
    rounds += 1
    time.sleep(max(0, 0.1 - (time.monotonic() - began)))
print(rounds)
"""

TIMED = """() => {
  window.nbtFrames = { ms: [], at: [] };
  if (window.nbtPlain) return;
  window.nbtPlain = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = callback => window.nbtPlain(now => {
    const start = performance.now();
    callback(now);
    const ms = performance.now() - start;
    if (ms > 0.5) { window.nbtFrames.ms.push(ms); window.nbtFrames.at.push(start); }
  });
}"""
SCROLL = """async ms => {
  const panel = [...document.querySelectorAll(".nbt-panel")].find(one => one.offsetParent);
  const most = panel.scrollHeight - panel.clientHeight;
  const start = performance.now();
  const gaps = [];
  let before = start;
  while (before - start < ms) {
    await new Promise(resolve => requestAnimationFrame(resolve));
    const now = performance.now();
    gaps.push(now - before);
    before = now;
    panel.scrollTop = most * (now - start) / ms;
  }
  gaps.sort((a, b) => a - b);
  return { frames: gaps.length / ms * 1000, slow: gaps[Math.floor(gaps.length * 0.95)], most };
}"""
FIRST = """({ index, selector, count }) => new Promise((resolve, reject) => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  const start = performance.now();
  const watcher = new MutationObserver(() => {
    if (notebook.node.querySelectorAll(selector).length < count) return;
    watcher.disconnect();
    resolve(performance.now() - start);
  });
  watcher.observe(notebook.node, { childList: true, subtree: true });
  setTimeout(() => reject(new Error(`no ${selector} in 120 s`)), 120_000);
  notebook.activeCellIndex = index;
  void commands.execute("notebook:run-cell");
})"""
COMPARED = """index => new Promise((resolve, reject) => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  const start = performance.now();
  let spent = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (entry.startTime > start) spent += entry.duration;
  }).observe({ type: "longtask" });
  const look = setInterval(() => {
    const cell = notebook.widgets[index].node;
    const note = cell.querySelector(".nbt-compare .nbt-card:not([data-waiting]) .nbt-note");
    if (!note?.textContent.includes("runs") || !cell.querySelector("canvas")) return;
    clearInterval(look);
    const ms = performance.now() - start;
    setTimeout(() => resolve([ms, spent]), 300);
  }, 10);
  setTimeout(() => reject(new Error("no chart in 60 s")), 60_000);
  notebook.activeCellIndex = index;
  void commands.execute("notebook:run-cell");
})"""
OPENED = """name => new Promise((resolve, reject) => {
  const start = performance.now();
  const watcher = new MutationObserver(() => {
    if (!document.querySelector(".nbt-lab-tab canvas")) return;
    watcher.disconnect();
    resolve(performance.now() - start);
  });
  watcher.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => reject(new Error("no canvas in 60 s")), 60_000);
  [...document.querySelectorAll("button")].find(one => one.textContent.includes(name)).click();
})"""
ZOOMED = """share => new Promise((resolve, reject) => {
  const card = document.querySelector(".nbt-lab-tab .nbt-card");
  const note = card.querySelector(".nbt-note");
  const over = card.querySelector(".nbt-over");
  const box = over.getBoundingClientRect();
  const at = (type, x) => {
    const place = { clientX: box.left + x * box.width, clientY: box.top + 20 };
    const event = new MouseEvent(type, { bubbles: true, view: window, movementX: 9, ...place });
    (type === "mouseup" ? document : over).dispatchEvent(event);
  };
  at("mouseenter", 0.4); at("mousemove", 0.4); at("mousedown", 0.4);
  at("mousemove", 0.4 + share);
  const start = performance.now();
  const before = note.textContent;
  const watcher = new MutationObserver(() => {
    if (note.textContent === before) return;
    watcher.disconnect();
    resolve([performance.now() - start, note.textContent]);
  });
  watcher.observe(note, { childList: true, characterData: true, subtree: true });
  setTimeout(() => reject(new Error(`still ${note.textContent}`)), 30_000);
  at("mouseup", 0.4 + share);
})"""


class Wire:
    """Counts what a page receives over its WebSockets.

    Attributes:
        received: Bytes.
    """

    def __init__(self, page: Page) -> None:
        self.received = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, payload: bytes | str) -> None:
        self.received += len(payload)


def many_charts(page: LabPage, wire: Wire) -> Iterator[Figure]:
    """Twenty charts of five lines, then a hundred of one."""
    page.page.set_viewport_size(LARGE)  # all twenty in view
    page.open("many.ipynb", [RUN, SHOW, LIVE])
    page.run(0)
    page.wait_idle()
    uid = Reader(page.server.workspace).runs()[0].opened.uid
    heap = heap_bytes(page)
    keep_overlays(page, uid)
    first = {"index": 1, "selector": ".nbt canvas", "count": 1}
    milliseconds = page.page.evaluate(FIRST, first)
    what = f"{CHARTS} charts x {LINES} lines: cell to canvas"
    yield Figure(what, f"{milliseconds:.0f} ms", "<= 1500 ms", FIRST_CHARTS)
    page.wait_idle()
    page.page.wait_for_timeout(1_000)
    spent = mebibytes(heap_bytes(page) - heap)
    yield Figure("  heap over bare JupyterLab", spent, "<= 40 MB", HEAP)
    yield from live(page, wire)
    page.wait_idle()


def live(page: LabPage, wire: Wire) -> Iterator[Figure]:
    """The same ten times a second."""
    page.run(2)
    panel = Panel(page.page.locator(".jp-NotebookPanel:visible"))
    panel.element.evaluate("element => element.scrollIntoView()")
    page.page.wait_for_timeout(1_000)
    page.page.evaluate(TIMED)
    began_s, start = time.monotonic(), wire.received
    updates = sum(panel.updates_in_a_second() for _ in range(SECONDS))
    elapsed_s = time.monotonic() - began_s
    frames = page.page.evaluate("window.nbtFrames.ms")
    yield Figure("  updates per second, 10 asked", f"{updates / SECONDS:.1f}", ">= 9", UPDATES)
    drawing = f"{sum(frames) / max(updates, 1):.1f} ms"
    yield Figure("  drawing per update", drawing, "<= 30 ms", DRAWING)
    worst = statistics.quantiles(frames, n=20)[-1] if len(frames) > 1 else 0
    yield Figure("  longest 5 % of the frames from", f"{worst:.1f} ms")
    speed = f"{(wire.received - start) / elapsed_s / 1e3:.0f} kB/s"
    yield Figure("  on the wire", speed, "<= 100 kB/s", WIRE)


def scrolling(page: LabPage) -> Iterator[Figure]:
    """A hundred charts, scrolled from end to end in three seconds, none of them drawn before."""
    page.page.set_viewport_size(SCREEN)
    page.open("scroll.ipynb", [RUN, "run.display(height=700)"])
    page.run(0)
    page.wait_idle()
    page.run(1)
    page.page.locator(".jp-NotebookPanel:visible .nbt canvas").first.wait_for()
    page.page.wait_for_timeout(1_000)
    for what in ("first time", "again"):
        found = page.page.evaluate(SCROLL, 3_000)
        text = f"{found['frames']:.0f}/s, p95 {found['slow']:.0f} ms"
        row = f"{CHARTS * LINES} charts scrolled, {what}"
        yield Figure(row, text, ">= 50/s", row)
        page.page.wait_for_timeout(500)


def long_run(page: LabPage) -> Iterator[Figure]:
    """A run of ten million points, opened from the sidebar."""
    write_run(page.server.workspace, "long", pattern(LONG_STEPS, 1, 7), LONG_STEPS, 0)
    Ingester(page.server.workspace).ingest_left_behind()
    sidebar = page.sidebar()
    name = "brave-otter-0"
    sidebar.get_by_text(name).first.wait_for()
    milliseconds = page.page.evaluate(OPENED, name)
    what = f"{LONG_STEPS:,} points: click to canvas"
    yield Figure(what, f"{milliseconds:.0f} ms", "<= 500 ms", what)
    slowest_ms = 0.0
    page.page.wait_for_timeout(500)
    for share in (0.2, 0.2, 0.1):
        milliseconds, note = page.page.evaluate(ZOOMED, share)
        slowest_ms = max(slowest_ms, milliseconds)
        yield Figure(f"  zoom to the exact window ({note})", f"{milliseconds:.0f} ms", "<= 300 ms")
        page.page.wait_for_timeout(500)
    row = f"{LONG_STEPS:,} points: zoom to the exact window"
    yield Figure("  slowest of them", f"{slowest_ms:.0f} ms", "<= 300 ms", row)


def spike(page: LabPage) -> Iterator[Figure]:
    """One step of a million, as the chart tells of it to those who cannot see."""
    page.open("spiked.ipynb", [SPIKED])
    page.run(0)
    page.wait_idle(timeout_s=120)
    chart = page.cell(0).locator(".nbt-plot").first
    wait_until(
        lambda: f"{SPIKE_ROWS:,}" in str(chart.get_attribute("aria-label")), what="all of it"
    )
    label = str(chart.get_attribute("aria-label"))
    value = "yes" if re.search(r"highest 94,?32[12]", label) else "no"
    yield Figure(f"a spike of one step in {SPIKE_ROWS:,} is seen", value, "yes", SPIKE_SHOWN)


def crowd(page: LabPage) -> Iterator[Figure]:
    """A thousand runs beside each other, on one metric."""
    root = page.server.workspace
    rows = [pattern(RUN_STEPS, 1, seed) for seed in range(16)]
    for number in range(RUNS):
        write_run(root, f"crowd-{number:04}", rows[number % 16], RUN_STEPS, number)
    Ingester(root).ingest_left_behind()
    for name, first in (
        ("import", "import nbtrack"),
        ("%load_ext", "import nbtrack\n%load_ext nbtrack"),
    ):
        found = [compared(page, f"crowd-{name[-6:]}-{n}.ipynb", first) for n in range(3)]
        milliseconds, spent = (statistics.median(values) for values in zip(*found, strict=True))
        what = f"{RUNS:,} runs of {RUN_STEPS:,} steps compared, after {name}"
        yield Figure(what, f"{milliseconds:.0f} ms", "<= 1500 ms", what)
        yield Figure("  of which the page's long tasks", f"{spent:.0f} ms")


def compared(page: LabPage, name: str, first: str) -> list[float]:
    """Return milliseconds from running the cell to the chart, and those of long tasks."""
    page.open(name, [first, "nbtrack.compare('digits', keys=['loss'], height=700)"])
    page.run(0)
    page.wait_idle()
    page.page.wait_for_timeout(1_500)  # as somebody who reads before going on
    found: list[float] = page.page.evaluate(COMPARED, 1)
    page.wait_idle()
    return found


def plotly(page: LabPage, wire: Wire) -> Iterator[Figure]:
    """The same data, each chart a FigureWidget."""
    page.page.set_viewport_size(LARGE)
    page.open("plotly.ipynb", [PLOTLY, PLOTLY_LIVE])
    heap = heap_bytes(page)
    first = {"index": 0, "selector": ".js-plotly-plot .main-svg", "count": CHARTS}
    milliseconds = page.page.evaluate(FIRST, first)
    what = "plotly FigureWidget: cell to all charts"
    yield Figure(what, f"{milliseconds:.0f} ms", "", FIRST_CHARTS, FIGURE_WIDGET)
    page.wait_idle()
    spent = mebibytes(heap_bytes(page) - heap)
    yield Figure("  heap over bare JupyterLab", spent, "", HEAP, FIGURE_WIDGET)
    page.page.evaluate(TIMED)
    began_s, start = time.monotonic(), wire.received
    page.run(1)
    page.page.wait_for_timeout(2_000)
    page.wait_idle(timeout_s=300)
    elapsed_s = time.monotonic() - began_s
    rounds = int("".join(page.outputs(1)[0].get("text", "")))
    updates = f"{rounds / (SECONDS + 4):.1f}"
    yield Figure("  rounds of updates per second, 10 asked", updates, "", UPDATES, FIGURE_WIDGET)
    frames = page.page.evaluate("window.nbtFrames.ms")
    drawing = f"{sum(frames) / max(rounds, 1):.1f} ms"
    yield Figure("  drawing per round, in frames alone", drawing, "", DRAWING, FIGURE_WIDGET)
    speed = f"{(wire.received - start) / elapsed_s / 1e3:.0f} kB/s"
    yield Figure("  on the wire", speed, "", WIRE, FIGURE_WIDGET)


def keep_overlays(page: LabPage, uid: str) -> None:
    """Let the browser remember that each chart holds five lines."""
    overlays = {f"m{c}/0": [f"m{c}/{k}" for k in range(1, LINES)] for c in range(CHARTS)}
    kept = json.dumps({"at": 1, "state": {"overlays": overlays}})
    page.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key_of(uid), kept])


def key_of(uid: str) -> str:
    """Return under which name a browser keeps the look of a run."""
    return f"nbtrack.view.{uid}"


def heap_bytes(page: LabPage) -> int:
    """Return the page's JavaScript heap after a collection."""
    return spent_bytes(page.page)


def spent_bytes(page: Page) -> int:
    """Return a page's JavaScript heap after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    size: int = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return size


def mebibytes(size: int) -> str:
    """Return a size as people read it."""
    return f"{size / MEBIBYTE:.1f} MiB"
