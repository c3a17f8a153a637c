"""`watch_for`: what is to be looked for in metrics, and what follows; the language of it.

    {"nan": "stop"}
    {"divergence": {"metric": "train/loss", "action": "stop", "factor": 3, "window": 10}}
    {"plateau": {"metric": "val/acc", "goal": "maximize", "steps": 500, "action": "alert"}}

Each kind takes an action, a dict of options, or a list of such dicts. Of several entries of a
kind that mean a metric, the last one counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from math import isfinite
from typing import Any

from nbtrack.errors import UsageError
from nbtrack.metrics import MAXIMIZE

KINDS = ("nan", "divergence", "plateau")
GOALS = ("minimize", MAXIMIZE)
SHORTEST_WINDOW = 2
LONGEST_WINDOW = 100_000


class Action(StrEnum):
    """What follows when something is found."""

    OFF = "off"
    NOTE = "note"
    WARN = "warn"
    ALERT = "alert"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing to look for.

    Attributes:
        kind: `nan`, `divergence` or `plateau`.
        action: What follows.
        metric: Names of metrics as history shows them; `*` stands for anything.
        goal: `minimize` or `maximize`; None leaves it to `define_metric`, else `minimize`.
        factor: Of a divergence: how many times its best level a metric may come to, > 1.
        window: Of a divergence: of so many values a level is the mean.
        steps: Of a plateau: so many steps without anything better.
        minutes: Of a plateau: so many minutes of active time without anything better.
        min_delta: Of a plateau: what is better by no more than this is not better.
    """

    kind: str
    action: Action
    metric: tuple[str, ...]
    goal: str | None = None
    factor: float = 3.0
    window: int = 10
    steps: int | None = None
    minutes: float | None = None
    min_delta: float = 0.0

    def means(self, name: str) -> bool:
        """Return whether it looks at a metric."""
        return any(fnmatchcase(name, pattern) for pattern in self.metric)


_METRICS = {"nan": ("*",), "divergence": ("*loss",), "plateau": ("*loss",)}
_OPTIONS = {
    "nan": ("action", "metric"),
    "divergence": ("action", "metric", "goal", "factor", "window"),
    "plateau": ("action", "metric", "goal", "steps", "minutes", "min_delta"),
}
_EXAMPLES = {
    "nan": '{"nan": "stop"}',
    "divergence": '{"divergence": {"metric": "train/loss", "factor": 3, "action": "stop"}}',
    "plateau": '{"plateau": {"metric": "val/loss", "steps": 500, "action": "warn"}}',
}


def watches_of(given: object) -> list[Watch]:
    """Return what `watch_for` asks for, after what is looked for anyway.

    Raises:
        UsageError: If it cannot be taken; it says why and what to type.

    Examples:
        >>> [watch.action.value for watch in watches_of({"nan": "stop"})]
        ['note', 'stop']
    """
    anyway = Watch("nan", Action.NOTE, ("*",))
    if given is None:
        return [anyway]
    if not isinstance(given, Mapping):
        raise UsageError(f"watch_for must be a dict, not {given!r}. Type {_EXAMPLES['nan']}.")
    return [anyway, *(watch for kind, said in given.items() for watch in _of_kind(kind, said))]


def _of_kind(kind: object, said: object) -> Iterator[Watch]:
    if kind not in KINDS:
        raise UsageError(
            f"watch_for knows {', '.join(KINDS)}, not {kind!r}.{_meant(kind, KINDS)} "
            f"Type {_EXAMPLES['nan']}."
        )
    entries = said if isinstance(said, list | tuple) else [said]
    for entry in entries:
        options = {"action": entry} if isinstance(entry, str) else entry
        if not isinstance(options, Mapping):
            raise UsageError(
                f"watch_for[{kind!r}] must be an action ({', '.join(Action)}) or a dict, not "
                f"{entry!r}. Type {_EXAMPLES[kind]}."
            )
        yield _watch(str(kind), options)


def _watch(kind: str, options: Mapping[Any, Any]) -> Watch:
    known = _OPTIONS[kind]
    for name in options:
        if name not in known:
            raise UsageError(
                f"watch_for[{kind!r}] has no option {name!r}.{_meant(name, known)} Known are: "
                f"{', '.join(known)}."
            )
    checked: dict[str, Any] = {name: _CHECKS[name](kind, said) for name, said in options.items()}
    watch = Watch(**{"kind": kind, "action": Action.WARN, "metric": _METRICS[kind], **checked})
    is_endless = watch.steps is None and watch.minutes is None
    if kind == "plateau" and is_endless and watch.action is not Action.OFF:
        raise UsageError(
            "watch_for['plateau'] needs to know how long is too long: steps or minutes. Type "
            f"{_EXAMPLES[kind]}."
        )
    return watch


def _action(kind: str, value: object) -> Action:
    try:
        return Action(str(value))
    except ValueError as error:
        raise UsageError(
            f"the action of watch_for[{kind!r}] must be one of {', '.join(Action)}, not "
            f"{value!r}.{_meant(value, list(Action))}"
        ) from error


def _metric(kind: str, value: object) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(_is_name(one) for one in names):
        raise UsageError(
            f"the metric of watch_for[{kind!r}] must be a name or a list of names, not {value!r}. "
            'Type "metric": "val/loss", or "val/*" for all that begin so.'
        )
    return tuple(names)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _goal(kind: str, value: object) -> str:
    if value not in GOALS:
        raise UsageError(
            f"the goal of watch_for[{kind!r}] must be {' or '.join(GOALS)}, not {value!r}."
        )
    return str(value)


def _factor(kind: str, value: object) -> float:
    return _number("factor", kind, value, above=1.0)


def _window(kind: str, value: object) -> int:
    whole = _whole("window", kind, value)
    if not SHORTEST_WINDOW <= whole <= LONGEST_WINDOW:
        raise UsageError(
            f"the window of watch_for[{kind!r}] must be {SHORTEST_WINDOW} to {LONGEST_WINDOW:,} "
            f"values, not {value!r}."
        )
    return whole


def _steps(kind: str, value: object) -> int:
    return _whole("steps", kind, value)


def _minutes(kind: str, value: object) -> float:
    return _number("minutes", kind, value, above=0.0)


def _min_delta(kind: str, value: object) -> float:
    if value == 0 and not isinstance(value, bool):
        return 0.0
    return _number("min_delta", kind, value, above=0.0)


_CHECKS = {
    "action": _action,
    "metric": _metric,
    "goal": _goal,
    "factor": _factor,
    "window": _window,
    "steps": _steps,
    "minutes": _minutes,
    "min_delta": _min_delta,
}


def _whole(option: str, kind: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(
            f"{option} of watch_for[{kind!r}] must be a whole number from 1 on, not {value!r}."
        )
    return value


def _number(option: str, kind: str, value: object, *, above: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or not value > above:  # type: ignore[arg-type, operator]
        raise UsageError(
            f"{option} of watch_for[{kind!r}] must be a number above {above:g}, not {value!r}."
        )
    return float(value)  # type: ignore[arg-type]


def _meant(given: object, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(str(given).lower(), known, n=1, cutoff=0.75)
    return f" Did you mean {str(close[0])!r}?" if close else ""
