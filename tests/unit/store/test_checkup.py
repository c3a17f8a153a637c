"""Damage is found, said in one sentence, repaired where it can be, and nothing is lost."""

import multiprocessing
import os
import shutil
import sys
import time

import duckdb
import pytest
from storekit import SECOND_US, START_US, UID, opened_run, row, rows, told

from nbtrack.records import Closed, ConsoleText, Row, RunState, SystemSample
from nbtrack.store import (
    Ingester,
    Journal,
    Level,
    Reader,
    examine,
    open_workspace,
    request_finish,
    request_stop,
)
from nbtrack.store.agreement import differences, replayed_account, stored_accounts
from nbtrack.store.database import Database
from nbtrack.store.frames import MAGIC, Kind, frame
from nbtrack.store.layout import database_path, journal_path, run_folder
from nbtrack.store.rebuilding import FOLDER
from nbtrack.store.spill import NAME, encode_record

SPAWN = multiprocessing.get_context("spawn")
OTHER = "20260102-030405-0000beef"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions are kept elsewhere")


@pytest.fixture
def healthy(root):
    """Two ended runs, all of them in the database."""
    open_workspace(root)
    for uid in (UID, OTHER):
        write(root, uid)
    return root


def write(root, uid, count=200, *, is_ended=True, is_ingested=True):
    journal = Journal.create(root, opened_run(uid))
    journal.append(rows(range(count), "loss", "acc"))
    journal.append([row(count, {"odd": float("nan"), "text": "\udc00", "none": None})])
    journal.append([ConsoleText(START_US, "stdout", "hello"), SystemSample(START_US, {"cpu": 1.0})])
    if is_ended:
        end_us = START_US + count * SECOND_US
        journal.append([Closed(end_us, RunState.FINISHED, 0, count * SECOND_US)])
    journal.close()
    if is_ingested:
        assert Ingester(root).ingest(uid)


def trouble(root, *, repair=False):
    bad = (Level.WARNING, Level.ERROR)
    return [finding for finding in examine(root, repair=repair) if finding.level in bad]


def found(root, text, *, repair=False):
    """Return the one finding that says something."""
    (one,) = [finding for finding in examine(root, repair=repair) if text in finding.text]
    return one


def seen(root, uid=UID):
    reader = Reader(root)
    try:
        return told(reader.run(uid)), list(map(repr, reader.rows(uid)))
    finally:
        reader.close()


def change(path, at, data):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def database_says(root, statement, *values):
    with Database(root).writing() as window:
        window.run(statement, *values)


# --- a healthy one -------------------------------------------------------------------


def test_a_healthy_workspace_has_no_trouble(healthy):
    said = list(examine(healthy))

    assert [finding for finding in said if finding.level is not Level.OK] == []
    assert "to the last value" in found(healthy, "2 runs, 8").text


def test_a_live_run_is_no_trouble(healthy):
    journal = Journal.create(healthy, opened_run("20260102-030405-0000cccc", time_us=now_us()))
    journal.spill()
    journal.append(rows(range(10), "loss"))

    said = list(examine(healthy, repair=True))
    journal.close()

    assert [finding for finding in said if finding.level is not Level.OK] == []


def now_us():
    return time.time_ns() // 1_000


def test_an_empty_workspace_is_well(root):
    open_workspace(root)

    assert {finding.level for finding in examine(root)} == {Level.OK}


def test_repairing_a_healthy_workspace_changes_nothing(healthy):
    before = {path: path.stat().st_mtime_ns for path in healthy.rglob("*") if path.is_file()}

    list(examine(healthy, repair=True))

    after = {path: path.stat().st_mtime_ns for path in healthy.rglob("*") if path.is_file()}
    assert after == before


# --- the folder ----------------------------------------------------------------------


def test_a_workspace_that_is_not_there_is_told(root):
    one = found(root, "there is no workspace")

    assert one.level is Level.ERROR
    assert "--dir" in one.remedy


def test_a_file_in_its_place_is_told(root):
    root.write_text("")

    assert found(root, "is no folder").level is Level.ERROR


@POSIX
def test_what_others_can_read_is_made_private(healthy):
    healthy.chmod(0o755)
    database_path(healthy).chmod(0o644)

    assert found(healthy, "other users").level is Level.WARNING
    assert found(healthy, "private now", repair=True).is_repaired
    assert healthy.stat().st_mode & 0o777 == 0o700
    assert database_path(healthy).stat().st_mode & 0o777 == 0o600
    assert trouble(healthy) == []


@POSIX
def test_behind_a_private_folder_nothing_can_be_read(healthy):
    database_path(healthy).chmod(0o644)

    assert trouble(healthy) == []


# --- journals ------------------------------------------------------------------------


def test_damaged_bytes_of_a_journal_are_counted(root):
    write(root, UID, is_ingested=False)
    path = journal_path(root, UID)
    change(path, path.stat().st_size // 2, b"\x55\x55")

    one = found(root, "of its journal are damaged")

    assert (one.level, one.subject) == (Level.WARNING, UID)


def test_what_a_journal_lost_after_it_was_stored_is_kept_in_the_database(healthy):
    before = seen(healthy)
    path = journal_path(healthy, UID)
    change(path, path.stat().st_size // 2, b"\x55\x55")

    assert found(healthy, "damaged after it went into the database").level is Level.WARNING
    list(examine(healthy, repair=True))

    assert seen(healthy) == before


def test_a_write_that_was_cut_short_is_a_note(healthy):
    path = journal_path(healthy, UID)
    with path.open("ab") as file:
        file.write(frame(Kind.CONTROL, b"x" * 100)[:50])

    assert found(healthy, "cut short").level is Level.NOTE
    assert trouble(healthy) == []


def test_rubbish_at_the_end_of_a_journal_is_damage(healthy):
    with journal_path(healthy, UID).open("ab") as file:
        file.write(b"rubbish" * 10)

    assert found(healthy, "are damaged").level is Level.WARNING


def test_parts_of_a_newer_nbtrack_are_a_note(healthy):
    with journal_path(healthy, UID).open("ab") as file:
        file.write(frame(77, b"from the future"))

    one = found(healthy, "newer nbtrack")

    assert one.level is Level.NOTE
    assert "pip install" in one.remedy


def test_a_journal_of_a_newer_format_is_told(healthy):
    folder = run_folder(healthy, "20270101-000000-0000aaaa")
    folder.mkdir()
    (folder / "journal.nbj").write_bytes(MAGIC[:3] + b"\x02" + b"whatever" * 10)

    one = found(healthy, "format 2")

    assert "pip install" in one.remedy


def test_rows_whose_names_are_lost_are_told(root):
    journal = Journal.create(root, opened_run())
    journal.close()
    with journal_path(root, UID).open("ab") as file:
        file.write(frame(Kind.ROWS, bytes(40), shape=7))

    assert found(root, "the names of 1 set of metrics are lost").level is Level.WARNING


def test_a_journal_that_does_not_say_whose_it_is_is_told(root):
    write(root, UID, is_ingested=False)
    path = journal_path(root, UID)
    change(path, 40, b"\x55")
    change(path, path.read_bytes().find(MAGIC, 100) + 40, b"\x55")

    assert found(root, "which run it is").level is Level.WARNING


def test_a_run_in_a_folder_of_another_name_is_a_note(healthy):
    shutil.copytree(run_folder(healthy, UID), run_folder(healthy, "copied-by-hand"))

    assert found(healthy, "was begun as").subject == "copied-by-hand"


def test_a_run_whose_process_is_gone_is_a_note(healthy):
    write(healthy, "20260102-030405-0000dead", is_ended=False)

    one = found(healthy, "1 run crashed")

    assert one.level is Level.NOTE
    assert "0000dead" in one.text


def test_what_a_killed_kernel_left_in_its_spill_comes_back(root):
    write(root, UID, is_ended=False)
    left_in_spill(root, [row(1_000, {"loss": 7.0})])

    one = found(root, "1 record that it had not written yet")

    assert one.is_repaired
    assert trouble(root) == []
    assert "'loss': 7.0" in seen(root)[1][-1]


def left_in_spill(root, records):
    from nbtrack.store.spill import Spill

    spill = Spill.create(run_folder(root, UID))
    for record in records:
        assert spill.put(encode_record(record))
    spill.abandon()


def test_a_damaged_spill_is_kept_and_told(root):
    write(root, UID, is_ended=False)
    left_in_spill(root, [Row(1_000, START_US, {"loss": 7.0})])
    path = run_folder(root, UID) / NAME
    change(path, 0, b"\x55\x55")
    before = path.read_bytes()

    assert found(root, f"its {NAME} is damaged").level is Level.WARNING

    (kept,) = run_folder(root, UID).glob(f"{NAME}.corrupt-*")
    assert kept.read_bytes() == before


def test_a_spill_that_was_only_just_made_is_none(root):
    write(root, UID)
    (run_folder(root, UID) / NAME).write_bytes(bytes(4_096))

    assert trouble(root) == []


@pytest.mark.parametrize(
    ("request_end", "wish"), [(request_stop, "stop"), (request_finish, "finish")]
)
def test_a_request_that_came_too_late_is_forgotten(healthy, request_end, wish):
    request_end(healthy, UID)

    assert not found(healthy, f"asked it to {wish}").is_repaired
    assert found(healthy, f"asked it to {wish}", repair=True).is_repaired
    assert not (run_folder(healthy, UID) / wish).exists()


def test_files_of_others_are_left_alone(healthy):
    (healthy / "runs" / "notes.txt").write_text("mine")
    (run_folder(healthy, UID) / "model.pt").write_text("mine")

    said = [one for one in examine(healthy, repair=True) if "left alone" in one.text]

    assert {one.subject for one in said} == {UID, "journals"}
    assert (healthy / "runs" / "notes.txt").exists()
    assert (run_folder(healthy, UID) / "model.pt").exists()


def test_an_empty_folder_of_a_run_is_a_note(healthy):
    run_folder(healthy, "20260102-030405-0000eeee").mkdir()

    assert found(healthy, "its folder is empty").level is Level.NOTE


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_journal_that_cannot_be_read_hides_no_other(healthy):
    journal_path(healthy, UID).chmod(0)

    said = trouble(healthy)

    assert {one.subject for one in said} == {UID}


def test_a_journal_that_is_a_folder_hides_no_other(healthy):
    journal_path(healthy, UID).unlink()
    journal_path(healthy, UID).mkdir()

    assert {one.subject for one in trouble(healthy)} == {UID}


# --- the database --------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM nb.metrics WHERE step = 7",
        "INSERT INTO nb.metrics SELECT * FROM nb.metrics WHERE step = 7",
        "UPDATE nb.metrics SET value = value + 1e-9 WHERE step = 7",
        "UPDATE nb.metrics SET kind = 1 WHERE step = 7",
        "UPDATE nb.metrics SET key_id = 1 - key_id WHERE step = 7 AND key_id < 2",
        "DELETE FROM nb.history WHERE step = 7",
        "UPDATE nb.history SET ts = ts + INTERVAL 1 MICROSECOND WHERE step = 7",
        "DELETE FROM nb.logs",
        "UPDATE nb.logs SET text = 'other'",
        "DELETE FROM nb.system_metrics",
        "DELETE FROM nb.objects WHERE value = 'null'",
        "DELETE FROM nb.keys WHERE name = 'loss'",
        "UPDATE nb.runs SET row_count = row_count + 1",
        "UPDATE nb.runs SET name = 'another'",
        "INSERT INTO nb.runs SELECT * FROM nb.runs LIMIT 1",
        "INSERT INTO nb.history SELECT 99, step, ts FROM nb.history LIMIT 3",
    ],
)
def test_a_database_that_says_otherwise_is_made_anew(healthy, statement):
    before = seen(healthy)
    database_says(healthy, statement)

    one = found(healthy, "does not say what the journals say")
    assert one.level is Level.ERROR
    assert "--repair" in one.remedy
    assert found(healthy, "made anew", repair=True).is_repaired

    assert trouble(healthy) == []
    assert seen(healthy) == before
    assert len(list(healthy.glob("nbtrack.duckdb.before-rebuild-*[0-9]"))) == 1


def test_a_damaged_database_is_set_aside_and_made_anew(healthy):
    before = seen(healthy)
    database_path(healthy).write_bytes(b"no database" * 1_000)

    assert found(healthy, "is damaged").level is Level.ERROR
    one = found(healthy, "made anew", repair=True)

    assert one.is_repaired
    assert trouble(healthy) == []
    assert seen(healthy) == before
    (kept,) = healthy.glob("nbtrack.duckdb.corrupt-*[0-9]")
    assert found(healthy, kept.name).level is Level.NOTE


def test_a_database_of_a_newer_nbtrack_is_left_alone(healthy):
    database_says(healthy, "UPDATE nb.meta SET value = '999' WHERE key = 'schema'")
    before = database_path(healthy).read_bytes()

    one = found(healthy, "made by a newer nbtrack", repair=True)

    assert "pip install" in one.text
    assert database_path(healthy).read_bytes() == before


def hold(path, ready, end) -> None:
    connection = duckdb.connect(str(path))
    ready.set()
    end.wait(30)
    connection.close()


def test_a_database_that_somebody_holds_open_is_told(healthy):
    ready, end = SPAWN.Event(), SPAWN.Event()
    other = SPAWN.Process(target=hold, args=(database_path(healthy), ready, end))
    other.start()
    assert ready.wait(30)

    one = found(healthy, "cannot be looked at")
    end.set()
    other.join()

    assert one.level is Level.WARNING
    assert "Close whatever" in one.remedy


def test_runs_that_are_not_in_the_database_are_brought_in(healthy):
    write(healthy, "20260102-030405-00000001", is_ingested=False)

    assert found(healthy, "not in it yet").level is Level.NOTE
    assert found(healthy, "are now", repair=True).is_repaired
    assert "3 runs" in found(healthy, "to the last value").text


def test_where_there_is_no_database_one_is_made(healthy):
    database_path(healthy).unlink()

    assert found(healthy, "there is none").level is Level.NOTE
    assert found(healthy, "there was none", repair=True).is_repaired
    assert "2 runs" in found(healthy, "to the last value").text


def test_a_run_whose_journal_is_lost_is_told_and_kept(healthy):
    before = seen(healthy)
    shutil.rmtree(run_folder(healthy, UID))

    assert found(healthy, "its journal is gone").level is Level.WARNING
    database_says(healthy, "DELETE FROM nb.logs")
    one = found(healthy, "made anew", repair=True)

    assert UID in one.text
    assert seen(healthy)[1] == before[1]


def test_a_journal_that_is_shorter_than_it_was_is_told(healthy):
    path = journal_path(healthy, UID)
    os.truncate(path, path.stat().st_size // 2)

    assert found(healthy, "bytes long and has").level is Level.WARNING


def test_a_log_without_its_database_is_set_aside(healthy):
    log = healthy / "nbtrack.duckdb.wal"
    database_path(healthy).unlink()
    log.write_bytes(b"a log")

    assert found(healthy, "without its database").level is Level.WARNING
    assert found(healthy, "without its database", repair=True).is_repaired
    (kept,) = healthy.glob("nbtrack.duckdb.corrupt-*.wal")
    assert kept.read_bytes() == b"a log"
    assert trouble(healthy) == []


def test_what_a_killed_rebuild_left_is_removed(healthy):
    (healthy / FOLDER).mkdir()

    assert found(healthy, "left of a rebuild").level is Level.NOTE
    assert found(healthy, "left of a rebuild", repair=True).is_repaired
    assert not (healthy / FOLDER).exists()


# --- agreement -----------------------------------------------------------------------


@pytest.mark.parametrize("batches", [1, 7])
def test_however_a_journal_went_in_the_database_agrees(root, batches):
    """Where a piece ends decides which key comes first, and must not matter."""
    journal = Journal.create(root, opened_run())
    for batch in range(batches):
        start = batch * 40
        journal.append(rows(range(start, start + 20), "loss", "acc"))
        journal.append([row(start + 20 + at, {"a": [at], "b": {"c": at}}) for at in range(3)])
        journal.append([row(start + 30, {"loss": float("inf"), f"new-{batch}": True})])
        assert Ingester(root).ingest(UID)
    journal.close()

    with Database(root).reading() as window:
        stored = stored_accounts(window).accounts[UID]
    replayed = replayed_account(root, UID, stored.fold.position)

    assert differences(stored, replayed) == []
    assert stored.points == replayed.points > 0


def test_a_watermark_in_the_middle_is_compared_up_to_there(root, journal):
    journal.append(rows(range(100), "loss"))
    assert Ingester(root).ingest(UID)
    journal.append(rows(range(100, 5_000), "loss"))

    with Database(root).reading() as window:
        stored = stored_accounts(window).accounts[UID]
    replayed = replayed_account(root, UID, stored.fold.position)

    assert differences(stored, replayed) == []
    assert replayed.points == 100
