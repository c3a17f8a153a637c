"""Leases and slow browsers, with a clock and a socket of the test's own."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from lab_client import split
from run_writer import Writer

from nbtrack.lab.connection import Connection, Rights
from nbtrack.lab.desk import Desk
from nbtrack.lab.following import Terms
from nbtrack.lab.listing import Listing
from nbtrack.lab.workspaces import Workspaces

Write = Callable[..., Writer]


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        """Begin at an arbitrary moment."""
        self.time_s = 1_000.0

    def now_us(self) -> int:
        """Return the wall time, microseconds."""
        return int(self.time_s * 1e6)

    def elapsed_s(self) -> float:
        """Return seconds."""
        return self.time_s


class Socket:
    """Keeps what is sent; takes it only while it is open for reading."""

    def __init__(self) -> None:
        """Begin reading."""
        self.reads = asyncio.Event()
        self.reads.set()
        self.heads: list[dict[str, Any]] = []

    async def send(self, frame: bytes) -> None:
        """Take a frame, and return when the next one can come."""
        self.heads.append(split(frame)[0])
        await self.reads.wait()

    def take(self) -> list[str]:
        """Return the kinds of messages since the last call."""
        heads, self.heads = self.heads, []
        return [head["op"] for head in heads]


@pytest.fixture
def clock() -> Clock:
    """Return the clock."""
    return Clock()


@pytest.fixture
def socket() -> Socket:
    """Return the socket."""
    return Socket()


@pytest.fixture
def connection(
    jp_root_dir: Any,  # noqa: ANN401 - untyped in pytest-jupyter
    tmp_path: Any,  # noqa: ANN401
    clock: Clock,
    socket: Socket,
) -> Connection:
    """Return a connection without a server."""
    return make_connection(jp_root_dir, tmp_path, clock, socket, Rights(change=True))


def make_connection(
    server_root: Any,  # noqa: ANN401
    tmp_path: Any,  # noqa: ANN401
    clock: Clock,
    socket: Socket,
    rights: Rights,
) -> Connection:
    """Put a connection together."""
    log = logging.getLogger("test")
    desk = Desk(Workspaces(server_root, tmp_path / "registry"), threads=2)
    return Connection(
        socket.send,
        desk=desk,
        listing=Listing(desk, log),
        terms=Terms(),
        clock=clock,
        rights=rights,
        log=log,
    )


def hello(run: Writer, view: str = "v") -> str:
    """Return the intent of a view that opens."""
    return f'{{"op": "hello", "id": "h", "view": "{view}", "uid": "{run.uid}"}}'


def lease(run: Writer) -> str:
    """Return the intent of a view that is looked at."""
    return f'{{"op": "lease", "id": "l", "view": "v", "uid": "{run.uid}"}}'


async def test_a_view_that_is_not_heard_of_gets_nothing_after_30_s(
    connection: Connection, socket: Socket, clock: Clock, write: Write
) -> None:
    """A laptop that was closed would else be sent data for days."""
    run = write()
    await connection.receive(hello(run))
    socket.take()

    clock.time_s += 29
    run.log(loss=0.5)
    await connection.advance()
    before = socket.take()
    clock.time_s += 2
    run.log(loss=0.5)
    await connection.advance()

    assert before
    assert socket.take() == []
    await connection.close()


async def test_a_lease_keeps_the_news_coming(
    connection: Connection, socket: Socket, clock: Clock, write: Write
) -> None:
    run = write()
    await connection.receive(hello(run))
    for _ in range(5):
        clock.time_s += 10
        await connection.receive(lease(run))
        await connection.advance()
    socket.take()

    run.log(loss=0.5)
    await connection.advance()

    assert socket.take() == ["append"]
    await connection.close()


async def test_a_lease_after_a_long_sleep_starts_again_from_a_snapshot(
    connection: Connection, socket: Socket, clock: Clock, write: Write
) -> None:
    run = write()
    await connection.receive(hello(run))
    clock.time_s += 3_600
    await connection.advance()
    socket.take()

    await connection.receive(lease(run))

    assert socket.take() == ["reply", "snapshot"]
    await connection.close()


async def test_a_browser_that_stops_reading_gets_a_snapshot_when_it_reads_again(
    connection: Connection, socket: Socket, clock: Clock, write: Write
) -> None:
    """What came meanwhile waits in the journal, not in the server's memory."""
    run = write()
    await connection.receive(hello(run))
    socket.take()
    socket.reads.clear()
    run.log(loss=0.5)
    stuck = asyncio.create_task(connection.advance())
    while not socket.heads:  # noqa: ASYNC110 - the socket is a plain list
        await asyncio.sleep(0.01)

    clock.time_s += 20
    run.log(1_000, loss=0.25)
    socket.reads.set()
    await stuck
    first = socket.take()
    await connection.advance()

    assert (first, socket.take()) == (["append"], ["snapshot"])
    await connection.close()


async def test_who_may_only_look_cannot_change_runs(
    jp_root_dir: Any,  # noqa: ANN401
    tmp_path: Any,  # noqa: ANN401
    clock: Clock,
    socket: Socket,
    write: Write,
) -> None:
    """A shared server can let people in who may read only."""
    run = write()
    connection = make_connection(jp_root_dir, tmp_path, clock, socket, Rights(change=False))

    await connection.receive(f'{{"op": "stop", "id": "s", "uid": "{run.uid}"}}')
    await connection.receive(f'{{"op": "finish", "id": "f", "uid": "{run.uid}"}}')
    await connection.receive(f'{{"op": "edit", "id": "e", "uid": "{run.uid}", "name": "mine"}}')
    for action in ("tag", "trash", "restore", "purge", "stop"):
        intent = {"op": "act", "id": action, "action": action, "runs": [run.uid], "add": ["a"]}
        await connection.receive(json.dumps(intent))

    refused = ["s", "f", "e", "tag", "trash", "restore", "purge", "stop"]
    assert [head["id"] for head in socket.heads if head["op"] == "error"] == refused
    assert all("not change them" in head["message"] for head in socket.heads)


async def test_lookups_are_answered_under_their_ids(
    connection: Connection, socket: Socket, write: Write
) -> None:
    run = write()
    run.finish()

    await connection.receive(f'{{"op": "edit", "id": "e", "uid": "{run.uid}", "tags": ["best"]}}')
    await connection.receive(f'{{"op": "files", "id": "f", "uid": "{run.uid}"}}')
    await connection.receive(
        f'{{"op": "file", "id": "p", "uid": "{run.uid}", "name": "../x", "offset": 0, "length": 9}}'
    )

    edited, listed, refused = socket.heads
    assert (edited["id"], edited["run"]["tags"]) == ("e", ["best"])
    assert (listed["id"], listed["files"], listed["total"]) == ("f", [], 0)
    assert (refused["op"], refused["id"], refused["kind"]) == ("error", "p", "UsageError")


async def test_one_page_does_not_follow_any_number_of_runs(
    connection: Connection, socket: Socket, write: Write
) -> None:
    for _ in range(33):
        await connection.receive(hello(write()))

    assert len(connection.followed) == 32
    assert "follows 32 runs already" in socket.heads[-1]["message"]
    await connection.close()


async def test_any_number_of_view_names_costs_a_bounded_amount(
    connection: Connection, write: Write
) -> None:
    run = write()
    await connection.receive(hello(run))

    for number in range(200):
        connection._followings[run.uid].leases.renew(f"view-{number}")

    assert connection._followings[run.uid].leases.count <= 64
    await connection.close()


async def test_a_fault_of_ours_is_answered_and_told_in_the_log(
    connection: Connection,
    socket: Socket,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The browser is not shown the inside of the server."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(connection, "_answer", broken)

    await connection.receive('{"op": "browse", "view": "v", "id": "w"}')

    assert socket.heads == [
        {
            "op": "error",
            "id": "w",
            "kind": "Error",
            "message": "The server could not answer. Its log says why.",
        }
    ]
    assert "secret" in caplog.text
