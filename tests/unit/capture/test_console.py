"""From what cells print to the lines of a log."""

import io
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest
import zmq
from ipykernel.iostream import IOPubThread, OutStream
from jupyter_client.session import Session
from waiting import wait_until

from nbtrack.capture import LineAssembler, OutStreamCapture, hooked_streams
from nbtrack.capture.lines import LINE_LIMIT, TEXT_LIMIT_BYTES
from nbtrack.capture.rows import PATIENCE_S
from nbtrack.records import ConsoleText, Record, Stream


class HandClock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.time_us = 1_000_000

    def now_us(self) -> int:
        return self.time_us

    def elapsed_s(self) -> float:
        return self.time_us / 1e6

    def turn(self, seconds: float) -> None:
        self.time_us += round(seconds * 1e6)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def records() -> list[Record]:
    return []


@pytest.fixture
def assembler(records: list[Record], clock: HandClock) -> LineAssembler:
    return LineAssembler(records.append, clock)


def texts(records: list[Record]) -> list[str]:
    return [record.text for record in records if isinstance(record, ConsoleText)]


def test_a_line_may_come_in_pieces(assembler: LineAssembler, records: list[Record]) -> None:
    for piece in ("loss ", "0.", "5\nacc", " 0.9\n"):
        assembler.feed(Stream.STDOUT, piece)

    assert texts(records) == ["loss 0.5", "acc 0.9"]


def test_an_empty_line_is_a_line(assembler: LineAssembler, records: list[Record]) -> None:
    assembler.feed(Stream.STDOUT, "a\n\nb\n")

    assert texts(records) == ["a", "", "b"]


def test_the_end_of_a_line_may_be_that_of_windows(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "a\r\nb\r\n")

    assert texts(records) == ["a", "b"]


def test_a_progress_bar_is_one_line(assembler: LineAssembler, records: list[Record]) -> None:
    for share in range(101):
        assembler.feed(Stream.STDERR, f"\r{share:3d}%")
    assembler.feed(Stream.STDERR, "\n")

    assert texts(records) == ["100%"]


def test_text_goes_over_what_is_there_as_in_a_terminal(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "abcdef\rXY\bZ\n")

    assert texts(records) == ["XZcdef"]


def test_a_coloured_line_replaces_the_former_one_whole(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "a long line\r\x1b[32mok\x1b[0m\n")

    assert texts(records) == ["\x1b[32mok\x1b[0m"]


def test_an_open_line_is_shown_when_it_stays_open_and_again_when_it_ends(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    assembler.feed(Stream.STDOUT, "loading ... ")
    assert assembler.pending

    clock.turn(PATIENCE_S)
    assembler.settle()
    assembler.settle()
    assembler.feed(Stream.STDOUT, "done\n")

    assert texts(records) == ["loading ... ", "loading ... done"]
    assert not assembler.pending


def test_a_line_that_was_shown_is_not_doubled_when_it_ends(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    assembler.feed(Stream.STDERR, "\r100%")
    clock.turn(PATIENCE_S)
    assembler.settle()
    assembler.feed(Stream.STDERR, "\n")

    assert texts(records) == ["100%"]


def test_bars_below_one_another_are_a_line_each(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    """What tqdm writes for a loop within a loop, the inner bar taken away at its end."""
    for epoch in range(3):
        assembler.feed(Stream.STDERR, f"\repoch {epoch}")
        for batch in range(40):
            assembler.feed(Stream.STDERR, f"\n\r  batch {batch:2d}\x1b[A")
            clock.turn(0.1)
        assembler.feed(Stream.STDERR, "\n\r          \r\x1b[A")
    assembler.feed(Stream.STDERR, "\repoch 3\n")
    assembler.feed(Stream.STDERR, "after\n")

    assert len(records) < 10
    assert texts(records)[:2] == ["epoch 0", "  batch 20"]
    assert texts(records)[-2:] == ["epoch 3", "after"]


def test_bars_that_are_drawn_anew_from_the_first_are_a_line_each(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    """What rich writes, with something printed between."""
    redraw = "\r\x1b[2K\x1b[1A\x1b[2K"
    assembler.feed(Stream.STDOUT, "before\n\x1b[?25lA 0\nB 0")
    for share in range(1, 20):
        assembler.feed(Stream.STDOUT, f"{redraw}A \x1b[32m{share}\x1b[0m\nB {share}")
        clock.turn(0.1)
    assembler.feed(Stream.STDOUT, f"{redraw}said\nA 20\nB 20")
    assembler.feed(Stream.STDOUT, f"{redraw}A 21\nB 21\n\x1b[?25h")
    assembler.flush()

    assert texts(records) == ["before", "A 0", "said", "A 20", "A 21", "B 21"]


def test_a_cursor_goes_up_no_further_than_to_what_its_cell_printed(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "first\n", "cell-1")
    assembler.feed(Stream.STDOUT, "\x1b[5Asecond\n\x1b[999A\x1b[2Kagain\n", "cell-2")
    assembler.flush()

    assert texts(records) == ["first", "second", "again"]


def test_lines_that_are_written_over_by_hand_are_lines_once(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "loss 1\nacc 1\n")
    for step in range(2, 50):
        assembler.feed(Stream.STDOUT, f"\x1b[2F\x1b[Kloss {step}\n\x1b[Kacc 0\x1b[Gacc {step}\n")
    assembler.flush()

    assert texts(records) == ["loss 1", "acc 1", "loss 49", "acc 49"]


def test_what_stands_behind_and_below_a_cursor_can_be_erased(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "a\nb\x1b[A\rlong\b\b\x1b[K\x1b[Bb2\x1b[A\r\x1b[Jnew\n")
    assembler.flush()

    assert texts(records) == ["a", "new"]


def test_an_hour_of_a_progress_bar_does_not_fill_the_log(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    for second in range(3_600):
        assembler.feed(Stream.STDERR, f"\r{second} s")
        clock.turn(1)

    assert 10 < len(records) < 100


def test_the_next_cell_ends_the_open_line_of_the_last(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "no line end", "cell-1")
    assembler.feed(Stream.STDOUT, "next\n", "cell-2")

    assert [(r.text, r.cell) for r in records] == [("no line end", "cell-1"), ("next", "cell-2")]


def test_the_two_streams_do_not_mix(assembler: LineAssembler, records: list[Record]) -> None:
    assembler.feed(Stream.STDOUT, "out ")
    assembler.feed(Stream.STDERR, "err\n")
    assembler.feed(Stream.STDOUT, "put\n")

    assert [(r.stream, r.text) for r in records] == [
        (Stream.STDERR, "err"),
        (Stream.STDOUT, "out put"),
    ]


def test_flush_ends_open_lines_and_leaves_no_blank_ones(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "half")
    assembler.feed(Stream.STDERR, "\r50%\r    \r")
    assembler.flush()
    assembler.flush()

    assert texts(records) == ["half"]


def test_a_flood_is_cut_and_the_log_says_by_how_much(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    assembler.feed(Stream.STDOUT, "x\n" * 5_000)
    clock.turn(1)
    assembler.feed(Stream.STDOUT, "after\n")

    assert texts(records).count("x") == 2_000
    assert texts(records)[-2:] == [
        "... 3,000 lines dropped: a log takes 200 lines per second",
        "after",
    ]
    assert records[-2].stream is Stream.NBTRACK


def test_a_flood_of_lines_that_end_as_on_windows_is_cut_too(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "x\r\n" * 5_000)
    assembler.flush()

    assert texts(records).count("x") == 2_000
    assert texts(records)[-1].startswith("... 3,000 lines dropped")


def test_a_line_that_begins_behind_a_flood_is_not_lost(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    assembler.feed(Stream.STDOUT, "x\n" * 5_000 + "the ")
    clock.turn(1)
    assembler.feed(Stream.STDOUT, "end\n")

    assert texts(records)[-1] == "the end"
    assert texts(records)[-2].startswith("... 3,000 lines dropped")


def test_a_line_that_ends_in_a_flood_is_one_of_those_dropped(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    assembler.feed(Stream.STDOUT, "x\n" * 2_000 + "begun")
    assembler.feed(Stream.STDOUT, " and ended\nnext\n")
    clock.turn(1)
    assembler.feed(Stream.STDOUT, "after\n")

    assert texts(records)[2_000:] == [
        "... 2 lines dropped: a log takes 200 lines per second",
        "after",
    ]


@pytest.mark.parametrize("length", [1, 2, 7, 50, 10_000])
def test_lines_do_not_depend_on_how_they_were_cut_into_chunks(
    assembler: LineAssembler, records: list[Record], length: int
) -> None:
    text = "one\n\ntwo\rTWO\nthr\bee\r\n" + "x" * 9_000 + "\n" + "\u00fcber\n" * 3
    text += "\x1b[31mred\x1b[0m\nbar\nlow\x1b[A\r\x1b[2Khigh\n\r\x1b[?25hlower\nopen"
    for start in range(0, len(text), length):
        assembler.feed(Stream.STDOUT, text[start : start + length])
    assembler.flush()

    long = ["x" * LINE_LIMIT, "x" * (9_000 - LINE_LIMIT)]
    expected = ["one", "", "TWO", "thee", *long, *["\u00fcber"] * 3]
    expected += ["\x1b[31mred\x1b[0m", "bar", "high", "lower", "open"]
    assert texts(records) == expected


def test_the_last_bytes_of_a_log_go_to_the_lines_that_come_first(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    line = "x" * (LINE_LIMIT - 1) + "\n"
    for _ in range(10):  # 20 MB in chunks of 250 lines
        assembler.feed(Stream.STDOUT, line * 250)
        clock.turn(10)
    assembler.flush()

    kept = texts(records)[:-1]
    assert TEXT_LIMIT_BYTES <= sum(map(len, kept)) < TEXT_LIMIT_BYTES + LINE_LIMIT
    assert texts(records)[-1].startswith(f"... {2_500 - len(kept):,} lines dropped")


def test_a_full_log_says_so_once(
    assembler: LineAssembler, records: list[Record], clock: HandClock
) -> None:
    line = "x" * (LINE_LIMIT - 1) + "\n"
    for _ in range(TEXT_LIMIT_BYTES // LINE_LIMIT + 10):
        assembler.feed(Stream.STDOUT, line)
        clock.turn(1)
    assembler.flush()
    assembler.flush()

    told = [text for text in texts(records) if "dropped" in text]
    assert len(told) == 1
    assert "10 MB and is full" in told[0]


def test_a_line_without_end_is_cut_into_lines(
    assembler: LineAssembler, records: list[Record]
) -> None:
    assembler.feed(Stream.STDOUT, "x" * (3 * LINE_LIMIT + 5) + "\n")

    assert [len(text) for text in texts(records)] == [LINE_LIMIT] * 3 + [5]


@pytest.fixture
def stream() -> Iterator[OutStream]:
    """A kernel's own output stream, publishing to nobody."""
    context = zmq.Context()
    thread = IOPubThread(context.socket(zmq.PUB))
    thread.start()
    yield OutStream(Session(), thread, "stdout", watchfd=False)
    # ipykernel leaves this task pending, and asyncio complains about it at exit.
    thread.io_loop.add_callback(thread._event_pipe_gc_task.cancel)
    wait_until(thread._event_pipe_gc_task.done)
    thread.stop()
    thread.close()
    context.destroy(linger=0)


def test_what_a_kernel_prints_is_captured_with_its_cell(
    stream: OutStream, assembler: LineAssembler, records: list[Record]
) -> None:
    stream.set_parent({"header": {"msg_id": "cell-7"}})
    stream.write("before\n")
    capture = OutStreamCapture(assembler, [stream])
    capture.start()
    stream.write("during\n")
    assert capture.flush()
    stream.write("until the end")
    capture.stop()
    stream.write("after\n")
    stream.flush()

    assert [(r.text, r.cell) for r in records] == [
        ("during", "cell-7"),
        ("until the end", "cell-7"),
    ]


def test_a_failing_log_does_not_take_the_users_output(stream: OutStream, clock: HandClock) -> None:
    def fail(_record: Record) -> None:
        raise OSError("no space left on device")

    seen: list[str] = []

    def last(message: dict) -> dict:
        seen.append(message["content"]["text"])
        return message

    capture = OutStreamCapture(LineAssembler(fail, clock), [stream])
    capture.start()
    stream.pub_thread.schedule(lambda: stream.register_hook(last))
    stream.write("hello\n")
    capture.flush()

    assert seen == ["hello\n"]
    stream.write("again\n")
    capture.flush()
    assert seen == ["hello\n", "again\n"]


def test_a_capture_can_be_stopped_twice_and_started_again(
    stream: OutStream, assembler: LineAssembler, records: list[Record]
) -> None:
    capture = OutStreamCapture(assembler, [stream])
    for word in ("one\n", "two\n"):
        capture.start()
        capture.start()
        stream.write(word)
        capture.stop()
        capture.stop()

    assert texts(records) == ["one", "two"]


def test_stop_does_not_wait_for_a_publisher_that_is_stuck(
    stream: OutStream, assembler: LineAssembler
) -> None:
    capture = OutStreamCapture(assembler, [stream], timeout_s=0.05)
    capture.start()
    release = threading.Event()
    stream.pub_thread.schedule(release.wait)

    capture.stop()

    release.set()


def test_outside_a_kernel_there_is_nothing_to_hook_into() -> None:
    with redirect_stdout(io.StringIO()):
        assert hooked_streams() == ()
