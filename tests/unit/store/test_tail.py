"""A tail sees every row once, wherever it begins and however the file grows."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storekit import START_US, UID, logged, opened_run, row, rows, said

from nbtrack.errors import RunNotFoundError
from nbtrack.records import ConsoleText, Row, Stream, name_of
from nbtrack.store import Journal, Reader, Tail


def steps_of(news: list) -> list[float]:
    return [step for one in news if hasattr(one, "steps") for step in one.steps.tolist()]


def test_without_a_journal_there_is_no_run(root):
    with pytest.raises(RunNotFoundError, match=f"no run '{UID}'"):
        Tail.open(root, UID)


def test_a_tail_tells_what_came_since_the_last_look(root, journal):
    with Tail.open(root, UID) as tail:
        tail.poll()
        assert tail.poll() == []

        journal.append(rows(range(3), "loss"))
        assert steps_of(tail.poll()) == [0, 1, 2]

        journal.append(rows(range(3, 4), "loss"))
        assert steps_of(tail.poll()) == [3]
        assert tail.position == journal.position


def test_a_tail_can_begin_in_the_middle(root, journal):
    """A shape is named long before; the tail looks back for it."""
    journal.append(rows(range(3), "loss"))
    middle = journal.position
    journal.append(rows(range(3, 6), "loss"))

    with Tail.open(root, UID, middle) as tail:
        (block,) = tail.poll()

    assert (block.keys, block.steps.tolist()) == (("loss",), [3, 4, 5])


def test_shapes_are_named_again_so_that_looking_back_is_short(root, journal):
    wide = {f"metric {n}": float(n) for n in range(50)}
    for start in range(0, 3_000, 100):
        journal.append([row(step, wide) for step in range(start, start + 100)])
    middle = journal.position
    journal.append(rows([3_000], "loss"))
    journal.append([row(3_001, wide)])

    with Tail.open(root, UID, middle) as tail:
        looks = []
        real, tail._gather_shapes = tail._gather_shapes, lambda *at: (looks.append(at), real(*at))
        assert steps_of(tail.poll()) == [3_000, 3_001]
    assert len(looks) == 1


@pytest.mark.parametrize("end", range(1, 60, 7))
def test_a_record_that_is_half_written_is_left_for_later(root, journal, end):
    journal.append(rows(range(3), "loss"))
    with Tail.open(root, UID) as tail:
        tail.poll()
        journal.append(rows(range(3, 9), "loss"))
        data = journal.path.read_bytes()
        os.truncate(journal.path, tail.position + end)
        assert tail.poll() == []

        journal.path.write_bytes(data)
        assert steps_of(tail.poll()) == [3, 4, 5, 6, 7, 8]
        assert tail.damaged == 0


def test_damage_is_counted(root, journal):
    journal.append(rows(range(3), "loss"))
    middle = journal.position
    journal.append(rows(range(3, 6), "loss"))
    lost = journal.position - middle
    journal.append(rows(range(6, 9), "loss"))
    data = bytearray(journal.path.read_bytes())
    data[middle + 20] ^= 1
    journal.path.write_bytes(data)

    with Tail.open(root, UID) as tail:
        assert steps_of(tail.poll()) == [0, 1, 2, 6, 7, 8]
        assert tail.damaged == lost


def test_whole_frames_that_make_no_sense_are_damage_too(root, journal):
    """A checksum proves that bytes are those that were written, not that they are ours."""
    from nbtrack.store.frames import Kind, frame

    nonsense = [
        frame(Kind.CONTROL, b"[1]"),
        frame(Kind.CONTROL, b'{"is": "closed", "state": "bored"}'),
        frame(Kind.CONTROL, b'{"is": "notice", "time_us": "now"}'),
        frame(Kind.CONTROL, b"\xfe"),
        frame(Kind.LINES, b'[[1, "nowhere", "x", null]]'),
        frame(Kind.SHAPE, b'["metric", [[]]]', 9),
        frame(Kind.ROWS, b"12345678", 77),
        frame(Kind.ROWS, b""),
        frame(Kind.CONTROL, b"[" * 100_000),
    ]
    with journal.path.open("ab") as file:
        file.write(b"".join(nonsense))

    with Tail.open(root, UID) as tail:
        assert len(tail.poll()) == 2
        assert tail.damaged == sum(map(len, nonsense))


def test_what_a_newer_nbtrack_wrote_is_passed_over(root, journal):
    from nbtrack.store.frames import Kind, frame

    with journal.path.open("ab") as file:
        file.write(frame(Kind.CONTROL, b'{"is": "sung", "time_us": 1}'))

    with Tail.open(root, UID) as tail:
        *known, notice = tail.poll()
        assert len(known) == 2
        assert notice.cause == "newer nbtrack"
        assert tail.damaged == 0


@pytest.mark.usefixtures("journal")
def test_a_tail_closes_twice(root):
    tail = Tail.open(root, UID)

    tail.close()
    tail.close()


keys = st.one_of(
    st.sampled_from(["loss", "acc", "n", "a.b"]),
    st.lists(st.text(min_size=1, max_size=3), min_size=2, max_size=3).map(tuple),
)
numbers = st.one_of(st.floats(width=64), st.integers(-(2**53), 2**53), st.booleans(), st.none())
other = st.one_of(
    st.integers(2**53 + 1, 2**70), st.text(), st.lists(st.integers()), st.just({"_type": "image"})
)
# Names that coincide in one row have no order among themselves.
trees = st.dictionaries(keys, st.one_of(numbers, numbers, other), max_size=5).filter(
    lambda tree: len({name_of(path) for path in tree}) == len(tree)
)
batches = st.lists(st.lists(trees, max_size=8), max_size=5)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches)
def test_rows_come_back_exactly_as_they_were_logged(tmp_path_factory, batches):
    """Numbers of every kind, nothing, text and nested keys, in rows of every shape."""
    root = tmp_path_factory.mktemp("store")
    journal = Journal.create(root, opened_run())
    step, expected = 0, []
    for batch in batches:
        written = [Row(step + n, START_US + n, values) for n, values in enumerate(batch)]
        step += len(batch)
        journal.append(written)
        expected += [
            {name_of(path): value for path, value in one.values.items()} for one in written
        ]
    journal.close()

    found = list(Reader(root).rows(UID))

    assert [one["_step"] for one in found] == list(range(step))
    assert [said(logged(one)) for one in found] == [said(logged(one)) for one in expected]


def test_lines_and_rows_keep_their_order(root, journal):
    line = ConsoleText(START_US, Stream.STDOUT, "between", None)
    journal.append([*rows([0], "loss"), line, *rows([1], "loss"), line])

    with Tail.open(root, UID) as tail:
        kinds = [type(one).__name__ for one in tail.poll()[2:]]

    assert kinds == ["RowBlock", "ConsoleText", "RowBlock", "ConsoleText"]
