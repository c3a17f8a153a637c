"""Between cells a run's time stands still."""

from nbtrack.store.active import Segment, runtimes_s

SECOND = 1_000_000


def test_time_runs_and_stands_still():
    segments = [
        Segment(0, 0, running=True),
        Segment(10 * SECOND, 10 * SECOND, running=False),
        Segment(60 * SECOND, 10 * SECOND, running=True),
    ]

    times = [0, 4 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND, 61 * SECOND]
    assert runtimes_s(segments, times) == [0, 4, 10, 10, 10, 11]


def test_before_the_beginning_nothing_was_active():
    assert runtimes_s([Segment(100, 0, running=True)], [50]) == [0]
    assert runtimes_s([], [50]) == [0]


def test_a_heartbeat_that_says_what_was_known_begins_nothing():
    segment = Segment(0, 0, running=True)

    assert segment.beaten(5 * SECOND, 5 * SECOND + 9_000) is None
    assert segment.beaten(5 * SECOND, 3 * SECOND) == Segment(5 * SECOND, 3 * SECOND, running=True)
