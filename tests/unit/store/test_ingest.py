"""Every byte of a journal goes into the database once, and the run stays the same run."""

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storekit import START_US, UID, logged, opened_run, row, rows, said, told

from nbtrack.records import (
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    Heartbeat,
    Notice,
    Row,
    RunChanged,
    RunState,
    Stream,
    SummaryChanged,
    SystemSample,
)
from nbtrack.store import Ingester, Journal, Reader
from nbtrack.store.database import Database
from nbtrack.store.ingesting import Ingesting

names = st.sampled_from(["loss", "train/acc", "epoch", "a", "a.b", ("a", "b"), ("a", "c", "d")])
values = st.one_of(
    st.floats(width=32),
    st.integers(-5, 5),
    st.integers(2**53, 2**64),
    st.booleans(),
    st.none(),
    st.sampled_from(["text", "\ud800", [1, "x"], {"_type": "image", "size": 3}]),
)
# Names that coincide in one row have no order among themselves.
trees = st.dictionaries(names, values, max_size=4).filter(
    lambda tree: not {"a.b", ("a", "b")} <= tree.keys()
)
times = st.integers(START_US, START_US + 10**9)
records = st.one_of(
    trees,
    trees,
    trees,
    st.builds(ConsoleText, times, st.sampled_from(Stream), st.text(), st.sampled_from([None, "c"])),
    st.builds(SystemSample, times, st.dictionaries(st.sampled_from(["cpu", "gpu"]), st.floats())),
    st.builds(ConfigChanged, times, st.dictionaries(st.sampled_from(["lr", "n"]), values)),
    st.builds(SummaryChanged, times, trees, st.lists(names, max_size=2).map(tuple)),
    st.builds(RunChanged, times, st.dictionaries(st.sampled_from(["name", "notes"]), st.just("x"))),
    st.builds(ClockTurned, times, st.integers(0, 10**9), st.booleans()),
    st.builds(Heartbeat, times, st.integers(0, 10**9)),
    st.builds(Notice, times, st.just("info"), st.sampled_from(["gpu", "disk"]), st.just("t")),
)
batches = st.lists(st.tuples(st.lists(records, max_size=6), st.booleans()), max_size=6)


def everything(reader: Reader) -> str:
    """Return all that a reader tells of the run."""
    series = [
        (one.key, one.stream, one.count, one.times_us.tolist(), one.values.tolist())
        for stream in ("metric", "system")
        for one in reader.reduced(UID, points=10, stream=stream)
    ]
    return said([told(reader.run(UID)), list(reader.rows(UID)), reader.lines(UID), series])


@settings(deadline=None, max_examples=25)
@given(batches)
def test_a_run_is_the_same_however_much_of_it_is_in_the_database(tmp_path_factory, batches):
    """Ingest folds in pieces what a reader without a database folds at once."""
    root = tmp_path_factory.mktemp("store")
    ingester, step = Ingester(root), 0
    with contextlib.closing(Journal.create(root, opened_run())) as journal:
        for batch, is_ingested in batches:
            written = []
            for one in batch:
                written.append(Row(step, START_US + step, one) if isinstance(one, dict) else one)
                step += isinstance(one, dict)
            journal.append(written)
            assert not is_ingested or ingester.ingest(UID)

        in_part = everything(Reader(root))
        assert ingester.ingest(UID)
        in_full = everything(Reader(root))
        for path in root.glob("nbtrack.duckdb*"):
            path.unlink()
        not_at_all = everything(Reader(root))

    assert in_part == not_at_all
    assert in_full == not_at_all


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1 / 3])
def test_a_number_comes_back_as_it_went_in(journal, ingester, reader, value):
    journal.append([row(0, {"x": value})])
    assert ingester.ingest(UID)

    (found,) = reader.rows(UID)
    assert said(found["x"]) == said(value)
    assert said(reader.run(UID).summary["x"]) == said(value)
    assert said(reader.series(UID, "x").values.tolist()) == said([value])


@pytest.mark.parametrize("value", [1, True, 2**53, 2**53 + 1, 10**30, "", "µ", None, [], {"a": {}}])
def test_a_value_keeps_its_type(journal, ingester, reader, value):
    journal.append([row(0, {"x": value})])
    assert ingester.ingest(UID)

    (found,) = reader.rows(UID)
    assert found["x"] == value
    assert type(found["x"]) is type(value)


def test_empty_rows_count(journal, ingester, reader):
    journal.append([row(0), row(1, {"x": 1}), row(2)])
    assert ingester.ingest(UID)

    assert [logged(one) for one in reader.rows(UID)] == [{}, {"x": 1}, {}]
    assert reader.run(UID).rows == 3


def test_none_never_replaces_a_value_of_the_summary(journal, ingester, reader):
    journal.append([row(0, {"x": 1}), row(1, {"x": None})])
    assert ingester.ingest(UID)
    journal.append([row(2, {"x": None})])

    assert reader.run(UID).summary["x"] == 1


def test_a_value_logged_later_replaces_one_that_was_set_by_hand(journal, ingester, reader):
    journal.append([row(0, {"best": 1}), SummaryChanged(START_US, {"best": 7, "note": "x"})])
    assert ingester.ingest(UID)
    assert reader.run(UID).summary["best"] == 7

    journal.append([row(1, {"best": 2}), SummaryChanged(START_US, removed=("note",))])

    assert logged(reader.run(UID).summary) == {"best": 2}


def test_the_summary_knows_when_its_values_were_logged(journal, reader):
    journal.append([row(3, {"x": 1})])

    summary = reader.run(UID).summary
    assert (summary["_step"], summary["_runtime"]) == (3, 3.0)
    assert summary["_timestamp"] == START_US / 1e6 + 3


def test_time_between_cells_does_not_count(journal, ingester, reader):
    second = 1_000_000
    journal.append([ClockTurned(START_US, 0, running=True), row(10)])
    journal.append([ClockTurned(START_US + 10 * second, 10 * second, running=False), row(30)])
    assert ingester.ingest(UID)
    journal.append([ClockTurned(START_US + 40 * second, 10 * second, running=True), row(45)])

    assert [one["_runtime"] for one in reader.rows(UID)] == [10.0, 10.0, 15.0]
    assert reader.run(UID).active_us == 15 * second


def test_keys_are_counted_without_looking_at_their_values(root, journal, ingester):
    journal.append([row(s, {"x": v}) for s, v in enumerate([3.0, math.nan, -1.0, math.inf])])
    assert ingester.ingest(UID)
    journal.append([row(4, {"x": 9, "t": "text"})])
    assert ingester.ingest(UID)

    with Database(root).reading() as window:
        stats = window.rows(
            "SELECT name, n, n_nan, n_infinite, n_other, first_step, last_step, first, last, "
            "min, min_step, max, max_step, total FROM nb.keys ORDER BY key_id"
        )
    assert stats[0] == ("x", 5, 1, 1, 0, 0, 4, 3.0, 9.0, -1.0, 2, 9.0, 4, 11.0)
    assert stats[1][:5] == ("t", 0, 0, 0, 1)


def test_a_journal_that_grew_large_goes_in_piece_by_piece(root, journal, ingester):
    for start in range(0, 60_000, 20_000):
        journal.append(rows(range(start, start + 20_000), *(f"m{n}" for n in range(10))))

    assert ingester.ingest(UID)

    with Database(root).reading() as window:
        assert window.rows("SELECT count(*), sum(value) FROM nb.metrics WHERE key_id = 0") == [
            (60_000, sum(range(60_000)))
        ]
        assert window.rows("SELECT ingested FROM nb.runs") == [(journal.position,)]


def test_a_run_that_is_written_faster_than_it_goes_in_holds_nobody(
    journal, ingester, reader, monkeypatch
):
    store, pieces = Ingesting._store, []

    def stored_while_more_comes(self, window, progress, piece):
        store(self, window, progress, piece)
        pieces.append(piece)
        journal.append(rows([len(pieces)], "loss"))
        assert len(pieces) < 9, "it never ends"

    journal.append(rows([0], "loss"))
    monkeypatch.setattr(Ingesting, "_store", stored_while_more_comes)

    assert ingester.ingest(UID)
    assert reader.series(UID, "loss").steps.tolist() == list(range(len(pieces) + 1))


def test_two_that_ingest_the_same_journal_store_it_once(root, journal, reader):
    """A server may bring up a run that its kernel has given up, and took up again."""
    first, second = Ingester(root), Ingester(root)
    for start in range(0, 100, 10):
        journal.append(rows(range(start, start + 10), "loss"))
        assert (first if start % 20 else second).ingest(UID)

    assert reader.series(UID, "loss").steps.tolist() == list(range(100))


def test_runs_that_live_are_not_left_behind(journal, ingester, reader):
    journal.append(rows(range(3), "loss"))
    assert ingester.ingest_left_behind() == 0

    journal.close()

    assert ingester.ingest_left_behind() == 1
    assert ingester.ingest_left_behind() == 0
    assert reader.run(UID).state is RunState.CRASHED


def test_there_is_nothing_to_ingest_where_there_is_no_run(root, ingester):
    assert not ingester.ingest(UID)
    assert ingester.ingest_left_behind() == 0
    assert not root.exists() or not list(root.glob("nbtrack.duckdb"))


def test_a_run_that_ended_says_how(journal, ingester, reader):
    journal.append([Closed(START_US + 9, RunState.FAILED, 3, 5, "the kernel was restarted")])
    journal.close()
    for _ in range(2):
        facts = reader.run(UID)
        assert (facts.state, facts.exit_code, facts.reason) == (
            RunState.FAILED,
            3,
            "the kernel was restarted",
        )
        assert (facts.ended_us, facts.active_us, facts.ticking) == (START_US + 9, 5, False)
        assert ingester.ingest(UID)


def test_text_that_no_encoding_can_say_does_not_stop_a_run(journal, ingester, reader):
    bad = "bad \ud800 \x00"
    journal.append([ConsoleText(START_US, Stream.STDOUT, bad), row(0, {"t": bad, bad: 1})])
    journal.append([RunChanged(START_US, {"name": bad}), ConfigChanged(START_US, {bad: bad})])

    assert ingester.ingest(UID)

    assert next(reader.rows(UID))["t"] == bad
    assert reader.run(UID).config == {bad: bad}
    assert reader.lines(UID)[0].text == "bad ? \x00"
