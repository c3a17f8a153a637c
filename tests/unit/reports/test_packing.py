"""Numbers on their way into a page and out of it again."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.errors import StoreError
from nbtrack.reports.packing import pack, unpack
from nbtrack.reports.parcel import Parcel, parcels_in

GOLDEN = Path(__file__).parents[2] / "golden" / "parcels" / "mixed.json"
ANY_BITS = st.integers(0, 2**64 - 1).map(lambda bits: struct.pack("<Q", bits))
WHOLE = st.integers(-(2**53), 2**53).map(lambda value: struct.pack("<d", float(value)))
TIMES = st.integers(-(10**6), 10**15).map(lambda time_us: struct.pack("<d", time_us / 1_000_000))
ORDINARY = st.floats(allow_nan=True).map(lambda value: struct.pack("<d", value))
RUNS = st.one_of(*(st.lists(kind, max_size=40) for kind in (ANY_BITS, WHOLE, TIMES, ORDINARY)))


@given(st.lists(RUNS, max_size=6))
def test_every_bit_of_every_number_comes_back(runs):
    """Payloads of NaN, minus zero and denormals, too."""
    buffer = b"".join(number for run in runs for number in run)

    assert unpack(pack(buffer, [len(run) for run in runs])) == buffer


def test_steps_and_times_that_metrics_share_stand_there_once():
    steps = np.arange(1_000.0)
    times = np.round(np.linspace(0.5, 60, 1_000), 6)
    values = np.random.default_rng(1).normal(size=(2, 1_000))
    buffer = b"".join(column.tobytes() for one in values for column in (steps, times, one))

    packed = pack(buffer, [1_000] * 6)

    assert packed.layout == [0, 1, 2, 0, 1, 3]
    assert [head["kind"] for head in packed.columns] == ["even", "whole", "float", "float"]
    assert len(packed.body) <= 1_000 * (4 + 8 + 8)


def test_numbers_that_end_too_early_are_told():
    packed = pack(np.array([0.5, 0.1, 7.0]).tobytes(), [3])
    packed.columns[0]["kind"] = "float"

    with pytest.raises(StoreError, match="bytes too early"):
        unpack(packed)


def test_a_parcel_comes_back_from_the_page_that_carries_it():
    bundle = {"snapshot": {"name": "</script><!-- ü 𝄞"}}
    parcel = Parcel("application/json", bundle, np.arange(3.0).tobytes(), [3], {"height": 300})
    page = f'<script type="application/vnd.nbtrack.parcel" id="a-1">{parcel.text()}</script>'

    assert list(parcels_in(page)) == [parcel]


@pytest.mark.parametrize("text", ["", "AAAA", "eNo=", "eJwDAAAAAAE="])
def test_a_damaged_parcel_is_told(text):
    with pytest.raises(StoreError, match="is damaged"):
        Parcel.of_text(text)


def test_a_parcel_that_was_written_long_ago_is_read_as_the_browser_reads_it():
    """Pages stay; the same file is read by the tests of the browser's code."""
    golden = json.loads(GOLDEN.read_text("utf-8"))

    parcel = Parcel.of_text(golden["text"])

    assert parcel.buffer.hex() == golden["buffer"]
    assert parcel.bundle == {"name": golden["name"]}
