"""Who asks a program to stop is heard, and heard once."""

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from waiting import wait_until

from nbtrack.runs.interrupts import NUDGE, Interrupts, interrupt_main_thread


@pytest.fixture(autouse=True)
def _handler_of_nobody() -> Iterator[None]:
    before = signal.signal(NUDGE, signal.SIG_DFL)
    yield
    signal.signal(NUDGE, before)


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
