"""Nobody holds the database; whatever happens to it, the journals bring it back."""

import contextlib
import multiprocessing
import os
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from storekit import UID, ingest_forever, last_sent, rows

from nbtrack.store import Ingester, Reader
from nbtrack.store.database import Database, UnavailableError
from nbtrack.store.layout import database_path

SPAWN = multiprocessing.get_context("spawn")
FORK = multiprocessing.get_context("fork")


def steps_of(reader) -> list[int]:
    return [one["_step"] for one in reader.rows(UID)]


def stored_steps(root) -> int:
    with Database(root).reading() as window:
        return window.rows("SELECT count(*) FROM nb.metrics")[0][0]


def hold_open(path: Path, ready, end) -> None:
    connection = duckdb.connect(str(path))
    connection.execute("SELECT 1").fetchall()
    ready.set()
    end.wait(30)
    connection.close()


def test_no_file_stays_open(journal, ingester, reader):
    journal.append(rows(range(10), "loss"))
    assert ingester.ingest(UID)
    steps_of(reader)

    assert not database_is_open()


def test_older_versions_of_duckdb_can_read_it(root, journal, ingester):
    """Kernels and servers live in different environments."""
    journal.append(rows(range(10), "loss"))
    assert ingester.ingest(UID)

    with duckdb.connect(str(database_path(root)), read_only=True) as connection:
        ((tags,),) = connection.execute(
            "SELECT tags FROM duckdb_databases() WHERE path IS NOT NULL"
        ).fetchall()
    assert "v1.2.0" in str(tags)


def test_while_somebody_else_holds_the_database_nothing_is_lost(root, journal, reader):
    """People open the file with DuckDB themselves, and forget it."""
    ingester = Ingester(root)
    journal.append(rows(range(10), "loss"))
    assert ingester.ingest(UID)
    ready, end = SPAWN.Event(), SPAWN.Event()
    other = SPAWN.Process(target=hold_open, args=(database_path(root), ready, end))
    other.start()
    assert ready.wait(30)

    journal.append(rows(range(10, 20), "loss"))
    skipped = ingester.ingest(UID)
    read_meanwhile = steps_of(reader)
    end.set()
    other.join()

    assert not skipped
    assert read_meanwhile == list(range(20))
    assert ingester.ingest(UID)
    assert steps_of(reader) == list(range(20))
    assert stored_steps(root) == 20


@pytest.mark.parametrize("where", ["header", "data", "short", "other"])
def test_a_damaged_database_is_set_aside_and_made_anew(root, journal, ingester, reader, where):
    path = database_path(root)
    journal.append(rows(range(20_000), "loss"))
    assert ingester.ingest(UID)
    with Database(root).writing() as window:
        window.run("COMMIT")
        window.run("CHECKPOINT nb")
        window.run("BEGIN")
    data = bytearray(path.read_bytes())
    if where == "header":
        data[4200:4260] = b"\x55" * 60
    elif where == "data":
        data[16_384:] = bytes(byte ^ 0x55 for byte in data[16_384:])
    elif where == "short":
        del data[len(data) // 2 :]
    else:
        data = b"this is no database" * 1_000
    path.write_bytes(data)
    journal.append(rows(range(20_000, 20_010), "loss"))
    assert steps_of(reader) == list(range(20_010))

    assert Ingester(root).ingest(UID)

    assert len(list(root.glob("nbtrack.duckdb.corrupt-*[0-9]"))) == 1
    assert stored_steps(root) == 20_010
    assert steps_of(Reader(root)) == list(range(20_010))


def test_a_database_of_a_newer_nbtrack_is_left_alone(root, journal, ingester, reader):
    journal.append(rows(range(5), "loss"))
    assert ingester.ingest(UID)
    with Database(root).writing() as window:
        window.run("UPDATE nb.meta SET value = '999' WHERE key = 'schema'")
    before = database_path(root).read_bytes()
    journal.append(rows(range(5, 10), "loss"))

    assert not Ingester(root).ingest(UID)

    assert database_path(root).read_bytes() == before
    assert steps_of(reader) == list(range(10))


def test_a_database_that_somebody_else_made_keeps_what_is_in_it(root, journal, reader):
    with duckdb.connect(str(database_path(root))) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    journal.append(rows(range(5), "loss"))

    assert Ingester(root).ingest(UID)

    assert stored_steps(root) == 5
    assert steps_of(reader) == list(range(5))
    with duckdb.connect(str(database_path(root))) as connection:
        assert connection.execute("SELECT answer FROM mine").fetchall() == [(42,)]


def test_a_read_only_workspace_can_be_read(root, journal, reader, monkeypatch):
    """Other people's runs."""
    journal.append(rows(range(5), "loss"))
    assert Ingester(root).ingest(UID)
    real = os.open

    def refuse(path, flags, *mode, **other):
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *mode, **other)

    monkeypatch.setattr(os, "open", refuse)

    assert steps_of(reader) == list(range(5))


def test_a_writer_that_is_killed_again_and_again_stores_every_row_once(root):
    uids = []
    for trial in range(4):
        uid = f"{UID}-{trial}"
        uids.append(uid)
        receiving, sending = SPAWN.Pipe(duplex=False)
        writer = SPAWN.Process(target=ingest_forever, args=(root, uid, sending))
        writer.start()
        sending.close()
        for _ in range(10 + trial):
            receiving.recv()
        writer.kill()
        last_sent(receiving)
        writer.join()

    ingester = Ingester(root)
    ingester.ingest_left_behind()

    assert ingester.ingest_left_behind() == 0
    reader = Reader(root)
    for uid in uids:
        series = reader.series(uid, "loss")
        assert series.steps.tolist() == list(range(len(series.steps)))
        assert reader.run(uid).rows == len(series.steps) >= 200


def test_a_transaction_that_fails_stores_nothing(root, journal, ingester):
    journal.append(rows(range(5), "loss"))
    assert ingester.ingest(UID)

    def spoil(end) -> None:
        with Database(root).writing() as window:
            window.run("DELETE FROM nb.metrics")
            end(window)

    with pytest.raises(UnavailableError):
        spoil(lambda window: window.run("SELECT no_such_column FROM nb.metrics"))
    with pytest.raises(ZeroDivisionError):
        spoil(lambda _: 1 / 0)

    assert stored_steps(root) == 5


def child_that_reads(root, connection) -> None:
    connection.send(steps_of(Reader(root)))


def child_that_leaves(root) -> None:
    steps_of(Reader(root))
    sys.exit(0)


def test_a_forked_child_can_read(root, journal, ingester):
    journal.append(rows(range(5), "loss"))
    assert ingester.ingest(UID)
    receiving, sending = FORK.Pipe(duplex=False)
    child = FORK.Process(target=child_that_reads, args=(root, sending))
    child.start()

    assert receiving.poll(20)
    assert receiving.recv() == list(range(5))
    child.join()


def test_a_forked_child_that_leaves_does_no_harm(root, journal, ingester):
    """With the file open it would write to its parent's database at its exit."""
    for start in range(0, 60, 5):
        journal.append(rows(range(start, start + 5), "loss"))
        assert ingester.ingest(UID)
        child = FORK.Process(target=child_that_leaves, args=(root,))
        child.start()
        child.join()
        assert child.exitcode == 0

    assert stored_steps(root) == 60


def test_a_fork_waits_until_the_database_is_let_go(root, journal, ingester):
    """Forks and ingests at the same time, from two threads."""
    ended = threading.Event()
    failures = []

    def ingest():
        while not ended.is_set():
            if not ingester.ingest(UID):
                failures.append("busy")

    thread = threading.Thread(target=ingest)
    thread.start()
    for start in range(0, 100, 5):
        journal.append(rows(range(start, start + 5), "loss"))
        child = os.fork()
        if child == 0:
            os._exit(database_is_open())
        assert os.waitpid(child, 0)[1] == 0
    ended.set()
    thread.join()

    assert ingester.ingest(UID)
    assert failures == []
    assert stored_steps(root) == 100


def database_is_open() -> bool:
    """Tell whether this process has it open."""
    names = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one that lists them
            names.append(descriptor.readlink().name)
    return any("nbtrack.duckdb" in name for name in names)


def test_only_its_user_can_read_it(root, journal, ingester):
    """DuckDB makes its files as any file is made, and may make its log anew."""
    before = os.umask(0o022)
    try:
        journal.append(rows(range(5), "loss"))
        assert ingester.ingest(UID)
        assert modes_of(root) == {"nbtrack.duckdb": 0o600, "nbtrack.duckdb.wal": 0o600}
        for path in root.glob("nbtrack.duckdb*"):
            path.chmod(0o644)  # as older versions left them
        for start in range(5, 100_005, 50_000):  # the log is written into the database now and then
            journal.append(rows(range(start, start + 50_000), "loss"))
            assert ingester.ingest(UID)
    finally:
        assert os.umask(before) == 0o022

    assert set(modes_of(root).values()) == {0o600}  # DuckDB 2.0.1 removes a log once it is in


def modes_of(root) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in root.glob("nbtrack.duckdb*")}


def test_a_log_without_a_word_in_it_does_no_harm(root, journal, ingester, reader):
    """What a process leaves that is killed before its first transaction ends."""
    with contextlib.suppress(ZeroDivisionError), Database(root).writing():
        1 / 0  # noqa: B018
    assert (root / "nbtrack.duckdb.wal").stat().st_size == 0
    journal.append(rows(range(5), "loss"))

    assert steps_of(reader) == list(range(5))
    assert ingester.ingest(UID)
    assert stored_steps(root) == 5
