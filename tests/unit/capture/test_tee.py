"""What Python code prints outside of a kernel, while a run is open."""

# ruff: noqa: T201 - what is printed is what is tested

import contextlib
import io
import os
import sys
import threading
from typing import Any

import pytest
from waiting import wait_until

from nbtrack.capture import LineAssembler, StreamTee
from nbtrack.capture.backlog import Backlog
from nbtrack.capture.tee import Tap
from nbtrack.clock import SystemClock
from nbtrack.records import ConsoleText, Record, Stream


@pytest.fixture
def records() -> list[Record]:
    return []


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def tee(records, troubles, capsys):
    """Listens to nothing yet: pytest changes the streams between its phases."""
    capture = StreamTee(
        LineAssembler(records.append, SystemClock()), lambda _cause, text: troubles.append(text)
    )
    yield capture
    capture.stop()


def listening(tee: StreamTee) -> Any:  # noqa: ANN401 - a stream with an attribute of ours
    """Let it listen, and return stdout: a `TextIOWrapper` whose text can be looked at."""
    tee.start()
    return sys.stdout


def lines(records: list[Record]) -> list[tuple[Stream, str]]:
    return [(one.stream, one.text) for one in records if isinstance(one, ConsoleText)]


def texts(records: list[Record]) -> list[str]:
    return [text for _, text in lines(records)]


def test_what_is_printed_is_seen_in_order_and_still_printed(tee, records):
    screen = listening(tee)
    print("one")
    print("two", file=sys.stderr)
    print("three")
    tee.flush()

    assert lines(records) == [
        (Stream.STDOUT, "one"),
        (Stream.STDERR, "two"),
        (Stream.STDOUT, "three"),
    ]
    assert screen.getvalue() == "one\nthree\n"


def test_who_held_the_stream_before_is_seen(capsys, records):
    """As a logging handler does that was made before the run."""
    held = sys.stdout
    tee = StreamTee(LineAssembler(records.append, SystemClock()), print)
    tee.start()
    held.write("held\n")
    held.writelines(["line\n", "by line\n"])
    tee.stop()

    assert texts(records) == ["held", "line", "by line"]


def test_what_is_redirected_is_not_seen_and_what_follows_is(tee, records):
    listening(tee)
    with contextlib.redirect_stdout(io.StringIO()) as hidden:
        print("hidden")
    print("shown")
    tee.flush()

    assert texts(records) == ["shown"]
    assert hidden.getvalue() == "hidden\n"


def test_a_stream_that_passes_on_to_ours_is_seen_once(tee, records, monkeypatch):
    screen = listening(tee)

    class Prefixed(io.TextIOBase):
        def __init__(self, inner) -> None:
            self.inner = inner
            self.buffer = inner.buffer

        def write(self, text: str) -> int:
            return self.inner.write(text.upper())

    monkeypatch.setattr(sys, "stdout", Prefixed(screen))
    tee.look()
    print("loud")
    tee.flush()

    assert texts(records) == ["LOUD"]


def test_a_stream_made_anew_over_the_same_buffer_is_seen(tee, records, monkeypatch):
    """`sys.stdout = io.TextIOWrapper(sys.stdout.buffer)` writes past the old object."""
    screen = listening(tee)
    anew = io.TextIOWrapper(screen.buffer, encoding="utf-8", write_through=True)
    monkeypatch.setattr(sys, "stdout", anew)
    wait_until(lambda: "write" in vars(anew), what="the new stream to be noticed")
    print("anew")
    screen.write("old\n")
    tee.flush()
    anew.detach()

    assert texts(records) == ["anew", "old"]


def test_others_may_cover_write_as_well_and_put_back_what_was_there(tee, records):
    """IPython does so in every cell."""
    screen = listening(tee)
    for number in range(3):
        before = screen.write
        screen.write = lambda text, before=before: before(text)
        tee.look()
        print(f"covered {number}")
        screen.write = before
        print(f"between {number}")
        tee.look()
        print(f"after {number}")
    tee.flush()

    expected = [f"{when} {n}" for n in range(3) for when in ("covered", "between", "after")]
    assert [one for one in texts(records) if "between" not in one] == [
        one for one in expected if "between" not in one
    ]
    assert len(set(texts(records))) == len(texts(records))
    assert screen.getvalue().split("\n")[:-1] == expected


def test_streams_are_left_as_they_were_found(tee):
    screen = listening(tee)
    tee.stop()

    assert "write" not in vars(screen)
    assert "write" not in vars(sys.stderr)


def test_a_cover_of_somebody_else_is_left_in_its_place(tee, records):
    screen = listening(tee)
    ours = screen.write
    seen: list[str] = []

    def theirs(text: str) -> int:
        seen.append(text)
        return ours(text)

    screen.write = theirs
    tee.stop()
    print("after")

    assert screen.write is theirs
    assert seen == ["after", "\n"]
    assert screen.getvalue() == "after\n"
    assert texts(records) == []


def test_a_cover_that_was_there_before_is_put_back(capsys):
    screen: Any = sys.stdout

    def theirs(text: str) -> int:
        return len(text)

    screen.write = theirs
    tap = Tap(screen, print, Backlog())
    tap.fasten()
    assert screen.write is not theirs
    tap.loosen()

    assert screen.write is theirs


def test_an_error_of_the_stream_is_the_callers_and_nothing_is_seen(tee, records, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    listening(tee).close()

    with pytest.raises(ValueError, match="closed file"):
        print("lost")
    tee.flush()

    assert texts(records) == []


def test_what_a_stream_takes_besides_text_costs_no_line(records, monkeypatch):
    """Streams that people write themselves often print whatever they get."""

    class Anything:
        def write(self, thing: object) -> int:
            return len(str(thing))

    monkeypatch.setattr(sys, "stdout", Anything())
    monkeypatch.setattr(sys, "stderr", Anything())
    tee = StreamTee(LineAssembler(records.append, SystemClock()), print)
    tee.start()
    print("before")
    for stream in (sys.stdout, sys.stderr):
        stream.write(5)
        stream.write("\n")
    print("after")
    tee.stop()

    assert lines(records) == [
        (Stream.STDOUT, "before"),
        (Stream.STDOUT, "5"),
        (Stream.STDERR, "5"),
        (Stream.STDOUT, "after"),
    ]


def test_a_stream_that_cannot_be_covered_is_said(monkeypatch, records, troubles):
    class Closed:
        __slots__ = ()

        def write(self, text: str) -> int:
            return len(text)

    monkeypatch.setattr(sys, "stdout", Closed())
    monkeypatch.setattr(sys, "stderr", None)
    tee = StreamTee(
        LineAssembler(records.append, SystemClock()), lambda _cause, text: troubles.append(text)
    )
    tee.start()
    tee.stop()

    assert len(troubles) == 1
    assert "sys.stdout is not in the run's log: it is a Closed" in troubles[0]


def test_a_line_that_stays_open_is_shown_without_anybody_printing_more(tee, records, monkeypatch):
    listening(tee)
    monkeypatch.setattr("nbtrack.capture.rows.PATIENCE_S", 0.0)
    print("half", end="", flush=True)

    wait_until(lambda: "half" in texts(records), timeout_s=10, what="the open line")


def test_threads_do_not_lose_or_double_lines(tee, records):
    listening(tee)

    def work(name: int) -> None:
        for number in range(100):
            sys.stdout.write(f"{name}-{number}\n")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tee.flush()

    assert sorted(texts(records)) == sorted(f"{n}-{i}" for n in range(4) for i in range(100))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_child_prints_as_if_nobody_listened(tee):
    screen = listening(tee)
    pid = os.fork()
    if pid == 0:
        tee.abandon()
        os._exit("write" in vars(screen))
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_a_flood_does_not_cost_a_look_at_each_of_its_lines(records):
    assembler = LineAssembler(records.append, SystemClock())
    assembler.feed(Stream.STDOUT, "".join(f"{number}\n" for number in range(100_000)))
    assembler.flush()

    assert texts(records)[:2000] == [str(number) for number in range(2000)]
    assert texts(records)[-1].startswith("... 98,000 lines dropped")


def test_a_flood_keeps_what_a_log_takes_and_counts_the_rest(tee, records):
    listening(tee)
    for number in range(10_000):
        print("line", number)
    print("the open one", end="")
    tee.stop()

    seen = texts(records)
    dropped = [text for text in seen if "dropped" in text]
    kept = [text for text in seen if text.startswith("line ")]
    assert kept[:2_000] == [f"line {number}" for number in range(2_000)]
    counted = sum(int(text.split()[1].replace(",", "")) for text in dropped)
    assert len(kept) + counted + seen.count("the open one") == 10_001
