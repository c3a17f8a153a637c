"""Config values as JSON that reads well."""

import dataclasses
import enum
import math
from pathlib import Path

import numpy as np
import pytest

from nbtrack.values import Histogram, jsonable


class Optimizer(enum.Enum):
    ADAM = 1


@dataclasses.dataclass
class Model:
    layers: tuple[int, ...] = (64, 32)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (Path("/data/x"), "/data/x"),
        ((1, 2), [1, 2]),
        (Optimizer.ADAM, "ADAM"),
        (Model(), {"layers": [64, 32]}),
        (math.nan, None),
        (math.inf, math.inf),
        (slice(1, 5), {"start": 1, "stop": 5, "step": None}),
        (np.float32(0.5), 0.5),
        (np.array([1, 2]), [1, 2]),
        ({1: {"a": {2}}}, {"1": {"a": [2]}}),
        (len, "builtins.len"),
        (Path, f"{Path.__module__}.Path"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_config_value_becomes(value, stored):
    assert jsonable(value) == stored


def test_config_that_holds_itself_ends_in_text():
    data: dict = {}
    data["again"] = data

    assert "again" in jsonable(data)


@pytest.mark.parametrize(
    "wrap", [lambda one: one, lambda one: {"deep": [one]}], ids=["flat", "deep"]
)
def test_what_is_logged_and_not_configured_is_refused(wrap):
    with pytest.raises(TypeError, match=r"config takes no <Histogram of 2 .*run\.log\("):
        jsonable(wrap(Histogram([1.0, 2.0])))
