"""A question that asks too much is given up with a clear word, and the next one is answered."""

import itertools
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

import pytest
from storekit import UID, rows

from nbtrack.errors import LimitError
from nbtrack.store import limits, overflow, selection
from nbtrack.store.database import Database
from nbtrack.store.limits import Limits
from nbtrack.store.overflow import overflow_folder
from nbtrack.store.watchdog import Watchdog

ENDLESS = "SELECT sum(sqrt(i)) AS s FROM range(1000000000000) t(i)"
HUGE = "SELECT list(i ORDER BY hash(i)) AS l FROM range(100000000) t(i)"


@pytest.fixture
def limited(monkeypatch):
    def to(**given) -> Limits:
        chosen = Limits(**{"threads": 1, "memory": "512MB", "overflow": "1GB"} | given)
        monkeypatch.setattr(limits, "_CHOSEN", [chosen])
        return chosen

    return to


@pytest.fixture
def stored(root, journal, ingester) -> Database:
    journal.append(rows(range(100), "loss"))
    assert ingester.ingest(UID)
    return Database(root)


def test_what_takes_too_long_is_given_up_and_the_next_question_is_answered(stored, limited):
    limited(window_s=0.2)

    began_s = time.monotonic()
    with pytest.raises(LimitError, match="given up after"), stored.reading() as window:
        window.columns(ENDLESS)

    assert time.monotonic() - began_s < 30
    limited(window_s=60.0)
    with stored.reading() as window:
        assert window.rows("SELECT count(*) FROM nb.metrics") == [(100,)]


def test_many_short_queries_are_one_question(stored, limited):
    """Whoever reads keeps writers out: what counts is how long the database is held."""
    limited(window_s=0.2)
    short = itertools.repeat("SELECT count(*) FROM range(100000)")

    with pytest.raises(LimitError, match="given up"), stored.reading() as window:
        deque(map(window.rows, short), maxlen=0)


def test_what_takes_too_much_memory_is_given_up_and_the_next_question_is_answered(stored, limited):
    limited(memory="20MB", overflow="1MB", window_s=60.0)

    with pytest.raises(LimitError, match="more than 20MB of memory"), stored.reading() as window:
        window.columns(HUGE)

    with stored.reading() as window:
        assert window.rows("SELECT count(*) FROM nb.metrics") == [(100,)]


def test_a_reader_does_not_turn_to_the_journals_then(stored, reader, limited, monkeypatch):
    """They say the same, only slower, and nobody would know why it takes so long."""
    limited(window_s=0.2)
    columns = "nbtrack.store.database.Window.columns"
    monkeypatch.setattr(columns, lambda window, *_, **__: window.rows(ENDLESS))

    with pytest.raises(LimitError, match="fewer keys"):
        reader.series(UID, "loss")


def test_a_series_that_would_not_fit_into_memory_is_refused(stored, reader, monkeypatch):
    monkeypatch.setattr(selection, "MOST_POINTS", 99)

    for ask in (
        lambda: reader.series(UID, "loss"),
        lambda: reader.table(UID, 10, ["loss"]),
    ):
        with pytest.raises(LimitError, match="100 points do not fit into memory"):
            ask()

    assert len(reader.reduced(UID, ["loss"], 20)[0].steps) <= 20
    assert len(list(reader.rows(UID, ["loss"], max_step=50))) == 50


def test_a_server_takes_more_than_a_guest(stored):
    threads = "SELECT value FROM duckdb_settings() WHERE name = 'threads'"
    found = []
    for choose in (limits.as_server, limits.as_guest):
        choose()
        with stored.reading() as window:
            found.append(window.rows(threads)[0][0])

    assert found == [str(limits.SERVER.threads), "1"]


def test_what_overflows_goes_to_a_private_folder(stored):
    with stored.reading() as window:
        query = "SELECT value FROM duckdb_settings() WHERE name = 'temp_directory'"
        ((folder,),) = window.rows(query)

    assert folder == overflow_folder()
    assert not Path(folder).exists()  # until something overflows
    home = Path(folder).parent
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    if hasattr(os, "getuid"):
        assert home.stat().st_uid == os.getuid()


def test_what_a_killed_process_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(overflow, "_FOLDERS", {})
    home = Path(overflow_folder()).parent
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, alive = home / f"overflow-{ended.pid}-0a", home / f"overflow-{os.getppid()}-0b"
    for folder in (left, alive):
        folder.mkdir()
        (folder / "duckdb_temp_storage-0.tmp").touch()

    overflow._FOLDERS.clear()
    overflow_folder()

    assert [folder.name for folder in home.iterdir()] == [alive.name]


def test_nothing_is_interrupted_after_the_watchdog_was_left():
    bites: list[int] = []

    with Watchdog(0.0, lambda: bites.append(1)) as watchdog:
        while not watchdog.has_bitten:
            pass
    count = len(bites)
    watchdog.bite()

    assert len(bites) == count >= 1
