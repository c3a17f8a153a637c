"""TensorBoard's and trackio's own pages with the data of our charts, measured as ours.

Their environments are those of `peers/` and are not made here: a page that has none is
left out, and that is said.
"""

import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from board import Figure
from chart_cases import (
    CHARTS,
    FIRST_CHARTS,
    HEAP,
    LARGE,
    LINES,
    POINTS,
    SECONDS,
    SPIKE,
    SPIKE_AT,
    SPIKE_ROWS,
    SPIKE_SHOWN,
    UPDATES,
    mebibytes,
    spent_bytes,
)
from playwright.sync_api import Browser, Error, Page

sys.path.insert(0, str(Path(__file__).parent / "peers"))

from roster import TRACKERS, Tracker
from workplace import WorkerError, Workplace

SPIKE_LIMIT_S = 150
STARTING_S = 40
DRAWN = """function drawn(most, wide, high) {
  const found = [];
  const walk = root => {
    for (const one of root.querySelectorAll("*")) {
      if (one.tagName === "CANVAS") found.push(one);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  const seen = new OffscreenCanvas(wide, high).getContext("2d", { willReadFrequently: true });
  return found.filter(one => {
    const { top, bottom, width } = one.getBoundingClientRect();
    return width > 0 && bottom > 0 && top < innerHeight;
  }).slice(0, most).map(one => {
    seen.clearRect(0, 0, wide, high);
    if (one.width > 0) seen.drawImage(one, 0, 0, wide, high);
    return seen.getImageData(0, 0, wide, high).data;
  });
}"""
OPENED = f"""async count => {{
  {DRAWN}
  const isDrawn = data => data.some((value, i) => i % 4 === 3 && value > 0);
  for (;;) {{
    const pictures = drawn(99, 48, 32);
    if (pictures.length >= count && pictures.every(isDrawn)) return performance.now();
    if (performance.now() > 60_000) throw new Error(`${{pictures.length}} pictures in 60 s`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }}
}}"""
CHANGES = f"""async ms => {{
  {DRAWN}
  let [changes, before] = [0, ""];
  const end = performance.now() + ms;
  while (performance.now() < end) {{
    const now = drawn(1, 240, 160)[0]?.join() ?? "";
    if (before !== "" && now !== before) changes++;
    before = now;
    await new Promise(resolve => setTimeout(resolve, 50));
  }}
  return changes;
}}"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tracker's page.

    Attributes:
        name: What the table calls it.
        tracker: Whose environment it runs in.
        command: Arguments of its interpreter that serve a store on a port.
        path: Of the page with the charts.
        charts: How many it draws at once on a large screen.
    """

    name: str
    tracker: Tracker
    command: Callable[[Path, int], tuple[str, ...]]
    path: str
    charts: int


def tensorboard(store: Path, port: int) -> tuple[str, ...]:
    """Serve a folder of events."""
    served = ("--logdir", str(store), "--port", str(port), "--host", "127.0.0.1")
    return ("-m", "tensorboard.main", *served, "--load_fast", "false")


def trackio(_: Path, port: int) -> tuple[str, ...]:
    """Serve trackio's own store."""
    options = f"open_browser=False, block_thread=True, share=False, server_port={port}"
    return "-c", f"import trackio; trackio.show('peers', {options})"


def _of(name: str) -> Tracker:
    return next(one for one in TRACKERS if one.name == name)


PEERS = (
    Peer("TensorBoard", _of("tensorboardX"), tensorboard, "#timeseries", 12),
    Peer("trackio", _of("trackio"), trackio, "", 16),
)


def peer_pages(browser: Browser) -> Iterator[Figure]:
    """Yield what, how much, and nothing that was promised: they are others."""
    for peer in PEERS:
        if not peer.tracker.python.exists():
            yield Figure(f"{peer.name}: not measured", "make bench-peers installs it")
            continue
        try:
            yield from _curves(peer, browser)
            yield from _spike(peer, browser)
        except (WorkerError, Error, TimeoutError) as error:
            yield Figure(f"{peer.name}: failed", str(error).splitlines()[0][:60])


def _curves(peer: Peer, browser: Browser) -> Iterator[Figure]:
    """The same curves, then more of them ten times a second."""
    place = Workplace(peer.tracker)
    try:
        place.do("curves", lines=LINES, charts=CHARTS, steps=POINTS, rate=0)
        url = served(peer, place)
        times = [_opened(peer, browser, url)[0] for _ in range(3)]
        _, page = _opened(peer, browser, url)
        text = f"{statistics.median(times):.0f} ms"
        what = f"{peer.name}: address to the {peer.charts} charts that it draws"
        yield Figure(what, text, "", FIRST_CHARTS, peer.name)
        page.wait_for_timeout(1_000)
        yield Figure("  heap of its page", mebibytes(spent_bytes(page)), "", HEAP, peer.name)
        live = place.begin("curves", lines=1, charts=CHARTS, steps=10 * (SECONDS + 6), rate=10)
        page.wait_for_timeout(3_000)
        changes = page.evaluate(CHANGES, 1_000 * SECONDS)
        live.answer(60)
        page.context.close()
        what = "  updates per second of rows at 10 per second"
        yield Figure(what, f"{changes / SECONDS:.1f}", "", UPDATES, peer.name)
    finally:
        place.close()


def _spike(peer: Peer, browser: Browser) -> Iterator[Figure]:
    """One step of a million: does the page get to know of it?"""
    place = Workplace(peer.tracker)
    try:
        order = {"rows": SPIKE_ROWS, "at": SPIKE_AT, "value": SPIKE, "limit_s": SPIKE_LIMIT_S}
        count = place.do("spike", timeout_s=SPIKE_LIMIT_S + 120, **order)["rows"]
        if count <= SPIKE_AT:
            yield Figure(f"  a spike of one step: only {count:,} points in {SPIKE_LIMIT_S} s", "")
            return
        url = served(peer, place)
        page = browser.new_context(viewport=LARGE).new_page()
        texts: list[str] = []
        page.on("requestfinished", lambda request: texts.append(_said(request.response())))
        page.goto(url)
        page.evaluate(OPENED, 1)
        page.wait_for_timeout(2_000)
        page.context.close()
        came = any(str(SPIKE) in text for text in texts)
        what = f"  a spike of one step in {count:,} reaches its page"
        yield Figure(what, "yes" if came else "no", "", SPIKE_SHOWN, peer.name)
    finally:
        place.close()


def _said(response: object) -> str:
    try:
        return response.text()  # type: ignore[attr-defined,no-any-return]
    except (Error, UnicodeDecodeError, AttributeError):
        return ""  # no text


def _opened(peer: Peer, browser: Browser, url: str) -> tuple[float, Page]:
    """Open the page in a fresh profile; return milliseconds until its charts are drawn."""
    page = browser.new_context(viewport=LARGE).new_page()
    page.goto(url)
    milliseconds: float = page.evaluate(OPENED, peer.charts)
    return milliseconds, page


def served(peer: Peer, place: Workplace) -> str:
    """Serve a store and return the address of its page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    place.serve(*peer.command(place.store, port))
    end = time.monotonic() + STARTING_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(4)  # TensorBoard reads its events once it listens
                return f"http://127.0.0.1:{port}/{peer.path}"
        time.sleep(0.1)
    raise TimeoutError(f"its server did not begin within {STARTING_S} s")
