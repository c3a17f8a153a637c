"""What a filter or an order can speak of: the fields of a run, by the names people know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeAlias

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import UsageError
from nbtrack.records import Json, Notice
from nbtrack.store import RunFacts

Values: TypeAlias = tuple[Any, ...]
"""What stands in a field: nothing, a value, or a list and what it holds."""

_TREES = {
    "config": "config",
    "summary": "summary",
    "summary_metrics": "summary",
    "summaryMetrics": "summary",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a run.

    Attributes:
        name: As it was written.
        is_time: Whether its values are times, microseconds since the epoch.
        read: Gives the values of a run; the first is the one to order by.
    """

    name: str
    is_time: bool
    read: Callable[[RunFacts], Values]

    @staticmethod
    def is_known(name: str) -> bool:
        """Tell whether runs have a field of that name."""
        above, _, path = name.partition(".")
        return bool(above in _TREES and path) or name in _TIMES or name in _FIELDS

    @classmethod
    def parse(cls, name: object) -> "Field":
        """Return the field of a name.

        Args:
            name: `state`, `display_name`, `config.lr`, `summary_metrics.loss`, ….

        Raises:
            UsageError: If there is none.
        """
        if not isinstance(name, str) or not name:
            raise UsageError(f"a field of a run is a text like 'config.lr', not {name!r}.")
        above, _, path = name.partition(".")
        if above in _TREES and path:
            return cls(name, is_time=False, read=_reader_of(_TREES[above], path))
        if name in _TIMES:
            return cls(name, is_time=True, read=_TIMES[name])
        if name in _FIELDS:
            return cls(name, is_time=False, read=_FIELDS[name])
        raise UsageError(
            f"runs have no field {name!r}. Did you mean {_meant(name)}? Fields are "
            f"{', '.join(_SHOWN)}, and inside config and summary: 'config.lr', "
            "'summary_metrics.loss'."
        )


def _meant(name: str) -> str:
    """Return what somebody may have meant by a field that there is not."""
    above, _, path = name.partition(".")
    if above in _TREES:
        return repr(f"{above}.loss")
    if path:
        tree = get_close_matches(above, ("config", "summary"), n=1, cutoff=0)[0]
        return repr(f"{tree}.{path}")
    close = get_close_matches(name, [*_FIELDS, *_TIMES], n=1)
    return repr(close[0]) if close else f"{'config.' + name!r} or {'summary.' + name!r}"


def instant(value: object) -> int:
    """Return a time as microseconds since the epoch.

    Args:
        value: ISO 8601 text (UTC where it names no zone), a datetime, or seconds since the
            epoch.

    Raises:
        UsageError: If it is none of these.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise UsageError(f"{value!r} is no time. Type '2026-01-31T12:00:00'.") from None
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(aware.timestamp() * MICROSECONDS)
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return round(value * MICROSECONDS)
    raise UsageError(f"{value!r} is no time. Type '2026-01-31T12:00:00'.")


def _one(value: object) -> Values:
    return (value, *value) if isinstance(value, list) else (value,)


def _text(value: str | None) -> Values:
    """Return a text; without one there is nothing."""
    return (value,) if value else ()


def _alerts(facts: RunFacts) -> list[Notice]:
    """Return the alerts, the one with the newest title last."""
    return [one for one in facts.notices if one.title is not None]


def _reader_of(tree: str, path: str) -> Callable[[RunFacts], Values]:
    parts = path.split(".")

    def read(facts: RunFacts) -> Values:
        values = getattr(facts, tree)
        if path in values:  # as nearly always: it is asked of ten thousand runs per key stroke
            return _one(values[path])
        found = _inside(values, parts)
        if not found and path.endswith(".value"):  # as configs are written elsewhere
            found = _inside(values, parts[:-1])
        return found

    return read


def _inside(tree: Mapping[str, Json], parts: Sequence[str]) -> Values:
    """Look a path up; names of keys may hold dots themselves."""
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key not in tree:
            continue
        value = tree[key]
        if length == len(parts):
            return _one(value)
        if isinstance(value, dict) and (found := _inside(value, parts[length:])):
            return found
    return ()


_TIMES: dict[str, Callable[[RunFacts], Values]] = {
    **dict.fromkeys(("created_at", "createdAt"), lambda facts: (facts.opened.time_us,)),
    **dict.fromkeys(("heartbeat_at", "heartbeatAt"), lambda facts: (facts.seen_us,)),
}
_FIELDS: dict[str, Callable[[RunFacts], Values]] = {
    "state": lambda facts: (str(facts.state),),
    **dict.fromkeys(("display_name", "displayName"), lambda facts: (facts.opened.name,)),
    # Elsewhere `name` means the id, and people mean the name: it is found by both.
    "name": lambda facts: (facts.opened.name, facts.opened.id),
    "id": lambda facts: (facts.opened.id,),
    "uid": lambda facts: (facts.opened.uid,),
    "project": lambda facts: (facts.opened.project,),
    "entity": lambda facts: (facts.opened.entity,),
    "group": lambda facts: _text(facts.opened.group),
    **dict.fromkeys(("job_type", "jobType"), lambda facts: _text(facts.opened.job_type)),
    "tags": lambda facts: _one(list(facts.opened.tags)),
    "notes": lambda facts: _text(facts.opened.notes),
    "duration": lambda facts: (facts.active_us / MICROSECONDS,),
    "host": lambda facts: _text(facts.opened.owner.host),
    **dict.fromkeys(("user", "username"), lambda facts: _text(facts.opened.user)),
    "notebook": lambda facts: _text(facts.opened.notebook),
    "kernel": lambda facts: _text(facts.opened.owner.kernel_id),
    "alerts": lambda facts: (sum(one.count for one in _alerts(facts)),),
    "alert": lambda facts: tuple(one.title for one in reversed(_alerts(facts))),
    "exit_code": lambda facts: () if facts.exit_code is None else (facts.exit_code,),
    **dict.fromkeys(
        ("last_history_step", "lastHistoryStep"),
        lambda facts: () if facts.step is None else (facts.step,),
    ),
    "sweep": lambda _: (),
}
_SHOWN = sorted(name for name in (*_FIELDS, *_TIMES) if name.islower())
