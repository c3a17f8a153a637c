"""Where metrics of two runs part."""

import json

import numpy as np
import pytest
from storekit import opened_run, row

from nbtrack.errors import UsageError
from nbtrack.query import Api, divergences
from nbtrack.query.divergence import parting
from nbtrack.store import Ingester, Journal, Reader, Series

NAN, INF = float("nan"), float("inf")
FIRST, SECOND = "20260102-030405-00000001", "20260102-030406-00000002"


def series(values: dict[int, float]) -> Series:
    steps = np.array(list(values), dtype=np.float64)
    told = np.array(list(values.values()), dtype=np.float64)
    return Series("loss", "metric", steps, (steps * 1e6).astype(np.int64), told, len(told))


def of(first: dict[int, float], second: dict[int, float], tolerance: float = 0.0):
    return parting("loss", series(first), series(second), tolerance)


def test_the_first_step_with_other_values_is_told():
    found = of({0: 1.0, 1: 2.0, 2: 3.0, 5: 4.0}, {0: 1.0, 1: 2.0, 2: 3.5, 5: 9.0})

    assert (found.step, found.first, found.second, found.common) == (2, 3.0, 3.5, 4)
    assert str(found) == "~ loss: part at step 2: 3.0 -> 3.5"


def test_one_bit_is_a_difference_and_a_tolerance_is_a_share_of_the_greater_value():
    nearly = float(np.nextafter(1e6, 2e6))

    assert of({0: 1e6}, {0: nearly}).step == 0
    assert of({0: 1e6}, {0: nearly}, 1e-12).step is None
    assert of({0: 1.0}, {0: 1.1}, 0.09).step == 0
    assert of({0: 1.0}, {0: 1.1}, 0.1).step is None


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (NAN, NAN, True),
        (INF, INF, True),
        (INF, -INF, False),
        (NAN, 1.0, False),
        (INF, 1e308, False),
        (0.0, -0.0, True),
        (1.7e308, -1.7e308, False),
    ],
)
@pytest.mark.parametrize("tolerance", [0.0, 0.5])
def test_what_is_no_ordinary_number_is_compared_too(first, second, is_same, tolerance):
    assert (of({3: first}, {3: second}, tolerance).step is None) is is_same


def test_missing_steps_are_said():
    found = of({0: 1.0, 1: 1.0, 2: 1.0}, {1: 1.0, 2: 1.0, 7: 1.0, 8: 1.0})

    assert (found.step, found.only_first, found.only_second, found.missing_from) == (None, 1, 2, 0)
    assert str(found) == (
        "~ loss: the same at 2 steps; 1 step only in the first and 2 steps only in the second, "
        "from step 0 on"
    )


def test_the_last_value_of_a_step_counts():
    first = series({1: 5.0})
    twice = Series(
        "loss", "metric", np.array([1.0, 1.0]), np.array([0, 1]), np.array([4.0, 5.0]), 2
    )

    assert not parting("loss", first, twice, 0.0)


@pytest.fixture
def pair(root):
    """Two runs that part at step 7; one is not in the database yet."""
    for uid, change in ((FIRST, 0.0), (SECOND, 0.5)):
        journal = Journal.create(root, opened_run(uid, name=f"run-{uid[-1]}"))
        told = [
            row(step, {"loss": step + (change if step >= 7 else 0), "same": NAN, uid: step})
            for step in range(20)
        ]
        journal.append(told)
        journal.close()
    Ingester(root).ingest(FIRST)
    return root


def test_metrics_of_runs_are_read_whole(pair):
    reader = Reader(pair)
    first, second = (reader.run(uid) for uid in (FIRST, SECOND))

    found = {one.key: one for one in divergences(reader, first, second)}

    assert list(found) == ["loss", "same", FIRST, SECOND]
    assert (found["loss"].step, found["loss"].first, found["loss"].second) == (7, 7.0, 7.5)
    assert not found["same"]
    assert str(found[FIRST]) == f"- {FIRST}: 20 steps"
    assert str(found[SECOND]) == f"+ {SECOND}: 20 steps"


def test_a_diff_says_where_metrics_part(pair):
    found = Api(pair).diff(FIRST, SECOND)

    assert "part at step 7: 7.0 -> 7.5" in str(found)
    assert "part at step 7" in found._repr_html_()
    told = json.loads(json.dumps(found.as_dict()))["metrics"]
    assert [one["step"] for one in told] == [7, None, None, None]
    assert "METRICS" in str(Api(pair).diff(FIRST, SECOND, tolerance=0.99))
    assert "part at" not in str(Api(pair).diff(FIRST, SECOND, tolerance=0.99))


@pytest.mark.parametrize("tolerance", [-1, 1, "much", NAN, True, None])
def test_a_tolerance_is_a_share(pair, tolerance):
    with pytest.raises(UsageError, match="tolerance is a share of the greater value"):
        Api(pair).diff(FIRST, SECOND, tolerance=tolerance)
