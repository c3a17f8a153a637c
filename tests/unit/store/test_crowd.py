"""Many runs together: what one query tells must be what all points say, one by one."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from storekit import SECOND_US, START_US, opened_run, row

from nbtrack.records import Closed, RunState
from nbtrack.store import Crowd, CrowdReader, Ingester, Journal, Part, Reader
from nbtrack.store.crowd import Spread

RANDOM = np.random.default_rng(7)
UIDS = [f"20260102-030405-{number:08x}" for number in range(6)]
VALUES = {uid: RANDOM.normal(number, 1, 40 + number) for number, uid in enumerate(UIDS)}
STRIDE = {uid: 1 + number % 2 for number, uid in enumerate(UIDS)}


def write(root: Path, uid: str, *, ingested: float = 1.0) -> None:
    """Log `loss` at every step, or at every second one; let a share of it into the database."""
    values, stride = VALUES[uid].tolist(), STRIDE[uid]
    rows = [row(stride * i, {"acc": i / 8, "loss": value}) for i, value in enumerate(values)]
    cut = round(ingested * len(rows))
    with closing(Journal.create(root, opened_run(uid))) as journal:
        journal.append(rows[:cut])
        if cut:
            Ingester(root).ingest(uid)
        journal.append(rows[cut:])
        journal.append([Closed(START_US + 99 * SECOND_US, RunState.FINISHED, 0, SECOND_US)])


@pytest.fixture(
    scope="module",
    params=[1.0, 0.5, 0.0],
    ids=["database", "half in journals", "journals"],
)
def root(request, tmp_path_factory) -> Path:
    """A workspace whose points lie in the database, in the journals, or in both."""
    folder = tmp_path_factory.mktemp("crowd") / ".nbtrack"
    for uid in UIDS:
        write(folder, uid, ingested=request.param)
    return folder


def parts_of(crowd: Crowd, key: str, groups: dict[str, int]) -> list[dict[int, Spread]]:
    """Return all parts of a spread while the database is open."""
    return list(crowd.spreads(key, groups))


def at_step(uids: Sequence[str], step: int) -> list[float]:
    """Return what the runs logged at a step."""
    there = [(VALUES[uid], *divmod(step, STRIDE[uid])) for uid in uids]
    return [values[at] for values, at, rest in there if not rest and at < len(values)]


def test_a_spread_is_that_of_all_points_at_each_step(root) -> None:
    groups = {uid: number % 2 for number, uid in enumerate(UIDS)}

    (found,) = CrowdReader(root).ask(UIDS, lambda crowd: parts_of(crowd, "loss", groups))

    assert sorted(found) == [0, 1]
    for group, spread in found.items():
        members = [uid for uid in UIDS if groups[uid] == group]
        expected = [at_step(members, int(step)) for step in spread.steps]
        assert spread.counts.tolist() == [len(one) for one in expected]
        assert np.allclose(spread.means, [np.mean(one) for one in expected], rtol=1e-13)
        assert np.allclose(spread.variances, [np.var(one) for one in expected], rtol=1e-12)
        assert spread.lows.tolist() == [min(one) for one in expected]
        assert spread.highs.tolist() == [max(one) for one in expected]


def test_a_long_spread_comes_in_parts_that_fit_together(root, monkeypatch) -> None:
    groups = dict.fromkeys(UIDS, 0)
    whole = CrowdReader(root).ask(UIDS, lambda crowd: parts_of(crowd, "loss", groups))

    monkeypatch.setattr("nbtrack.store.crowd.MOST_STEPS", 10)
    parts = CrowdReader(root).ask(UIDS, lambda crowd: parts_of(crowd, "loss", groups))

    assert len(parts) > 5
    steps = np.concatenate([part[0].steps for part in parts])
    assert steps.tolist() == whole[0][0].steps.tolist()


def test_curves_are_the_series_that_a_reader_of_one_run_gives(root) -> None:
    curves = CrowdReader(root).ask(UIDS, lambda crowd: crowd.curves("loss", UIDS, 500))

    assert list(curves) == UIDS
    for uid, curve in curves.items():
        series = Reader(root).series(uid, "loss")
        assert curve.steps.tolist() == series.steps.tolist()
        assert curve.times_us.tolist() == series.times_us.tolist()
        assert curve.values.tolist() == series.values.tolist()


@pytest.mark.parametrize("bounds", [None, (7, 31)], ids=["all", "a window"])
def test_reduced_curves_keep_the_exact_extrema_and_their_ends(root, bounds) -> None:
    low, high = bounds or (0, 1_000)

    def ask(crowd: Crowd):
        return crowd.curves("loss", UIDS, 12, *([Part(bounds)] if bounds else []))

    curves = CrowdReader(root).ask(UIDS, ask)

    for uid, curve in curves.items():
        steps = STRIDE[uid] * np.arange(len(VALUES[uid]))
        inside = (steps >= low) & (steps <= high)
        values = VALUES[uid][inside]
        assert curve.count == len(values)
        assert len(curve.values) <= 14
        assert (curve.values.min(), curve.values.max()) == (values.min(), values.max())
        assert (curve.values[0], curve.values[-1]) == (values[0], values[-1])
        assert curve.steps[[0, -1]].tolist() == steps[inside][[0, -1]].tolist()


def test_pairs_stand_where_a_row_has_both(root) -> None:
    pairs = CrowdReader(root).ask(UIDS, lambda crowd: crowd.pairs("loss", "acc", UIDS, 500))

    for uid, pair in pairs.items():
        assert pair.across.tolist() == [i / 8 for i in range(len(VALUES[uid]))]
        assert pair.values.tolist() == VALUES[uid].tolist()


@pytest.mark.parametrize("bounds", [(-1_000, 1_000), (5, 17)], ids=["all", "a window"])
def test_a_window_along_time_counts_from_each_runs_own_start(root, bounds) -> None:
    """Buckets follow the time: of each column the chart has the extremes."""
    starts = {uid: number for number, uid in enumerate(UIDS)}
    low, high = (end * SECOND_US for end in bounds)
    part = Part((low, high), {uid: START_US + s * SECOND_US for uid, s in starts.items()})

    curves = CrowdReader(root).ask(UIDS, lambda crowd: crowd.curves("loss", UIDS, 12, part))

    for uid, curve in curves.items():
        seconds = STRIDE[uid] * np.arange(len(VALUES[uid])) - starts[uid]
        inside = (seconds >= bounds[0]) & (seconds <= bounds[1])
        values = VALUES[uid][inside]
        assert curve.count == len(values)
        assert (curve.values.min(), curve.values.max()) == (values.min(), values.max())
        ends = (curve.times_us[[0, -1]] - START_US) / SECOND_US - starts[uid]
        assert ends.tolist() == seconds[inside][[0, -1]].tolist()


def test_a_window_of_pairs_holds_what_lies_between_its_ends(root) -> None:
    ends = (1.0, 2.5)

    pairs = CrowdReader(root).ask(UIDS, lambda crowd: crowd.pairs("loss", "acc", UIDS, 500, ends))

    for uid, pair in pairs.items():
        assert pair.across.tolist() == [i / 8 for i in range(8, 21)]
        assert pair.values.tolist() == VALUES[uid][8:21].tolist()
        assert pair.count == 13


def test_names_say_which_runs_have_them(root) -> None:
    names = CrowdReader(root).ask(UIDS, lambda crowd: crowd.names())

    assert names == {"acc": set(UIDS), "loss": set(UIDS)}


@pytest.mark.parametrize("is_stored", [True, False], ids=["database", "journal"])
def test_what_is_no_ordinary_number_is_in_curves_and_not_in_spreads(tmp_path, is_stored) -> None:
    values = [1.0, float("nan"), float("inf"), 1e200, 3.0]
    with closing(Journal.create(tmp_path, opened_run(UIDS[0]))) as journal:
        journal.append([row(step, {"loss": value}) for step, value in enumerate(values)])
    if is_stored:
        Ingester(tmp_path).ingest(UIDS[0])
    reader = CrowdReader(tmp_path)

    curves = reader.ask(UIDS[:1], lambda crowd: crowd.curves("loss", UIDS[:1], 100))
    (found,) = reader.ask(UIDS[:1], lambda crowd: parts_of(crowd, "loss", {UIDS[0]: 0}))

    assert np.array_equal(curves[UIDS[0]].values, values, equal_nan=True)
    assert found[0].steps.tolist() == [0, 4]


def test_names_of_nested_keys_that_coincide_are_one_metric(tmp_path) -> None:
    with closing(Journal.create(tmp_path, opened_run(UIDS[0]))) as journal:
        journal.append([row(0, {"a.b": 1.0}), row(1, {("a", "b"): 2.0})])
    Ingester(tmp_path).ingest(UIDS[0])

    curves = CrowdReader(tmp_path).ask(UIDS[:1], lambda crowd: crowd.curves("a.b", UIDS[:1], 9))

    assert curves[UIDS[0]].values.tolist() == [1.0, 2.0]


def test_runs_without_the_metric_and_runs_that_are_gone_have_no_curve(root) -> None:
    gone = "20260102-030405-ffffffff"

    curves = CrowdReader(root).ask([*UIDS, gone], lambda crowd: crowd.curves("f1", UIDS, 100))

    assert curves == {}


def test_a_workspace_that_is_not_there_has_nothing(tmp_path) -> None:
    reader = CrowdReader(tmp_path / "nowhere")

    assert reader.ask([], lambda crowd: (crowd.names(), crowd.curves("loss", [], 9))) == ({}, {})
