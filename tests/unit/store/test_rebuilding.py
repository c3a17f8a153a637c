"""A new database takes the place of the old one, and nobody has to wait or loses anything."""

import multiprocessing
import os
import shutil
import threading

import pytest
from storekit import SECOND_US, START_US, UID, opened_run, rows, told, write_and_ingest
from waiting import wait_until

from nbtrack.errors import StoreError
from nbtrack.records import Closed, RunState
from nbtrack.store import Ingester, Journal, Reader, rebuild
from nbtrack.store.database import Database, UnavailableError
from nbtrack.store.layout import database_path, run_folder
from nbtrack.store.rebuilding import FOLDER, is_rebuilding

SPAWN = multiprocessing.get_context("spawn")
OTHER = "20260102-030405-0000beef"


@pytest.fixture
def filled(root):
    """Two ended runs, all of them in the database."""
    for uid in (UID, OTHER):
        with_run(root, uid, 100)
    return root


def with_run(root, uid, count):
    journal = Journal.create(root, opened_run(uid))
    journal.append(rows(range(count), "loss", "acc"))
    journal.append([Closed(START_US + count * SECOND_US, RunState.FINISHED, 0, SECOND_US)])
    journal.close()
    assert Ingester(root).ingest(uid)


def damage(root):
    database_path(root).write_bytes(b"this is no database" * 1_000)


def seen(root, uid=UID):
    reader = Reader(root)
    try:
        return told(reader.run(uid)), list(reader.rows(uid))
    finally:
        reader.close()


def rows_of_database(root, uid=UID):
    with Database(root).reading() as window:
        found = window.rows(
            "SELECT count(*) FROM nb.history h JOIN nb.runs r USING (run_id) WHERE r.uid = ?", uid
        )
    return found[0][0]


def test_a_rebuilt_database_says_the_same(filled):
    before = seen(filled)

    rebuilt = rebuild(filled)

    assert seen(filled) == before
    assert (rebuilt.runs, rebuilt.points) == (2, 400)
    assert (rebuilt.carried, rebuilt.set_aside) == ((), None)
    assert rows_of_database(filled) == 100
    assert sorted(path.name for path in filled.glob("nbtrack.duckdb*")) == ["nbtrack.duckdb"]


def test_a_damaged_one_is_kept_and_told(filled):
    before = seen(filled)
    damage(filled)

    rebuilt = rebuild(filled)

    assert rebuilt.set_aside.read_bytes().startswith(b"this is no database")
    assert ".corrupt-" in rebuilt.set_aside.name
    assert seen(filled) == before
    assert rows_of_database(filled) == 100


def test_the_old_one_is_kept_if_wanted(filled):
    rebuilt = rebuild(filled, keep=True)

    assert ".before-rebuild-" in rebuilt.set_aside.name
    assert rebuilt.set_aside.exists()


def test_a_run_whose_journal_is_lost_is_carried_over(filled):
    before = seen(filled)
    shutil.rmtree(run_folder(filled, UID))

    rebuilt = rebuild(filled)

    assert rebuilt.carried == (UID,)
    assert seen(filled) == before
    assert rebuild(filled).carried == (UID,)


def test_a_run_whose_journal_was_damaged_later_is_carried_over(filled):
    """The database is a copy of what is lost in the journal."""
    before = seen(filled)
    path = run_folder(filled, UID) / "journal.nbj"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)

    rebuilt = rebuild(filled)

    assert rebuilt.carried == (UID,)
    assert seen(filled) == before


def test_a_run_whose_journal_was_damaged_before_it_was_read_is_read_again(root):
    with_run(root, OTHER, 10)
    journal = Journal.create(root, opened_run(UID))
    journal.append(rows(range(100), "loss"))
    journal.append(rows(range(100, 200), "acc"))
    journal.close()
    path = run_folder(root, UID) / "journal.nbj"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)
    assert Ingester(root).ingest(UID)

    assert rebuild(root).carried == ()


def test_where_there_is_no_database_one_is_made(filled):
    database_path(filled).unlink()

    rebuilt = rebuild(filled)

    assert (rebuilt.runs, rebuilt.set_aside) == (2, None)
    assert rows_of_database(filled) == 100


def test_an_empty_workspace_gets_an_empty_database(root):
    root.mkdir()

    assert rebuild(root).runs == 0


def test_progress_ends_with_all_of_it(filled):
    said = []

    rebuild(filled, lambda done, total: said.append((done, total)))

    assert said[0][0] == 0
    assert said[-1][0] == said[-1][1] > 0


def rebuild_and_stop(root, ready) -> None:
    """Begin to rebuild and wait in the middle to be killed; runs in a process."""

    def progress(done: int, _total: int) -> None:
        if done:
            ready.set()
            threading.Event().wait(60)

    rebuild(root, progress)


def test_killed_in_its_middle_it_leaves_the_old_one(filled):
    before = database_path(filled).read_bytes()
    ready = SPAWN.Event()
    process = SPAWN.Process(target=rebuild_and_stop, args=(filled, ready))
    process.start()
    assert ready.wait(30)
    assert is_rebuilding(filled) is True
    with pytest.raises(StoreError, match="another process"):
        rebuild(filled)

    process.kill()
    process.join()

    assert database_path(filled).read_bytes() == before
    assert is_rebuilding(filled) is None
    assert rebuild(filled).runs == 2
    assert not (filled / FOLDER).exists()


def test_readers_and_kernels_go_on_meanwhile(filled):
    """A workspace of many kernels is never closed for works."""
    live = "20260102-030405-00001111"
    process = SPAWN.Process(target=write_and_ingest, args=(filled, live, 4_000))
    process.start()
    reader = Reader(filled)
    wait_until((run_folder(filled, live) / "journal.nbj").exists, what="a journal")

    for _ in range(4):
        assert rebuild(filled).carried == ()
        assert len(list(reader.rows(UID))) == 100
    process.join()
    reader.close()

    assert process.exitcode == 0
    assert Ingester(filled).ingest(live)
    _, found = seen(filled, live)
    assert [one["_step"] for one in found] == list(range(4_000))
    assert rows_of_database(filled, live) == 4_000


def test_a_kernel_that_knows_the_old_one_goes_on_with_the_new_one(root):
    journal = Journal.create(root, opened_run())
    ingester = Ingester(root)
    journal.append(rows(range(50), "loss"))
    assert ingester.ingest(UID)
    rebuild(root)
    journal.append(rows(range(50, 100), "loss", "acc"))

    assert ingester.ingest(UID)
    journal.close()

    _, found = seen(root)
    assert [one["_step"] for one in found] == list(range(100))
    assert rows_of_database(root) == 100


def test_a_database_of_a_newer_nbtrack_is_not_touched(filled):
    with Database(filled).writing() as window:
        window.run("UPDATE nb.meta SET value = '999' WHERE key = 'schema'")
    before = database_path(filled).read_bytes()

    with pytest.raises(StoreError, match="made by a newer nbtrack"):
        rebuild(filled)

    assert database_path(filled).read_bytes() == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_where_nothing_can_be_written_the_old_one_stays(filled):
    filled.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            rebuild(filled)
    finally:
        filled.chmod(0o700)


def test_a_database_that_fails_while_it_is_made_leaves_the_old_one(filled, monkeypatch):
    """A full disk is told by DuckDB in the middle of a window."""
    before = seen(filled)
    wrote = Database.writing

    def full(database):
        if database.path.parent.name == FOLDER and database.path.exists():
            raise UnavailableError("no space left on device")
        return wrote(database)

    monkeypatch.setattr(Database, "writing", full)

    with pytest.raises(StoreError, match="no space left"):
        rebuild(filled)

    assert seen(filled) == before
    assert rows_of_database(filled) == 100
