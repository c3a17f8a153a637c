"""A follower sees a run as it stands, and then everything that comes, once."""

import numpy as np
import pytest
from storekit import START_US, UID, opened_run, row, rows
from waiting import wait_until

from nbtrack.clock import SystemClock
from nbtrack.errors import RunNotFoundError
from nbtrack.query import Follower
from nbtrack.records import (
    Closed,
    ConfigChanged,
    ConsoleText,
    Heartbeat,
    RunChanged,
    RunState,
    Stream,
    SystemSample,
)
from nbtrack.store import Journal, Span, edit_run, reader, seal


@pytest.fixture
def follower(root):
    follower = Follower(root, UID)
    yield follower
    follower.close()


def line(text: str) -> ConsoleText:
    return ConsoleText(START_US, Stream.STDOUT, text)


def test_a_run_that_is_not_there_cannot_be_followed(follower):
    with pytest.raises(RunNotFoundError, match=UID):
        follower.snapshot()


def test_before_the_first_snapshot_there_is_no_news(journal, follower):
    journal.append(rows(range(3), "loss"))

    assert follower.poll() is None


def test_a_snapshot_holds_all_series_and_the_last_lines(journal, ingester, follower):
    journal.append(
        [*rows(range(3), "loss", "acc"), line("a"), SystemSample(START_US, {"cpu": 1.0})]
    )
    assert ingester.ingest(UID)
    journal.append([*rows(range(3, 5), "loss"), line("b"), line("c")])

    view = follower.snapshot(lines=2)

    assert [(one.key, one.stream, one.count) for one in view.series] == [
        ("loss", "metric", 5),
        ("acc", "metric", 3),
        ("cpu", "system", 1),
    ]
    assert [(one.number, one.text) for one in view.lines] == [(1, "b"), (2, "c")]
    assert (view.line_count, view.run.step, view.run.state) == (3, 4, RunState.RUNNING)


def test_very_many_series_share_what_one_snapshot_may_weigh(journal, follower, monkeypatch):
    """A run of 50,000 metrics would else be two gigabytes for whoever opens its panel."""
    monkeypatch.setattr(reader, "MOST_POINTS", 1_000)
    journal.append(rows(range(300), *(f"m{number}" for number in range(10))))

    view = follower.snapshot(points=200)

    assert {series.count for series in view.series} == {300}
    assert max(len(series.steps) for series in view.series) <= 100 + 4
    assert {(series.values.min(), series.values.max()) for series in view.series} == {
        (number / 8, 299 + number / 8) for number in range(10)
    }


def test_news_begin_exactly_where_the_snapshot_ends(journal, ingester, follower):
    journal.append([*rows(range(3), "loss"), line("a")])
    assert ingester.ingest(UID)
    follower.snapshot()
    assert follower.poll() is None

    journal.append([*rows(range(3, 5), "loss"), line("b"), *rows(range(5, 6), "loss", "acc")])
    assert ingester.ingest(UID)
    news = follower.poll()

    first, second = news.blocks
    assert (first.keys, first.steps.tolist()) == (("loss",), [3, 4])
    assert (second.keys, second.values.tolist()) == (("loss", "acc"), [[5, 5.125]])
    assert [(one.number, one.text) for one in news.lines] == [(1, "b")]
    assert (news.run.step, news.run.rows) == (5, 6)
    assert follower.poll() is None


def test_a_snapshot_begins_anew(journal, follower):
    follower.snapshot()
    journal.append(rows(range(3), "loss"))

    assert follower.snapshot().series[0].count == 3
    assert follower.poll() is None


def test_readings_of_the_machine_have_no_step(journal, follower):
    follower.snapshot()
    journal.append([SystemSample(START_US, {"cpu": 1.0})])

    (block,) = follower.poll().blocks
    assert (block.stream, block.keys) == ("system", ("cpu",))
    assert np.isnan(block.steps).all()


@pytest.mark.parametrize(
    "record", [Heartbeat(START_US + 9, 9), ConfigChanged(START_US, {"lr": 1}), row(0)]
)
def test_what_has_no_points_is_news_of_the_run(journal, follower, record):
    before = follower.snapshot().run
    journal.append([record])

    news = follower.poll()
    assert news.run != before
    assert news.lines == []
    assert [block.keys for block in news.blocks] in ([], [()])


def test_the_end_of_a_run_is_news(journal, follower):
    follower.snapshot()
    journal.append([Closed(START_US + 5, RunState.FINISHED, 0, 5)])
    journal.close()

    news = follower.poll()
    assert (news.run.state, news.run.ended_us) == (RunState.FINISHED, START_US + 5)
    assert follower.poll() is None


def test_the_death_of_a_run_is_news(journal, follower):
    """A killed kernel says nothing."""
    follower.snapshot()
    journal.close()

    news = wait_until(follower.poll)

    assert (news.run.state, news.run.ticking) == (RunState.CRASHED, False)
    assert follower.poll() is None


class HandClock(SystemClock):
    """A clock that is moved on by hand."""

    def __init__(self):
        self.now_s = 0.0

    def elapsed_s(self):
        return self.now_s


def hear(follower, clock):
    """Return the news of the next second."""
    clock.now_s += 1.0
    return follower.poll()


@pytest.mark.parametrize("is_packed", [True, False], ids=["packed before", "packed meanwhile"])
def test_what_becomes_of_a_packed_run_is_news(root, journal, ingester, is_packed):
    """A run's tab stays open for days: somebody renames the run, or goes on with it."""
    journal.append([*rows(range(3), "loss"), Closed(START_US + 5, RunState.FINISHED, 0, 5)])
    journal.close()
    assert ingester.ingest(UID)
    clock = HandClock()
    follower = Follower(root, UID, clock)
    if is_packed:
        assert seal(root, UID)
    follower.snapshot()
    assert seal(root, UID)

    assert hear(follower, clock) is None
    edit_run(root, UID, [RunChanged(START_US, {"name": "heron"})], is_written=lambda: False)
    renamed = hear(follower, clock)
    again = Journal.reopen(root, UID)
    again.append([opened_run(UID), *rows(range(3, 5), "loss")])
    gone_on = hear(follower, clock)
    again.close()
    follower.close()

    assert (renamed.run.opened.name, renamed.run.state) == ("heron", RunState.FINISHED)
    assert gone_on.run.state is RunState.RUNNING
    assert [list(block.steps) for block in gone_on.blocks] == [[3.0, 4.0]]


def test_a_run_that_is_gone_is_followed_as_it_was(root, journal):
    """Into the trash, for example: whoever looks may go on looking."""
    clock = HandClock()
    follower = Follower(root, UID, clock)
    journal.append([Closed(START_US + 5, RunState.FINISHED, 0, 5)])
    journal.close()
    follower.snapshot()
    (root / "runs" / UID).rename(root / "elsewhere")

    assert [hear(follower, clock) for _ in range(3)] == [None] * 3
    follower.close()


def test_looking_when_there_is_nothing_new_opens_nothing(journal, follower, monkeypatch):
    """Panels look ten times a second, in the kernel that trains."""
    journal.append(rows(range(3), "loss"))
    follower.snapshot()
    monkeypatch.setattr("os.open", None)
    monkeypatch.setattr("os.read", None)

    assert [follower.poll() for _ in range(100)] == [None] * 100


def test_a_window_shows_what_a_reduced_series_leaves_out(journal, ingester, follower):
    journal.append(rows(range(10_000), "loss"))
    assert ingester.ingest(UID)
    assert len(follower.snapshot(points=100).series[0].steps) <= 100

    (loss, nothing) = follower.window(["loss", "none"], Span(500, 540), 100)

    assert loss.steps.tolist() == list(range(500, 541))
    assert nothing.count == 0


def test_a_follower_can_be_closed_and_used_again(journal, follower):
    follower.snapshot()
    follower.close()
    follower.close()
    assert follower.poll() is None

    journal.append(rows(range(3), "loss"))
    assert follower.snapshot().run.rows == 3
