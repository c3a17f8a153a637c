"""What goes wrong around a server that runs for weeks: it is said, and then it is over."""

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from nbtrack.lab import registry_folder
from nbtrack.store import Ingester
from nbtrack.store.layout import database_path

HOLD = """
import sys, duckdb
database = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


async def until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Wait for a condition without keeping the server from running."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - files, tasks and buffers give no event
            await asyncio.sleep(0.01)


@pytest.fixture
def over(write):
    """A run that ended and is in the database."""
    run = write("brave-otter")
    run.log(100, loss=0.5)
    run.finish()
    assert Ingester(run.root).ingest(run.uid)
    return run


@pytest.fixture
def hold(root):
    """Hold the database as a program does that opened it for writing."""
    held = []

    def begin():
        command = [sys.executable, "-c", HOLD, str(database_path(root))]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        held.append(process)
        assert process.stdout.readline() == "held\n"
        return lambda: process.communicate("\n")

    yield begin
    for process in held:
        process.kill()
        process.communicate()


async def seen(page, run):
    """Return what a page is told of a run by each way of asking: state, points, values."""
    await page.ask("hello", view="v", uid=run.uid)
    snapshot = await page.next("snapshot")
    window, buffer = await page.ask_with_buffer(
        "window", uid=run.uid, keys=["loss"], low=10, high=20, points=100
    )
    await page.ask("bye", view="v", uid=run.uid)
    return snapshot["run"]["state"], snapshot["series"][0]["count"], window["op"], len(buffer)


async def test_a_database_that_another_program_holds_hides_nothing(connect, service, over, hold):
    page = await connect()
    before = await seen(page, over)

    release = hold()
    meanwhile = await seen(page, over)
    rows, _ = await service.rows(None)
    release()

    assert before == meanwhile == await seen(page, over) == ("finished", 100, "reply", 11 * 24)
    assert [row["uid"] for row in rows] == [over.uid]


async def test_a_damaged_database_hides_nothing(connect, service, over):
    page = await connect()
    before = await seen(page, over)

    database_path(over.root).write_bytes(b"\0" * 50_000)

    assert await seen(page, over) == before
    assert [row["uid"] for row in (await service.rows(None))[0]] == [over.uid]
    assert Ingester(over.root).ingest(over.uid), "the next run that is ingested makes it anew"
    assert await seen(page, over) == before


async def test_a_run_whose_journal_cannot_be_read_is_said_and_heals(connect, over):
    page = await connect()
    journal, aside = over.journal.path, over.journal.path.with_suffix(".aside")
    database = database_path(over.root)
    database.rename(database.with_suffix(".aside"))
    journal.rename(aside)
    journal.write_bytes(os.urandom(5_000))

    refused = await page.ask("hello", view="v", uid=over.uid)
    aside.replace(journal)

    assert refused["op"] == "error"
    assert refused["message"]
    assert (await seen(page, over))[:2] == ("finished", 100)


async def test_a_workspace_that_goes_is_said_and_comes_back(connect, write, root):
    """Somebody tidies up, or a disk is taken out, while the page is open."""
    run = write("brave-otter")
    run.log(loss=0.5)
    page = await connect()
    await page.ask("browse", view="v")
    first = await page.next("page")
    await page.ask("hello", view="v", uid=run.uid)
    await page.next("snapshot")

    root.rename(root.with_suffix(".away"))
    gone = await page.next("page")
    refused = [await page.ask("lease", view="v", uid=run.uid) for _ in range(2)]
    stopped = await page.ask("stop", uid=run.uid)
    root.with_suffix(".away").rename(root)
    again = await page.next("page")
    renewed = await page.ask("lease", view="v", uid=run.uid)
    snapshot = await page.next("snapshot")

    assert [row["uid"] for row in first["runs"]] == [run.uid]
    assert (gone["runs"], gone["order"], gone["total"]) == ([], [], 0)
    assert [said["kind"] for said in [*refused, stopped]] == ["RunNotFoundError"] * 3
    assert "may have been removed" in stopped["message"]
    assert [row["uid"] for row in again["runs"]] == [run.uid]
    assert (renewed["op"], snapshot["series"][0]["count"]) == ("reply", 1)


async def test_of_several_workspaces_one_that_cannot_be_read_hides_no_other(
    wire, known, write, root, tmp_path
):
    """Kernels announce theirs; a disk of one of them may be gone, or somebody else's."""
    own = write("own")
    theirs = write("theirs", root=tmp_path / "elsewhere" / ".nbtrack")
    registry = registry_folder()
    registry.mkdir(parents=True, exist_ok=True)
    (registry / "kernel.json").write_text(json.dumps({"path": str(theirs.root)}))
    both = await listed(wire, known)
    homes = {row["name"]: row["workspace"] for row in both}

    chosen = await listed(wire, known, f"?workspace={homes['theirs']}")
    stop = f"nbtrack/api/runs/{theirs.uid}/stop?workspace={homes['own']}"
    elsewhere = await wire.fetch(stop, method="POST", body="", headers=known)
    (theirs.root / "runs").rename(theirs.root / "aside")
    (theirs.root / "runs").write_text("no folder")

    assert {row["uid"] for row in both} == {own.uid, theirs.uid}
    assert [row["uid"] for row in chosen] == [theirs.uid]
    assert elsewhere.code == 404
    assert own.uid in {row["uid"] for row in await listed(wire, known)}


async def listed(wire, known, query=""):
    """Return the rows of the list."""
    answer = await wire.fetch(f"nbtrack/api/runs{query}", headers=known)
    assert answer.code == 200
    return json.loads(answer.body)["runs"]


async def test_a_workspace_that_cannot_be_listed_is_said(wire, known, root):
    """A file lies where the folder should."""
    root.mkdir()
    (root / "runs").write_text("no folder")

    answer = await wire.fetch("nbtrack/api/runs", headers=known)
    (root / "runs").unlink()
    healed = await wire.fetch("nbtrack/api/runs", headers=known)

    assert answer.code == 503
    assert "cannot list the runs" in json.loads(answer.body)["message"]
    assert (healed.code, json.loads(healed.body)["runs"]) == (200, [])


class Deaf:
    """A page whose browser has stopped to read: what is sent to it stays under way."""

    def __init__(self, sock, connection):
        """Keep both ends."""
        self._socket = sock
        self.connection = connection
        self.stream = connection._send.__self__.ws_connection.stream
        self.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)

    @classmethod
    async def connect(cls, wire, service):
        """Open a socket through which little fits at a time."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        sock.settimeout(0)
        address, loop = urlsplit(wire.url("nbtrack/api/watch")), asyncio.get_running_loop()
        before = set(service.watcher._connections)
        await loop.sock_connect(sock, (address.hostname, address.port))
        lines = (
            f"GET {address.path}?token={wire.token} HTTP/1.1",
            f"Host: {address.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
            "Sec-WebSocket-Version: 13",
        )
        await loop.sock_sendall(sock, "\r\n".join([*lines, "", ""]).encode())
        connections = service.watcher._connections
        await until(lambda: connections - before)
        (connection,) = connections - before
        return cls(sock, connection)

    async def send(self, **intent):
        """Send an intent; its answer is not read."""
        text = json.dumps({"id": "i", **intent}).encode()
        head = struct.pack(">BBH", 0x81, 0x80 | 126, len(text))
        await asyncio.get_running_loop().sock_sendall(self._socket, head + bytes(4) + text)

    @property
    def waiting_bytes(self):
        """How much the server keeps for it."""
        return len(self.stream._write_buffer)

    def close(self):
        """Leave."""
        self._socket.close()


async def test_a_browser_that_stops_reading_costs_one_message(wire, service, write):
    """What comes meanwhile waits in the journal; what was handed over is all that is kept."""
    run = write()
    page = await Deaf.connect(wire, service)
    await page.send(op="hello", view="v", uid=run.uid)
    await until(lambda: page.connection.followed)

    async def log_until(condition):
        while not condition():
            run.log(2_000, loss=0.5)
            await asyncio.sleep(0.02)

    async with asyncio.timeout(20):
        await log_until(page.stream.writing)
    kept = page.waiting_bytes
    end_s = time.monotonic() + 0.5
    await log_until(lambda: time.monotonic() > end_s)

    assert 0 < page.waiting_bytes <= kept < 5_000_000
    page.close()
    await until(lambda: service.watcher.is_idle)


async def test_a_flood_of_intents_waits_where_it_came_from(wire, service, write):
    """The next one is read when this one is answered, and the answer is taken."""
    run = write()
    page = await Deaf.connect(wire, service)

    async def flood():
        while True:
            await page.send(op="hello", view="v", uid=run.uid)

    flooding = asyncio.create_task(flood())
    await until(page.stream.writing)
    kept = page.waiting_bytes
    await asyncio.sleep(0.3)

    assert page.waiting_bytes <= 2 * kept < 5_000_000
    assert len(page.stream._read_buffer) < 1_000_000
    flooding.cancel()
    page.close()
    await until(lambda: service.watcher.is_idle)


async def test_a_hundred_sockets_that_open_and_drop_leave_nothing_behind(wire, service, write):
    """No follower, no open file, no thread, no task."""
    run = write()

    async def open_and_drop(count):
        pages = [await Deaf.connect(wire, service) for _ in range(count)]
        for page in pages:
            await page.send(op="hello", view="v", uid=run.uid)
            await page.send(op="browse", view="l")
        await until(lambda: all(page.connection.followed for page in pages))
        for page in pages:
            page.close()  # as a laptop that is closed, and a line that breaks
        await until(lambda: service.watcher.is_idle)

    await open_and_drop(4)
    before = kept_by_this_process()
    await open_and_drop(100)

    await until(lambda: kept_by_this_process() <= before)
    assert not service._listing._watchers


def kept_by_this_process():
    """Return how many files are open, and how many threads and tasks there are."""
    files = len(list(Path("/proc/self/fd").iterdir()))
    return files, threading.active_count(), len(asyncio.all_tasks())


async def test_a_browser_that_does_not_answer_is_given_up(wire, service, jp_serverapp):
    """A page that was suspended holds no place that another one could have."""
    jp_serverapp.web_app.settings["ws_ping_interval"] = 100  # milliseconds

    page = await Deaf.connect(wire, service)
    socket_of_it = page.connection._send.__self__.ws_connection

    await until(lambda: socket_of_it.server_terminated)
    page.close()
    await until(lambda: service.watcher.is_idle)
