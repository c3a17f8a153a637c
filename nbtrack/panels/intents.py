"""What a browser asks for, checked field by field before anybody acts on it.

An intent may come from any page that reached the kernel or the server. Fields that the
protocol does not name are left out.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, cast

from nbtrack.errors import UsageError
from nbtrack.panels.protocol import (
    Bye,
    Cells,
    Draw,
    Edit,
    File,
    Files,
    Find,
    Finish,
    Hello,
    Intent,
    Lease,
    Lines,
    Stop,
    Window,
)
from nbtrack.panels.protocol_lists import (
    Act,
    Browse,
    Compare,
    Facets,
    Narrowing,
    Pick,
    Summarize,
    Trash,
)
from nbtrack.store import Span

Action: TypeAlias = Literal["tag", "trash", "restore", "purge", "stop", "finish", "weigh"]
Band: TypeAlias = Literal["std", "stderr", "minmax", "t95"]
GroupOrder: TypeAlias = Literal["newest", "name", "count", "best"]
Level: TypeAlias = Literal["all", "warning", "error"]
StreamName: TypeAlias = Literal["stdout", "stderr", "nbtrack"]

MOST_ID = 128
"""Characters of an intent's or a view's id."""

MOST_POINTS = 20_000
"""Points per series that one intent may ask for."""

MOST_ROWS = 1_000
"""Runs that one page may hold."""

MOST_COLUMNS = 100
"""Values per run that one page may hold."""

MOST_LINES = 2_000
"""Console lines that one intent may ask for."""

MOST_BYTES = 1 << 20
"""Bytes of a file that one intent may ask for."""

MOST_ACTED = 500
"""Runs that one intent may do something to: a browser goes on with the next ones."""

MOST_TRASHED = 1_000
"""Runs in the trash that one intent may ask for."""

_ACTIONS: tuple[Action, ...] = ("tag", "trash", "restore", "purge", "stop", "finish", "weigh")
_BANDS: tuple[Band, ...] = ("std", "stderr", "minmax", "t95")
_GROUP_ORDERS: tuple[GroupOrder, ...] = ("newest", "name", "count", "best")
_MOST_FIELDS = 8
_MOST_KEYS = 1_000
_MOST_RUNS = 10_000
_MOST_SEARCH = 1_000  # characters, as many as the store takes
_MOST_NAME = 1_000
_MOST_NOTES = 100_000
_MOST_TAGS = 100
_MOST_FILE_NAME = 4_096
_LEVELS: tuple[Level, ...] = ("all", "warning", "error")
_STREAMS: tuple[StreamName, ...] = ("stdout", "stderr", "nbtrack")
_MOST_KEY = 10_000  # characters
_MOST_NUMBERS = 2_000_000  # points of all series together: 48 MB
_NARROWING = ("state", "tags", "group", "job_type", "project", "notebook", "kernel")
_MOST_FILTERS = 4_000  # characters of a search and of all filters together
_MOST_CHIPS = 1_000  # of one field, and groups that are folded
_MOST_VALUES = 50_000  # cells of a page
_UID = re.compile(r"[0-9a-z-]{1,64}")


def parse_intent(raw: object) -> Intent:
    """Return a checked intent.

    Args:
        raw: What came, as JSON was read.

    Raises:
        UsageError: If anything about it is wrong; it says what.
    """
    if not isinstance(raw, Mapping):
        raise UsageError(f"an intent is a JSON object, not {_shown(raw)}.")
    op = raw.get("op")
    read = _READERS.get(op) if isinstance(op, str) else None
    if read is None:
        known = ", ".join(_READERS)
        raise UsageError(f"an intent's op is one of {known}, not {_shown(op)}.")
    return read(raw)


def _hello(raw: Mapping[str, object]) -> Hello:
    hello = Hello(op="hello", id=_text(raw, "id"), view=_text(raw, "view"), uid=_uid(raw))
    if "points" in raw:
        hello["points"] = _points(raw)
    if "known" in raw:
        hello["known"] = _whole(raw["known"], "known")
    return hello


def _lease(raw: Mapping[str, object]) -> Lease:
    return Lease(op="lease", id=_text(raw, "id"), view=_text(raw, "view"), uid=_uid(raw))


def _bye(raw: Mapping[str, object]) -> Bye:
    return Bye(op="bye", id=_text(raw, "id"), view=_text(raw, "view"), uid=_uid(raw))


def _stop(raw: Mapping[str, object]) -> Stop:
    return Stop(op="stop", id=_text(raw, "id"), uid=_uid(raw))


def _finish(raw: Mapping[str, object]) -> Finish:
    return Finish(op="finish", id=_text(raw, "id"), uid=_uid(raw))


def _window(raw: Mapping[str, object]) -> Window:
    low, high = _end(raw, "low"), _end(raw, "high")
    if low is not None and high is not None and low > high:
        raise UsageError(f"a window's low is at most its high, but {low} > {high}.")
    keys, points = _keys(raw), _points(raw)
    if len(keys) * points > _MOST_NUMBERS:
        raise UsageError(
            f"a window has at most {_MOST_NUMBERS} points in all, not {len(keys)} series of "
            f"{points}: ask for fewer points or fewer keys."
        )
    window = Window(
        op="window",
        id=_text(raw, "id"),
        uid=_uid(raw),
        keys=keys,
        low=low,
        high=high,
        points=points,
    )
    return _along(raw, window)


def _along(raw: Mapping[str, object], window: Window) -> Window:
    """Return a window with what lies below its chart."""
    axis = raw.get("axis", "step")
    if axis not in ("step", "time", "metric"):  # not a set: what came may have no hash
        raise UsageError(f"a window's axis is step, time or metric, not {_shown(axis)}.")
    if axis == "step":
        return window
    if axis == "time":
        return {**window, "axis": "time"}
    metric = raw.get("metric")
    if not isinstance(metric, str) or len(metric) > _MOST_KEY:
        raise UsageError(f"a window's metric is the name of one, not {_shown(metric)}.")
    return {**window, "axis": "metric", "metric": metric}


def span_of(window: Window) -> Span:
    """Return the part of the metrics that a window is about."""
    return Span(window["low"], window["high"], window.get("axis", "step"), window.get("metric", ""))


def _edit(raw: Mapping[str, object]) -> Edit:
    edit = Edit(op="edit", id=_text(raw, "id"), uid=_uid(raw))
    if "name" in raw:
        edit["name"] = _said(raw, "name", least=1, most=_MOST_NAME)
    if "notes" in raw:
        edit["notes"] = _said(raw, "notes", least=0, most=_MOST_NOTES)
    if "tags" in raw:
        edit["tags"] = _tags(raw.get("tags"))
    if len(edit) == len(("op", "id", "uid")):
        raise UsageError("an edit changes a run's name, its notes or its tags; this one nothing.")
    return edit


def _lines(raw: Mapping[str, object]) -> Lines:
    spans = raw.get("spans")
    if not isinstance(spans, list) or not 0 < len(spans) <= MOST_LINES:
        raise UsageError(
            f"an intent's spans is a list of 1 to {MOST_LINES} pairs, not {_shown(spans)}."
        )
    checked = [_span(span) for span in spans]
    if sum(count for _, count in checked) > MOST_LINES:
        raise UsageError(f"an intent asks for at most {MOST_LINES} lines: ask for the next later.")
    return Lines(op="lines", id=_text(raw, "id"), uid=_uid(raw), spans=checked)


def _find(raw: Mapping[str, object]) -> Find:
    return Find(
        op="find",
        id=_text(raw, "id"),
        uid=_uid(raw),
        search=_said(raw, "search", least=0, most=_MOST_SEARCH),
        streams=_streams(raw.get("streams")),
        level=_level(raw.get("level")),
        first=_whole(raw.get("first"), "first"),
    )


def _files(raw: Mapping[str, object]) -> Files:
    return Files(op="files", id=_text(raw, "id"), uid=_uid(raw))


def _file(raw: Mapping[str, object]) -> File:
    return File(
        op="file",
        id=_text(raw, "id"),
        uid=_uid(raw),
        name=_said(raw, "name", least=1, most=_MOST_FILE_NAME),
        offset=_whole(raw.get("offset"), "offset"),
        length=_whole(raw.get("length"), "length", most=MOST_BYTES),
    )


def _cells(raw: Mapping[str, object]) -> Cells:
    first = _whole(raw.get("first"), "first")
    return Cells(op="cells", id=_text(raw, "id"), uid=_uid(raw), first=first)


def _draw(raw: Mapping[str, object]) -> Draw:
    draw = Draw(
        op="draw",
        id=_text(raw, "id"),
        uid=_uid(raw),
        keys=_keys(raw),
        runs=_uids(raw.get("runs")),
        changed=_uids(raw.get("changed")),
        x=_said(raw, "x", least=1, most=_MOST_KEY),
        low=_end(raw, "low"),
        high=_end(raw, "high"),
        group_by=_fields(raw.get("group_by")),
        band=_band(raw.get("band")),
    )
    if "points" in raw:
        draw["points"] = _points(raw)
    return draw


def _act(raw: Mapping[str, object]) -> Act:
    runs, action = _uids(raw.get("runs"), most=MOST_ACTED), raw.get("action")
    if not runs:
        raise UsageError("which runs? An intent that acts names at least one.")
    if action not in _ACTIONS:
        raise UsageError(f"an action is one of {', '.join(_ACTIONS)}, not {_shown(action)}.")
    act = Act(op="act", id=_text(raw, "id"), action=action, runs=runs)
    if action == "tag":
        act["add"], act["remove"] = _tags(raw.get("add", [])), _tags(raw.get("remove", []))
    return act


def _trash(raw: Mapping[str, object]) -> Trash:
    return Trash(
        op="trash",
        id=_text(raw, "id"),
        offset=_whole(raw.get("offset"), "offset"),
        limit=_whole(raw.get("limit"), "limit", least=1, most=MOST_TRASHED),
    )


def _compare(raw: Mapping[str, object]) -> Compare:
    runs = _uids(raw.get("runs"))
    if not runs:
        raise UsageError("which runs? A comparison is of at least one.")
    return Compare(op="compare", id=_text(raw, "id"), uid=_uid(raw), runs=runs)


def _facets(raw: Mapping[str, object]) -> Facets:
    return Facets(op="facets", id=_text(raw, "id"))


def _browse(raw: Mapping[str, object]) -> Browse:
    browse = Browse(op="browse", id=_text(raw, "id"), view=_text(raw, "view"))
    browse["search"] = _said({"search": "", **raw}, "search", least=0, most=_MOST_FILTERS)
    browse["where"] = _texts(raw, "where", count=_MOST_CHIPS, most=_MOST_FILTERS)
    length = sum(map(len, (browse["search"], *browse["where"])))
    if length > _MOST_FILTERS:
        raise UsageError(f"filters have at most {_MOST_FILTERS:,} characters, not {length:,}.")
    browse["only"] = _narrowing(raw.get("only", {}))
    browse["order"] = _said({"order": "-created_at", **raw}, "order", least=1, most=_MOST_KEY)
    browse["then_by"] = _fields(raw.get("then_by", []), "then_by")
    browse["group_by"] = _fields(raw.get("group_by", []))
    browse["groups"] = _group_order(raw.get("groups", "newest"))
    browse["folded"] = _texts(raw, "folded", count=_MOST_CHIPS, most=_MOST_KEY)
    if "unfolded" in raw:
        browse["unfolded"] = _texts(raw, "unfolded", count=_MOST_CHIPS, most=_MOST_KEY)
    browse["offset"] = _whole(raw.get("offset", 0), "offset")
    browse["limit"] = _whole(raw.get("limit", 100), "limit", most=MOST_ROWS)
    browse["columns"] = _texts(raw, "columns", count=MOST_COLUMNS, most=_MOST_KEY)
    if browse["limit"] * len(browse["columns"]) > _MOST_VALUES:
        raise UsageError(
            f"a page has at most {_MOST_VALUES:,} values: ask for fewer runs or fewer columns."
        )
    return browse


def _group_order(value: object) -> GroupOrder:
    for known in _GROUP_ORDERS:
        if value == known:
            return known
    raise UsageError(f"groups are ordered by {', '.join(_GROUP_ORDERS)}, not {_shown(value)}.")


def _narrowing(value: object) -> Narrowing:
    if not isinstance(value, Mapping) or not set(value) <= set(_NARROWING):
        raise UsageError(
            f"an intent's only is an object of {', '.join(_NARROWING)}, not {_shown(value)}."
        )
    chosen = {name: _texts(value, name, count=_MOST_CHIPS, most=_MOST_KEY) for name in value}
    return cast("Narrowing", chosen)


def _pick(raw: Mapping[str, object]) -> Pick:
    return Pick(
        op="pick",
        id=_text(raw, "id"),
        view=_text(raw, "view"),
        offset=_whole(raw.get("offset"), "offset"),
        limit=_whole(raw.get("limit"), "limit", least=1, most=_MOST_RUNS),
        all=raw.get("all") is True,
    )


def _summarize(raw: Mapping[str, object]) -> Summarize:
    return Summarize(
        op="summarize",
        id=_text(raw, "id"),
        view=_text(raw, "view"),
        groups=_texts(raw, "groups", count=_MOST_CHIPS, most=_MOST_KEY),
        columns=_texts(raw, "columns", count=MOST_COLUMNS, most=_MOST_KEY),
    )


_READERS: dict[str, Callable[[Mapping[str, object]], Intent]] = {
    "hello": _hello,
    "lease": _lease,
    "bye": _bye,
    "stop": _stop,
    "finish": _finish,
    "window": _window,
    "edit": _edit,
    "lines": _lines,
    "find": _find,
    "files": _files,
    "file": _file,
    "cells": _cells,
    "draw": _draw,
    "act": _act,
    "trash": _trash,
    "compare": _compare,
    "pick": _pick,
    "summarize": _summarize,
    "browse": _browse,
    "facets": _facets,
}


def _text(raw: Mapping[str, object], field: str) -> str:
    value = raw.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= MOST_ID:
        raise UsageError(
            f"an intent's {field} is a text of 1 to {MOST_ID} characters, not {_shown(value)}."
        )
    return value


def _uid(raw: Mapping[str, object]) -> str:
    value = raw.get("uid")
    if not isinstance(value, str) or not _UID.fullmatch(value):
        raise UsageError(
            f"an intent's uid is 1 to 64 of the characters 0-9, a-z and '-', not {_shown(value)}."
        )
    return value


def _said(raw: Mapping[str, object], field: str, *, least: int, most: int) -> str:
    value = raw.get(field)
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise UsageError(
            f"an intent's {field} is a text of {least} to {most} characters, not {_shown(value)}."
        )
    return value


def _texts(raw: Mapping[str, object], field: str, *, count: int, most: int) -> list[str]:
    value = raw.get(field, [])
    if isinstance(value, list) and len(value) <= count:
        return [_said({field: one}, field, least=0, most=most) for one in value]
    raise UsageError(
        f"an intent's {field} is a list of at most {count} texts, not {_shown(value)}."
    )


def _tags(value: object) -> list[str]:
    if isinstance(value, list) and len(value) <= _MOST_TAGS:
        return [_said({"tag": tag}, "tag", least=1, most=MOST_ID) for tag in value]
    raise UsageError(f"an intent's tags is a list of at most {_MOST_TAGS}, not {_shown(value)}.")


def _span(value: object) -> list[int]:
    if not isinstance(value, list) or len(value) != len(("first", "count")):
        raise UsageError(f"a span is a line's number and how many lines, not {_shown(value)}.")
    first, count = value
    return [_whole(first, "span"), _whole(count, "span", least=1, most=MOST_LINES)]


def _whole(value: object, field: str, *, least: int = 0, most: int = 2**53) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise UsageError(
        f"an intent's {field} is a whole number from {least} to {most}, not {_shown(value)}."
    )


def _streams(value: object) -> list[StreamName]:
    if isinstance(value, list) and all(one in _STREAMS for one in value):
        return cast("list[StreamName]", list(dict.fromkeys(value)))
    raise UsageError(f"an intent's streams are some of {', '.join(_STREAMS)}, not {_shown(value)}.")


def _level(value: object) -> Level:
    if isinstance(value, str) and value in _LEVELS:
        return value
    raise UsageError(f"an intent's level is one of {', '.join(_LEVELS)}, not {_shown(value)}.")


def _uids(value: object, *, most: int = _MOST_RUNS) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) <= most:
        return [_uid({"uid": uid}) for uid in value]
    raise UsageError(f"an intent's runs are at most {most} uids, not {_shown(value)}.")


def _fields(value: object, field: str = "group_by") -> list[str]:
    if isinstance(value, list) and len(value) <= _MOST_FIELDS:
        return [_said({field: one}, field, least=1, most=_MOST_KEY) for one in value]
    raise UsageError(
        f"an intent's {field} is a list of at most {_MOST_FIELDS} fields, not {_shown(value)}."
    )


def _band(value: object) -> Band:
    if isinstance(value, str) and value in _BANDS:
        return value
    raise UsageError(f"an intent's band is one of {', '.join(_BANDS)}, not {_shown(value)}.")


def _end(raw: Mapping[str, object], field: str) -> float | None:
    value = raw.get(field, "")
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = _as_float(value)
        if math.isfinite(number):
            return number
    raise UsageError(f"a window's {field} is a finite number or null, not {_shown(value)}.")


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _points(raw: Mapping[str, object]) -> int:
    value = raw.get("points")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_POINTS:
        raise UsageError(
            f"an intent's points is a whole number from 1 to {MOST_POINTS}, not {_shown(value)}."
        )
    return value


def _keys(raw: Mapping[str, object]) -> list[str]:
    value = raw.get("keys")
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_KEYS:
        raise UsageError(
            f"a window's keys is a list of 1 to {_MOST_KEYS} names, not {_shown(value)}."
        )
    for key in value:
        if not isinstance(key, str) or len(key) > _MOST_KEY:
            raise UsageError(f"a window's keys are names of metrics, not {_shown(key)}.")
    return list(value)


def _shown(value: Any) -> str:  # noqa: ANN401 - hostile
    """Return a short text for a value of any type and size."""
    if isinstance(value, str):
        return repr(value[:40]) + ("…" if len(value) > 40 else "")  # noqa: PLR2004
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a very large number"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
