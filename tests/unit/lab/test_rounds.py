"""Work that is done together, and what becomes of it when some of it fails."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from nbtrack.errors import StoreError
from nbtrack.lab.rounds import Rounds


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Return two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


class CountingPool(ThreadPoolExecutor):
    """Counts how often something is handed to its one thread."""

    handed = 0

    def submit(self, *args, **kwargs):
        self.handed += 1
        return super().submit(*args, **kwargs)


async def test_what_is_handed_in_at_the_same_moment_is_done_in_one_go():
    with CountingPool(1) as pool:
        rounds = Rounds(pool)

        together = [rounds.take("disk", lambda number=number: number) for number in range(4)]

        assert await asyncio.gather(*together) == [0, 1, 2, 3]
        assert pool.handed == 1
        assert await rounds.take("disk", lambda: "later") == "later"
        assert pool.handed == 2


async def test_one_that_fails_fails_alone(pool):
    rounds = Rounds(pool)

    def fail() -> None:
        raise StoreError("no such journal")

    found = await asyncio.gather(
        rounds.take("disk", fail), rounds.take("disk", lambda: 7), return_exceptions=True
    )

    assert [str(one) for one in found] == ["no such journal", "7"]


async def test_a_slow_disk_holds_up_no_other(pool):
    rounds, stuck = Rounds(pool), threading.Event()
    slow = asyncio.create_task(rounds.take("slow", stuck.wait))

    assert await rounds.take("quick", lambda: "there") == "there"

    assert not slow.done()
    stuck.set()
    assert await slow


async def test_who_gives_up_takes_nothing_from_the_others(pool):
    rounds, stuck = Rounds(pool), threading.Event()
    gives_up = asyncio.create_task(rounds.take("disk", stuck.wait))
    stays = asyncio.create_task(rounds.take("disk", lambda: "there"))
    await asyncio.sleep(0)

    gives_up.cancel()
    await asyncio.wait({gives_up})
    stuck.set()

    assert gives_up.cancelled()
    assert await stays == "there"


async def test_nobody_waits_for_threads_that_are_gone(pool):
    """The server ends while a panel is open."""
    pool.shutdown()

    with pytest.raises(RuntimeError, match="shutdown"):
        await Rounds(pool).take("disk", lambda: 7)
