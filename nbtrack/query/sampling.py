"""Rows of a run for people who look at a part of them."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import UsageError
from nbtrack.store import Reader, evenly_spaced

Row: TypeAlias = dict[str, Any]


def columns_of(keys: Sequence[str] | None) -> list[str] | None:
    """Return the names of keys, each once; None for all.

    Raises:
        UsageError: If they are no list of texts.
    """
    if keys is None:
        return None
    if isinstance(keys, str) or not all(isinstance(key, str) for key in keys):
        raise UsageError(f"keys must be a list of names like ['loss'], not {keys!r}.")
    return list(dict.fromkeys(keys)) or None


def sampled(reader: Reader, uid: str, most: int, keys: list[str] | None, x_axis: str) -> list[Row]:
    """Return at most `most` rows, evenly spaced, ordered by `x_axis`.

    Raises:
        UsageError: If `x_axis` is no text.
        StoreError: If the run cannot be read.
    """
    if not isinstance(x_axis, str):
        raise UsageError(f"x_axis must be the name of a key, not {x_axis!r}.")
    names = None if keys is None else list(dict.fromkeys([x_axis, *keys]))
    rows = reader.sampled(uid, most, names)
    return rows if x_axis == "_step" else sorted(rows, key=lambda row: _rank(row.get(x_axis)))


def system_rows(reader: Reader, uid: str, keys: Sequence[str] | None, samples: int) -> list[Row]:
    """Return readings of the machine, those of one moment together.

    Raises:
        StoreError: If the run cannot be read.
    """
    short = None if keys is None else [key.removeprefix("system.") for key in keys]
    rows: dict[int, Row] = {}
    for series in reader.reduced(uid, short, stream="system", points=1 << 62):
        values = series.values.tolist()
        for time_us, value in zip(series.times_us.tolist(), values, strict=True):
            if value != value:  # noqa: PLR0124 - NaN: nothing was read between two cells
                continue
            row = rows.setdefault(time_us, {"_timestamp": time_us / MICROSECONDS})
            row[f"system.{series.key}"] = value
    ordered = [rows[time_us] for time_us in sorted(rows)]
    if short is not None:
        ordered = [row for row in ordered if all(f"system.{key}" in row for key in short)]
    return [ordered[index] for index in evenly_spaced(len(ordered), samples)]


def _rank(value: object) -> tuple[bool, float]:
    """Return what rows are ordered by; those without a number come last."""
    is_number = isinstance(value, int | float) and value == value  # noqa: PLR0124 - not NaN
    return (not is_number, float(value) if is_number else 0.0)  # type: ignore[arg-type]
