"""What was put before the process died is there afterwards, whole."""

import random
import signal
import subprocess
import sys

import pytest
from storekit import UID, rows

from nbtrack.errors import StoreError
from nbtrack.store import Journal, Reader
from nbtrack.store.spill import NAME, SIZE_BYTES, Spill, read_spill


def payloads(folder) -> list[bytes]:
    return [entry.payload for entry in read_spill(folder)]


def test_what_is_put_is_read_in_order(tmp_path):
    spill = Spill.create(tmp_path)
    for text in (b"one", b"", b"three"):
        assert spill.put(text)

    assert [tuple(entry) for entry in read_spill(tmp_path)] == [
        (1, b"one"),
        (2, b""),
        (3, b"three"),
    ]


def test_what_the_journal_has_is_written_over_and_not_read_again(tmp_path):
    """Older entries stand behind the newer ones, and must not be taken for them."""
    spill = Spill.create(tmp_path)
    for _ in range(10):
        spill.put(b"older")
    spill.stored = spill.sequence

    spill.put(b"newer")

    assert [tuple(entry) for entry in read_spill(tmp_path)] == [(11, b"newer")]


def test_a_full_spill_says_so_and_goes_on_once_the_journal_has_it(tmp_path):
    spill = Spill.create(tmp_path, size=4096)
    while spill.put(b"x" * 100):
        pass
    assert len(payloads(tmp_path)) == spill.sequence == (4096 - 8) // 116

    spill.stored = spill.sequence

    assert spill.put(b"y" * 100)
    assert payloads(tmp_path) == [b"y" * 100]


def test_a_payload_larger_than_the_file_never_fits(tmp_path):
    assert not Spill.create(tmp_path, size=4096).put(b"x" * 5000)


def test_the_room_is_taken_at_once(tmp_path):
    """A mapped file with holes ends the process when the disk is full."""
    Spill.create(tmp_path)

    assert (tmp_path / NAME).stat().st_blocks * 512 >= SIZE_BYTES


def test_where_none_can_be_made_it_is_an_error_of_the_store(tmp_path):
    with pytest.raises(StoreError, match="cannot be made"):
        Spill.create(tmp_path / "nowhere")


def test_nothing_is_read_where_there_is_none(tmp_path):
    assert read_spill(tmp_path) == []
    (tmp_path / NAME).write_bytes(b"something else")
    assert read_spill(tmp_path) == []


def test_discarded_it_is_gone(tmp_path):
    spill = Spill.create(tmp_path)
    spill.put(b"x")
    spill.discard()

    assert not (tmp_path / NAME).exists()


def test_a_damaged_byte_costs_nothing_that_stands_before_it(tmp_path):
    spill = Spill.create(tmp_path, size=4096)
    for number in range(20):
        spill.put(f"entry {number}".encode())
    spill.abandon()
    whole = (tmp_path / NAME).read_bytes()
    for place in random.Random(7).sample(range(8, 600), 200):
        damaged = bytearray(whole)
        damaged[place] ^= 0x40
        (tmp_path / NAME).write_bytes(damaged)

        found = payloads(tmp_path)

        assert found == [f"entry {number}".encode() for number in range(len(found))]
        assert len(found) >= min(20, (place - 8) // 26 - 1)


def test_a_killed_writer_leaves_all_that_it_was_told_is_kept(tmp_path):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from nbtrack.store.spill import Spill\n"
        "spill = Spill.create(Path(sys.argv[1]))\n"
        "for number in range(10_000):\n"
        "    spill.put(b'%d' % number)\n"
        "    if number >= 5_000: print(number, flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    for line in child.stdout:
        if line.startswith("5100"):
            break
    child.send_signal(signal.SIGKILL)
    told = [int(line) for line in child.stdout]
    child.wait()

    found = payloads(tmp_path)

    assert len(found) > max([5100, *told])
    assert found == [b"%d" % number for number in range(len(found))]


def test_after_a_record_without_room_none_is_kept_until_the_journal_has_it(tmp_path):
    """A later one that fits would come back alone, with a gap before it."""
    spill = Spill.create(tmp_path, size=4096)
    spill.put(b"first")
    assert not spill.put(b"x" * 4090)
    spill.pass_over()

    assert not spill.put(b"small")
    spill.stored = 1
    assert not spill.put(b"small")
    spill.stored = 2
    assert spill.put(b"small")
    assert payloads(tmp_path) == [b"small"]


def test_what_a_reopened_run_keeps_comes_after_its_mark(root, journal):
    journal.spill()
    assert all(journal.keep(one) for one in rows(range(5), "loss"))
    journal.append(rows(range(5), "loss"), journal.kept)
    journal.close()

    again = Journal.reopen(root, UID)
    again.spill()
    assert all(again.keep(one) for one in rows(range(5, 8), "loss"))
    again.abandon()

    assert [one["_step"] for one in Reader(root).rows(UID)] == list(range(8))
