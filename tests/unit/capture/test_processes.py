"""Processes and their children, as Linux says it and as psutil does."""

import os
import subprocess
import sys
import time

import pytest
from waiting import wait_until

from nbtrack.capture import processes
from nbtrack.capture.processes import ProcessTree

FOREST = """
import os, subprocess, sys, threading
depth = int(sys.argv[1])
data = bytearray(30 * 2**20)
def grow():
    return subprocess.Popen([sys.executable, "-c", sys.argv[2], str(depth - 1), sys.argv[2]],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
children = []
if depth:
    children.append(grow())  # of the main thread
    thread = threading.Thread(target=lambda: children.append(grow()))  # and of another
    thread.start()
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    thread.join()
pids = [word for child in children for word in child.stdout.readline().decode().split()]
print(os.getpid(), *pids, flush=True)
sys.stdin.readline()
for child in children:
    child.communicate(b"\\n")
"""


@pytest.fixture(params=["linux", "psutil"])
def way(request, monkeypatch):
    """Take each way of finding out, where this system has it."""
    if request.param == "linux" and not processes._says_children(os.getpid()):
        pytest.skip("this kernel does not say whose children are whose")
    monkeypatch.setattr(processes, "_says_children", lambda _: request.param == "linux")
    return request.param


def test_a_whole_forest_of_processes_counts(way):
    """Workers start workers: seven processes in three generations, from several threads."""
    tree = ProcessTree()
    alone = tree.read(1.0, 2.0, 1 << 34)
    command = [sys.executable, "-c", FOREST, "2", FOREST]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        pids = set(map(int, child.stdout.readline().split()))

        together = tree.read(2.0, 2.0, 1 << 34)
        seen = tree.pids

        child.communicate(b"\n")
    assert len(pids) == 7
    assert pids <= seen
    assert together["proc.memory.rssMB"] >= alone["proc.memory.rssMB"] + 7 * 30
    assert together["proc.cpu.threads"] >= alone["proc.cpu.threads"] + 7 + 3
    assert together["proc.memory.percent"] == pytest.approx(
        100 * together["proc.memory.rssMB"] / 2**14
    )
    wait_until(lambda: not pids & _read_again(tree))


def _read_again(tree: ProcessTree) -> frozenset[int]:
    tree.read(3.0, 2.0, 1 << 34)
    return tree.pids


def test_children_may_be_left_out(way):
    tree = ProcessTree(with_children=False)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tree.read(1.0, 1.0, 1 << 34)
        assert tree.pids == {os.getpid()}
        child.communicate(b"\n")


def test_time_of_a_worker_that_has_ended_between_two_looks_counts(way):
    """Short workers come and go with every epoch; their parent has waited for them."""
    tree = ProcessTree()
    began_s = time.monotonic()
    first = tree.read(began_s, 1.0, 1 << 34)
    code = "import time\nwhile time.process_time() < 0.5: pass"

    subprocess.run([sys.executable, "-c", code], check=True)
    second = tree.read(time.monotonic(), 1.0, 1 << 34)

    spent_s = second["proc.cpu.percent"] / 100 * (time.monotonic() - began_s)
    assert "proc.cpu.percent" not in first
    assert spent_s >= 0.45


def test_both_ways_tell_the_same():
    root = os.getpid()
    if not processes._says_children(root):
        pytest.skip("this kernel does not say whose children are whose")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        ours, theirs = (
            {usage.pid: usage for usage in read(root, with_children=True)}
            for read in (processes._linux_usages, processes._usages)
        )
        child.communicate(b"\n")

    assert ours.keys() == theirs.keys()
    assert ours[root].threads == theirs[root].threads
    assert ours[root].used_s == pytest.approx(theirs[root].used_s, abs=0.2)
    assert ours[root].resident == pytest.approx(theirs[root].resident, rel=0.2)


def test_between_two_processes_others_get_a_turn(way):
    breaths = []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tree = ProcessTree(breathe=lambda: breaths.append(1))
        tree.read(1.0, 1.0, 1 << 34)
        child.communicate(b"\n")

    assert len(breaths) == len(tree.pids) >= 2
