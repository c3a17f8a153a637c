"""Who asks a program to stop is heard, and heard once."""

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.runs.interrupts import NUDGE, Interrupts, interrupt_main_thread
from nbtrack.store import Reader


@pytest.fixture(autouse=True)
def _handler_of_nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    before = signal.signal(NUDGE, signal.SIG_DFL)
    yield
    wait_until(lambda: not any(map(is_waker, threading.enumerate())), what="the last signal")
    signal.signal(NUDGE, before)


def is_waker(thread: threading.Thread) -> bool:
    """Tell whether a thread may send the signal that another test handles otherwise."""
    return thread.name == "nbtrack-interrupt"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def laid(send: Callable[[], None] = interrupt_main_thread) -> Interrupts:
    interrupts = Interrupts(send)
    interrupts.lay()
    return interrupts


def once_it_reads(interrupts: Interrupts, *, insist: bool = False) -> threading.Thread:
    """Interrupt the main thread as soon as it waits in `os.read`."""
    main = threading.main_thread().ident

    def waits() -> bool:
        return sys._current_frames()[main].f_code.co_name == "read_a_byte"

    def work() -> None:
        wait_until(waits)
        interrupts.send(insist=insist)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def read_a_byte(end: int) -> bytes:
    return os.read(end, 1)


@pytest.mark.parametrize(
    "send", [interrupt_main_thread, _thread.interrupt_main], ids=["signal", "missed"]
)
def test_an_interrupt_ends_a_call_that_waits(pipe, send):
    """The second only notes the signal, as one does that comes just before the call."""
    interrupts = laid(send)
    thread = once_it_reads(interrupts)

    with pytest.raises(KeyboardInterrupt):
        read_a_byte(pipe[0])
    thread.join()


def test_a_program_that_ignores_interrupts_is_stopped_all_the_same(pipe):
    """As one that a shell's script began in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interrupts = laid()
        thread = once_it_reads(interrupts, insist=True)
        with pytest.raises(KeyboardInterrupt):
            read_a_byte(pipe[0])
        thread.join()
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_a_program_does_about_an_interrupt_is_not_interrupted(pipe):
    """It may save a checkpoint, and wait for a disk."""
    interrupts = laid()
    thread = once_it_reads(interrupts)
    began_s = time.monotonic()

    try:
        read_a_byte(pipe[0])
    except KeyboardInterrupt:
        time.sleep(0.3)
    wait_until(lambda: interrupts._looks)

    assert time.monotonic() - began_s >= 0.3
    thread.join()


class Lingering:
    """Is not gone before an interrupt ends its finalizer, which CPython only prints."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile

    def __del__(self) -> None:
        self._meanwhile()
        while True:
            pass


def test_an_interrupt_that_a_finalizer_swallows_comes_once_more(pipe):
    interrupts = laid()
    thread = threading.Thread(target=interrupts.send)
    things = [Lingering(thread.start)]

    def end_and_read() -> None:
        things.clear()
        read_a_byte(pipe[0])

    with pytest.raises(KeyboardInterrupt):
        end_and_read()
    thread.join()
    assert not interrupts._is_swallowed


def test_interrupts_into_a_loop_that_logs_cost_at_most_the_row_they_come_into(tmp_path):
    """Each is seen once by the loop, and the next row is taken."""
    interrupts = laid()
    run = nbtrack.init(dir=tmp_path, settings={"silent": True, "x_disable_stats": True})
    logged, seen = [], 0
    for step in range(100):
        thread = threading.Thread(target=interrupts.send)
        try:
            thread.start()
            while True:
                run.log({"n": len(logged)})
                logged.append(len(logged))
        except KeyboardInterrupt:
            seen += 1
        thread.join()
        run.log({"saved": step})
    run.finish()

    with closing(Reader(run.root)) as reader:
        rows = list(reader.rows(run.uid))
    assert seen == 100
    assert [row["saved"] for row in rows if "saved" in row] == list(range(100))
    assert set(logged) <= {row["n"] for row in rows if "n" in row}


def test_a_handler_of_the_users_stays(pipe):
    """A library of Go's moves its routines with this signal."""
    signal.signal(NUDGE, signal.default_int_handler)

    interrupts = laid()

    assert signal.getsignal(NUDGE) is signal.default_int_handler
    thread = once_it_reads(interrupts)
    with pytest.raises(KeyboardInterrupt):
        read_a_byte(pipe[0])
    thread.join()
    assert interrupts._looks == 0


def test_a_thread_lays_no_handler():
    """Only the main thread may, and the next run that begins there does."""
    interrupts = Interrupts()

    thread = threading.Thread(target=interrupts.lay)
    thread.start()
    thread.join()
    assert signal.getsignal(NUDGE) is signal.SIG_DFL
    interrupts.lay()

    assert signal.getsignal(NUDGE) == interrupts._look
