"""What is in the database and what is not yet look like one."""

import os

import numpy as np
import pytest
from storekit import START_US, UID, logged, opened_run, row, rows

from nbtrack.errors import RunNotFoundError, StoreError, UsageError
from nbtrack.records import (
    CellRun,
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    EnvironmentNoted,
    Heartbeat,
    Notice,
    RunChanged,
    RunState,
    Stream,
    SystemSample,
)
from nbtrack.store import Ingester, Journal, LineSearch, Reader
from nbtrack.store.layout import journal_path

NAN = float("nan")
OTHER = "20260102-030405-0000beef"


def lines(numbers) -> list[ConsoleText]:
    return [ConsoleText(START_US + n, Stream.STDOUT, f"line {n}") for n in numbers]


def test_where_there_is_no_workspace_there_are_no_runs(tmp_path):
    assert Reader(tmp_path / "nowhere").runs() == []


def test_a_run_that_is_not_there_is_named(reader):
    with pytest.raises(RunNotFoundError, match=f"no run '{UID}'"):
        reader.run(UID)
    with pytest.raises(RunNotFoundError):
        reader.rows(UID)
    with pytest.raises(UsageError, match="no run uid"):
        reader.run("../../etc")


def test_an_empty_journal_is_no_run_yet(root, reader):
    """It is, for an instant, when a run begins."""
    path = journal_path(root, UID)
    path.parent.mkdir(parents=True)
    path.touch()

    assert reader.runs() == []
    with pytest.raises(RunNotFoundError):
        reader.run(UID)

    path.unlink()
    journal = Journal.create(root, opened_run())
    assert [facts.opened.uid for facts in reader.runs()] == [UID]
    journal.close()


def test_runs_come_newest_first(root, reader):
    for n in (2, 0, 1):
        uid = f"{UID}-{n}"
        Journal.create(root, opened_run(uid, time_us=START_US + n)).close()

    assert [facts.opened.uid[-1] for facts in reader.runs()] == ["2", "1", "0"]


def test_facts_tell_what_was_changed(journal, ingester, reader):
    journal.append([RunChanged(START_US, {"name": "calm-fox", "tags": ["a", "b"], "uid": "x"})])
    assert ingester.ingest(UID)
    journal.append([RunChanged(START_US, {"notes": "why", "name": 7}), ConfigChanged(1, {"a": 1})])
    journal.append([ConfigChanged(1, {"a": {"b": 2}}), Notice(START_US, "info", "gpu", "none")])
    journal.append([Notice(START_US + 5, "info", "gpu", "none", 2)])

    facts = reader.run(UID)

    opened = facts.opened
    assert (opened.uid, opened.name, opened.tags, opened.notes) == (
        UID,
        "calm-fox",
        ("a", "b"),
        "why",
    )
    assert facts.config == {"a": {"b": 2}}
    assert facts.notices == (Notice(START_US, "info", "gpu", "none", 2),)
    assert facts.state is RunState.RUNNING


def test_facts_do_not_change_behind_ones_back(journal, reader):
    journal.append([row(0, {("a", "b"): 1})])
    before = reader.runs()[0]

    journal.append([row(1, {("a", "b"): 2})])
    after = reader.runs()[0]

    assert (before.summary["a"], after.summary["a"]) == ({"b": 1}, {"b": 2})


def test_a_run_that_has_not_changed_is_the_same_object(journal, ingester, reader):
    """Whoever shows a list has nothing to do then."""
    journal.append(rows(range(3), "loss"))
    first = reader.runs()[0]
    assert ingester.ingest(UID)
    assert reader.runs()[0] is first

    journal.append(rows(range(3, 4), "loss"))
    second = reader.runs()[0]
    assert second is not first

    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    third = reader.runs()[0]
    assert reader.runs()[0] is third
    assert third.state is RunState.FINISHED


def test_a_run_whose_writer_is_gone_has_crashed(root, journal, reader):
    journal.append([row(7, {"x": 1})])
    assert reader.runs()[0].state is reader.run(UID).state is RunState.RUNNING

    journal.close()

    facts = Reader(root).run(UID)
    assert (facts.state, facts.exit_code, facts.ticking) == (RunState.CRASHED, None, False)
    assert facts.ended_us == facts.seen_us == START_US + 7_000_000
    assert Reader(root).runs()[0].state is RunState.CRASHED


def test_a_run_that_is_taken_up_again_runs_again(root, journal, ingester, reader):
    journal.append([*rows(range(3), "loss"), Closed(START_US + 9, RunState.FAILED, 1, 9)])
    assert ingester.ingest(UID)
    journal.close()
    assert reader.runs()[0].state is RunState.FAILED

    again = Journal.reopen(root, UID)
    again.append([opened_run(name="ignored"), *rows(range(3, 5), "loss")])

    facts = reader.runs()[0]
    assert (facts.state, facts.rows, facts.opened.name) == (RunState.RUNNING, 5, "brave-otter")
    again.close()


def test_a_closed_run_is_not_opened_to_list_it(root, reader, monkeypatch):
    """A thousand finished runs are listed several times a second."""
    for n in range(3):
        journal = Journal.create(root, opened_run(f"{UID}-{n}"))
        journal.append([row(0, {"x": n}), Closed(START_US, RunState.FINISHED, 0, 0)])
        journal.close()
        assert Ingester(root).ingest(f"{UID}-{n}")
    opened = []
    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *how: (opened.append(str(path)), real(path, *how))[1]
    )

    assert len(reader.runs()) == 3
    assert not [path for path in opened if "journal" in path]

    opened.clear()
    assert len(reader.runs()) == 3
    assert opened == []


def test_a_run_whose_folder_is_gone_is_told_from_the_database(journal, ingester, reader):
    journal.append([*rows(range(3), "loss"), Closed(START_US, RunState.FINISHED, 0, 0)])
    assert ingester.ingest(UID)
    journal.close()
    journal.path.unlink()

    assert reader.runs()[0].state is reader.run(UID).state is RunState.FINISHED
    assert len(list(reader.rows(UID))) == 3


def test_the_beginning_of_a_journal_may_be_damaged(journal, reader):
    begun = journal.position
    journal.append(rows(range(3), "loss"))
    journal.path.write_bytes(b"\x00" * begun + journal.path.read_bytes()[begun:])

    facts = reader.runs()[0]

    assert (facts.opened.uid, facts.opened.name, facts.opened.project) == (UID, UID, "unknown")
    assert facts.damaged > 0


@pytest.mark.parametrize("stored", [0, 40, 100], ids=["none", "part", "all"])
class TestRowsAndSeries:
    """The same answers, however much of the run is in the database."""

    @pytest.fixture
    def reader(self, root, journal, stored):
        journal.append([row(s, self.values(s)) for s in range(stored)])
        if stored:
            assert Ingester(root).ingest(UID)
        journal.append([row(s, self.values(s)) for s in range(stored, 100)])
        return Reader(root)

    @staticmethod
    def values(step):
        values = {"loss": step * 1.0, ("a", "b"): step}
        return values | ({"text": f"t{step}", "n": step} if step % 10 == 0 else {})

    def test_keys_come_in_order(self, reader):
        assert reader.keys(UID) == ["loss", "a.b", "n"]
        assert reader.keys(UID, "system") == []

    def test_all_rows(self, reader):
        found = list(reader.rows(UID))

        assert [one["_step"] for one in found] == list(range(100))
        assert logged(found[10]) == {"loss": 10.0, "a.b": 10, "text": "t10", "n": 10}
        assert logged(found[11]) == {"loss": 11.0, "a.b": 11}

    def test_a_range_of_rows(self, reader):
        found = reader.rows(UID, min_step=35, max_step=45)

        assert [one["_step"] for one in found] == list(range(35, 45))

    def test_rows_that_have_all_keys(self, reader):
        found = list(reader.rows(UID, ["_step", "n", "text", "loss"]))

        assert [one["_step"] for one in found] == list(range(0, 100, 10))
        assert found[-1] == {"_step": 90, "n": 90, "text": "t90", "loss": 90.0}
        assert list(reader.rows(UID, ["_step"])) == [{"_step": step} for step in range(100)]
        assert list(reader.rows(UID, ["nothing"])) == []

    def test_a_sample_of_rows(self, reader):
        every = reader.sampled(UID, 1_000)
        assert every == list(reader.rows(UID))

        some = reader.sampled(UID, 12)
        steps = [one["_step"] for one in some]
        assert steps == [0, 9, 18, 27, 36, 45, 54, 63, 72, 81, 90, 99]
        assert some == [one for one in every if one["_step"] in steps]

        own = ["_step", "_timestamp", "_runtime"]
        with_text = reader.sampled(UID, 4, [*own, "text"])
        assert [one["_step"] for one in with_text] == [0, 30, 60, 90]
        assert with_text[1] == {
            "_step": 30,
            "_timestamp": START_US / 1e6 + 30,
            "_runtime": 30,
            "text": "t30",
        }
        assert reader.table(UID, 4, ["text", "n"]) == {
            "text": [f"t{step}" for step in (0, 30, 60, 90)],
            "n": [0, 30, 60, 90],
        }

    def test_a_series(self, reader):
        series = reader.series(UID, "n")

        assert series.steps.tolist() == series.values.tolist() == list(range(0, 100, 10))
        assert series.times_us.tolist() == [START_US + s * 1_000_000 for s in range(0, 100, 10)]
        assert reader.series(UID, "nothing").count == 0

    def test_reduced_series(self, reader):
        loss, nested, few = reader.reduced(UID, points=20)

        assert (loss.key, nested.key, few.key) == ("loss", "a.b", "n")
        assert (loss.count, few.count) == (100, 10)
        assert 10 < len(loss.values) <= 20
        assert (loss.values[0], loss.values[-1]) == (0, 99)
        assert few.values.tolist() == list(range(0, 100, 10))

    def test_a_window(self, reader):
        (loss,) = reader.reduced(UID, ["loss"], 20, low=30.5, high=50)

        assert loss.count == len(loss.values) == 20
        assert (loss.steps[0], loss.steps[-1]) == (31, 50)

        (loss,) = reader.reduced(UID, ["loss"], 8, low=30, high=80)
        assert (loss.count, loss.steps[0], loss.steps[-1]) == (51, 30, 80)
        assert len(loss.values) <= 8

        (loss,) = reader.reduced(UID, ["loss"], 8, low=500, high=600)
        assert loss.count == len(loss.values) == 0


def test_what_is_reduced_in_two_places_is_what_is_reduced_at_once(root, journal, reader):
    """The database cuts where numpy cuts."""
    values = np.cumsum(np.random.default_rng(1).normal(size=30_000))
    values[[77, 12_345, 25_000]] = [np.nan, np.inf, -np.inf]
    written = [row(s, {"x": float(value)}) for s, value in enumerate(values)]
    journal.append(written)
    (at_once,) = reader.reduced(UID, points=500)

    ingester = Ingester(root)
    for path in root.glob("nbtrack*"):
        path.unlink()
    os.truncate(journal.path, 0)
    journal.position = 0
    journal._encoder.named.clear()
    journal.append([opened_run(), *written[:20_000]])
    assert ingester.ingest(UID)
    journal.append(written[20_000:])
    (in_two,) = reader.reduced(UID, points=500)
    assert ingester.ingest(UID)
    (in_one,) = reader.reduced(UID, points=500)

    for found in (in_two, in_one):
        assert len(found.values) <= 500
        assert found.steps.tolist() == at_once.steps.tolist()
        assert np.array_equal(found.values, at_once.values, equal_nan=True)
        assert found.times_us.tolist() == at_once.times_us.tolist()


def test_lines_are_numbered_without_gaps(journal, ingester, reader):
    journal.append(lines(range(5)))
    assert ingester.ingest(UID)
    journal.append([row(0), *lines(range(5, 8))])

    assert [line.number for line in reader.lines(UID)] == list(range(8))
    assert [line.text for line in reader.lines(UID, after=3)] == [f"line {n}" for n in range(4, 8)]
    assert [line.number for line in reader.lines(UID, last=4)] == [4, 5, 6, 7]
    assert [line.number for line in reader.lines(UID, after=6, last=4)] == [7]
    assert reader.lines(UID, last=0) == []
    assert reader.run(UID).line_count == 8


def test_a_line_keeps_its_level_and_its_label(journal, ingester, reader):
    plain = ConsoleText(START_US, Stream.STDOUT, "plain")
    labelled = ConsoleText(START_US, Stream.STDERR, "slow", "cell", "warning", "urllib3 \ud800")
    for _ in range(2):
        journal.append([plain, labelled])
        assert [(line.level, line.label) for line in reader.lines(UID)[-2:]] == [
            ("", ""),
            ("warning", "urllib3 ?"),
        ]
        assert ingester.ingest(UID)

    assert [line.label for line in reader.lines(UID)] == ["", "urllib3 ?"] * 2


def test_executions_of_cells_are_told_in_their_order(root, journal, ingester, reader):
    """Those of the database come first, and the same is told by the journal alone."""
    cells = [
        CellRun(START_US + 5, 0, "a", 1, "x = 1\n'\x00 ö'", START_US, 5, "ok"),
        CellRun(START_US + 6, 1, None, None, "", 0, 0, "before"),
        CellRun(START_US + 9, 2, "a", 2, "1 / 0", START_US + 7, 2, "error", "ZeroDivisionError"),
    ]
    journal.append(cells[:2])
    assert ingester.ingest(UID)
    journal.append(cells[2:])

    assert reader.cells(UID) == cells
    assert reader.run(UID).cell_count == 3
    assert ingester.ingest(UID)
    assert reader.cells(UID) == cells
    assert reader.run(UID).cell_count == 3
    for path in root.glob("nbtrack.duckdb*"):
        path.unlink()
    assert Reader(root).cells(UID) == cells


def test_what_is_known_of_program_and_machine_grows_key_by_key(journal, ingester, reader):
    journal.append([EnvironmentNoted(START_US, {"os": "Linux", "git": {"commit": "a"}})])
    for commit in ("b", "c"):
        noted = {"git": {"commit": commit}, "memory": {"total": NAN}}
        journal.append([EnvironmentNoted(START_US, noted)])
        found = reader.run(UID).environment
        assert dict(found)["git"] == {"commit": commit}
        assert list(found) == ["os", "git", "memory"]
        assert found["memory"]["total"] != found["memory"]["total"]
        assert ingester.ingest(UID)

    assert reader.run(UID).environment["git"] == {"commit": "c"}


def test_system_readings_are_a_stream_of_their_own(journal, ingester, reader):
    journal.append([SystemSample(START_US + n, {"cpu": float(n)}) for n in range(50)])
    assert ingester.ingest(UID)
    journal.append([SystemSample(START_US + n, {"cpu": float(n)}) for n in range(50, 100)])

    whole = reader.series(UID, "cpu", "system")
    (cut,) = reader.reduced(UID, points=20, stream="system")

    assert whole.values.tolist() == list(range(100))
    assert np.isnan(whole.steps).all()
    assert (cut.count, cut.values[0], cut.values[-1]) == (100, 0, 99)
    assert len(cut.values) <= 20
    assert reader.run(UID).rows == 0


def test_a_heartbeat_is_a_sign_of_life_and_carries_active_time(journal, reader):
    journal.append(
        [ClockTurned(START_US, 0, running=True), Heartbeat(START_US + 5_000_000, 5_000_001)]
    )
    facts = reader.run(UID)
    assert (facts.seen_us, facts.active_us) == (START_US + 5_000_000, 5_000_000)

    journal.append([Heartbeat(START_US + 3_600_000_000, 10_000_000)])  # the laptop slept
    facts = reader.run(UID)
    assert (facts.active_us, facts.ticking) == (10_000_000, True)


def test_names_that_coincide_are_one_series(journal, ingester, reader):
    """A key with a dot in it, and a key inside a dict."""
    journal.append([row(0, {"a.b": 1}), row(1, {("a", "b"): 2}), row(2, {"a.b": 3})])
    assert ingester.ingest(UID)

    assert reader.series(UID, "a.b").values.tolist() == [1, 2, 3]
    assert logged(reader.run(UID).summary) == {"a.b": 3, "a": {"b": 2}}


def test_one_run_that_cannot_be_read_does_not_hide_the_others(root, journal, reader, monkeypatch):
    other = Journal.create(root, opened_run(OTHER))
    real = os.open

    def refuse(path, *how, **more):
        if OTHER in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *how, **more)

    monkeypatch.setattr(os, "open", refuse)

    assert [facts.opened.uid for facts in reader.runs()] == [UID]
    with pytest.raises(StoreError, match="cannot open the journal"):
        reader.run(OTHER)
    other.close()
    journal.close()


NOISE = (
    ("stdout", "epoch 1 (loss 0.5)"),
    ("stderr", "UserWarning: \x1b[33mslow\x1b[0m disk"),
    ("stdout", "EPOCH 2"),
    ("stderr", "ValueError: \x1b[31mno\x1b[0m such epoch"),
    ("nbtrack", "no errors, and no warnings"),
    ("stdout", "a logger says so", "error"),
)


@pytest.mark.parametrize(
    "case",
    [
        (LineSearch(), [0, 1, 2, 3, 4, 5]),
        (LineSearch("epoch"), [0, 2, 3]),
        (LineSearch("slow disk"), [1]),
        (LineSearch(r"\(loss \d\.\d\)$"), [0]),
        (LineSearch("epoch", streams=(Stream.STDERR,)), [3]),
        (LineSearch(level="warning"), [1, 3, 5]),
        (LineSearch(level="error"), [3, 5]),
        (LineSearch("'; DROP TABLE nb.logs; --"), []),
    ],
)
def test_lines_are_found_wherever_they_are(root, journal, ingester, reader, case):
    """In the journal, in the database, and half here and half there."""
    search, found = case
    said = [
        ConsoleText(START_US, Stream(stream), text, None, *level) for stream, text, *level in NOISE
    ]
    for one in said:
        journal.append([one])
        in_journal = reader.line_numbers(UID, search).tolist()
        ingester.ingest(UID)
        assert reader.line_numbers(UID, search).tolist() == in_journal

    journal_path(root, UID).unlink()  # the database alone says the same
    assert in_journal == found
    assert reader.line_numbers(UID, search, first=2).tolist() == [n for n in found if n >= 2]


def test_lines_come_by_their_numbers(journal, ingester, reader):
    journal.append(lines(range(5)))
    ingester.ingest(UID)
    journal.append(lines(range(5, 8)))

    found = reader.lines_at(UID, [6, 1, 1, 3, 99])

    assert [(line.number, line.text) for line in found] == [
        (1, "line 1"),
        (3, "line 3"),
        (6, "line 6"),
    ]
    assert reader.lines_at(UID, []) == []


def test_a_pattern_that_is_none_is_explained(journal, reader):
    with pytest.raises(UsageError, match="is no regular expression"):
        reader.line_numbers(UID, LineSearch("(epoch"))
