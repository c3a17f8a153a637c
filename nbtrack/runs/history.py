"""The rows of a run: which step they get, what is merged, what is dropped.

Every finished row leaves by one call of `emit`, which is atomic, so that neither
threads nor a KeyboardInterrupt can tear a row or mix two.
"""

import operator
from collections.abc import Callable, Iterable, Iterator
from threading import RLock
from typing import TYPE_CHECKING, SupportsIndex

from nbtrack.clock import MICROSECONDS, Clock
from nbtrack.errors import UsageError
from nbtrack.records import Json, Path, Row
from nbtrack.runs.summary import Summary

if TYPE_CHECKING:
    from nbtrack.runs.metrics import Metrics

_OF_THE_TRACKER = ("_step", "_runtime")
_STEPS_END = 2**53
"""Up to here every whole number is a float too: the browser's numbers and plots are floats."""
_SHOWN_END = 10**300
MOST_NAMES = 50_000
"""Metrics of a run. With so many, a kernel takes 90 MB more and a panel opens in 2 s."""


class History:
    """Numbers rows and hands them over.

    Attributes:
        step: Of the next row.
        refusal: Why nothing can be logged any more; None as long as it can.
        metrics: What was defined of metrics; None before anything was.
        is_stepped: Whether a step was ever given.
        is_shared: Whether other processes log to the run too: then rows get the next step,
            whatever `step` says.
    """

    def __init__(  # noqa: PLR0913 - what it tells and whom
        self,
        emit: Callable[[Row], None],
        summary: Summary,
        *,
        clock: Clock,
        lock: RLock,
        on_drop: Callable[[int, int], None],
        on_unused: Callable[[int], None],
        on_nameless: Callable[[int], None],
    ) -> None:
        """Begin at step 0 with no open row.

        Args:
            emit: Takes a finished row, on the thread that logged it.
            summary: Learns the values of every finished row.
            clock: Gives the rows their time.
            lock: Guards the order of rows and summary changes of this run.
            on_drop: Told the step of a row that came too late, and the current step.
            on_unused: Told a step that was given and does not count.
            on_nameless: Told how many values are not taken, because there are too many metrics.
        """
        self._emit = emit
        self._summary = summary
        self._now_us = clock.now_us
        self._lock = lock
        self._on_drop = on_drop
        self._on_unused = on_unused
        self._on_nameless = on_nameless
        self._known = summary.leaves
        self._open: dict[Path, Json] | None = None
        self.step = 0
        self.is_stepped = False
        self.refusal: str | None = None
        self.metrics: Metrics | None = None
        self.is_shared = False

    def log(
        self, values: dict[Path, Json], *, plain: bool, step: object, commit: bool | None
    ) -> None:
        """Take the values of one call of `run.log()`.

        Args:
            values: By path; they belong to the history from here on.
            plain: Whether all values are plain, see `values.encode`.
            step: None for the current step, or where the values belong.
            commit: Whether the row is finished; by default it is, unless `step` is given.

        Raises:
            UsageError: If the run is finished, or `step` is 2**53 or more.
            TypeError: If `step` is no whole number.
        """
        with self._lock:
            if step is not None and self.is_shared:
                self._on_unused(_whole(step))
                step = None
            if step is None and commit is not False and self._open is None:
                self._hand_over(values, plain=plain)
                return
            if self.refusal is not None:
                raise UsageError(self.refusal)
            if step is not None and not self._turn_to(_whole(step)):
                return
            self._open = {**self._open, **values} if self._open else values
            if commit or (commit is None and step is None):
                self.commit()

    def number(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give rows of other processes the next steps. The caller holds the lock."""
        if not self.is_shared:
            self.commit()  # a row that waited for the next step would be merged with that
            self.is_shared = True
        for row in rows:
            step, self.step = self.step, self.step + 1
            yield row._replace(step=step)

    def remember(self, rows: Iterable[Row]) -> None:
        """Let the summary know what other processes logged. The caller holds the lock."""
        merged: dict[Path, Json] = {}
        row = None
        for row in rows:
            values = dict(row.values)
            said = values if self.metrics is None else self.metrics.summarised(values)
            merged.update((path, one) for path, one in said.items() if one is not None)
        if row is not None:
            self._summary.fold(merged, step=row.step, time_us=row.time_us, plain=False)

    def commit(self) -> None:
        """Finish the open row, if there is one."""
        if self._open is not None:
            values, self._open = self._open, None
            self._hand_over(values, plain=False)

    def abandon(self, lock: RLock) -> None:
        """In a forked child: drop what comes; another thread may hold the old lock."""
        self._lock = lock
        self._emit = _drop

    def _turn_to(self, step: int) -> bool:
        self.is_stepped = True
        if step < self.step:
            self._on_drop(step, self.step)
            return False
        if step > self.step:
            self.commit()
            self.step = step
        return True

    def _hand_over(self, values: dict[Path, Json], *, plain: bool) -> None:
        if self.refusal is not None:
            raise UsageError(self.refusal)
        time_us = self._take_time(values) if "_timestamp" in values else self._now_us()
        for name in _OF_THE_TRACKER:
            values.pop(name, None)
        if len(self._known) + len(values) > MOST_NAMES:
            values = self._bounded(values)
        step = self.step
        self.step = step + 1
        if self.metrics is None:
            self._emit(Row(step, time_us, values))
            self._summary.fold(values, step=step, time_us=time_us, plain=plain)
            return
        values = self.metrics.complete(values)
        self._emit(Row(step, time_us, values))
        said = self.metrics.summarised(values)
        self._summary.fold(said, step=step, time_us=time_us, plain=False)

    def _bounded(self, values: dict[Path, Json]) -> dict[Path, Json]:
        """Return values without those of new metrics, where there are too many already."""
        known = self._known
        new = [path for path in values if path not in known]
        over = new[max(0, MOST_NAMES - len(known)) :]
        if over:
            self._on_nameless(len(over))
        return {path: values[path] for path in values.keys() - over} if over else values

    def _take_time(self, values: dict[Path, Json]) -> int:
        given = values.pop("_timestamp")
        if isinstance(given, bool) or not isinstance(given, int | float):
            return self._now_us()
        try:
            return round(given * MICROSECONDS)
        except (ValueError, OverflowError):  # NaN or infinite
            return self._now_us()


def _drop(_row: Row) -> None:
    """Take a row and keep nothing."""


def _whole(step: object) -> int:
    if isinstance(step, SupportsIndex):
        number = operator.index(step)
        if number < _STEPS_END:
            return number
        raise UsageError(
            f"run.log(step=) takes steps below 2**53, not {min(number, _SHOWN_END):.6e}. Count "
            'steps from 0, and log large numbers as values: run.log({"time_ns": value}).'
        )
    raise TypeError(
        f"run.log(step=) takes a whole number, not {step!r} ({type(step).__name__}). "
        f"Type step=int({step!r}), or log the number as a value of its own."
    )
