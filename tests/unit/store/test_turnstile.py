"""Many may read, one may write, nobody waits for ever, and nobody starves."""

import threading
import time

import pytest

from nbtrack.store.turnstile import BusyError, passed


@pytest.fixture
def root(tmp_path):
    return tmp_path


def hold(root, *, exclusive, begun, end):
    def run():
        with passed(root, exclusive=exclusive, wait_s=5):
            begun.set()
            end.wait(10)

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait(5)
    return thread


@pytest.mark.parametrize(
    ("first", "second"), [(True, True), (True, False), (False, True)], ids=["ww", "wr", "rw"]
)
def test_a_writer_is_alone(root, first, second):
    begun, end = threading.Event(), threading.Event()
    thread = hold(root, exclusive=first, begun=begun, end=end)

    with pytest.raises(BusyError), passed(root, exclusive=second, wait_s=0.05):
        pass

    end.set()
    thread.join()
    with passed(root, exclusive=second, wait_s=0.5):
        pass


def test_readers_are_not_alone(root):
    begun, end = threading.Event(), threading.Event()
    thread = hold(root, exclusive=False, begun=begun, end=end)

    with passed(root, exclusive=False, wait_s=0.5):
        end.set()
    thread.join()


def test_readers_that_follow_each_other_closely_do_not_starve_a_writer(root):
    """Without the gate a writer waits for as long as there are readers."""
    ended = threading.Event()

    def read():
        while not ended.is_set():
            with passed(root, exclusive=False, wait_s=5):
                time.sleep(0.02)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(5):
            with passed(root, exclusive=True, wait_s=5):
                pass
    finally:
        ended.set()
        for reader in readers:
            reader.join()


def test_a_failure_inside_lets_the_next_one_in(root):
    with pytest.raises(ZeroDivisionError), passed(root, exclusive=True, wait_s=0.5):
        1 / 0  # noqa: B018

    with passed(root, exclusive=True, wait_s=0.5):
        pass
