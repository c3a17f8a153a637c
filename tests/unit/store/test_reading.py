"""What the database has is read as numpy would have it, however it lies there."""

import json
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storekit import START_US, UID, opened_run, row, rows, said

from nbtrack.errors import RunNotFoundError
from nbtrack.records import Row
from nbtrack.store import Ingester, Journal, Reader, history
from nbtrack.store.keystats import ascii_json, from_json
from nbtrack.store.reduction import Points, extent_of, reduced

OTHER = "20260102-030405-0000beef"
VALUES = st.floats() | st.integers(-3, 3).map(float)


@settings(deadline=None, max_examples=15)
@given(
    st.lists(VALUES, min_size=1, max_size=120),
    st.integers(1, 1 << 40),
    st.integers(0, 120),
    st.integers(8, 40),
    st.tuples(st.integers(-1, 60), st.integers(0, 125)) | st.none(),
)
def test_a_series_is_reduced_as_numpy_would(values, gap, ingested, most, window):
    """Part of it is in the database, the rest in the journal's tail."""
    steps = np.arange(len(values)) * gap
    bounds = (None, None) if window is None else (window[0] * gap, window[1] * gap)
    points = enumerate(zip(steps.tolist(), values, strict=True))
    found = read(points, ingested, most, bounds)

    whole = Points(steps, steps, np.array(values))
    if window is not None:
        whole = whole.between(*bounds)
    kept = reduced(whole, extent_of(whole), most)
    assert found.count == len(whole)
    shown = dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))
    assert len(shown) == len(found.steps) <= max(most, len(kept) if len(whole) <= most else most)
    known = dict(zip(whole.x.tolist(), whole.values.tolist(), strict=True))
    assert all(said(known[step]) == said(value) for step, value in shown.items())
    assert extremes(whole, list(shown), most) == extremes(whole, kept.x.tolist(), most)


def read(points, ingested, most, bounds):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        journal = Journal.create(root, opened_run())
        some = [Row(step, START_US + index, {"v": value}) for index, (step, value) in points]
        journal.append(some[:ingested])
        assert Ingester(root).ingest(UID)
        journal.append(some[ingested:])
        (found,) = Reader(root).reduced(UID, ["v"], most, low=bounds[0], high=bounds[1])
        journal.close()
        return found


def extremes(whole: Points, steps: list[int], most: int):
    """Return what each bucket shows of the points at some steps."""
    if not len(whole):
        return {}
    extent = extent_of(whole)
    bucket = np.floor((whole.x - extent.low) * extent.scale(most)).astype(int)
    shown: dict[int, list[float]] = {}
    chosen = np.isin(whole.x, np.array(steps, np.int64))
    for at, value in zip(bucket[chosen].tolist(), whole.values[chosen].tolist(), strict=True):
        shown.setdefault(at, []).append(value)
    return {
        at: (
            min((one for one in found if math.isfinite(one)), default=None),
            max((one for one in found if math.isfinite(one)), default=None),
            all(math.isfinite(one) for one in found),
        )
        for at, found in shown.items()
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON | st.just("\ud800") | st.just(10**400))
def test_json_comes_back_as_the_standard_library_reads_it(value):
    text = ascii_json(value)

    assert said(from_json(text)) == said(json.loads(text))


@pytest.fixture
def sparse(root, journal, ingester):
    """Rows whose steps lie apart, in two pieces and a tail."""
    found = [row(step * step, {"loss": step / 3} | rare(step)) for step in range(60)]
    for piece in (found[:23], found[23:40]):
        journal.append(piece)
        assert ingester.ingest(UID)
    journal.append(found[40:])
    return root


def rare(step: int) -> dict[str, int]:
    return {"rare": step} if step % 5 == 0 else {}


@pytest.mark.parametrize("page", [1, 7, 1_000])
@pytest.mark.parametrize("keys", [None, ["loss"], ["_step", "loss", "rare"]])
def test_pages_of_any_size_tell_the_same_rows(sparse, page, keys, monkeypatch):
    whole = list(Reader(sparse).rows(UID, keys))
    monkeypatch.setattr(history, "PAGE_VALUES", page)
    monkeypatch.setattr(history, "FEWEST_PAGE_ROWS", page)

    found = list(Reader(sparse).rows(UID, keys))

    assert found == whole
    assert len(found) == (12 if keys and "rare" in keys else 60)


def test_one_metric_of_several_runs_comes_as_each_would_by_itself(root, journal, ingester, reader):
    journal.append(rows(range(50), "loss", "acc"))
    assert ingester.ingest(UID)
    other = Journal.create(root, opened_run(OTHER))
    other.append(rows(range(70), "acc"))

    found = reader.overlay([OTHER, UID], "acc", 20)

    assert list(found) == [OTHER, UID]
    for uid, series in found.items():
        (alone,) = reader.reduced(uid, ["acc"], 20)
        assert said([series.steps.tolist(), series.values.tolist(), series.count]) == said(
            [alone.steps.tolist(), alone.values.tolist(), alone.count]
        )
    assert reader.overlay([UID], "nothing")[UID].count == 0
    with pytest.raises(RunNotFoundError):
        reader.overlay([UID, "nobody"], "acc")
    other.close()
