"""Damaged bytes cost as little as possible, and are never taken for something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.store.frames import HEADER_BYTES, MAGIC, FrameFile, Kind, PlainFile, Scan, frame

FRAMES = [frame(Kind.CONTROL, f"payload {n}".encode(), n) for n in range(5)]


def scanned(data: bytes) -> list[tuple[int, bytes]]:
    return [(found.shape, bytes(found.payload)) for found in Scan(data)]


def expected(*numbers: int) -> list[tuple[int, bytes]]:
    return [(n, f"payload {n}".encode()) for n in numbers]


def test_frames_are_read_back_in_order():
    assert scanned(b"".join(FRAMES)) == expected(0, 1, 2, 3, 4)


def test_kind_and_shape_share_a_number_and_do_not_mix():
    (found,) = Scan(frame(Kind.ROWS, b"x", 0xFFFFFF))

    assert (found.kind, found.shape) == (Kind.ROWS, 0xFFFFFF)


@given(st.integers(0, len(FRAMES[2]) - 1), st.integers(1, 255))
def test_a_flipped_byte_costs_one_frame(offset, flip):
    damaged = bytearray(FRAMES[2])
    damaged[offset] ^= flip

    scan = Scan(FRAMES[0] + FRAMES[1] + bytes(damaged) + FRAMES[3] + FRAMES[4])

    assert [found.shape for found in scan] == [0, 1, 3, 4]
    assert scan.damaged == len(FRAMES[2])


@given(st.integers(0, sum(map(len, FRAMES))))
def test_a_cut_costs_the_frame_that_is_cut_and_leaves_room_to_go_on(end):
    data = b"".join(FRAMES)

    scan = Scan(data[:end])
    whole = list(scan)

    assert scan.position == sum(map(len, FRAMES[: len(whole)]))
    assert scan.damaged == 0
    assert scanned(data[scan.position :]) == expected(*range(len(whole), 5))


@given(st.binary(max_size=200))
def test_garbage_between_frames_is_passed_over(garbage):
    data = FRAMES[0] + garbage + FRAMES[1]

    assert scanned(data) == expected(0, 1)


def test_a_length_that_reaches_beyond_the_file_does_not_hide_what_follows():
    """It looks like a frame that is still being written."""
    long = bytearray(FRAMES[1])
    long[11] = 0x7F

    scan = Scan(FRAMES[0] + bytes(long) + FRAMES[2])

    assert [found.shape for found in scan] == [0, 2]


def test_a_magic_in_a_payload_is_no_frame():
    inner = frame(Kind.CONTROL, b"inner", 9)
    outer = frame(Kind.CONTROL, b"before" + inner + MAGIC + b"after", 1)

    assert [found.shape for found in Scan(outer + FRAMES[2])] == [1, 2]


@pytest.mark.parametrize("size", [10, 5_000_000, 9_000_000])
def test_a_frame_may_be_larger_than_the_pieces_that_are_read(tmp_path, size):
    path = tmp_path / "journal"
    path.write_bytes(FRAMES[0] + frame(Kind.CONTROL, b"x" * size, 7) + FRAMES[1])

    with path.open("rb") as file:
        source = FrameFile(PlainFile(file.fileno()), 0)
        found = [(one.shape, len(one.payload)) for one in source.frames()]

    assert found == [(0, 9), (7, size), (1, 9)]
    assert source.position == path.stat().st_size


def test_reading_stops_at_the_end_of_a_frame_and_goes_on_there(tmp_path):
    path = tmp_path / "journal"
    path.write_bytes(b"".join(FRAMES))

    with path.open("rb") as file:
        source = FrameFile(PlainFile(file.fileno()), 0)
        first = [one.shape for one in source.frames(HEADER_BYTES)]
        rest = [one.shape for one in source.frames()]

    assert first + rest == [0, 1, 2, 3, 4]
