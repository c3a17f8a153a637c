"""What the server takes while twenty runs are live, and how late a page hears of a row.

    make bench
    python tests/benchmarks/bench_server.py [--seconds 20]

A real `jupyter lab`; 20 runs of one process log at 10 Hz, as their kernels would; one
socket has the list of runs and four have a run each, as the sidebar and four panels do.
A row holds the time at which it was logged: what is measured ends where the frame has
arrived at the page's end of the socket. Then `loop_probe` tells how long the server keeps
others waiting; what it takes itself is not counted. Printed, never asserted.
"""

import argparse
import asyncio
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from tornado.websocket import WebSocketClientConnection, websocket_connect

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.server import LabServer
from loop_probe import PLACE, begin, worst_between

RUNS, PANELS, HZ = 20, 4, 10
WIDE_KEYS, WIDE_ROWS = 500, 2_000
LEASE_S = 10.0
SETTLE_S = 3.0
TRAIN = f"""
import sys, threading, time
import nbtrack
runs = [nbtrack.init(project="bench", name=f"run-{{n}}", dir=sys.argv[1], reinit="create_new",
                     settings={{"silent": True}}) for n in range({RUNS})]
wide = nbtrack.init(project="bench", name="wide", dir=sys.argv[1], reinit="create_new",
                    settings={{"silent": True}})
for row in range({WIDE_ROWS}):
    wide.log({{f"metric-{{key}}": row / (key + 1) for key in range({WIDE_KEYS})}})
wide.finish()
print(*(run.uid for run in (*runs, wide)), flush=True)
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
step = 0
began = time.monotonic()
while not ended.wait(max(0.0, began + step / {HZ} - time.monotonic())):
    for run in runs:
        run.log({{"logged": time.time(), "loss": 1 / (step + 1), "acc": 0.5, "lr": 0.1, "n": step}})
    step += 1
for run in runs:
    run.finish()
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    with tempfile.TemporaryDirectory() as folder, probed(Path(folder)) as probe:
        server = LabServer.start(Path(folder))
        try:
            for what, value, promise in asyncio.run(measured(server, seconds, probe)):
                print(f"  {what:<58}{value:>22}   {promise}".rstrip(), flush=True)
        finally:
            server.stop()


@contextmanager
def probed(folder: Path) -> Iterator[Path]:
    """Let servers that are started meanwhile load the probe; where it is to write."""
    place = folder / "probe"
    config = {"ServerApp": {"jpserver_extensions": {"loop_probe": True}}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(config))
    os.environ |= {
        PLACE: str(place),
        "JUPYTER_CONFIG_PATH": str(folder),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    yield place


@contextmanager
def training(server: LabServer) -> Iterator[list[str]]:
    """Log twenty runs; give their uids, and that of a run of many metrics."""
    process = subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(server.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process.stdout.readline().split()
    process.communicate()


async def measured(server: LabServer, seconds: float, probe: Path) -> list[tuple[str, str, str]]:
    """Return what, how much, and what was promised."""
    process = psutil.Process(server.process.pid)
    await asyncio.sleep(SETTLE_S)
    idle = await taken(process, seconds / 4)
    with training(server) as (*uids, wide):
        unseen = await taken(process, seconds / 4)
        pages = [await Page.watching(server)]
        pages += [await Page.showing(server, uid) for uid in uids[:PANELS]]
        reading = [asyncio.create_task(page.read()) for page in pages]
        await asyncio.sleep(SETTLE_S)
        for page in pages:
            page.late_s.clear()
            page.frames = 0
        busy = await taken(process, seconds)
        frames = sum(page.frames for page in pages)
        late_ms = sorted(1e3 * late for page in pages for late in page.late_s)
        begin(probe)
        await asyncio.sleep(1.0)
        watched = await taken(process, seconds / 2)
        opened = await opening(server, wide)
        for task in reading:
            task.cancel()
    kept_ms = {
        each: 1e3 * worst_between(probe, each.start_s, each.end_s) for each in (watched, opened)
    }
    return [
        ("JupyterLab's server, no run: processor of a core", f"{idle.share:.1%}", ""),
        (f"{RUNS} runs at {HZ} Hz, no page: processor of a core", f"{unseen.share:.1%}", ""),
        (f"  with the list and {PANELS} panels", f"{busy.share:.1%}", "<= 10 %"),
        ("memory, no run", idle.memory, ""),
        (f"  with the list and {PANELS} panels", busy.memory, "<= 150 MB"),
        ("log() to the frame, median", f"{quantile(late_ms, 0.5):.0f} ms", "<= 1000 ms"),
        (f"  99 of 100, {len(late_ms):,} rows", f"{quantile(late_ms, 0.99):.0f} ms", ""),
        ("frames, all pages", f"{frames / seconds:.0f} per s", ""),
        ("longest wait of others meanwhile", f"{kept_ms[watched]:.0f} ms", "<= 50 ms"),
        (
            f"a run of {WIDE_KEYS} metrics opens",
            f"{1e3 * (opened.end_s - opened.start_s):.0f} ms",
            "",
        ),
        ("  longest wait of others meanwhile", f"{kept_ms[opened]:.0f} ms", "<= 50 ms"),
    ]


@dataclass(frozen=True)
class Taken:
    """What a process took for a while.

    Attributes:
        start_s: When that began, seconds of the wall clock.
        end_s: When it ended.
        share: Of one core, 0..1 and more.
        memory: At its end, in words.
    """

    start_s: float
    end_s: float
    share: float = 0.0
    memory: str = ""


async def taken(process: psutil.Process, seconds: float) -> Taken:
    """Return what a process takes for a while."""
    before_s, start_s = sum(process.cpu_times()[:2]), time.time()
    await asyncio.sleep(seconds)
    used_s, end_s = sum(process.cpu_times()[:2]) - before_s, time.time()
    return Taken(start_s, end_s, used_s / (end_s - start_s), memory_of(process))


async def opening(server: LabServer, uid: str) -> Taken:
    """Return when a panel opened, from its first word to the last byte of the snapshot."""
    page = await Page.showing(server, uid)
    start_s = time.time()
    await page.await_snapshot()
    return Taken(start_s, time.time())


def memory_of(process: psutil.Process) -> str:
    """Return how much a process has in memory, how much is no part of a file, and the most ever."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    names = ("VmRSS", "RssAnon", "VmHWM")
    resident, own, most = (int(fields[name].split()[0]) / 1e3 for name in names)
    return f"{resident:.0f} MB, own {own:.0f}, most {most:.0f}"


class Page:
    """One socket of a page.

    Attributes:
        late_s: Of each row, how long after it was logged it was here, seconds.
        frames: How many came.
    """

    def __init__(self, socket: WebSocketClientConnection, renew: dict[str, str] | None) -> None:
        """Keep the socket, and the intent that is sent again and again."""
        self.late_s: list[float] = []
        self.frames = 0
        self._socket = socket
        self._renew = renew

    @classmethod
    async def watching(cls, server: LabServer) -> "Page":
        """Open the socket of a sidebar."""
        page = cls(await _connect(server), None)
        await page._send(op="browse", view="sidebar", limit=200)
        return page

    @classmethod
    async def showing(cls, server: LabServer, uid: str) -> "Page":
        """Open the socket of a panel."""
        page = cls(await _connect(server), {"op": "lease", "view": "panel", "uid": uid})
        await page._send(op="hello", view="panel", uid=uid)
        return page

    async def read(self) -> None:
        """Read what comes, and say now and then that somebody looks."""
        leasing = asyncio.create_task(self._lease())
        try:
            while frame := await self._socket.read_message():
                self._note(frame, time.time())
        finally:
            leasing.cancel()

    async def await_snapshot(self) -> None:
        """Read until the run is there."""
        while frame := await self._socket.read_message():
            if _head_of(frame)[0]["op"] == "snapshot":
                return

    async def _lease(self) -> None:
        while self._renew is not None:
            await asyncio.sleep(LEASE_S)
            await self._send(**self._renew)

    async def _send(self, **intent: object) -> None:
        await self._socket.write_message(json.dumps({"id": "i", **intent}))

    def _note(self, frame: bytes, now_s: float) -> None:
        self.frames += 1
        head, buffer = _head_of(frame)
        if head["op"] == "append":
            self.late_s += [now_s - logged_s for logged_s in _logged(head["blocks"], buffer)]


def _head_of(frame: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = struct.unpack_from("<I", frame)
    return json.loads(frame[4 : 4 + length]), frame[4 + length :]


def _logged(blocks: list[dict[str, Any]], buffer: bytes) -> Iterator[float]:
    start = 0
    for block in blocks:
        rows, keys = block["rows"], block["keys"]
        if "logged" in keys:
            yield from struct.unpack_from(
                f"<{rows}d", buffer, start + 8 * rows * (2 + keys.index("logged"))
            )
        start += 8 * rows * (2 + len(keys))


async def _connect(server: LabServer) -> WebSocketClientConnection:
    address = server.url.replace("http", "ws", 1)
    return await websocket_connect(f"{address}/nbtrack/api/watch?token={server.token}")


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of sorted values lies."""
    return values[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


if __name__ == "__main__":
    main()
