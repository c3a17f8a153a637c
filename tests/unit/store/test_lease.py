"""One process at a time has the lease of a folder, without any lock."""

import contextlib
import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from nbtrack.store import lease
from nbtrack.store.liveness import SILENCE_US, this_process

SPAWN = multiprocessing.get_context("spawn")
FORK = multiprocessing.get_context("fork")
RACERS = 6
ROUNDS = 40


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "derived"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def nothing_is_left(folder):
    yield
    while lease.is_ours(folder):
        lease.let_go(folder)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def leave(folder: Path, number: int, *, age_s: float = 0, **changes) -> Path:
    """Make a lease of a process that is not this one."""
    owner = replace(this_process(), **changes)
    path = folder / f"lease.{number}"
    path.write_text(json.dumps(asdict(owner)))
    then_s = time.time() - age_s
    os.utime(path, (then_s, then_s))
    return path


def dead_pid() -> int:
    child = FORK.Process(target=int)
    child.start()
    child.join()
    return child.pid


def take_and_wait(folder, taken) -> None:
    taken.send(lease.take(folder))
    signal.pause()


def take_and_leave(folder, taken) -> None:
    taken.send(lease.take(folder))
    sys.exit(0)


@contextlib.contextmanager
def other_process(target, folder):
    receiving, sending = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=target, args=(folder, sending))
    process.start()
    try:
        assert receiving.poll(30)
        yield process, receiving.recv()
    finally:
        process.kill()
        process.join()


def test_it_is_taken_and_let_go(folder):
    assert lease.take(folder)
    assert lease.is_ours(folder)
    lease.let_go(folder)

    assert not lease.is_ours(folder)
    assert lease.take(folder)
    assert files(folder) == ["lease.2"]


def test_within_a_process_the_last_one_lets_it_go(folder):
    assert lease.take(folder)
    with lease.taken(folder) as has:
        assert has
    assert lease.is_ours(folder)
    lease.let_go(folder)

    assert not lease.is_ours(folder)


def test_another_process_does_not_get_it_until_it_is_killed(folder):
    with other_process(take_and_wait, folder) as (process, taken):
        assert taken
        assert not lease.take(folder)

        process.kill()
        process.join()

        assert lease.take(folder)
    assert files(folder) == ["lease.2"]


def test_a_process_that_ends_lets_it_go(folder):
    with other_process(take_and_leave, folder) as (process, taken):
        assert taken
        process.join(30)

    assert (folder / "lease.1").read_bytes() == b"{}"
    assert lease.take(folder)


def test_a_forked_child_has_none_and_takes_none_away(folder):
    assert lease.take(folder)
    receiving, sending = FORK.Pipe(duplex=False)
    child = FORK.Process(target=try_in_a_child, args=(folder, sending))
    child.start()

    assert receiving.poll(20)
    assert receiving.recv() == (False, False)
    child.join()
    assert lease.is_ours(folder)


def try_in_a_child(folder, answer) -> None:
    answer.send((lease.is_ours(folder), lease.take(folder)))
    lease.let_go(folder)
    sys.exit(0)  # what is registered for the end of a process runs here too


def test_a_pid_that_was_given_to_another_process_keeps_nobody_out(folder):
    leave(folder, 7, pid=os.getppid(), process_started_at=1_000.0)

    assert lease.take(folder)
    assert files(folder) == ["lease.8"]


def test_a_program_that_replaced_itself_gets_its_own_lease_back(folder):
    """`exec` keeps process id and start, and runs nothing at the end."""
    leave(folder, 1)

    assert lease.take(folder)


@pytest.mark.parametrize("changes", [{"host": "elsewhere"}, {"boot_id": "another container"}])
def test_a_process_that_cannot_be_asked_is_given_up_after_a_silence(folder, changes):
    silence_s = SILENCE_US / 1_000_000
    path = leave(folder, 1, age_s=silence_s / 2, pid=dead_pid(), **changes)
    assert not lease.take(folder)

    os.utime(path, (0, 0))

    assert lease.take(folder)


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"host": "x"}', b"\xff\x00"])
def test_a_lease_that_cannot_be_read_counts_as_held_for_a_while(folder, content):
    path = folder / "lease.1"
    path.write_bytes(content)
    assert not lease.take(folder)

    os.utime(path, (0, 0))

    assert lease.take(folder)


def test_a_lease_that_somebody_removed_is_made_again(folder):
    assert lease.take(folder)
    (folder / "lease.1").unlink()
    assert not lease.is_ours(folder)

    assert lease.take(folder)
    lease.let_go(folder)
    lease.let_go(folder)
    assert not lease.is_ours(folder)


def test_whoever_is_slow_does_not_get_a_number_that_was_removed(folder, monkeypatch):
    """Between its look and its link others came and went."""
    leave(folder, 5, pid=dead_pid())
    real = os.link

    def slow(own, path):
        leave(folder, 7)
        return real(own, path)

    monkeypatch.setattr(os, "link", slow)

    assert not lease.take(folder)
    assert files(folder) == ["lease.5", "lease.7"]


def test_an_answer_that_got_lost_does_not_cost_the_lease(folder, monkeypatch):
    """NFS asks again, and is told that the link is there already."""
    real = os.link

    def twice(own, path):
        real(own, path)
        real(own, path)

    monkeypatch.setattr(os, "link", twice)

    assert lease.take(folder)


def test_without_links_it_works_too(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert lease.take(folder)

    with other_process(take_and_wait, folder) as (_, taken):
        assert not taken


def test_a_folder_that_cannot_be_written_gives_none():
    assert not lease.take(Path("/proc/nowhere"))


def race(folder, barrier, wins) -> None:
    for number in range(ROUNDS):
        barrier.wait(60)
        if lease.take(folder):
            wins.send(number)
            barrier.wait(60)
            lease.let_go(folder)
        else:
            barrier.wait(60)
    sys.exit(0)


@pytest.mark.parametrize("start", ["free", "dead"])
def test_of_many_that_try_at_once_one_gets_it(folder, start):
    if start == "dead":
        leave(folder, 1, pid=dead_pid())
    receiving, sending = FORK.Pipe(duplex=False)
    barrier = FORK.Barrier(RACERS)
    racers = [FORK.Process(target=race, args=(folder, barrier, sending)) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    sending.close()
    wins = []
    with contextlib.suppress(EOFError):
        while True:
            wins.append(receiving.recv())
    for racer in racers:
        racer.join()

    # In a round with a lease that is let go late nobody wins; never two.
    assert len(wins) == len(set(wins))
    assert len(wins) > ROUNDS // 2
    assert len(files(folder)) == 1


HOLD = """
import os, sys
from pathlib import Path
from nbtrack.store import lease
from nbtrack.store.liveness import started_at
folder = Path(sys.argv[1])
mine = folder / f"inside-{os.getpid()}"
while True:
    with lease.taken(folder) as has:
        if has:
            mine.touch()
            inside = [int(path.name[7:]) for path in folder.glob("inside-*")]
            assert [pid for pid in inside if started_at(pid)] == [os.getpid()]
            print(1, flush=True)
            mine.unlink()
"""


def test_processes_that_are_killed_while_they_have_it_never_let_two_in(folder):
    def begin():
        command = [sys.executable, "-c", HOLD, str(folder)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    holders = [begin() for _ in range(3)]
    try:
        for _ in range(6):
            victim = holders.pop(0)
            assert victim.stdout.readline() == "1\n", victim.communicate()
            victim.kill()
            victim.communicate()
            assert all(holder.stdout.readline() == "1\n" for holder in holders)
            holders.append(begin())
        assert all(holder.poll() is None for holder in holders)
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()
