"""A database that was deleted from becomes smaller, and says the same."""

import os
import stat
import subprocess
import sys

import pytest
from storekit import START_US, UID, opened_run, rows, told

from nbtrack.records import Closed, RunState
from nbtrack.store import Ingester, Journal, Reader, trash_run
from nbtrack.store import compaction as compacting
from nbtrack.store.compaction import compact, leftover
from nbtrack.store.database import Database, UnavailableError
from nbtrack.store.layout import database_path
from nbtrack.store.turnstile import passed

RUNS = 4


@pytest.fixture
def runs(root):
    for n in range(RUNS):
        journal = Journal.create(root, opened_run(f"{UID}-{n}"))
        journal.append(rows(range(3000), *"abcdefgh"))
        journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
        journal.close()
        Ingester(root).ingest(f"{UID}-{n}")
    return root


def said(root, uid):
    """Read a run from the database alone."""
    reader = Reader(root)
    series = [reader.series(uid, key) for key in "abcdefgh"]
    return told(reader.run(uid)), [(one.steps.tolist(), one.values.tolist()) for one in series]


def test_what_is_left_is_smaller_and_says_the_same(runs):
    before = said(runs, f"{UID}-3")
    for n in range(RUNS - 1):
        trash_run(runs, f"{UID}-{n}")
    size = database_path(runs).stat().st_size

    freed = compact(runs, least_bytes=1)

    assert 0 < freed == size - database_path(runs).stat().st_size
    assert said(runs, f"{UID}-3") == before
    assert not [path for path in leftover(database_path(runs)) if path.exists()]
    assert stat.S_IMODE(database_path(runs).stat().st_mode) & 0o077 == 0 or os.name == "nt"


def test_runs_that_were_written_in_turns_lie_together_afterwards(root, monkeypatch):
    monkeypatch.setattr(compacting, "_ROWS_AT_ONCE", 1500)
    monkeypatch.setattr(compacting, "SHARE", -1)
    journals = [Journal.create(root, opened_run(f"{UID}-{n}")) for n in range(3)]
    ingester = Ingester(root)
    for start in range(0, 500, 100):
        for n, journal in enumerate(journals):
            journal.append(rows(range(start, start + 100), "a", "b"))
            assert ingester.ingest(f"{UID}-{n}")
    before = [list(Reader(root).rows(f"{UID}-{n}")) for n in range(3)]

    compact(root, least_bytes=-(1 << 30))

    with Database(root).reading() as window:
        order = window.rows("SELECT run_id, key_id, step FROM nb.metrics ORDER BY rowid")
    assert order == sorted(order)
    assert [list(Reader(root).rows(f"{UID}-{n}")) for n in range(3)] == before
    for n, journal in enumerate(journals):
        journal.append(rows(range(500, 510), "a", "b"))
        assert ingester.ingest(f"{UID}-{n}")
        journal.close()
        assert len(list(Reader(root).rows(f"{UID}-{n}"))) == 510


def test_a_database_that_is_full_is_left_alone(runs):
    before = database_path(runs).stat()

    assert compact(runs) == 0

    assert database_path(runs).stat().st_ino == before.st_ino


def test_what_a_killed_compaction_left_is_removed(runs):
    left, log = leftover(database_path(runs))
    left.write_bytes(bytes(1000))
    log.write_bytes(bytes(10))

    assert compact(runs) == 1010

    assert not left.exists()
    assert len(list(Reader(runs).rows(f"{UID}-3"))) == 3000


def test_without_a_database_nothing_happens(root):
    root.mkdir()

    assert compact(root) == 0


def test_whoever_reads_is_not_disturbed(runs, monkeypatch):
    monkeypatch.setattr(compacting, "SHARE", -1)
    inode = database_path(runs).stat().st_ino
    with passed(runs, exclusive=False, wait_s=1), pytest.raises(UnavailableError):
        compact(runs, least_bytes=-(1 << 30))

    assert database_path(runs).stat().st_ino == inode


def test_a_copy_that_lacks_a_row_does_not_count(runs, monkeypatch):
    monkeypatch.setattr(compacting, "SHARE", -1)
    monkeypatch.setattr(compacting, "_ranges", lambda *_: iter([(1, 2, 10)]))
    before = said(runs, f"{UID}-3")

    with pytest.raises(UnavailableError, match="its copy"):
        compact(runs, least_bytes=-(1 << 30))

    assert said(runs, f"{UID}-3") == before
    assert not [path for path in leftover(database_path(runs)) if path.exists()]


def test_a_user_who_has_the_file_open_is_not_disturbed(runs, monkeypatch):
    """Another process has it open for writing; DuckDB refuses, and that is all."""
    monkeypatch.setattr(compacting, "SHARE", -1)
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(database_path(runs))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"open\n"

        with pytest.raises(UnavailableError):
            compact(runs, least_bytes=-(1 << 30))

        process.stdin.close()
