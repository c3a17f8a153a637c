"""Several processes log to one run: each to a part of its own, all of it in one journal once."""

import os
import shutil
from dataclasses import replace

import pytest
from storekit import START_US, UID, logged, opened_run, row

from nbtrack.errors import StoreError
from nbtrack.records import (
    Closed,
    ConfigChanged,
    ConsoleText,
    Gathered,
    Heartbeat,
    RunState,
    Stream,
    SystemSample,
)
from nbtrack.store import Journal, Lead, open_part, settle, this_process
from nbtrack.store.gathering import PIECE_BYTES, taken_parts
from nbtrack.store.layout import journal_path
from nbtrack.store.parts import goes_on, has_parts, part_names, parts_root

FINISHED = Closed(START_US + 9, RunState.FINISHED, 0, 9)
FAILED = Closed(START_US + 9, RunState.FAILED, 3, 9)
KILLED = Closed(START_US + 9, RunState.KILLED, 255, 9)


def part(root, *, has_say=True) -> Journal:
    return open_part(root, opened_run(), has_say=has_say)


def values(reader, key="n") -> list:
    return [logged(found)[key] for found in reader.rows(UID) if key in found]


def mixed(count: int) -> list:
    """Return rows of two shapes with lines, readings and config between them."""
    records = []
    for n in range(count):
        records.append(row(n, {"n": n, "loss": n / 8} if n % 3 else {"n": n, "word": "odd"}))
        if n % 5 == 0:
            records.append(ConsoleText(START_US + n, Stream.STDOUT, f"line {n}", label="two"))
            records.append(SystemSample(START_US + n, {"cpu": float(n)}))
        if n % 7 == 0:
            records.append(ConfigChanged(START_US + n, {f"key{n}": n}))
            records.append(Heartbeat(START_US + n, n))
    return records


def test_what_guests_left_is_brought_in_by_who_looks_first(root, journal, reader):
    journal.append([row(0, {"n": -1}), FINISHED])
    guest = part(root, has_say=False)
    guest.append([row(0, {"n": 0}), row(1, {"n": 1})])
    journal.close()
    guest.close()

    assert values(reader) == [-1, 0, 1]
    assert [found["_step"] for found in reader.rows(UID)] == [0, 1, 2]
    facts = reader.run(UID)
    assert (facts.state, facts.rows, facts.step) == ("finished", 3, 2)
    assert not has_parts(root, UID)


def test_what_was_in_the_spill_of_a_killed_guest_comes_along(root, journal, reader):
    journal.append([FINISHED])
    guest = part(root, has_say=False)
    guest.spill()
    guest.append([row(0, {"n": 0})])
    guest.keep(row(1, {"n": 1}))
    journal.close()
    guest.abandon()

    assert values(reader) == [0, 1]


def test_nothing_is_brought_in_while_the_writer_lives(root, journal):
    guest = part(root)
    guest.append([row(0, {"n": 0})])
    guest.close()

    assert settle(root, UID) == 0
    assert len(part_names(root, UID)) == 1


def test_a_run_goes_on_while_one_with_a_say_lives(root, journal, reader):
    guest = part(root)
    journal.close()

    assert goes_on(root, UID)
    assert reader.run(UID).state == "running"

    guest.close()
    assert not goes_on(root, UID)
    assert reader.run(UID).state == "crashed"


def test_lines_readings_and_config_of_all_are_told(root, journal, reader):
    journal.close()
    guest = part(root)
    guest.append([*mixed(40), FINISHED])
    guest.close()

    facts = reader.run(UID)
    assert values(reader) == list(range(40))
    assert facts.config == {f"key{n}": n for n in range(0, 40, 7)}
    assert [line.text for line in reader.lines(UID)] == [f"line {n}" for n in range(0, 40, 5)]
    assert {line.label for line in reader.lines(UID)} == {"two"}
    assert reader.series(UID, "cpu", "system").values.tolist() == list(range(0, 40, 5))


def test_a_batch_that_a_kill_cuts_short_anywhere_is_brought_in_once(tmp_path):
    """The journal then ends with some whole frames of the batch, and maybe half of one."""
    made = tmp_path / "made" / ".nbtrack"
    journal = Journal.create(made, opened_run())
    journal.append([row(0, {"n": 1000})])
    journal.close()
    guest = part(made)
    guest.append(mixed(12))
    guest.append([row(1, {"n": 12})])
    guest.close()
    before = journal_path(made, UID).stat().st_size
    copy = tmp_path / "whole" / ".nbtrack"
    shutil.copytree(made, copy)
    lead = Lead.taken(copy, UID)
    lead.gather()
    lead.release()
    whole = journal_path(copy, UID).read_bytes()

    for end in range(before, len(whole) + 1, 11):
        torn = tmp_path / str(end) / ".nbtrack"
        shutil.copytree(made, torn)
        with journal_path(torn, UID).open("r+b") as file:
            file.write(whole[:end])
        lead = Lead.taken(torn, UID)
        lead.append([row(500, {"mine": 1})])  # what comes next is not of that part
        lead.gather()
        lead.release()
        from nbtrack.store import Reader

        reader = Reader(torn)
        assert sorted(values(reader)) == [*range(13), 1000], end
        assert len(reader.lines(UID)) == 3
        assert reader.run(UID).config.keys() == {"key0", "key7"}
        reader.close()
        shutil.rmtree(torn.parent)


def test_gathering_goes_on_in_the_middle_of_a_piece(root, journal, reader):
    """A journal that has some records of a piece may be gone on with more than once."""
    journal.close()
    guest = part(root)
    guest.append([row(n, {"n": n}) for n in range(10)])
    guest.close()
    (name,) = part_names(root, UID)
    other = Journal.reopen(root, UID)
    other.append([Gathered(name, 0, 0, (row(0, {"n": 0}), row(1, {"n": 1})))])
    other.append([Gathered(name, 0, 2, (row(2, {"n": 2}),))])
    other.close()

    assert taken_parts(journal_path(root, UID)) == {name: (0, 3)}
    assert settle(root, UID) == 7
    assert values(reader) == list(range(10))


def test_more_than_a_piece_is_gathered_in_order(root, journal, reader):
    journal.close()
    guest = part(root)
    count = 5 * PIECE_BYTES // 24
    guest.append([row(n, {"n": n}) for n in range(count)])
    guest.close()

    assert settle(root, UID) == count
    assert reader.series(UID, "n").values.tolist() == list(range(count))
    assert reader.series(UID, "n").steps.tolist() == list(range(count))


@pytest.mark.parametrize(
    ("ends", "state", "code"),
    [
        ([FINISHED, FINISHED], "finished", 0),
        ([FINISHED, KILLED], "killed", 255),
        ([FAILED, KILLED, FINISHED], "failed", 3),
        ([FINISHED, None], "failed", 1),
        ([None, None], "crashed", None),
    ],
    ids=["all-finished", "one-stopped", "one-failed", "one-killed", "all-killed"],
)
def test_a_run_ends_as_the_worst_of_those_with_a_say(root, reader, ends, state, code):
    parts = [part(root) for _ in ends]
    journal = Journal.create(root, opened_run())
    journal.append([FINISHED] if None not in ends or any(ends) else [])
    journal.close()
    for one, end in zip(parts, ends, strict=True):
        one.append([row(0, {"n": 1}), *([end] if end else [])])
        one.close()

    settle(root, UID)

    facts = reader.run(UID)
    assert (facts.state, facts.exit_code) == (state, code)
    assert facts.rows == len(ends)
    if ends == [FINISHED, None]:
        assert facts.reason == f"process {os.getpid()} of this run was killed"


def test_a_guest_has_no_say_in_how_a_run_ends(root, journal, reader):
    journal.append([FINISHED])
    journal.close()
    guest = part(root, has_say=False)
    guest.append([row(0, {"n": 1}), FAILED])
    guest.close()

    assert (reader.run(UID).state, reader.run(UID).ended_us) == ("finished", FINISHED.time_us)


def test_what_was_brought_in_is_in_the_database_once(root, journal, ingester, reader):
    journal.append([row(0, {"n": -1}), FINISHED])
    journal.close()
    ingester.ingest(UID)
    guest = part(root, has_say=False)
    guest.append([row(n, {"n": n}) for n in range(50)])
    guest.close()

    assert ingester.ingest(UID)
    assert ingester.ingest(UID)

    assert values(reader) == [-1, *range(50)]
    journal_path(root, UID).unlink()
    assert values(reader) == [-1, *range(50)]


def test_a_run_on_a_network_file_system_cannot_be_joined(root, journal):
    from nbtrack.store.workspace import say_network

    say_network(root, is_network=True)

    with pytest.raises(StoreError, match=r"cannot be joined.*runs of one group"):
        part(root)
    assert not parts_root(root, UID).exists()


def test_a_damaged_part_costs_what_is_damaged(root, journal, reader):
    journal.append([FINISHED])
    journal.close()
    guest = part(root, has_say=False)
    guest.append([row(0, {"n": 0})])
    where = guest.position
    guest.append([row(1, {"other": 1})])
    guest.append([row(2, {"n": 2})])
    guest.close()
    path = journal_path(parts_root(root, UID), part_names(root, UID)[0])
    with path.open("r+b") as file:
        file.seek(where + 200)
        file.write(b"\x00\x01\x02")

    assert 0 in values(reader)


def test_those_who_go_on_remember_that_the_first_writer_was_killed(root, reader):
    """Whoever ends the run need not be the one who has seen it."""
    Journal.create(root, opened_run(owner=replace(this_process(), pid=77))).abandon()
    runs = [opened_run(owner=replace(this_process(), pid=number)) for number in range(2)]
    parts = [open_part(root, opened, has_say=True) for opened in runs]
    for opened, one in zip(runs, parts, strict=True):
        lead = Lead.taken(root, UID)
        lead.go_on(opened)
        assert reader.run(UID).state == "running"
        one.append([FINISHED])
        one.close()
        lead.gather()
        if one is parts[-1]:
            lead.end()
        lead.release()

    facts = reader.run(UID)
    assert (facts.state, facts.reason) == ("failed", "process 77 of this run was killed")
    assert [notice.cause for notice in facts.notices] == ["process 77 of this run was killed"]
