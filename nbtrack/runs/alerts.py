"""`run.alert()`: what a person should look at, kept with the run and shown in its panel."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from nbtrack.clock import Clock
from nbtrack.errors import UsageError
from nbtrack.records import ALERT, Notice

WAIT_S = 60.0
_LONGEST_TITLE = 64


class AlertLevel(StrEnum):
    """How much an alert matters.

    Examples:
        >>> run.alert("loss is NaN", "at epoch 3", level=nbtrack.AlertLevel.ERROR)
    """

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


_NOTICED = {AlertLevel.INFO: "info", AlertLevel.WARN: "warning", AlertLevel.ERROR: "error"}


class Alerts:
    """The alerts of one run: the same title comes at most once in a while."""

    def __init__(self, clock: Clock, keep: Callable[[Notice], None]) -> None:
        """Begin without alerts.

        Args:
            clock: Says when the while is over.
            keep: Takes an alert that is to be told.
        """
        self._clock = clock
        self._keep = keep
        self._next_s: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def alert(self, title: object, text: object, level: object, wait_duration: object) -> None:
        """See `Run.alert`."""
        name = _checked_title(title)
        if not isinstance(text, str):
            raise UsageError(f"the text of an alert must be text, not {text!r}.")
        noticed = _NOTICED[_checked_level(level)]
        wait_s = _seconds(wait_duration)
        now_s = self._clock.elapsed_s()
        self._counts[name] = self._counts.get(name, 0) + 1
        if now_s >= self._next_s.get(name, now_s):
            self._next_s[name] = now_s + wait_s
            now_us, count = self._clock.now_us(), self._counts[name]
            self._keep(Notice(now_us, noticed, f"{ALERT}{name}", text, count))


def _checked_title(title: object) -> str:
    if not isinstance(title, str) or not title:
        raise UsageError(f'an alert has a title, not {title!r}. Type run.alert("loss is NaN").')
    return title[:_LONGEST_TITLE]


def _checked_level(level: object) -> AlertLevel:
    try:
        return AlertLevel.INFO if level is None else AlertLevel(str(level))
    except ValueError as error:
        known = ", ".join(AlertLevel)
        raise UsageError(f"the level of an alert is one of {known}, not {level!r}.") from error


def _seconds(duration: object) -> float:
    if duration is None:
        return WAIT_S
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, bool) or not isinstance(duration, int | float):
        raise TypeError(
            f"wait_duration is seconds or a timedelta, not {duration!r}. Type wait_duration=60."
        )
    return float(duration)
