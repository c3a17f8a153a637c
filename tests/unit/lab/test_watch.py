"""Intents over a real socket: each is answered once, and then comes what is new."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lab_client import Browser
from run_writer import Writer

from nbtrack.lab.service import Service
from nbtrack.records import ClockTurned
from nbtrack.store import stop_requested

Connect = Callable[..., Awaitable[Browser]]
Write = Callable[..., Writer]

NOBODY = "20260101-120000-0000abcd"


async def until(condition: Callable[[], object], timeout_s: float = 5.0) -> None:
    """Wait for a condition without keeping the server from running."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - files and tasks give no event
            await asyncio.sleep(0.01)


async def test_a_view_gets_the_run_and_then_what_comes(connect: Connect, write: Write) -> None:
    run = write("brave-otter")
    run.log(2, loss=0.5)
    page = await connect()

    answer = await page.ask("hello", view="v", uid=run.uid)
    snapshot, buffer = await page.next_with_buffer("snapshot")
    run.log(3, loss=0.25)
    append, block = await page.next_with_buffer("append")

    assert answer == {"op": "reply", "id": "i1", "uid": run.uid}
    assert snapshot["run"]["name"] == "brave-otter"
    assert snapshot["series"] == [{"key": "loss", "stream": "metric", "points": 2, "count": 2}]
    assert len(buffer) == 2 * 3 * snapshot["precision"]
    assert append["sequence"] == snapshot["sequence"] + 1
    assert append["blocks"] == [{"stream": "metric", "keys": ["loss"], "rows": 3}]
    assert struct.unpack("<3d", block[: 3 * 8]) == (2.0, 3.0, 4.0)


async def test_the_messages_of_a_run_are_numbered_without_gaps(
    connect: Connect, write: Write
) -> None:
    """A gap would make the view ask for everything again."""
    run = write()
    page = await connect()
    await page.ask("hello", view="v", uid=run.uid)
    numbers = [(await page.next("snapshot"))["sequence"]]

    for _ in range(5):
        run.log(loss=0.5)
        numbers.append((await page.next("append"))["sequence"])

    assert numbers == list(range(numbers[0], numbers[0] + 6))


async def test_console_lines_and_the_end_of_a_run_arrive(connect: Connect, write: Write) -> None:
    run = write()
    page = await connect()
    await page.ask("hello", view="v", uid=run.uid)

    run.say("epoch 1")
    lines = (await page.next("append"))["lines"]
    run.finish()
    end = await page.next("append")

    assert [line["text"] for line in lines] == ["epoch 1"]
    assert end["run"]["state"] == "finished"


async def test_a_second_view_of_a_run_makes_both_start_from_the_same_snapshot(
    connect: Connect, write: Write
) -> None:
    """They share one sequence of messages, because they share the socket."""
    run = write()
    page = await connect()
    await page.ask("hello", view="a", uid=run.uid)
    await page.next("snapshot")
    run.log(loss=0.5)
    first = await page.next("append")

    await page.ask("hello", view="b", uid=run.uid)

    again = await page.next("snapshot")
    run.log(loss=0.5)

    assert again["sequence"] > first["sequence"], "the first view would take it for known"
    assert (await page.next("append"))["sequence"] == again["sequence"] + 1


async def test_a_view_that_said_goodbye_gets_nothing_more(connect: Connect, write: Write) -> None:
    run = write()
    page = await connect()
    await page.ask("hello", view="v", uid=run.uid)

    await page.ask("bye", view="v", uid=run.uid)
    run.log(loss=0.5)

    assert await page.hears_nothing("append", during_s=0.3)


async def test_a_page_gets_as_many_points_as_it_wants(connect: Connect, write: Write) -> None:
    run = write()
    for step in range(100):
        run.log(loss=float(step == 37))
    page = await connect()

    await page.ask("hello", view="v", uid=run.uid, points=20)

    snapshot, _ = await page.next_with_buffer("snapshot")
    (series,) = snapshot["series"]
    assert series["points"] <= 24
    assert series["count"] == 100


async def test_a_window_has_the_exact_extrema_of_its_range(connect: Connect, write: Write) -> None:
    run = write()
    for step in range(100):
        run.log(loss=float(step == 37))
    page = await connect()

    answer, buffer = await page.ask_with_buffer(
        "window", uid=run.uid, keys=["loss"], low=30, high=60, points=10
    )

    (series,) = answer["series"]
    values = struct.unpack(f"<{series['points']}d", buffer[-series["points"] * 8 :])
    assert (min(values), max(values)) == (0.0, 1.0)
    assert series["points"] <= 14


async def test_stop_reaches_the_run(connect: Connect, write: Write) -> None:
    run = write()
    page = await connect()

    answer = await page.ask("stop", uid=run.uid)

    assert answer["op"] == "reply"
    assert stop_requested(run.root, run.uid)


async def test_finish_reaches_a_run_in_which_nothing_goes_on(
    connect: Connect, write: Write
) -> None:
    run = write()
    run.journal.append([ClockTurned(run.opened.time_us, 0, running=False)])
    page = await connect()

    answer = await page.ask("finish", uid=run.uid)

    assert answer["op"] == "reply"
    assert stop_requested(run.root, run.uid, "finish")


async def test_an_empty_list_is_told_too(connect: Connect) -> None:
    """Else the sidebar could not tell it from a slow server."""
    page = await connect()

    await page.ask("browse", view="v")

    told = await page.next("page")
    assert (told["full"], told["runs"], told["groups"], told["total"]) == (True, [], [], 0)


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 20_000, "no JSON"),
        (b"\x00\x01", "binary"),
        ([], "JSON object"),
        (7, "JSON object"),
        ({}, ""),
        ({"op": "browse"}, ""),
        ({"op": "query", "id": "i"}, ""),
        ({"op": "browse", "id": 7, "view": "v"}, ""),
        ({"op": "hello", "id": "i"}, ""),
        ({"op": "hello", "id": "i", "view": "v", "uid": 7}, ""),
        ({"op": "hello", "id": "i", "view": "v", "uid": "../.."}, "uid"),
        ({"op": "hello", "id": "i", "view": "v", "uid": NOBODY}, "No run"),
        ({"op": "stop", "id": "i", "uid": NOBODY}, "No run"),
        ({"op": "browse", "id": "i", "view": "v", "workspace": "/etc"}, "Reload the page"),
        ({"op": "browse", "id": "i", "view": "v", "workspace": ["/etc"]}, "must be text"),
        ({"op": "window", "id": "i", "uid": NOBODY, "keys": "loss", "low": 0, "high": 1}, ""),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_malformed_intent_is_answered_by_a_failure_and_the_socket_lives_on(
    connect: Connect, intent: object, said: str
) -> None:
    page = await connect()

    await page.send(intent)
    failure = await page.next("error")

    assert said in failure["message"]
    assert failure["id"] == ("i" if isinstance(intent, dict) and intent.get("id") == "i" else "")
    assert (await page.ask("browse", view="v"))["op"] == "reply"


async def test_an_intent_that_is_too_long_closes_the_socket(connect: Connect) -> None:
    page = await connect()

    await page.send("x" * 300_000)

    assert await page.socket.read_message() is None


async def test_intents_look_in_the_workspace_that_the_socket_was_opened_for(
    connect: Connect, write: Write
) -> None:
    run = write()
    page = await connect(workspace="0" * 16)

    failure = await page.ask("hello", view="v", uid=run.uid)

    assert failure["kind"] == "RunNotFoundError"


async def test_sockets_that_open_and_drop_leave_nothing_behind(
    connect: Connect, write: Write, service: Service
) -> None:
    run = write()
    pages = [await connect() for _ in range(20)]
    for page in pages:
        await page.send({"op": "hello", "id": "h", "view": "v", "uid": run.uid})
        await page.send({"op": "browse", "id": "w", "view": "v"})
    await pages[0].next("snapshot")

    for page in pages:
        page.close()
    await until(lambda: service.watcher.is_idle)

    assert not service._listing._watchers
    assert open_files(run) == 1, "only the writer's own"


async def test_a_socket_that_drops_while_it_is_answered_leaves_nothing_behind(
    connect: Connect, write: Write, service: Service
) -> None:
    run = write()
    page = await connect()

    for _ in range(3):
        await page.send({"op": "hello", "id": "h", "view": "v", "uid": run.uid})
    page.close()
    await until(lambda: service.watcher.is_idle)
    await until(lambda: open_files(run) == 1)


async def test_no_more_sockets_open_than_the_server_allows(
    connect: Connect, service: Service
) -> None:
    service._most_sockets = 1
    page = await connect()

    with pytest.raises(Exception, match="503"):
        await connect()
    page.close()
    await until(lambda: service.watcher.connections == 0)

    assert (await (await connect()).ask("browse", view="v"))["op"] == "reply"


async def test_the_extension_ends_with_the_server(
    connect: Connect, write: Write, service: Service
) -> None:
    run = write()
    page = await connect()
    await page.ask("hello", view="v", uid=run.uid)

    await service.close()

    assert service.watcher.is_idle
    assert open_files(run) == 1


def open_files(run: Writer) -> int:
    """Return how often this process has the journal of a run open."""
    journal = str(run.journal.path)
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            count += str(link.readlink()) == journal
        except OSError:
            continue
    return count
