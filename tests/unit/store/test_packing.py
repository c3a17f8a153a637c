"""Whatever is packed comes back byte for byte, and packed rows are small."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from storekit import row, rows

from nbtrack.store.control import MalformedError
from nbtrack.store.encoding import Encoder
from nbtrack.store.frames import Kind, frame
from nbtrack.store.packing import MOST_BYTES, pack, unpack


def block_of_rows(count: int, width: int, others: bytes, numbers: bytes) -> bytes:
    size = 8 * count * (2 + width)
    filled = (numbers * (size // max(len(numbers), 1) + 1) if numbers else bytes(size))[:size]
    return struct.pack("<II", count, len(others)) + filled + bytes(width) + others


payloads = st.builds(
    block_of_rows,
    st.integers(0, 40),
    st.integers(0, 5),
    st.binary(max_size=20),
    st.binary(max_size=60),
)
frames = st.builds(
    frame,
    st.sampled_from(list(Kind)),
    payloads | st.binary(max_size=60),
    st.integers(0, 3),
)
journals = st.lists(frames | st.binary(max_size=30)).map(b"".join)


@settings(max_examples=300)
@given(journals | st.binary())
@example(b"")
@example(frame(Kind.ROWS, struct.pack("<II", 0xFFFFFFFF, 0)))
def test_any_bytes_come_back_as_they_were(data):
    assert unpack(pack(data)) == data


def test_a_wrong_checksum_is_kept_wrong():
    """Bytes that are damaged in the journal must not look sound after it was packed."""
    damaged = bytearray(frame(Kind.ROWS, block_of_rows(9, 2, b"", b"12345678")))
    damaged[5] ^= 1

    assert unpack(pack(bytes(damaged))) == damaged


def test_rows_of_ten_metrics_take_less_than_a_third():
    """Float32 losses and rates, as most training loops log them, with a few odd columns."""
    random = np.random.default_rng(0)
    steps = np.arange(3000)
    loss = np.exp(-steps / 900)
    columns = [(loss + random.normal(0, 0.02, 3000)).astype(np.float32) for _ in range(5)]
    columns += [np.round(loss + random.normal(0, 0.02, 3000), 3) for _ in range(3)]
    columns += [np.where(steps < 1500, 1e-3, 1e-4), steps // 100]
    numbers = np.stack([column.astype(np.float64) for column in columns], 1).tolist()
    logged = [
        row(step, {f"m{i}": value for i, value in enumerate(values)})
        for step, values in enumerate(numbers)
    ]

    data, _ = Encoder(()).encode(logged, 0)

    assert len(pack(data)) < len(data) / 3


def test_rows_that_were_written_one_by_one_pack_as_well():
    data = b"".join(Encoder(()).encode(rows([step], "a", "b"), 0)[0] for step in range(1000))

    assert len(pack(data)) < len(data) / 20


@settings(max_examples=300)
@given(journals, st.data())
def test_damaged_bytes_are_refused_or_harmless(data, draw):
    """A checksum stands before them in the file; what passes it all the same ends here."""
    packed = bytearray(pack(data))
    place = draw.draw(st.integers(0, len(packed) - 1))
    packed[place] ^= draw.draw(st.integers(1, 255))

    try:
        found = unpack(bytes(packed))
    except MalformedError:
        return
    assert len(found) <= MOST_BYTES


@pytest.mark.parametrize("method", [0, 1], ids=["plain", "rows"])
def test_what_would_unpack_to_gigabytes_is_refused(method):
    bomb = zlib.compress(bytes(64 << 20), 9)
    parts = struct.pack("<II", 1, len(bomb)) if method else b""

    with pytest.raises(MalformedError, match="as long as it says"):
        unpack(struct.pack("<BI", method, 1000) + parts + bomb + zlib.compress(b""))


def test_a_method_of_a_newer_version_is_refused():
    with pytest.raises(MalformedError, match="no known kind"):
        unpack(struct.pack("<BI", 2, 10) + b"x" * 20)
