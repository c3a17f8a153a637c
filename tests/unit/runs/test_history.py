"""Steps, open rows, and rows that come too late."""

import sys
from threading import RLock, Thread

import pytest

from nbtrack.clock import SystemClock
from nbtrack.errors import UsageError
from nbtrack.runs.history import History
from nbtrack.runs.summary import Summary
from nbtrack.values import encode


class Book:
    """A history whose rows and dropped steps can be read."""

    def __init__(self) -> None:
        lock = RLock()
        self.rows: list = []
        self.dropped: list = []
        self.summary = Summary(lock=lock, changed=lambda _values, _removed: None)
        self.history = History(
            self.rows.append,
            self.summary,
            clock=SystemClock(),
            lock=lock,
            on_drop=lambda step, current: self.dropped.append((step, current)),
            on_unused=lambda _step: None,
            on_nameless=lambda _count: None,
        )

    def log(self, data, step=None, commit=None) -> None:
        values, plain = encode(data)
        self.history.log(values, plain=plain, step=step, commit=commit)

    @property
    def written(self) -> list:
        return [(row.step, dict(row.values)) for row in self.rows]


@pytest.fixture
def book() -> Book:
    return Book()


def test_every_call_is_a_row_of_its_own(book):
    book.log({"a": 1})
    book.log({"a": 2})

    assert book.written == [(0, {"a": 1}), (1, {"a": 2})]
    assert book.history.step == 2


def test_an_empty_row_uses_up_a_step(book):
    book.log({})
    book.log({"a": 1})

    assert book.written == [(0, {}), (1, {"a": 1})]


def test_a_row_stays_open_until_it_is_committed_and_later_values_win(book):
    book.log({"a": 1, "b": 1}, commit=False)
    book.log({"b": 2})

    assert book.written == [(0, {"a": 1, "b": 2})]


def test_values_of_one_step_are_merged_and_the_next_step_finishes_them(book):
    book.log({"a": 1}, step=5)
    book.log({"b": 2}, step=5)
    assert book.written == []

    book.log({"a": 3}, step=7)

    assert book.written == [(5, {"a": 1, "b": 2})]
    assert book.history.step == 7


def test_an_implicit_log_joins_the_open_step_and_closes_it(book):
    book.log({"a": 1}, step=5)
    book.log({"b": 2})

    assert book.written == [(5, {"a": 1, "b": 2})]
    assert book.history.step == 6


def test_an_explicit_step_can_be_committed_at_once(book):
    book.log({"a": 1}, step=5, commit=True)

    assert book.written == [(5, {"a": 1})]
    assert book.history.step == 6


def test_a_row_that_comes_too_late_is_dropped_and_told(book):
    book.log({"a": 1}, step=5)

    book.log({"a": 9}, step=3)
    book.log({"a": 9}, step=-1)

    assert book.dropped == [(3, 5), (-1, 5)]
    book.history.commit()
    assert book.written == [(5, {"a": 1})]


@pytest.mark.parametrize("step", [1.5, "3"], ids=["float", "text"])
def test_a_step_that_is_no_whole_number_is_refused(book, step):
    with pytest.raises(TypeError, match=r"takes a whole number.*step=int"):
        book.log({"a": 1}, step=step)


@pytest.mark.parametrize("step", [2**53, 2**70, 10**5000], ids=["2**53", "2**70", "huge"])
def test_a_step_that_is_no_exact_float_is_refused_at_once(book, step):
    with pytest.raises(UsageError, match=r"steps below 2\*\*53, not \d.*e\+.*run\.log\("):
        book.log({"a": 1}, step=step)

    assert book.history.step == 0


def test_a_users_timestamp_is_kept_and_its_step_is_not(book):
    book.log({"a": 1, "_timestamp": 12.5, "_step": 99, "_runtime": 1})

    assert book.rows[0].time_us == 12_500_000
    assert book.written == [(0, {"a": 1})]


def test_a_closed_history_says_why(book):
    book.history.refusal = "run 'x' is finished"

    with pytest.raises(UsageError, match="run 'x' is finished"):
        book.log({"a": 1})


def test_threads_that_log_at_once_get_steps_of_their_own(book):
    """A swapped list loses rows here, a single append does not."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            Thread(target=lambda: [book.log({"a": 1}) for _ in range(2_000)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert [row.step for row in book.rows] == list(range(8_000))
