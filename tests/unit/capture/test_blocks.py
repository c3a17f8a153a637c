"""What Python code prints into a file or a pipe, while a run is open."""

# ruff: noqa: T201 - what is printed is what is tested

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from interruptkit import Signal
from waiting import wait_until

from nbtrack.capture import LineAssembler, StreamTee
from nbtrack.capture.blocks import BlockTap
from nbtrack.clock import SystemClock
from nbtrack.records import ConsoleText, Record, Stream

MANY = 500  # steps at which a signal may come, at most


@pytest.fixture
def records() -> list[Record]:
    return []


@pytest.fixture
def tee(records) -> Iterator[StreamTee]:
    capture = StreamTee(LineAssembler(records.append, SystemClock()), print)
    yield capture
    capture.stop()


@pytest.fixture
def stream(tmp_path) -> Iterator[Any]:
    """What stdout is behind `python train.py > printed.txt`."""
    with (tmp_path / "printed.txt").open("w", encoding="utf-8") as stream:
        yield stream


@pytest.fixture
def pipe() -> Iterator[tuple[int, Any]]:
    """The end to read of a pipe, and what stdout is that writes into it."""
    read, write = os.pipe()
    stream = os.fdopen(write, "w", encoding="utf-8")
    yield read, stream
    with contextlib.suppress(OSError):
        os.close(read)
    with contextlib.suppress(OSError):  # what nobody read
        stream.close()


def content(stream: Any) -> str:  # noqa: ANN401 - a stream whose file has an attribute of ours
    return Path(stream.name).read_text("utf-8")


def emptied(read: int) -> bytes:
    """Read all that is in a pipe."""
    os.set_blocking(read, False)
    taken = b""
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(read, 65_536):
            taken += piece
    return taken


def lines(records: list[Record]) -> list[tuple[Stream, str]]:
    return [(one.stream, one.text) for one in records if isinstance(one, ConsoleText)]


def texts(records: list[Record]) -> list[str]:
    return [text for _, text in lines(records)]


def test_no_line_costs_a_call_and_all_are_in_the_file_and_in_the_log(tee, records, stream):
    with redirect_stdout(stream):
        tee.start()
        for number in range(1_000):
            print(f"line {number}", "é" * 9)  # letters are cut where a block ends
        tee.flush()

    expected = [f"line {number} {'é' * 9}" for number in range(1_000)]
    assert "write" not in vars(stream)
    assert texts(records) == expected
    assert content(stream).splitlines() == expected


def test_what_was_printed_before_is_not_of_the_run(tee, records, stream):
    with redirect_stdout(stream):
        print("before")
        tee.start()
        print("during")
        tee.stop()
        print("after", flush=True)

    assert texts(records) == ["during"]
    assert content(stream) == "before\nduring\nafter\n"


def test_the_file_is_left_as_it_was_found(tee, stream):
    before = set(vars(stream.buffer.raw))
    with redirect_stdout(stream):
        tee.start()
        during = set(vars(stream.buffer.raw))
        tee.stop()

    assert during - before == {"write"}
    assert set(vars(stream.buffer.raw)) == before


def test_what_waits_in_the_buffer_is_seen_without_anybody_printing_more(tee, records, stream):
    """A script that prints a line per minute fills 8 KB in two hours."""
    with redirect_stdout(stream):
        tee.start()
        print("epoch 1")

    wait_until(lambda: "epoch 1" in texts(records), timeout_s=10, what="the line")


def test_stdout_and_stderr_are_in_the_order_in_which_they_were_printed(tee, records, stream):
    with redirect_stdout(stream), redirect_stderr(io.StringIO()):
        tee.start()
        for number in range(3):
            print("out", number)
            print("err", number, file=sys.stderr)
        tee.flush()

    assert texts(records) == ["out 0", "err 0", "out 1", "err 1", "out 2", "err 2"]


def test_bytes_written_past_the_text_are_seen(tee, records, stream):
    with redirect_stdout(stream):
        tee.start()
        print("text", flush=True)
        stream.buffer.write(b"bytes\n")
        tee.flush()

    assert texts(records) == ["text", "bytes"]


def test_a_stream_made_anew_over_the_same_file_is_seen_once(tee, records, stream):
    anew = io.TextIOWrapper(stream.buffer, encoding="utf-8")
    with redirect_stdout(stream):
        tee.start()
        with redirect_stdout(anew):
            print("anew")
            stream.write("old\n")
            tee.look()
            heard = tee.hears(anew), tee.hears(stream)
            tee.flush()
    anew.detach()

    assert heard == (True, True)
    assert sorted(texts(records)) == ["anew", "old"]


def test_one_stream_under_both_names_is_heard_once(tee, records, stream):
    with redirect_stdout(stream), redirect_stderr(stream):
        tee.start()
        print("one")
        print("two", file=sys.stderr)
        tee.flush()

    assert texts(records) == ["one", "two"]


def test_a_stream_that_writes_line_by_line_is_covered_itself(tee, records, stream):
    """As a terminal's does: what a prompt draws past it is not printed text."""
    stream.reconfigure(line_buffering=True)
    with redirect_stdout(stream):
        tee.start()
        print("line")
        stream.buffer.write(b"\x1b[2Kprompt")
        tee.flush()

    assert texts(records) == ["line"]


def test_a_reader_that_takes_nothing_does_not_hold_up_the_end(records, pipe):
    """`python train.py | less`, and nobody turns the page."""
    read, stream = pipe
    os.set_blocking(stream.fileno(), False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(stream.fileno(), bytes(4_096))
    os.set_blocking(stream.fileno(), True)
    with redirect_stdout(stream):
        tee = StreamTee(LineAssembler(records.append, SystemClock()), print)
        tee.start()
        print("waits")
        tee.stop()

    assert texts(records) == []
    assert set(emptied(read)) == {0}
    stream.flush()
    assert emptied(read) == b"waits\n"


def test_that_nobody_reads_any_more_is_for_the_printing_code_to_learn(tee, pipe):
    """`python train.py | head` ends with BrokenPipeError, with a run and without."""
    read, stream = pipe
    with redirect_stdout(stream):
        tee.start()
        os.close(read)
        print("to nobody")
        tee.flush()

        with pytest.raises(BrokenPipeError):
            stream.flush()


def test_what_a_full_pipe_did_not_take_is_not_in_the_log(tee, records, pipe):
    read, stream = pipe
    os.set_blocking(stream.fileno(), False)
    with redirect_stdout(stream):
        tee.start()
        with contextlib.suppress(BlockingIOError):
            for number in range(1_900):
                print(f"line {number}".ljust(99), flush=True)
        tee.stop()

    lines_read = emptied(read).decode().splitlines()
    assert 100 < len(lines_read) < 1_900
    assert texts(records) == lines_read


@pytest.mark.parametrize("handled", ["interrupt", "print"])
def test_an_interrupt_neither_doubles_nor_loses_what_is_printed(tmp_path, handled):
    """At each step of ours at which the interpreter looks for signals."""
    for number in range(MANY):
        queue: list[bytes] = []
        path = tmp_path / f"{number}.txt"
        with path.open("w") as stream:
            tap = BlockTap(stream, queue)
            tap.fasten()
            stream.write("one\n")
            more = [] if handled == "interrupt" else [lambda: stream.write("signal\n") * 0]
            signal = Signal(number, *more, within="blocks.py")
            with signal.expected():
                stream.flush()
            stream.write("two\n")
            stream.flush()
            tap.loosen()
        if not signal.came:
            assert number > 0
            return

        heard = b"".join(queue).decode()
        assert path.read_text() == heard
        assert sorted(heard.split()) == sorted(["one", "two", *["signal"] * len(more)])


def test_threads_lose_and_double_nothing(tee, records, stream):
    def work(name: int) -> None:
        for number in range(400):
            sys.stdout.write(f"{name}-{number}\n")

    with redirect_stdout(stream):
        tee.start()
        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tee.flush()

    assert sorted(texts(records)) == sorted(f"{n}-{i}" for n in range(4) for i in range(400))
    assert content(stream).splitlines() == texts(records)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_child_prints_as_if_nobody_listened(tee, records, stream):
    with redirect_stdout(stream):
        tee.start()
        print("parent", flush=True)
        pid = os.fork()
        if pid == 0:
            tee.abandon()
            print("child", flush=True)
            os._exit("write" in vars(stream.buffer.raw))
        _, status = os.waitpid(pid, 0)
        tee.flush()

    assert os.waitstatus_to_exitcode(status) == 0
    assert texts(records) == ["parent"]
    assert content(stream) == "parent\nchild\n"
