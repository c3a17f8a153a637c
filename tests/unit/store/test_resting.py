"""DuckDB is let go while nobody asks anything, and answers the next question all the same."""

import sys
import threading
from pathlib import Path

import duckdb
import pytest
from storekit import UID, rows

from nbtrack.store import codepages, rest
from nbtrack.store.codepages import _stretches, _unchanged
from nbtrack.store.database import Database, scratch
from nbtrack.store.resident import RESIDENT

LIBRARY = str(sys.modules[duckdb.DuckDBPyConnection.__module__].__file__)
SMAPS = Path("/proc/self/smaps")


@pytest.fixture
def stored(root, journal, ingester) -> Database:
    journal.append(rows(range(10), "loss"))
    assert ingester.ingest(UID)
    return Database(root)


def count_of(stored: Database) -> int:
    with stored.reading() as window:
        return window.rows("SELECT count(*) FROM nb.metrics")[0][0]


def resident_bytes() -> int:
    """Return how much of DuckDB's library is in memory."""
    found = _stretches(SMAPS.read_text("utf-8").splitlines())
    return 1_024 * sum(counts["Rss"] for part, counts in found if part.path == LIBRARY)


def test_a_question_after_the_rest_is_answered(stored):
    assert count_of(stored) == 10

    assert rest(0.0)

    assert RESIDENT._connection is None
    assert count_of(stored) == 10


def test_what_was_used_just_now_is_kept(stored):
    assert count_of(stored) == 10

    assert not rest(60.0)

    assert RESIDENT._connection is not None


def test_there_is_one_rest_per_use(stored):
    """To look for pages again and again would take a server's time for nothing."""
    count_of(stored)

    assert rest(0.0)
    assert not rest(0.0)


def test_nobody_is_cut_off_in_the_midst_of_a_question(stored):
    with stored.reading() as window:
        told: list[bool] = []
        other = threading.Thread(target=lambda: told.append(rest(0.0)))
        other.start()
        other.join()

        assert told == [False]
        assert window.rows("SELECT count(*) FROM nb.metrics") == [(10,)]


@pytest.mark.skipif(not SMAPS.exists(), reason="this system does not tell what is in memory")
def test_code_that_was_used_is_no_longer_in_memory():
    with scratch() as window:
        window.rows("SELECT 1")
    before = resident_bytes()

    assert rest(0.0)

    assert before > 10_000_000
    assert resident_bytes() < before / 4


def test_pages_that_were_written_to_stay():
    """What a relocation or a debugger has changed is in no file."""
    lines = """\
7f00-7f10 r--p 00000000 fe:00 57    /lib/_duckdb.so
Rss:   16 kB
Anonymous:  0 kB
Swap:  0 kB
7f10-7f20 r-xp 00001000 fe:00 57    /lib/_duckdb.so
Anonymous:  4 kB
Swap:  0 kB
7f20-7f30 r--p 00002000 fe:00 57    /lib/_duckdb.so (deleted)
Anonymous:  0 kB
Swap:  4 kB
7f30-7f40 rw-p 00003000 fe:00 57    /lib/_duckdb.so
Anonymous:  0 kB
Swap:  0 kB
7f40-7f50 r-xp 00000000 fe:00 58    /lib/other.so
Anonymous:  0 kB
Swap:  0 kB
7f50-7f60 r-xp 00004000 fe:00 57    /lib/_duckdb.so
VmFlags: rd ex
"""

    found = list(_unchanged(lines.splitlines(), "/lib/_duckdb.so"))

    assert [(each.start, each.end) for each in found] == [(0x7F00, 0x7F10)]


def test_where_the_system_does_not_tell_nothing_happens(monkeypatch, tmp_path):
    monkeypatch.setattr(codepages, "_SMAPS", tmp_path / "smaps")

    codepages.give_back(LIBRARY)
