"""Locks that lie, or are said to: kernels, servers and readers damage nothing."""

import contextlib
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from faultkit import LONG, Acknowledged, Kernel, look
from waiting import wait_until

from nbtrack.store import Reader, SharedIngesting, footing_of, open_workspace
from nbtrack.store.database import Database
from nbtrack.store.layout import DATABASE, database_path, uids

ROUNDS = 20 if LONG else 1
ROUND_S = 1.5 if LONG else 0.6
SOURCE = Path(__file__).with_name("lying_locks.c")
COMPILER = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")

pytestmark = pytest.mark.timeout(600 if LONG else 240)


# A preloaded library lies to DuckDB, too. Without a compiler at least ours are lied to.
LIES = ["preloaded"] if COMPILER else ["injected"]


@pytest.fixture(params=["said", *(["preloaded", "injected"] if COMPILER and LONG else LIES)])
def locks(request, tmp_path, monkeypatch) -> str:
    """What is wrong with the locks of the processes that the test starts."""
    if request.param == "said":
        monkeypatch.setenv("NBTRACK_NETWORK_FILESYSTEM", "1")
    elif request.param == "injected":
        monkeypatch.setenv("FAULTS_LYING_LOCKS", "1")
    else:
        library = tmp_path / "lying_locks.so"
        subprocess.run([COMPILER, "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        monkeypatch.setenv("LD_PRELOAD", str(library))
    return request.param


def test_kernels_and_servers_that_are_killed_damage_nothing_without_locks(tmp_path, locks):
    chance = random.Random(locks)
    root = tmp_path / ".nbtrack"
    with contextlib.ExitStack() as stack:

        def begin(way: str) -> Kernel:
            return stack.enter_context(Kernel(tmp_path, way))

        kernels = [begin("paced") for _ in range(4)]
        kernels[0].wait_for_rows()
        servers = [begin("share") for _ in range(2)]
        readers = [begin("read_all") for _ in range(2)]
        for kernel in kernels:
            kernel.wait_for_rows(10)
        for _ in range(ROUNDS):
            wait_until(lambda: all(one.acknowledged.total > 2 for one in readers))
            elected = wait_for_the_elected(servers)
            kernels[0].run_for(ROUND_S * chance.random())
            elected.kill()
            kernels.pop(0).kill()
            servers.remove(elected)
            servers.append(begin("share"))
            kernels.append(begin("paced"))
        kernels[-1].wait_for_rows(10)
        wait_for_the_elected(servers)
        for process in (*servers, *readers):
            process.run_for(0.01)
            process.kill()
        for kernel in kernels:
            kernel.end()

    assert not database_path(root).exists()
    open_workspace(root, is_network=True)  # this process has honest locks
    derived = footing_of(root).folder
    assert [path.name for path in derived.glob(f"{DATABASE}*")] != []
    assert SharedIngesting(root).tend() > 0
    assert [*derived.glob("*.corrupt-*"), *root.glob("*.corrupt-*")] == []
    assert stored(root) == journalled(root)
    assert sum(ended_whole(root, kernel.acknowledged) for kernel in kernels) == len(kernels)


def wait_for_the_elected(servers: list[Kernel]) -> Kernel:
    """Return the one server that ingests, as soon as it has ingested something new."""
    before = [server.acknowledged.total for server in servers]

    def busy() -> list[Kernel]:
        for server in servers:
            assert server.process.poll() is None, server.process.communicate()
        after = [server.acknowledged.total for server in servers]
        return [
            server
            for server, now, then in zip(servers, after, before, strict=True)
            if now > then + 2
        ]

    (elected,) = wait_until(busy, what="an ingesting server")
    return elected


def stored(root: Path) -> dict[str, list[int]]:
    """Return the numbers that the database has of each run, in order."""
    with Database(root).reading() as window:
        assert window is not None
        found: dict[str, list[int]] = {}
        for uid, value in window.rows(
            "SELECT r.uid, m.value FROM nb.metrics m JOIN nb.runs r USING (run_id) "
            "JOIN nb.keys k USING (run_id, key_id) WHERE k.name = 'number' ORDER BY r.uid, m.step"
        ):
            found.setdefault(uid, []).append(int(value))
    return found


def journalled(root: Path) -> dict[str, list[int]]:
    """Return every number of each journal; none is missing between the first and the last."""
    return {uid: list(range(Reader(root).run(uid).rows)) for uid in uids(root)}


def ended_whole(root: Path, acknowledged: Acknowledged) -> bool:
    """Tell whether a run has exactly what one kernel acknowledged before it ended."""
    found = [look(root, uid, "numbers", acknowledged) for uid in uids(root)]
    return any(one.faults == (0, 0, 0, 0) and one.rows == acknowledged.total for one in found)
