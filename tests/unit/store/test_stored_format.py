"""Stores of every version are read for ever after; those of the future are left alone."""

import contextlib
import io
import json
import shutil
import tarfile
from pathlib import Path

import duckdb
import pytest
from storekit import UID, logged, opened_run, row, rows, said
from stores.look import look

from nbtrack.clock import SystemClock
from nbtrack.errors import StoreError
from nbtrack.runs.recorder import Recorder, Track
from nbtrack.store import Ingester, Journal, Reader
from nbtrack.store.database import Database
from nbtrack.store.frames import Kind, frame
from nbtrack.store.layout import database_path, journal_path, uids
from nbtrack.store.schema import SCHEMA_VERSION
from nbtrack.store.spill import NAME

STORES = Path(__file__).parents[2] / "stores"
VERSIONS = sorted(path.name for path in STORES.glob("v*"))


@pytest.fixture(params=VERSIONS)
def expected(request, root) -> dict:
    """Unpack a store of that version, and return what is in there."""
    folder = STORES / request.param
    with tarfile.open(folder / "store.tar.gz") as archive:
        archive.extractall(root, filter="data")
    return json.loads((folder / "expected.json").read_text("ascii"))


def check(root: Path, expected: dict) -> None:
    """Compare what a version of today tells; it may tell more of a run."""
    found = look(root)
    assert found.keys() == expected.keys()
    for uid, then in expected.items():
        now = found[uid]
        for part in ("rows", "metrics", "system"):
            assert said(now[part]) == said(then[part]), (uid, part)
        lines = [within(*pair) for pair in zip(now["lines"], then["lines"], strict=True)]
        assert said(lines) == said(then["lines"]), uid
        for name, value in then["facts"].items():
            assert said(within(now["facts"][name], value)) == said(value), (uid, name)


def within(value, known):
    """Return what of a value was there already when it was written down."""
    if not isinstance(value, dict) or not isinstance(known, dict):
        return value
    return {name: within(value[name], known[name]) for name in known if name in value}


def test_a_store_of_an_earlier_version_reads_as_it_always_did(root, expected):
    check(root, expected)

    ingester = Ingester(root)
    ingester.ingest_left_behind()

    assert all(ingester.ingest(uid) for uid in uids(root))
    check(root, expected)
    assert version_of(root) == str(SCHEMA_VERSION)


def test_its_journals_alone_say_the_same(root, expected):
    for path in root.glob("nbtrack.duckdb*"):
        path.unlink()

    check(root, expected)

    assert Ingester(root).ingest_left_behind() == len(expected)
    check(root, expected)


def test_it_is_read_where_nothing_can_be_written(root, expected):
    """An archive: the spill of a killed run stays where it is and cannot be brought back."""
    for path in root.glob("runs/*/" + NAME):
        path.unlink()
        del expected[path.parent.name]
        shutil.rmtree(path.parent)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}

    check(root, expected)

    assert before.items() <= {path: path.read_bytes() for path in before}.items()


@pytest.mark.parametrize("version", range(SCHEMA_VERSION))
@pytest.mark.parametrize("change", ["version", "tables"])
def test_a_database_of_an_older_version_is_made_anew_from_the_journals(  # noqa: PLR0913, PLR0917 - fixtures
    root, journal, ingester, reader, change, version
):
    journal.append(rows(range(5), "loss"))
    assert ingester.ingest(UID)
    set_version(root, version)
    if change == "tables":
        with duckdb.connect(str(database_path(root))) as connection:
            connection.execute("DROP TABLE history; ALTER TABLE runs DROP COLUMN spark")
    journal.append(rows(range(5, 10), "loss"))
    assert steps_of(reader) == list(range(10))
    assert [facts.rows for facts in reader.runs()] == [10]

    assert ingester.ingest(UID)

    assert version_of(root) == str(SCHEMA_VERSION)
    assert steps_of(reader) == steps_of(Reader(root)) == list(range(10))
    (kept,) = (path for path in root.glob(f"*.version-{version}-*") if path.suffix != ".wal")
    with duckdb.connect(str(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM metrics").fetchall() == [(5,)]


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 99, "2027-a"])
def test_a_database_of_a_newer_version_is_left_alone_and_said(
    root, journal, reader, version, monkeypatch
):
    journal.append(rows(range(5), "loss"))
    assert Ingester(root).ingest(UID)
    set_version(root, version)
    before = database_path(root).read_bytes()
    journal.append(rows(range(5, 10), "loss"))
    told = []
    recorder = Recorder(SystemClock(), on_stop=told.append)
    track = Track(None, SystemClock(), active_us=int, on_trouble=lambda *say: told.append(say))

    monkeypatch.setattr("nbtrack.runs.recorder.INGEST_BYTES", 0)
    recorder._tracks[UID] = track, root, None  # as `add` does, without its threads
    recorder._ingest_news(UID, track, root, 1)

    ((cause, text),) = told
    assert cause == "newer database"
    assert f"its version is {version}, this nbtrack knows {SCHEMA_VERSION}" in text
    assert "pip install --upgrade nbtrack" in text
    assert Ingester(root).ingest_left_behind() == 0
    assert database_path(root).read_bytes() == before
    assert steps_of(reader) == list(range(10))
    assert [facts.rows for facts in reader.runs()] == [10]


def test_frames_of_an_unknown_kind_are_passed_over_and_said(root, journal, reader):
    journal.append(rows(range(5), "loss"))
    append(journal, frame(17, b"of the future"))
    append(journal, frame(Kind.CONTROL, b'{"is": "artifact", "time_us": 1}'))
    journal.append(rows(range(5, 10), "loss"))

    for _ in range(2):
        facts = reader.run(UID)
        assert steps_of(reader) == list(range(10))
        assert [notice.cause for notice in facts.notices] == ["newer nbtrack"]
        assert facts.notices[0].time_us > facts.opened.time_us
        assert facts.damaged == 0
        assert Ingester(root).ingest(UID)
    with reader.follow(UID) as tail:
        assert sum(getattr(one, "cause", "") == "newer nbtrack" for one in tail.poll()) == 1


def test_frames_of_a_newer_format_are_never_read_and_never_cut_off(root, journal, reader):
    """An older nbtrack that looks at a killed run must not destroy what it cannot read."""
    journal.spill()
    journal.append(rows(range(5), "loss"))
    journal.keep(row(5, {"loss": 5.0}))
    append(journal, newer(frame(Kind.ROWS, b"x" * 100)))
    journal.abandon()
    before = journal.path.read_bytes()

    assert steps_of(reader) == list(range(5))
    facts = reader.run(UID)
    assert Ingester(root).ingest(UID)

    assert [notice.cause for notice in facts.notices] == ["newer nbtrack"]
    assert facts.damaged == 0
    with pytest.raises(StoreError, match="a newer nbtrack wrote"):
        Journal.reopen(root, UID)
    assert journal.path.read_bytes() == before
    assert (journal.path.parent / NAME).exists()


def test_a_run_of_a_newer_format_hides_no_other(root, journal, reader):
    other = "20260102-030405-0000ffff"
    Journal.create(root, opened_run(other)).close()
    path = journal_path(root, other)
    path.write_bytes(newer(path.read_bytes()))

    assert [facts.opened.uid for facts in reader.runs()] == [UID]
    with pytest.raises(StoreError, match="was written by a newer nbtrack"):
        reader.run(other)
    Ingester(root).ingest(other)
    Ingester(root).ingest_left_behind()
    with pytest.raises(StoreError, match="was written by a newer nbtrack"):
        Reader(root).run(other)


def test_a_spill_of_a_newer_format_is_left_alone(root, journal, reader):
    journal.spill()
    assert journal.keep(row(0, {"loss": 0.5}))
    journal.abandon()
    path = journal.path.parent / NAME
    data = bytearray(path.read_bytes())
    data[4] += 1
    path.write_bytes(data)

    assert steps_of(reader) == []

    assert path.read_bytes() == data
    data[4] -= 1
    path.write_bytes(data)
    assert [logged(one) for one in reader.rows(UID)] == [{"loss": 0.5}]


def newer(data: bytes) -> bytes:
    """Return frames as a format after this one would begin them."""
    return data.replace(b"\xffNB\x01", b"\xffNB\x02")


def append(journal: Journal, data: bytes) -> None:
    with contextlib.closing(io.FileIO(journal.path, "r+")) as file:
        file.seek(journal.position)
        file.write(data)
    journal.position += len(data)


def set_version(root: Path, version: object) -> None:
    with Database(root).writing() as window:
        window.run("UPDATE nb.meta SET value = ? WHERE key = 'schema'", str(version))


def version_of(root: Path) -> str:
    with duckdb.connect(str(database_path(root)), read_only=True) as connection:
        return connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall()[0][0]


def steps_of(reader: Reader) -> list[int]:
    return [one["_step"] for one in reader.rows(UID)]
