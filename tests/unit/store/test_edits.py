"""A run can be changed by others: at once where nobody writes it, through its writer else."""

import multiprocessing
import os
import stat
import threading

import pytest
from storekit import START_US, UID, opened_run, rows
from waiting import wait_until

from nbtrack.errors import CommError, StoreError, UsageError
from nbtrack.records import Closed, ConfigChanged, RunChanged, RunState, SummaryChanged
from nbtrack.store import Journal, edit_run, run_folder, taken_edits

NAMED = RunChanged(START_US, {"name": "renamed"})
CLOSED = Closed(START_US + 5, RunState.FINISHED, 0, 5)


def never() -> bool:
    return False


def always() -> bool:
    return True


def folder(root):
    return run_folder(root, UID) / "edits"


def take_over(root, journal) -> int:
    with taken_edits(root, UID) as edits:
        journal.append(edits)
    return len(edits)


def test_a_run_that_ended_is_changed_at_once(root, journal, reader):
    journal.append([*rows(range(3), "loss"), CLOSED])
    journal.close()

    edit_run(root, UID, [NAMED, ConfigChanged(START_US, {"lr": 1})], is_written=never)

    facts = reader.run(UID)
    assert (facts.opened.name, facts.config, facts.state) == ("renamed", {"lr": 1}, "finished")
    assert (facts.rows, facts.ended_us) == (3, START_US + 5)
    assert not folder(root).exists()


def test_a_change_is_seen_by_who_has_looked_before(root, journal, ingester, reader):
    """A list of runs asks settled runs for nothing but their size."""
    journal.append([CLOSED])
    journal.close()
    assert ingester.ingest(UID)
    reader.runs()

    edit_run(root, UID, [NAMED], is_written=never)

    assert [facts.opened.name for facts in reader.runs()] == ["renamed"]


def test_the_writer_of_a_run_takes_changes_over(root, journal, reader):
    done = threading.Event()

    def write():
        wait_until(lambda: take_over(root, journal))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    edit_run(root, UID, [NAMED, SummaryChanged(START_US, {"best": 1})], is_written=always)
    writer.join()

    assert done.is_set()
    assert reader.run(UID).opened.name == "renamed"
    assert reader.run(UID).summary == {"best": 1}
    assert not folder(root).exists()


def test_a_writer_that_does_not_answer_is_told_and_nothing_is_changed(root, journal, reader):
    with pytest.raises(StoreError, match=r"did not take the change over.*Nothing is changed"):
        edit_run(root, UID, [NAMED], is_written=always, wait_s=0.05)

    assert take_over(root, journal) == 0
    assert reader.run(UID).opened.name == "brave-otter"
    assert not folder(root).exists()


def test_a_writer_that_ends_while_it_is_waited_for_leaves_the_change_to_us(root, journal, reader):
    asked = iter([True, False, False])

    def is_written():
        is_it = next(asked)
        if not is_it:
            journal.close()
        return is_it

    edit_run(root, UID, [NAMED], is_written=is_written)

    assert reader.run(UID).opened.name == "renamed"
    assert not folder(root).exists()


def test_a_change_that_a_killed_writer_had_begun_to_take_over_is_made(root, journal, reader):
    asked = iter([True, False, False])

    def is_written():
        is_it = next(asked)
        for left in folder(root).glob("*.json") if not is_it else ():
            left.rename(left.with_suffix(".taken"))
            journal.append([NAMED])  # it is in the journal, and nobody was told
            journal.close()
        return is_it

    edit_run(root, UID, [NAMED], is_written=is_written)

    assert reader.run(UID).opened.name == "renamed"
    assert not folder(root).exists()


def test_changes_come_in_order(root, journal, reader):
    threads = []
    for n in range(5):
        edit = [RunChanged(START_US, {"name": f"name {n}"})]
        thread = threading.Thread(
            target=edit_run, args=(root, UID, edit), kwargs={"is_written": always}
        )
        thread.start()
        threads.append(thread)
        wait_until(lambda n=n: folder(root).exists() and len(list(folder(root).glob("*.json"))) > n)

    assert take_over(root, journal) == 5
    for thread in threads:
        thread.join()
    assert reader.run(UID).opened.name == "name 4"


def test_many_change_a_run_at_once_and_all_are_heard(root, journal, reader):
    journal.append([CLOSED])
    journal.close()

    def change(name):
        for n in range(4):
            edit = ConfigChanged(START_US, {f"{name}{n}": n})
            edit_run(root, UID, [edit], is_written=never)

    threads = [threading.Thread(target=change, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reader.run(UID).config) == 16


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"is": "run"}', b"\xff\x00", b"[1]", b'{"is":"closed","time_us":1}', b"null"],
)
def test_what_is_no_change_is_dropped(root, journal, data):
    folder(root).mkdir()
    (folder(root) / "1.json").write_bytes(data)

    assert take_over(root, journal) == 0
    assert not folder(root).exists()


def test_the_end_of_a_run_cannot_be_told_to_its_writer(root, journal):
    """Only the writer knows when it ends."""
    with pytest.raises(StoreError):
        edit_run(root, UID, [CLOSED], is_written=always, wait_s=0.01)
    folder(root).mkdir()
    (folder(root) / "1.json").write_bytes(
        b'{"is":"closed","time_us":1,"state":"finished","exit_code":0,"active_us":1}'
    )

    assert take_over(root, journal) == 0


def test_changes_are_private(root, journal):
    modes = []

    def is_written():
        if folder(root).exists():
            paths = [folder(root), *folder(root).iterdir()]
            modes[:] = [stat.S_IMODE(path.stat().st_mode) for path in paths]
        return True

    with pytest.raises(StoreError):
        edit_run(root, UID, [NAMED], is_written=is_written, wait_s=0.01)

    assert modes == [0o700, 0o600]


def test_what_a_killed_process_left_half_written_is_swept_up(root, journal):
    folder(root).mkdir()
    old, new = folder(root) / "1.draft", folder(root) / "2.draft"
    for draft in (old, new):
        draft.touch()
    os.utime(old, (0, 0))

    assert take_over(root, journal) == 0

    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()
    take_over(root, journal)
    assert not folder(root).exists()


def test_a_uid_does_not_lead_out_of_the_workspace(root):
    with pytest.raises(UsageError, match="no run uid"):
        edit_run(root, "../../etc", [NAMED], is_written=never)


def test_a_run_that_is_gone_cannot_be_changed(root):
    with pytest.raises(CommError, match=UID):
        edit_run(root, UID, [NAMED], is_written=never)


def _hold(root, ready, end):
    journal = Journal.create(root, opened_run())
    ready.set()
    while not end.wait(0.01):
        with taken_edits(root, UID) as edits:
            journal.append(edits)
    os._exit(0)


def test_a_run_of_another_process_is_changed(root, reader):
    spawn = multiprocessing.get_context("spawn")
    ready, end = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_hold, args=(root, ready, end))
    process.start()
    try:
        assert ready.wait(30)
        edit_run(root, UID, [NAMED], is_written=always)
        assert reader.run(UID).opened.name == "renamed"
        assert reader.run(UID).state == "running"
    finally:
        end.set()
        process.join(30)
