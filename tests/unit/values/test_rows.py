"""What `run.log()` takes, and what becomes of it."""

import datetime as dt
import enum
import math
from collections import OrderedDict
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from nbtrack.values import encode


class Phase(enum.Enum):
    TRAIN = "train"


class FakeTensor:
    """Quacks like a tensor on a device: only `detach().cpu()` gives numbers."""

    shape = (2,)
    dtype = "float32"

    def detach(self) -> "FakeTensor":
        return self

    def cpu(self) -> np.ndarray:
        return np.array([1.0, 2.0], dtype=np.float32)

    def __array__(self) -> np.ndarray:
        raise TypeError("can't convert a tensor on a device")


def test_plain_numbers_go_in_as_they_are_and_the_dict_is_not_kept():
    """The caller may reuse its dict."""
    data = {"loss": 0.5, "epoch": 3, "done": False, "phase": "train"}

    values, plain = encode(data)

    assert values == data
    assert values is not data
    assert plain


@pytest.mark.parametrize("value", [math.inf, -math.inf], ids=["inf", "minus-inf"])
def test_an_infinite_number_is_kept(value):
    assert encode({"loss": value})[0]["loss"] == value


def test_nan_is_kept():
    assert math.isnan(encode({"loss": math.nan})[0]["loss"])


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(1), True),
        (np.array([[7]]), 7),
        (np.arange(3), [0, 1, 2]),
        (2**70, float(2**70)),
        (-(2**63), -(2**63)),
        (1 + 2j, "1+2j"),
        (Decimal("0.25"), 0.25),
        (b"caf\xc3\xa9", "café"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (Phase.TRAIN, "train"),
        ((1, 2.5), [1, 2.5]),
        ({3}, [3]),
        ([{"a": np.float64(1)}], [{"a": 1.0}]),
        (None, None),
        (FakeTensor(), [1.0, 2.0]),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_a_value_becomes(value, stored):
    result = encode({"x": value})[0]["x"]

    assert result == stored
    assert type(result) is type(stored)


def test_a_large_array_becomes_a_histogram_of_its_finite_elements():
    array = np.concatenate([np.arange(100.0), [np.nan, np.inf]])

    histogram = encode({"weights": array})[0]["weights"]

    assert histogram["_type"] == "histogram"
    assert sum(histogram["values"]) == 100
    assert (histogram["bins"][0], histogram["bins"][-1]) == (0.0, 99.0)
    assert len(histogram["values"]) == 32


def test_nested_dicts_keep_their_way_and_a_dot_in_a_key_stays_in_it():
    values, plain = encode({"a": {"b": {"c": 1}}, "x.y": 2})

    assert values == {("a", "b", "c"): 1, "x.y": 2}
    assert not plain


def test_empty_keys_and_empty_dicts_vanish():
    assert encode({"": 1, "a": {}, "b": {"": 2}})[0] == {}


def test_any_mapping_will_do():
    assert encode(OrderedDict(a=1))[0] == {"a": 1}


@pytest.mark.parametrize("data", [[1], "loss", 3.0, None], ids=["list", "text", "number", "none"])
def test_what_is_no_mapping_is_refused_with_a_remedy(data):
    with pytest.raises(TypeError, match=r'takes a dict.*run\.log\(\{"loss": value\}\)'):
        encode(data)


def test_a_key_that_is_no_text_is_refused_with_a_remedy():
    with pytest.raises(TypeError, match=r'key 3, which is an int.*run\.log\(\{"3": value\}\)'):
        encode({3: 1.0})


def test_an_unknown_type_is_refused_with_its_name():
    with pytest.raises(TypeError, match=r"cannot store 'a.b': a builtins.object"):
        encode({"a": {"b": object()}})


def test_a_pandas_series_is_refused_with_what_to_type():
    with pytest.raises(TypeError, match=r'pandas.*run\.log\(\{"x": value\.tolist\(\)\}\)'):
        encode({"x": pd.Series([1, 2])})


def test_a_table_of_pandas_is_refused_with_what_to_type():
    table = pd.DataFrame({"a": [1, 2]})

    with pytest.raises(TypeError, match=r'DataFrame.*\(\{"x": value\.to_dict\("list"\)\}\)'):
        encode({"x": table})
    assert encode({"x": table.to_dict("list")})[0] == {("x", "a"): [1, 2]}


def test_a_dict_that_holds_itself_is_refused():
    data: dict = {}
    data["again"] = data

    with pytest.raises(TypeError, match="nested more than 32 levels"):
        encode(data)


def test_a_list_that_holds_itself_is_refused():
    data: list = []
    data.append(data)

    with pytest.raises(TypeError, match="nested more than 32 levels"):
        encode({"x": data})


@pytest.mark.parametrize(
    "array",
    [
        np.full(100, 1e17),
        np.array([-1.7e308, 1.7e308] * 50),
        np.array([0, 5e-324] * 50),
        np.full(100, np.nan),
    ],
    ids=["close-together", "huge", "tiny", "nan"],
)
def test_an_array_whose_bins_numpy_cannot_divide_is_a_histogram_all_the_same(array):
    """Weights explode, and the training must go on to say so."""
    histogram = encode({"weights": array})[0]["weights"]

    assert sum(histogram["values"]) == np.isfinite(array).sum()
    assert (len(histogram["values"]), len(histogram["bins"])) == (32, 33)


def test_a_whole_number_beyond_all_floats_is_infinite():
    assert encode({"x": 10**400, "y": -(10**400)})[0] == {"x": math.inf, "y": -math.inf}


def test_whole_numbers_of_arrays_beyond_64_bits_are_floats_like_all_others():
    largest = 2**64 - 1

    values, _ = encode({"x": np.uint64(largest), "xs": np.array([largest, 1], dtype=np.uint64)})

    assert values == {"x": float(largest), "xs": [float(largest), 1]}
    assert isinstance(values["x"], float)


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_a_time_of_numpy_is_iso_text_whatever_its_unit(unit):
    stored = encode({"at": np.datetime64("2026-01-02T03:04:05", unit)})[0]["at"]

    assert stored.startswith("2026-01-02T03:04:05")


def test_a_class_is_refused_as_a_value():
    with pytest.raises(TypeError, match=r"cannot store 'x': a builtins\.type"):
        encode({"x": np.ndarray})
