"""What was written and waits to become lines."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nbtrack.capture.backlog import CROWD, Backlog, Flood
from nbtrack.capture.lines import BURST_LINES


def written(backlog: Backlog, texts: list[Any]) -> None:
    for text in texts:
        backlog.texts.append(text)
        if len(backlog.texts) > CROWD:
            backlog.fold()


def test_what_is_taken_comes_in_its_order_folded_or_not():
    backlog = Backlog()
    texts = [f"{number} " for number in range(2 * CROWD + 7)]
    written(backlog, texts)

    taken = backlog.take()

    assert "".join("".join(part) for part in taken) == "".join(texts)
    assert [len(part) for part in taken][:2] == [1, 1]
    assert backlog.take() == [()]


def test_what_is_no_text_stays_as_it_is():
    backlog = Backlog()
    backlog.texts += ("text", b"bytes", (1, "pair"), None)
    backlog.fold()

    assert backlog.take() == [("text", b"bytes", (1, "pair"), None), ()]


def test_lines_beyond_what_a_log_takes_are_only_counted():
    backlog = Backlog()
    backlog.texts.append("kept\n" * BURST_LINES)
    backlog.fold()
    backlog.texts.append("one\ntwo\nthr")
    backlog.fold()
    backlog.texts.append("ee")
    backlog.fold()

    assert backlog.take() == [("kept\n" * BURST_LINES,), (Flood(2, "thr"),), ("ee",), ()]


def test_after_a_look_lines_are_kept_again():
    backlog = Backlog()
    backlog.texts.append("\n" * BURST_LINES)
    backlog.fold()
    backlog.take()
    backlog.texts.append("again\n")
    backlog.fold()

    assert backlog.take() == [("again\n",), ()]


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_that_write_and_one_that_takes_lose_and_double_nothing():
    backlog = Backlog()
    writers = [
        threading.Thread(
            target=written, args=(backlog, [f"{name}{i}\n" for i in range(20 * CROWD)])
        )
        for name in "ab"
    ]
    for writer in writers:
        writer.start()
    parts: list[Any] = []
    while any(writer.is_alive() for writer in writers):
        parts += backlog.take()
    parts += backlog.take()
    for writer in writers:
        writer.join()

    pieces = [piece for part in parts for piece in part]
    kept = "".join(piece for piece in pieces if isinstance(piece, str)).split("\n")
    dropped = sum(piece.lines for piece in pieces if isinstance(piece, Flood))
    assert len(kept) - 1 + dropped == 2 * 20 * CROWD
    for name in "ab":
        numbers = [int(line[1:]) for line in kept if line.startswith(name)]
        assert numbers == sorted(set(numbers))
