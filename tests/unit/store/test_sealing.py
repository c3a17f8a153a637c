"""A packed journal is read as before, whatever happens on the way there and to its bytes."""

import contextlib
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storekit import SECOND_US, START_US, UID, logged, opened_run, rows, told

from nbtrack.errors import RunNotFoundError, StoreError, UsageError
from nbtrack.records import Closed, RunState
from nbtrack.store import Ingester, Journal, Reader
from nbtrack.store.frames import PlainFile
from nbtrack.store.layout import SEALED, journal_path, sealed_path
from nbtrack.store.packing import pack
from nbtrack.store.sealed import _BLOCK, BLOCK_BYTES, SealedFile, _block, blocks
from nbtrack.store.sealing import JournalSizes, journal_size, open_source, seal, unseal
from nbtrack.store.tail import Tail

STEPS = 20_000


def finish(journal: Journal, count: int = STEPS) -> bytes:
    """End a run of `count` rows; return its journal."""
    for start in range(0, count, 1000):
        journal.append(rows(range(start, min(count, start + 1000)), "loss", "acc", "lr"))
    journal.append([Closed(START_US + count * SECOND_US, RunState.FINISHED, 0, 0)])
    journal.close()
    return journal.path.read_bytes()


def read(root: Path, offset: int = 0) -> bytes:
    source = open_source(root, UID)
    with contextlib.closing(source):
        return source.read_at(offset, source.size)


def read_sealed(path: Path) -> bytes:
    with contextlib.closing(SealedFile.open(path)) as sealed:
        return sealed.read_at(0, sealed.size)


def written(path: Path, data: bytes) -> Path:
    """Seal any bytes into a file."""
    journal = path.with_suffix(".nbj")
    journal.write_bytes(data)
    with contextlib.closing(PlainFile(os.open(journal, os.O_RDONLY))) as source:
        path.write_bytes(b"".join(blocks(source)))
    return path


class TestSealing:
    def test_the_same_bytes_are_at_the_same_offsets(self, root, journal):
        data = finish(journal)

        assert seal(root, UID)

        assert not journal_path(root, UID).exists()
        assert sealed_path(root, UID).stat().st_size < len(data) / 2
        assert journal_size(root, UID) == len(data)
        assert [read(root, at) == data[at:] for at in (0, 1, 300_000, len(data))] == [True] * 4

    def test_what_is_known_of_a_run_stays_the_same(self, root, journal, reader):
        finish(journal)
        before = (told(reader.run(UID)), list(reader.rows(UID)))

        seal(root, UID)

        assert (told(reader.run(UID)), list(reader.rows(UID))) == before
        assert told(Reader(root).runs()[0]) == before[0]

    def test_a_sealed_run_is_ingested_from_where_it_was(self, root, journal):
        journal.append(rows(range(100), "loss"))
        assert Ingester(root).ingest(UID)
        finish(journal, 0)
        seal(root, UID)

        assert Ingester(root).ingest(UID)

        sealed_path(root, UID).unlink()
        assert len(list(Reader(root).rows(UID))) == 100

    def test_a_run_that_is_listed_stays_the_same_object(self, root, journal, ingester, reader):
        """A list that is looked at twice a second must not be told of a thousand changes."""
        finish(journal)
        ingester.ingest(UID)
        (before,) = reader.runs()

        seal(root, UID)

        assert reader.runs() == [before]

    def test_nothing_is_opened_at_the_second_look(self, root, journal, ingester, monkeypatch):
        finish(journal)
        ingester.ingest(UID)
        seal(root, UID)
        os.utime(journal.path.parent, ns=(0, 0))  # long ago
        reader = Reader(root)
        reader.runs()
        opened = []
        real = os.open
        monkeypatch.setattr(
            os, "open", lambda path, *how: (opened.append(str(path)), real(path, *how))[1]
        )

        assert len(reader.runs()) == 1

        assert opened == []

    def test_a_run_that_is_unsealed_and_goes_on_is_seen(self, root, journal, ingester, reader):
        finish(journal, 10)
        ingester.ingest(UID)
        seal(root, UID)
        os.utime(journal.path.parent, ns=(0, 0))
        assert reader.runs()[0].rows == 10

        with contextlib.closing(Journal.reopen(root, UID)) as reopened:
            reopened.append(rows(range(10, 20), "loss"))

        assert reader.runs()[0].rows == 20

    def test_a_tail_that_is_open_goes_on(self, root, journal):
        finish(journal)
        with Tail.open(root, UID) as tail:
            seal(root, UID)

            assert tail.entries()
            assert tail.position == tail.size

    def test_a_run_that_is_written_is_left_alone(self, root, journal):
        journal.append(rows(range(10), "loss"))

        assert not seal(root, UID)

        assert not sealed_path(root, UID).exists()

    def test_what_a_killed_kernel_left_in_its_spill_is_sealed_too(self, root, journal):
        journal.spill()
        for one in rows(range(10), "loss"):
            journal.keep(one)
        journal.abandon()

        assert seal(root, UID)

        assert [logged(one) for one in Reader(root).rows(UID)] == [{"loss": n} for n in range(10)]

    def test_a_full_disk_leaves_the_journal(self, root, journal, monkeypatch):
        data = finish(journal)

        def full(_descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)

        with pytest.raises(StoreError, match="No space left"):
            seal(root, UID)

        assert [one.name for one in journal.path.parent.iterdir()] == ["journal.nbj"]
        assert read(root) == data

    def test_whoever_asks_to_stop_is_heard(self, root, journal):
        finish(journal)

        assert not seal(root, UID, is_stopped=lambda: True)

        assert [one.name for one in journal.path.parent.iterdir()] == ["journal.nbj"]

    def test_both_files_mean_that_sealing_was_cut_short(self, root, journal):
        """The journal may have been written since; it counts until it is sealed again."""
        finish(journal, 10)
        seal(root, UID)
        old = sealed_path(root, UID).read_bytes()
        with contextlib.closing(Journal.reopen(root, UID)) as reopened:
            reopened.append(rows(range(10, 20), "loss"))
        sealed_path(root, UID).write_bytes(old)

        assert len(list(Reader(root).rows(UID))) == 20
        assert seal(root, UID)
        assert len(list(Reader(root).rows(UID))) == 20
        assert not journal_path(root, UID).exists()

    def test_what_killed_sealers_left_is_swept(self, root, journal):
        finish(journal)
        (journal.path.parent / f"{SEALED}.0123abcd.part").write_bytes(b"half")

        seal(root, UID)

        assert [one.name for one in journal.path.parent.iterdir()] == [SEALED]

    def test_a_link_is_not_followed(self, root, journal, tmp_path):
        finish(journal)
        elsewhere = journal.path.rename(tmp_path / "elsewhere")
        journal.path.symlink_to(elsewhere)

        with pytest.raises(StoreError, match="cannot be sealed"):
            seal(root, UID)

        assert elsewhere.exists()

    def test_without_a_run_there_is_nothing_to_seal(self, root):
        assert not seal(root, UID)
        assert journal_size(root, UID) == -1
        with pytest.raises(RunNotFoundError):
            unseal(root, UID)
        with pytest.raises(UsageError, match="no run uid"):
            seal(root, "../x")


class TestUnsealing:
    def test_the_journal_comes_back_byte_for_byte(self, root, journal):
        data = finish(journal)
        seal(root, UID)

        unseal(root, UID)

        assert journal_path(root, UID).read_bytes() == data
        assert not sealed_path(root, UID).exists()

    def test_a_sealed_run_can_be_reopened(self, root, journal):
        finish(journal, 10)
        seal(root, UID)

        with contextlib.closing(Journal.reopen(root, UID)) as reopened:
            reopened.append(rows(range(10, 20), "loss"))

        assert len(list(Reader(root).rows(UID))) == 20

    def test_a_sealed_run_is_not_created_again(self, root, journal):
        finish(journal, 10)
        seal(root, UID)

        with pytest.raises(UsageError, match="already"):
            Journal.create(root, opened_run(UID))


class TestDamage:
    @pytest.fixture
    def sealed(self, root, journal):
        """A run in several blocks, and where they begin."""
        data = finish(journal)
        seal(root, UID)
        with contextlib.closing(SealedFile.open(sealed_path(root, UID))) as file:
            assert len(file._index) > 2
            return data, [*file._index]

    def test_a_damaged_block_costs_itself_and_is_counted(self, root, sealed):
        _, index = sealed
        flip(sealed_path(root, UID), index[1].place + 1000)

        facts = Reader(root).run(UID)

        lost = index[2].offset - index[1].offset
        assert lost <= BLOCK_BYTES
        assert facts.damaged == lost
        assert facts.state is RunState.FINISHED
        found = [one["_step"] for one in Reader(root).rows(UID)]
        assert 0 < STEPS - len(found) < STEPS / 2
        assert found == sorted(set(found))

    def test_an_index_that_is_damaged_is_made_again(self, root, sealed):
        data, _ = sealed
        flip(sealed_path(root, UID), -30)

        assert read(root) == data
        assert JournalSizes(root).of(UID) == len(data)

    @pytest.mark.parametrize("block", [0, 1, 2])
    def test_an_index_and_a_header_can_both_be_damaged(self, root, sealed, block):
        data, index = sealed
        flip(sealed_path(root, UID), -30)
        flip(sealed_path(root, UID), index[block].place + 20)

        found = read(root)

        start = index[block].offset
        end = index[block + 1].offset
        assert found == data[:start] + bytes(end - start) + data[end:]

    def test_a_file_that_is_cut_keeps_what_is_whole(self, root, sealed):
        data, index = sealed
        with sealed_path(root, UID).open("r+b") as file:
            file.truncate(index[2].place + 10)

        assert read(root) == data[: index[2].offset] + bytes(len(data) - index[2].offset)

    def test_nothing_left_is_said(self, root, journal):
        finish(journal, 10)
        seal(root, UID)
        sealed_path(root, UID).write_bytes(b"\xffNZ" + bytes(1000))

        with pytest.raises(StoreError, match="no block of a sealed journal"):
            Reader(root).run(UID)
        assert Reader(root).runs() == []

    @pytest.mark.parametrize("what", ["all", "one"])
    def test_a_newer_version_is_refused_and_says_what_to_do(self, root, sealed, monkeypatch, what):
        data, index = sealed
        monkeypatch.setattr("nbtrack.store.sealed.FORMAT", 2)
        newer = written(root / "newer.nbz", data).read_bytes()
        monkeypatch.undo()
        path = sealed_path(root, UID)
        second, third = index[1].place, index[2].place
        old = path.read_bytes()
        mixed = old[:second] + newer[second:third] + old[third:]
        path.write_bytes(newer if what == "all" else mixed)

        with pytest.raises(StoreError, match="pip install -U nbtrack"):
            list(Reader(root).rows(UID))

    def test_a_damaged_version_is_damage_and_not_a_newer_one(self, root, sealed):
        data, index = sealed
        flip(sealed_path(root, UID), index[1].place + 3)

        assert len(read(root)) == len(data)

    def test_a_journal_that_cannot_be_so_long_is_refused(self, tmp_path):
        path = tmp_path / "x.nbz"
        path.write_bytes(_block(_BLOCK, pack(b"hello"), 5, 0, 1 << 60))

        with pytest.raises(StoreError, match="which cannot be"):
            SealedFile.open(path)

    @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 1 << 30), st.integers(1, 255))
    def test_any_flipped_byte_leaves_the_rest_readable(self, tmp_path, place, mask):
        data = b"".join(bytes([n % 251]) * 3000 for n in range(300))
        path = written(tmp_path / "x.nbz", data)
        flip(path, place % path.stat().st_size, mask)

        found = np.frombuffer(read_sealed(path), np.uint8)

        assert len(found) == len(data)
        assert np.count_nonzero(found != np.frombuffer(data, np.uint8)) <= BLOCK_BYTES


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=200)), st.sampled_from([1, 5000, 20_000]))
def test_any_journal_comes_back_byte_for_byte(parts, times):
    data = b"".join(part * times for part in parts)[: 3 * BLOCK_BYTES]
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "x.nbz", data)

        assert read_sealed(path) == data


def flip(path: Path, place: int, mask: int = 0x55) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= mask
    path.write_bytes(data)
