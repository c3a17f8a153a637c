"""A run that is deleted is gone at once, can come back for a while, and then is gone for good."""

import contextlib
import json

import pytest
from storekit import START_US, UID, opened_run, rows

from nbtrack.errors import RunNotFoundError, StoreError, UsageError
from nbtrack.records import Closed, RunState
from nbtrack.store import (
    Ingester,
    Journal,
    Reader,
    purge_run,
    restore_run,
    seal,
    trash_run,
    trashed,
)
from nbtrack.store.database import Database
from nbtrack.store.layout import run_folder
from nbtrack.store.schema import RUN_TABLES
from nbtrack.store.trash import half_purged
from nbtrack.store.turnstile import passed

OTHER = f"{UID}-2"


def finished(root, uid=UID, count=10, **changes):
    journal = Journal.create(root, opened_run(uid, **changes))
    journal.append(rows(range(count), "loss"))
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    assert Ingester(root).ingest(uid)


def listed(root):
    with contextlib.closing(Reader(root)) as reader:
        return sorted(facts.opened.uid for facts in reader.runs())


def rows_in_the_database(root):
    with Database(root).reading() as window:
        return sum(len(window.rows(f"FROM nb.{table}")) for table in RUN_TABLES)


@pytest.fixture
def runs(root):
    finished(root, UID, name="brave-otter", project="digits")
    finished(root, OTHER)
    return root


def test_a_run_in_the_trash_is_shown_no_more(runs):
    reader = Reader(runs)
    assert len(reader.runs()) == 2

    note = trash_run(runs, UID)

    assert [facts.opened.uid for facts in reader.runs()] == listed(runs) == [OTHER]
    with pytest.raises(RunNotFoundError):
        reader.run(UID)
    assert trashed(runs) == [note]
    assert (note.uid, note.name, note.project) == (UID, "brave-otter", "digits")
    assert note.bytes > 0
    reader.close()


def test_its_rows_are_gone_and_those_of_others_are_not(runs):
    both = rows_in_the_database(runs)

    trash_run(runs, UID)

    assert rows_in_the_database(runs) == both / 2
    assert len(list(Reader(runs).rows(OTHER))) == 10


@pytest.mark.parametrize("is_sealed", [False, True], ids=["journal", "sealed"])
def test_a_run_comes_back_as_it_was(runs, is_sealed):
    if is_sealed:
        seal(runs, UID)
    before = list(Reader(runs).rows(UID)), rows_in_the_database(runs)
    files = sorted(run_folder(runs, UID).iterdir())
    trash_run(runs, UID)

    restore_run(runs, UID)

    assert (list(Reader(runs).rows(UID)), rows_in_the_database(runs)) == before
    assert sorted(run_folder(runs, UID).iterdir()) == files
    assert trashed(runs) == []


def test_a_busy_database_does_not_keep_a_deleted_run_alive(runs):
    """The rows are still there; nobody is shown them, also not after it was purged."""
    with passed(runs, exclusive=False, wait_s=1):
        trash_run(runs, UID)
        assert listed(runs) == [OTHER]
        with pytest.raises(RunNotFoundError):
            Reader(runs).run(UID)

        purge_run(runs, UID)

        assert listed(runs) == [OTHER]
        assert trashed(runs) == []
    assert half_purged(runs) == [UID]
    assert listed(runs) == [OTHER]

    purge_run(runs, UID)

    assert half_purged(runs) == []
    assert listed(runs) == [OTHER]
    assert not any((runs / "trash").iterdir())


def test_a_purged_run_leaves_nothing(runs):
    trash_run(runs, UID)

    assert purge_run(runs, UID) > 0

    assert list((runs / "trash").iterdir()) == []
    with pytest.raises(RunNotFoundError, match=r"in the trash .* \(0 are\)"):
        restore_run(runs, UID)


def test_a_run_can_be_purged_without_a_stay_in_the_trash(runs):
    purge_run(runs, UID)

    assert listed(runs) == [OTHER]
    assert trashed(runs) == []


def test_a_run_that_only_the_database_knows_can_be_deleted(runs):
    for file in run_folder(runs, UID).iterdir():
        file.unlink()
    run_folder(runs, UID).rmdir()
    assert listed(runs) == [UID, OTHER]

    purge_run(runs, UID)

    assert listed(runs) == [OTHER]


def test_a_running_run_is_refused_and_says_what_to_do(root, journal):
    journal.append(rows(range(3), "loss"))

    with pytest.raises(UsageError, match="Stop it first"):
        trash_run(root, UID)
    with pytest.raises(UsageError, match="Stop it first"):
        purge_run(root, UID)

    assert listed(root) == [UID]


def test_a_run_that_is_not_there_is_told(root):
    with pytest.raises(RunNotFoundError):
        trash_run(root, UID)
    with pytest.raises(RunNotFoundError):
        purge_run(root, UID)
    with pytest.raises(UsageError, match="no run uid"):
        trash_run(root, "../../etc")
    assert trashed(root) == []


def test_a_run_does_not_come_back_over_another(runs):
    trash_run(runs, UID)
    finished(runs, UID, count=3)

    with pytest.raises(UsageError, match="cannot come back"):
        restore_run(runs, UID)

    assert len(list(Reader(runs).rows(UID))) == 3


def test_a_run_whose_journal_cannot_be_read_can_be_deleted(root):
    run_folder(root, UID).mkdir(parents=True)
    (run_folder(root, UID) / "journal.nbj").write_bytes(b"")

    trash_run(root, UID)

    assert [one.uid for one in trashed(root)] == [UID]


def test_a_kernel_does_not_go_on_with_a_run_in_the_trash(runs):
    trash_run(runs, UID)

    with pytest.raises(StoreError, match="cannot open"):
        Journal.reopen(runs, UID)


class TestHostileContent:
    @pytest.fixture
    def elsewhere(self, tmp_path):
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        (folder / "thesis.tex").write_text("do not delete")
        return folder

    def test_links_in_a_run_are_deleted_and_not_followed(self, runs, elsewhere):
        files = run_folder(runs, UID) / "files"
        files.mkdir()
        (files / "out").symlink_to(elsewhere)
        (run_folder(runs, UID) / "trashed.json").symlink_to(elsewhere / "thesis.tex")

        purge_run(runs, UID)

        assert (elsewhere / "thesis.tex").read_text() == "do not delete"

    def test_a_run_that_is_a_link_is_refused(self, runs, elsewhere):
        folder = runs / "runs" / "linked"
        folder.symlink_to(elsewhere)

        with pytest.raises(UsageError, match="is a link"):
            purge_run(runs, "linked")

        assert (elsewhere / "thesis.tex").exists()

    @pytest.mark.parametrize("name", [f"trash/{UID}", f"trash/{UID}.gone"])
    def test_a_link_in_the_trash_is_not_followed(self, runs, elsewhere, name):
        (runs / "trash").mkdir()
        (runs / name).symlink_to(elsewhere)

        with contextlib.suppress(StoreError, RunNotFoundError):
            purge_run(runs, UID)
        with contextlib.suppress(StoreError, RunNotFoundError, UsageError):
            restore_run(runs, UID)

        assert trashed(runs) == []
        assert (elsewhere / "thesis.tex").exists()

    def test_a_trash_that_is_a_link_is_refused(self, runs, elsewhere):
        (runs / "trash").symlink_to(elsewhere)

        with pytest.raises(StoreError, match="move it away"):
            trash_run(runs, UID)

        assert listed(runs) == [UID, OTHER]
        assert [one.name for one in elsewhere.iterdir()] == ["thesis.tex"]

    @pytest.mark.parametrize("text", ["", "[", "[]", '{"name": 1}', json.dumps({"bytes": "x"})])
    def test_a_note_that_is_damaged_costs_only_what_it_says(self, runs, text):
        trash_run(runs, UID)
        (runs / "trash" / UID / "trashed.json").write_text(text)

        (one,) = trashed(runs)

        assert (one.uid, one.name) == (UID, UID)
        restore_run(runs, UID)
        assert listed(runs) == [UID, OTHER]
