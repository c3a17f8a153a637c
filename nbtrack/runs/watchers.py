"""Looking for trouble in what is logged: NaN, divergence, plateaus.

Works on batches of rows that the recorder has taken from the queue, on its thread: `log()`
does nothing for it. What is found of a metric is told once. Values that are no numbers are
passed over, and NaN counts for `nan` alone.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isinf, isnan
from threading import RLock
from typing import TYPE_CHECKING, Protocol

from nbtrack.metrics import MAXIMIZE
from nbtrack.records import Json, Path, Record, Row, name_of
from nbtrack.runs.keeper import Keeper
from nbtrack.runs.watchfor import Action, Watch

if TYPE_CHECKING:
    from nbtrack.runs.run import Run

MOST_NOTED = 20
"""Of so many metrics NaN is noted by itself; a model that broke has it everywhere."""
_FIRST_SHARE = 100
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked for, and found.

    Attributes:
        watch: What was looked for.
        cause: Stable name: the same finding is told once.
        title: In a few words.
        text: What, where, and by which measure.
        at_end: Whether the run ends anyway.
    """

    watch: Watch
    cause: str
    title: str
    text: str
    at_end: bool = False


def follow(finding: Finding, run: "Run", keeper: Keeper) -> None:
    """Do what was to follow: note it, say it, raise an alert, or stop the run."""
    action = finding.watch.action
    if action is Action.NOTE:
        run.note(finding.cause, finding.text)
    elif action is Action.ALERT:
        run.alert(finding.title, finding.text, level="WARN")
    elif action is Action.WARN or finding.at_end:
        keeper.say(finding.cause, finding.text, run=run)
    else:
        keeper.say(finding.cause, f"run {run.name!r} is stopped: {finding.text}", run=run)
        keeper.stop(run.uid, finding.text)


class _Tracker(Protocol):
    """Follows one metric."""

    def found(self, value: float, step: int, active_s: float) -> str:
        """Take a value; return what is found in it, "" for nothing."""
        ...


class _NotFinite:
    """Waits for a NaN or an infinite value."""

    def found(self, value: float, step: int, active_s: float) -> str:  # noqa: ARG002 - a tracker's signature
        if isfinite(value):
            return ""
        return f"is {'NaN' if isnan(value) else 'infinite'} for the first time at step {step}"


class _Divergence:
    """Waits until the level of a metric is far above its best.

    The level is the mean of the last `window` values. With the lowest level so far `best`
    and the first one `first`, it diverges above

        best + (factor - 1) * max(|best|, |first| / 100)

    which is `factor` times the best level for a loss that has not fallen a hundredfold, or
    when a value is infinite. A metric that is to be maximized is looked at upside down.
    """

    def __init__(self, watch: Watch, sign: float) -> None:
        self._watch = watch
        self._sign = sign
        self._values: deque[float] = deque(maxlen=watch.window)
        self._first: float | None = None
        self._best = inf
        self._best_step = 0

    def found(self, value: float, step: int, active_s: float) -> str:  # noqa: ARG002 - a tracker's signature
        if isnan(value):
            return ""
        if isinf(value):
            return f"diverges: it is infinite at step {step}"
        self._values.append(self._sign * value)
        if len(self._values) < self._watch.window:
            return ""
        level = sum(self._values) / self._watch.window
        if self._first is None:
            self._first = level
        if level < self._best:
            self._best, self._best_step = level, step
        scale = max(abs(self._best), abs(self._first) / _FIRST_SHARE)
        if level <= self._best + (self._watch.factor - 1) * scale:
            return ""
        extreme = "lowest" if self._sign > 0 else "highest"
        return (
            f"diverges: the mean of its last {self._watch.window} values is "
            f"{self._sign * level:.4g} at step {step}; the {extreme} was "
            f"{self._sign * self._best:.4g} at step {self._best_step} (factor "
            f"{self._watch.factor:g})"
        )


class _Plateau:
    """Waits until nothing better by more than `min_delta` came for so long."""

    def __init__(self, watch: Watch, sign: float) -> None:
        self._watch = watch
        self._sign = sign
        self._best = inf
        self._best_step = 0
        self._best_s = 0.0

    def found(self, value: float, step: int, active_s: float) -> str:
        signed = self._sign * value
        if signed < self._best - self._watch.min_delta:
            self._best, self._best_step, self._best_s = signed, step, active_s
            return ""
        if isnan(value) or not self._is_long(step, active_s):
            return ""
        extreme = "lowest" if self._sign > 0 else "highest"
        return (
            f"does not get better any more: the {extreme} value {self._sign * self._best:.4g} was "
            f"at step {self._best_step}, and now it is step {step}, "
            f"{(active_s - self._best_s) / 60:.1f} minutes later"
        )

    def _is_long(self, step: int, active_s: float) -> bool:
        steps, minutes = self._watch.steps, self._watch.minutes
        return (steps is not None and step - self._best_step >= steps) or (
            minutes is not None and active_s - self._best_s >= 60 * minutes
        )


class Watchers:
    """Looks for what was asked for in the rows of one run."""

    def __init__(
        self,
        watches: Sequence[Watch],
        *,
        goal_of: Callable[[Path], str | None],
        on_finding: Callable[[Finding], None],
    ) -> None:
        """Begin without rows.

        Args:
            watches: What to look for; of several that mean a metric the last one counts.
            goal_of: What `define_metric` says that a metric is to be.
            on_finding: Told each finding, once per metric and kind.
        """
        self._watches = tuple(watches)
        self._goal_of = goal_of
        self._on_finding = on_finding
        self._trackers: dict[Path, list[tuple[Watch, _Tracker]]] = {}
        self._noted = 0
        self._batches: deque[list[Record]] = deque()
        self._looking = RLock()  # the recorder's thread looks, and who ends the run
        self._is_ending = False
        self._is_nan_only = all(watch.kind == "nan" for watch in watches)
        self.take: Callable[[list[Record]], None] = self._batches.append
        """Takes a batch of records, from any thread; one atomic step."""

    def look(self, active_s: float, *, at_end: bool = False) -> None:
        """Look through the batches that came.

        Args:
            active_s: The run's active time by now, seconds.
            at_end: Whether the run ends anyway.
        """
        with self._looking:
            self._is_ending = at_end
            while self._batches:
                for record in self._batches.popleft():
                    if type(record) is Row and not self._is_sound(record.values):
                        self._look_at(record, active_s)

    def abandon(self) -> None:
        """In a forked child: look at nothing; another thread may have held the lock."""
        self._looking = RLock()
        self._batches.clear()

    def _is_sound(self, values: Mapping[Path, Json]) -> bool:
        """Whether a row needs no closer look: one sum of finite numbers is finite."""
        if not self._is_nan_only:
            return False
        try:
            return isfinite(sum(values.values()))  # type: ignore[arg-type]
        except (TypeError, OverflowError):  # text, or whole numbers beyond any float
            return False

    def _look_at(self, row: Row, active_s: float) -> None:
        for path, value in row.values.items():
            if type(value) is not float and (type(value) is not int or self._is_nan_only):
                continue
            trackers = self._trackers.get(path)
            if trackers is None:
                trackers = self._trackers[path] = list(self._trackers_of(path))
            for watch, tracker in tuple(trackers):
                said = tracker.found(float(value), row.step, active_s)
                if said:
                    trackers.remove((watch, tracker))
                    self._tell(watch, name_of(path), said)

    def _trackers_of(self, path: Path) -> Iterator[tuple[Watch, _Tracker]]:
        name = name_of(path)
        last = {watch.kind: watch for watch in self._watches if watch.means(name)}
        for watch in last.values():
            if watch.action is Action.OFF:
                continue
            goal = watch.goal or self._goal_of(path)
            sign = -1.0 if goal == MAXIMIZE else 1.0
            if watch.kind == "nan":
                yield watch, _NotFinite()
            elif watch.kind == "divergence":
                yield watch, _Divergence(watch, sign)
            else:
                yield watch, _Plateau(watch, sign)

    def _tell(self, watch: Watch, name: str, said: str) -> None:
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        text = f"metric {shown!r} {said}."
        if watch.action is Action.NOTE:
            self._noted += 1
            if self._noted > MOST_NOTED:
                return
            if self._noted == MOST_NOTED:
                text += " More metrics of this kind are not named."
        title = f"{watch.kind}: {shown}" if watch.kind != "nan" else f"NaN: {shown}"
        self._on_finding(Finding(watch, f"{watch.kind} {name}", title, text, self._is_ending))
