"""Config values: anything a person configures with, as JSON that reads well later."""

import math
import reprlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from enum import Enum

from nbtrack.records import Json
from nbtrack.values.arrays import from_array, is_array
from nbtrack.values.histogram import Histogram

DEEPEST = 32


def jsonable(value: object, depth: int = 0) -> Json:
    """Turn a config value into JSON.

    Paths and other objects become text, tuples and sets lists, dataclasses and mappings
    dicts, enums their names, dates ISO text, functions and classes their full names,
    NaN becomes None, slices become dicts, arrays and scalars Python values.

    Args:
        value: What somebody configured.
        depth: Levels above this one; deeper than 32 it becomes text.

    Raises:
        TypeError: If there is a `Histogram` in it, which is a value to be logged.

    Examples:
        >>> jsonable({"lr": 1e-3, "layers": (64, 32), "activation": print})
        {'lr': 0.001, 'layers': [64, 32], 'activation': 'builtins.print'}
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if depth > DEEPEST:
        return reprlib.repr(value)  # a loop, or deeper than `str` can follow
    return _composed(value, depth + 1)


def _composed(value: object, depth: int) -> Json:  # noqa: PLR0911 - one line a type
    if isinstance(value, Histogram):
        raise TypeError(
            f"config takes no {value!r}. Type run.log({{name: histogram}}) to keep it with the run."
        )
    if isinstance(value, Mapping):
        return {str(key): jsonable(inner, depth) for key, inner in value.items()}
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, str | bytes | bytearray):
        return [jsonable(inner, depth) for inner in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, slice):
        parts = {"start": value.start, "stop": value.stop, "step": value.step}
        return {key: jsonable(part, depth) for key, part in parts.items()}
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return jsonable(asdict(value), depth)
    if is_array(value):
        return jsonable(from_array(value), depth)
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return str(value)
