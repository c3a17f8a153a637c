"""From the mapping that a user logs to the values of one row.

The type of a value decides what becomes of it; nothing here knows a run. The common
row, a dict of Python numbers, takes the fast way: one look at each value and one copy.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from numbers import Number
from typing import Protocol, SupportsFloat, TypeGuard, cast, runtime_checkable

from nbtrack.records import Json, Path
from nbtrack.values.arrays import INT64_END, from_array, is_array, whole
from nbtrack.values.histogram import Histogram
from nbtrack.values.texts import one_line, shown

DEEPEST = 32
"""Levels of nesting that are followed; more is a loop or a mistake."""


@runtime_checkable
class _Item(Protocol):
    def item(self) -> object: ...


def encode(data: Mapping[str, object]) -> tuple[dict[Path, Json], bool]:
    """Turn what was logged into the values of one row.

    Args:
        data: By key. Numbers, text, booleans, None, scalars and arrays of numpy, torch
            and their like, lists, dates, enums, and nested mappings of those. It is
            not changed.

    Returns:
        The values by path, and whether all of them are plain (a number or text, at
        the top level, none of them None).

    Raises:
        TypeError: If `data` is no mapping, a key is no text, or a value is of a type
            that cannot be logged.

    Examples:
        >>> encode({"loss": 0.5, "val": {"acc": 1}})
        ({'loss': 0.5, ('val', 'acc'): 1}, False)
    """
    if type(data) is not dict:
        return _encode_with_care(data), False
    for key, value in data.items():
        kind = type(value)
        if kind is float or kind is bool or kind is str:
            pass
        elif kind is not int or not -INT64_END <= cast("int", value) < INT64_END:
            return _encode_with_care(data), False
        if type(key) is not str or not key:
            return _encode_with_care(data), False
    return cast("dict[Path, Json]", data.copy()), True


def _encode_with_care(data: object) -> dict[Path, Json]:
    if not isinstance(data, Mapping):
        raise TypeError(
            f"run.log() takes a dict of names and values, not {_article(data)}. "
            'Type run.log({"loss": value}).'
        )
    values: dict[Path, Json] = {}
    for key, value in data.items():
        if not isinstance(key, str):
            raise TypeError(
                f"run.log() got the key {shown(key)}, which is {_article(key)}. Keys are text: "
                f'type run.log({{"{shown(key)}": value}}).'
            )
        if key:
            _put(values, (str(key),), value)
    return values


def _put(values: dict[Path, Json], path: tuple[str, ...], value: object) -> None:
    if not isinstance(value, Mapping):
        values[path if len(path) > 1 else path[0]] = _leaf(value, path)
        return
    if len(path) >= DEEPEST:
        raise TypeError(f"run.log() got {shown(path[0])} nested more than {DEEPEST} levels deep.")
    if "_type" in value:  # a typed value, such as a histogram, is one leaf
        values[path if len(path) > 1 else path[0]] = _listed(value, path)
        return
    for key, inner in value.items():
        if key != "":
            _put(values, (*path, str(key)), inner)


def _leaf(value: object, path: tuple[str, ...]) -> Json:  # noqa: PLR0911 - one line a type
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _leaf(value.value, path)
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset | range):
        return _listed(value, path)
    return _foreign(value, path)


def _listed(value: object, path: tuple[str, ...]) -> Json:
    if len(path) > DEEPEST:
        raise TypeError(f"run.log() got {shown(path[0])} nested more than {DEEPEST} levels deep.")
    if isinstance(value, Mapping):
        return {str(key): _listed(inner, (*path, str(key))) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset | range):
        return [_listed(inner, (*path, "")) for inner in value]
    return _leaf(value, path)


def _foreign(value: object, path: tuple[str, ...]) -> Json:
    if is_array(value):
        return from_array(value)
    if isinstance(value, Histogram):
        return value.as_json()
    if isinstance(value, complex):
        return str(value).strip("()")
    if isinstance(value, Number) and hasattr(value, "__float__"):
        return float(cast("SupportsFloat", value))
    if _is_scalar(value):
        inner = value.item()
        if not isinstance(inner, _Item):
            return _leaf(inner, path)
    raise TypeError(_refusal(value, ".".join(path)))


def _is_scalar(value: object) -> TypeGuard[_Item]:
    is_pandas = type(value).__module__.partition(".")[0] == "pandas"
    return isinstance(value, _Item) and not isinstance(value, type) and not is_pandas


def _refusal(value: object, key: str) -> str:
    kind = type(value)
    remedy = "Log a number, text, a list, or an array."
    if kind.__module__.partition(".")[0] == "pandas":
        way = 'to_dict("list")' if hasattr(value, "columns") else "tolist()"
        remedy = f'Type run.log({{"{one_line(key, 100)}": value.{way}}}) or log one number of it.'
    return (
        f"run.log() cannot store {shown(key)}: a {kind.__module__}.{kind.__qualname__} is none of "
        f"the types it knows. {remedy}"
    )


def _article(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
