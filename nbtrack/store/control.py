"""Records other than rows as JSON, and back.

A record is an object with its fields and, under `is`, its kind. What is read back is
checked against the types of `nbtrack.records`, because a journal may come from anywhere:
fields that are not known here are passed over, a wrong type is a `MalformedError`.
Numbers that are not finite and lone surrogates survive.
"""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from msgspec import Struct, structs

from nbtrack import records
from nbtrack.errors import StoreError
from nbtrack.records import (
    CellRun,
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    Control,
    EnvironmentNoted,
    Heartbeat,
    Json,
    MetricDefined,
    Notice,
    Opened,
    Path,
    RunChanged,
    Stream,
    SummaryChanged,
)

_KINDS: dict[str, type[Any]] = {
    "opened": Opened,
    "config": ConfigChanged,
    "environment": EnvironmentNoted,
    "cell": CellRun,
    "summary": SummaryChanged,
    "run": RunChanged,
    "metric": MetricDefined,
    "clock": ClockTurned,
    "heartbeat": Heartbeat,
    "notice": Notice,
    "closed": Closed,
}
DEEPEST = 200
LATEST_US = 1 << 62  # what the database takes as a time; other numbers are smaller
_NAMES = {kind: name for name, kind in _KINDS.items()}


class MalformedError(StoreError):
    """Bytes of a journal are whole but say nothing that can be understood."""


def dump(value: object) -> bytes:
    """Return a value as compact JSON.

    What JSON cannot say is written as its text: a batch of rows is never lost for it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "surrogatepass")


def load(data: bytes | memoryview) -> Any:  # noqa: ANN401 - JSON from outside is anything
    """Return the value that `dump` wrote.

    Raises:
        MalformedError: If it is no JSON.
    """
    raw = bytes(data)
    try:
        value = json.loads(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"unreadable JSON in a journal: {error}.") from error
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _is_deep(value):
        raise MalformedError(f"JSON in a journal is nested more than {DEEPEST} times.")
    return value


def sayable(text: str) -> str:
    """Return a text without what no UTF-8 can say: the database cannot keep lone surrogates.

    Every reader does so, that of the journal too, so that a run stays the same run when it
    is ingested.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def path_from(value: object) -> Path:
    """Return a path as JSON gives it: a text, or a list of texts.

    Raises:
        MalformedError: If it is neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise MalformedError(f"{value!r} in a journal is no path of a value.")


def pairs_from(value: Any) -> dict[Path, Json]:  # noqa: ANN401 - JSON from outside is anything
    """Return values by path, as JSON gives them: a list of pairs.

    Raises:
        MalformedError: If it is anything else.
    """
    try:
        return {path_from(path): one for path, one in value}
    except (TypeError, ValueError) as error:
        raise MalformedError(f"{value!r} in a journal is no list of pairs.") from error


def encode_control(record: Control) -> bytes:
    """Return a record as JSON."""
    return dump({"is": _NAMES[type(record)], **_plain(record)})


def decode_control(payload: bytes | memoryview) -> Control | None:
    """Return the record, or None for one of a kind that only a newer nbtrack knows.

    Raises:
        MalformedError: If it is no record.
    """
    said = load(payload)
    if not isinstance(said, dict):
        raise MalformedError("a record in a journal is no JSON object.")
    kind = _KINDS.get(str(said.get("is")))
    return None if kind is None else cast("Control", _build(kind, said))


def encode_lines(lines: Sequence[ConsoleText]) -> bytes:
    """Return lines of console text as JSON."""
    return dump([_line(line) for line in lines])


def decode_lines(payload: bytes | memoryview) -> list[ConsoleText]:
    """Return the lines.

    Raises:
        MalformedError: If they are no lines.
    """
    try:
        return [_line_from(*said) for said in load(payload)]
    except (TypeError, ValueError) as error:
        raise MalformedError(f"lines in a journal are unreadable: {error}.") from error


_CELL = str | None


def _line(line: ConsoleText) -> list[Json]:
    """Return a line; most have neither level nor label."""
    said: list[Json] = [line.time_us, line.stream, line.text, line.cell]
    return [*said, line.level, line.label] if line.level or line.label else said


def _line_from(time_us: Json, stream: Json, text: Json, cell: Json, *rest: Json) -> ConsoleText:
    level, label = rest or ("", "")
    return ConsoleText(
        _checked(time_us, int),
        Stream(_checked(stream, str)),
        _checked(text, str),
        _checked(cell, _CELL),
        _checked(level, str),
        _checked(label, str),
    )


def _is_deep(value: object) -> bool:
    """Tell whether a value is nested so deep that walking through it could fail."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for values in inner for one in values if isinstance(one, (dict, list))]
        if not level:
            return False
    return True


def _plain(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any record
    said = {name: getattr(record, name) for name in _names(cast("Hashable", type(record)))}
    if isinstance(record, SummaryChanged):
        said["values"] = list(record.values.items())
    return {name: _plain(value) if is_dataclass(value) else value for name, value in said.items()}


def _build(kind: type[Any], said: dict[str, Any]) -> Any:  # noqa: ANN401 - any record
    if kind is SummaryChanged:
        return SummaryChanged(
            time_us=_checked(said.get("time_us"), int),
            values=pairs_from(said.get("values", [])),
            removed=tuple(path_from(path) for path in said.get("removed", [])),
        )
    given = {}
    for name, hint, is_required in _fields(cast("Hashable", kind)):
        if name in said:
            given[name] = _checked(said[name], hint)
        elif is_required:
            raise MalformedError(f"a record in a journal lacks {name!r}.")
    return kind(**given)


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - any record
    if issubclass(kind, Struct):
        names: tuple[str, ...] = kind.__struct_fields__
        return names
    return tuple(field.name for field in fields(kind))


@cache
def _fields(kind: Any) -> list[tuple[str, Any, bool]]:  # noqa: ANN401 - any record
    """Return the fields of a kind of records: name, type, and whether it must be said."""
    hints = get_type_hints(kind, vars(records))
    if issubclass(kind, Struct):
        return [(one.name, hints[one.name], one.required) for one in structs.fields(kind)]
    return [
        (one.name, hints[one.name], one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
    ]


def _checked(value: Any, hint: Any) -> Any:  # noqa: ANN401, PLR0911 - one line per kind of type
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if value is None and NoneType in get_args(hint):
            return None
        return _checked(value, get_args(hint)[0])
    if is_dataclass(hint) and isinstance(value, dict):
        return _build(hint, value)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, StrEnum) and value in set(hint):
        return hint(value)
    if origin is tuple and isinstance(value, list):
        return tuple(_checked(one, get_args(hint)[0]) for one in value)
    if origin is Mapping and isinstance(value, dict):
        return value
    if hint is float and type(value) is int:
        return float(value)
    if hint is int and type(value) is int and abs(value) > LATEST_US:
        raise MalformedError(f"{value!r} in a journal is too large.")
    if hint in (int, str, float, bool) and type(value) is hint:
        return value
    raise MalformedError(f"{value!r} in a journal is not of type {hint}.")
