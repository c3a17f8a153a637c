"""A run, as users hold it: a thin object whose parts do the work."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Literal, Self

from nbtrack.clock import MICROSECONDS, Clock
from nbtrack.errors import Error, StepOrderError, UsageError
from nbtrack.records import (
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    Control,
    Json,
    Notice,
    Opened,
    Record,
    RunChanged,
    RunState,
    Stream,
    SummaryChanged,
)
from nbtrack.records import Path as ValuePath
from nbtrack.runs.alerts import AlertLevel, Alerts
from nbtrack.runs.code import LogsCode
from nbtrack.runs.config import Config, StaticConfig
from nbtrack.runs.filekeeping import KeepsFiles
from nbtrack.runs.files import Files
from nbtrack.runs.history import MOST_NAMES, History
from nbtrack.runs.identity import Identity
from nbtrack.runs.keeper import Keeper
from nbtrack.runs.labels import labelled
from nbtrack.runs.later import LaterMethods
from nbtrack.runs.lifecycle import KILLED, PREEMPTED, Outcome
from nbtrack.runs.metrics import Metric, Metrics, checked_metric, definition
from nbtrack.runs.output import Output
from nbtrack.runs.recorder import Track
from nbtrack.runs.showing import Shown
from nbtrack.runs.status import Status, status_of
from nbtrack.runs.stopwatch import Stopwatch
from nbtrack.runs.summary import Summary
from nbtrack.runs.takeover import TakesOver
from nbtrack.runs.watchers import Finding, Watchers, follow
from nbtrack.runs.watchfor import watches_of
from nbtrack.settings import Settings
from nbtrack.store import OutputLog, RunFacts, files_folder, renamed
from nbtrack.values import encode


class Run(Identity, TakesOver, KeepsFiles, LogsCode, Shown, LaterMethods):
    """One run of a training: what was configured, logged and left behind.

    Made by `nbtrack.init()`. Usable as a context manager: the run ends with the block,
    `finished` or, after an exception, `failed`.

    Examples:
        >>> import nbtrack
        >>> with nbtrack.init(project="digits", config={"lr": 0.01}) as run:
        ...     for epoch in range(3):
        ...         run.log({"loss": 1 / (epoch + 1)})
    """

    __slots__ = (
        "__weakref__",
        "_alerts",
        "_clock",
        "_config",
        "_dropped",
        "_files",
        "_history",
        "_is_preempting",
        "_keeper",
        "_lock",
        "_nameless",
        "_opened",
        "_outcome",
        "_output",
        "_resumed",
        "_root",
        "_settings",
        "_starting_step",
        "_stopwatch",
        "_summary",
        "_track",
        "_watchers",
    )

    def __init__(  # noqa: PLR0913 - the parts of a run
        self,
        opened: Opened,
        root: Path,
        *,
        settings: Settings,
        keeper: Keeper,
        clock: Clock,
        track: Callable[[Callable[[], int], Callable[[str, str], None]], Track],
        may_change_config: bool,
        former: RunFacts | None = None,
        resumed: bool = False,
    ) -> None:
        """Put a run together; `nbtrack.init()` does this.

        Args:
            opened: Who the run is.
            root: The workspace, a `.nbtrack` folder.
            settings: What was set besides.
            keeper: The session.
            clock: Gives the time.
            track: Makes the run's way to the store, from a function that gives its
                active time and one that takes trouble.
            may_change_config: Whether config values may change.
            former: What the store knows of the history it begins with.
            resumed: Whether that is its own.
        """
        self._opened = opened
        self._root = root
        self._settings = settings
        self._keeper = keeper
        self._clock = clock
        self._lock = RLock()
        self._outcome: Outcome | None = None
        self._dropped = self._nameless = 0
        self._resumed = resumed
        self._starting_step = 0 if former is None or former.step is None else former.step + 1
        self._stopwatch = Stopwatch(clock, former.active_us if former else 0)
        self._track = track(self._stopwatch.active_us, self._on_trouble)
        self._config = Config(
            self._on_config,
            may_change=may_change_config,
            known=former.config if former else None,
            ignored=self._on_trouble,
        )
        self._summary = Summary(
            lock=self._lock, changed=self._on_summary, known=former.summary if former else None
        )
        self._history = History(
            self._track.emit,
            self._summary,
            clock=clock,
            lock=self._lock,
            on_drop=self._on_drop,
            on_unused=self._on_unused_step,
            on_nameless=self._on_nameless,
        )
        self._history.is_shared = settings.mode == "shared"
        self._history.step = self._starting_step
        self._files = Files(files_folder(root, opened.uid), self._on_trouble)
        self._track.on_beat = self._files.refresh_soon
        self._track.on_edit = self._take_over
        self._alerts = Alerts(clock, self._on_alert)
        self._is_preempting = False
        self._watchers = Watchers(
            watches_of(settings.watch_for),
            goal_of=self._goal_of,
            on_finding=self._on_finding,
        )
        self._output = Output(OutputLog(self._files.folder), self._on_trouble)
        self._track.on_batch = self._take_note
        self._track.on_turn = self._look_out
        if former is not None and former.metrics:
            self._history.metrics = Metrics.restored(self._on_metric, former)

    # --- how it stands -----------------------------------------------------------------

    @property
    def state(self) -> str:
        """`running`, `finished`, `failed` or `killed`."""
        return str(self._outcome.state if self._outcome else RunState.RUNNING)

    @property
    def is_open(self) -> bool:
        """Whether the run has not ended."""
        return self._outcome is None

    @property
    def step(self) -> int:
        """The step that the next `log()` without `step=` joins.

        Raises:
            UsageError: If several processes log to the run, see `init(mode="shared")`.
        """
        if self._settings.mode == "shared":
            raise UsageError(
                f"run {self.name!r} is logged to by several processes: which step the next row "
                "gets is known when it is stored. To count on your own, log the number as a value "
                'and put it below: run.define_metric("*", step_metric="my_step").'
            )
        return 0 if self.disabled else self._history.step

    @property
    def has_given_steps(self) -> bool:
        """Whether `log()` was ever called with `step=`."""
        return self._history.is_stepped

    @property
    def starting_step(self) -> int:
        """The step at which it began: 0, or where the run it goes on with had come to."""
        return self._starting_step

    @property
    def resumed(self) -> bool:
        """Whether it goes on with a run that had ended."""
        return self._resumed

    @property
    def config(self) -> Config:
        """What the run was configured with."""
        return self._config

    @property
    def summary(self) -> Summary:
        """The last value of every metric, and what was set by hand."""
        return self._summary

    @property
    def config_static(self) -> StaticConfig:
        """The config, to be read only."""
        return StaticConfig(self._config.as_dict())

    def status(self) -> Status:
        """Return how much of the run is stored, and what it outlives."""
        return status_of(self._track, self._dropped, self._nameless)

    # --- what it does ------------------------------------------------------------------

    def log(
        self,
        data: Mapping[str, Any],
        step: int | None = None,
        commit: bool | None = None,  # noqa: FBT001 - the field's signature
    ) -> None:
        """Log values as a row of history.

        Args:
            data: By metric name; a `/` in a name makes sections. Numbers, text, lists,
                arrays and nested dicts; NaN and infinities are kept as they are.
            step: Where the values belong, >= the current step. A row whose step is
                below the current one is dropped, counted and said. By default the
                current step, which then grows by one.
            commit: False keeps the row open for more values. By default a row is
                finished at once, or, when `step` is given, by the next step.

        Raises:
            TypeError: If `data` is no dict with text keys, a value is of a type that
                cannot be logged, or `step` is no whole number.
            UsageError: If the run is finished.
            StepOrderError: If a row is dropped, with the setting `strict`.

        Examples:
            >>> run.log({"train/loss": 0.5, "train/acc": 0.8})
            >>> run.log({"val/loss": 0.6}, step=10)
        """
        values, plain = encode(data)
        self._history.log(values, plain=plain, step=step, commit=commit)

    def define_metric(  # noqa: PLR0913, PLR0917 - the field's signature
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,  # noqa: FBT001 - the field's signature
        hidden: bool | None = None,  # noqa: FBT001 - the field's signature
        summary: str | Iterable[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,  # noqa: FBT001 - the field's signature
    ) -> Metric:
        r"""Say what a metric is: what stands below its chart, what the summary keeps.

        Definitions of the same name add up: what is on stays on, what the summary
        keeps is kept besides.

        Args:
            name: Of the metric; `val/*` means all that begin with `val/`, `*` all. Keys
                of nested dicts are joined by dots, a dot in a key is written `\.`.
            step_metric: The metric that stands below its chart instead of the step.
            step_sync: Whether rows without the step metric get its last value, 0 where
                it was never logged. By default they do if there is a step metric.
            hidden: Whether it is left out of automatic charts.
            summary: What `run.summary[name]` keeps, as a dict: one or more of `min`,
                `max`, `mean`, `last`, `first`, `best`, comma-separated. NaN is passed
                over by `min`, `max`, `mean` and `best`. `none` keeps nothing. Values
                logged before do not count.
            goal: What `best` means: `minimize` (the default) or `maximize`.
            overwrite: Whether this replaces what was said of the name before.

        Returns:
            The metric as it is defined now; it can be the `step_metric` of others.

        Raises:
            UsageError: If an argument cannot be taken, or the run is finished.

        Examples:
            >>> every = run.define_metric("val/*", step_metric="epoch")
            >>> loss = run.define_metric("val/loss", summary="min,last")
            >>> run.define_metric("val/acc", summary="best", goal="maximize").summary
            ('best',)
        """
        metric = checked_metric(name, step_metric, step_sync, hidden, summary, goal)
        with self._lock:
            self._expect_open()
            if self._history.metrics is None:
                self._history.metrics = Metrics(self._on_metric)
            return self._history.metrics.define(metric, overwrite=bool(overwrite))

    def write_logs(self, text: str) -> None:
        """Add lines to the run's console text, as if they had been printed.

        Args:
            text: One line or more; after the run has ended it is dropped.
        """
        now_us = self._clock.now_us()
        for line in str(text).splitlines() or [""]:
            self.emit(ConsoleText(now_us, Stream.STDOUT, line))

    def alert(
        self,
        title: str,
        text: str,
        level: str | AlertLevel | None = None,
        wait_duration: float | timedelta | None = None,
    ) -> None:
        """Say something that a person should look at: it is kept, and shown in the panel.

        Where the settings say so (`alert_webhook`, `alert_desktop`) it goes there, too, on
        a thread of its own. `Api().run(path).alerts` lists what was told.

        Args:
            title: Short, at most 64 characters; alerts of one title are one.
            text: What there is to say.
            level: `INFO` (the default), `WARN` or `ERROR`.
            wait_duration: The same title is not told again for so long: seconds or a
                timedelta, by default a minute. What comes meanwhile is counted.

        Raises:
            UsageError: If `title`, `text` or `level` cannot be taken, or the run is
                finished.
            TypeError: If `wait_duration` is no duration.

        Examples:
            >>> run.alert("loss is NaN", "at epoch 3, lr 0.1", level="ERROR")
        """
        self._expect_open()
        self._alerts.alert(title, text, level, wait_duration)

    def mark_preempting(self) -> None:
        """Say that the machine will be taken away: the run's state is `preempting` now.

        When the process is told to end it is `preempted` then, not `killed`.
        """
        self._expect_open()
        self._is_preempting = True
        self._keep(RunChanged(self._clock.now_us(), {"preempting": True}))

    def pin_config_keys(self, keys: Iterable[str] = ()) -> None:
        """Show these keys of the config first, in this order; the last call counts.

        Raises:
            UsageError: If `keys` are no texts, or the run is finished.

        Examples:
            >>> run.pin_config_keys(["lr", "batch"])
        """
        self._expect_open()
        is_listed = isinstance(keys, Iterable) and not isinstance(keys, str)
        listed = list(keys) if is_listed else [keys]
        if not all(isinstance(key, str) for key in listed):
            raise UsageError(f'pin_config_keys takes names, not {listed!r}. Type ["lr", "batch"].')
        self._keep(RunChanged(self._clock.now_us(), {"pinned": [*listed]}))

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: FBT001 - the field's signature
        """End the run and store all of it; a second time does nothing.

        Args:
            exit_code: 0 or None for `finished`, any other number for `failed`.
            quiet: Whether nothing is said about how it went; by default as in the settings.
        """
        self._keeper.close(self, Outcome.of_exit_code(exit_code), quiet=quiet)

    def flush(self) -> None:
        """Write what was logged so far to the disk; without this it takes 0.1 s."""
        self._keeper.flush()

    def __enter__(self) -> Self:
        """Begin a block with whose end the run ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        """End the run as the block went; an exception goes on."""
        self._keeper.close(self, Outcome.of_exception(error), error=error)
        return False

    def __reduce__(self) -> tuple[Callable[[str, str, str], "Run"], tuple[str, str, str]]:
        """Pickle who it is: in this process it is the same run again, in others they join it."""
        from nbtrack.runs.joining import revived

        return revived, (self.uid, str(self._root), self._settings.mode)

    def __repr__(self) -> str:
        """Say who it is and how it stands."""
        where = "shared" if self._settings.mode == "shared" else f"step {self.step}"
        return f"<nbtrack run {self.name!r} ({self.path}), {self.state}, {where}>"

    def _ipython_display_(self) -> None:
        if not self.display():
            print(repr(self))  # noqa: T201 - what a cell's last expression shows

    def __setattr__(self, name: str, value: object) -> None:
        """Set a property; a run has no room for other attributes."""
        if not hasattr(type(self), name):
            raise Error(
                f"Attribute {name} is not supported on Run object. Keep values in "
                f"run.config[{name!r}] or run.summary[{name!r}]."
            )
        object.__setattr__(self, name, value)

    # --- what its keeper calls ---------------------------------------------------------

    def emit(self, record: Record) -> None:
        """Hand a record to the store, unless the run has ended."""
        if self._outcome is None:
            label = self._settings.x_label
            self._track.offer(record if label is None else labelled(record, label))

    def note(self, cause: str, text: str) -> None:
        """Keep something that the panel shows as a warning, without saying it."""
        self._keep(Notice(self._clock.now_us(), "warning", cause, text))

    def _expect_open(self) -> None:
        if self._outcome is not None:
            raise UsageError(self._history.refusal)

    def _keep(self, record: Control) -> None:
        if self._outcome is None:
            self._track.emit(record)

    def turn_clock(self, *, running: bool) -> None:
        """Let active time stand still or go on."""
        watch = self._stopwatch
        if watch.resume() if running else watch.pause():
            self.emit(ClockTurned(self._clock.now_us(), watch.active_us(), running))

    def look_back(self) -> None:
        """Look for trouble in the last rows, too; what is found stops nothing any more."""
        if self._outcome is None:
            with self._lock:
                self._history.commit()
            self._track.drain(at_once=True)
            self._watchers.look(self.active_us / MICROSECONDS, at_end=True)

    def seal(self, outcome: Outcome, *, reason: str) -> None:
        """Take the last row and how the run ends, and no more; a second time nothing happens."""
        with self._lock:
            if self._outcome is not None:
                return
            if self._is_preempting and outcome == KILLED:
                outcome = PREEMPTED
            self._files.refresh(at_end=True)
            self._history.commit()
            now_us, active_us = self._clock.now_us(), self.active_us
            refusal = (
                f"run {self.name!r} ({self.id}) is {outcome.state}: nothing can be logged to it "
                "or changed any more. Type run = nbtrack.init(...) to begin another."
            )
            self._history.refusal = self._config.refusal = refusal
            self._track.offer(Closed(now_us, outcome.state, outcome.exit_code, active_us, reason))
            self._outcome = outcome

    def put_down(self) -> None:
        """Write the last lines of what it printed to its file."""
        self._output.close()

    def disown(self) -> None:
        """In a forked child: take records and drop them; the parent goes on with the run."""
        self._lock = RLock()
        self._history.abandon(self._lock)
        self._summary.abandon(self._lock)
        self._watchers.abandon()
        self._output.abandon()

    def who(self) -> Opened:
        """Return who the run is, with this process as its owner."""
        return self._opened

    @property
    def files(self) -> Files:
        """The copies that it keeps."""
        return self._files

    @property
    def track(self) -> Track:
        """The way to the store."""
        return self._track

    @property
    def active_us(self) -> int:
        """Active time so far, microseconds."""
        return self._stopwatch.active_us()

    def _rename(self, changes: Mapping[str, Json]) -> None:
        self._opened = renamed(self._opened, changes)

    def _change(self, field: str, value: Any) -> None:  # noqa: ANN401 - a field of Opened
        if self._outcome is not None:
            raise UsageError(f"run {self.name!r} ({self.id}) is {self.state}: {field} stays.")
        self._opened = dataclasses.replace(self._opened, **{field: value})
        stored: Json = list(value) if isinstance(value, tuple) else value
        self._keep(RunChanged(self._clock.now_us(), {field: stored}))

    def _on_config(self, values: Mapping[str, Json]) -> None:
        self._keep(ConfigChanged(self._clock.now_us(), values))

    def _on_metric(self, metric: Metric) -> None:
        self._keep(definition(metric, self._clock.now_us()))

    def _on_summary(self, values: Mapping[ValuePath, Json], removed: tuple[ValuePath, ...]) -> None:
        self._expect_open()
        self._keep(SummaryChanged(self._clock.now_us(), values, removed))

    def _on_alert(self, alert: Notice) -> None:
        self._keep(alert)
        self._keeper.deliver(self, alert)

    def _goal_of(self, path: ValuePath) -> str | None:
        metrics = self._history.metrics
        return None if metrics is None else metrics.goal_of(path)

    def _take_note(self, records: list[Record]) -> None:
        self._watchers.take(records)
        self._output.take(records)

    def _look_out(self) -> None:
        self._output.write()
        self._watchers.look(self.active_us / MICROSECONDS)

    def _on_finding(self, finding: Finding) -> None:
        follow(finding, self, self._keeper)

    def _on_trouble(self, cause: str, text: str) -> None:
        self._keeper.say(cause, text, run=self)

    def _on_unused_step(self, step: int) -> None:
        text = (
            f"run.log() got step {step} in run {self.name!r}, to which several processes log: "
            "step= is not used, every row gets the next step. To count on your own, log the number "
            'as a value and put it below: run.define_metric("*", step_metric="my_step").'
        )
        self._keeper.say("shared step", text, run=self)

    def _on_nameless(self, count: int) -> None:
        self._nameless += count
        text = (
            f"run {self.name!r} has {MOST_NAMES:,} metrics, and that is the most: values of new "
            "ones are not stored; run.status() counts them. Are numbers part of the names? Log "
            'them as values: run.log({"layer": 3, "grad": value}).'
        )
        self._keeper.say("metric names", text, run=self)

    def _on_drop(self, step: int, current: int) -> None:
        self._dropped += 1
        text = (
            f"run.log() got step {step} after step {current} in run {self.name!r}: the row is "
            "not stored. Steps must increase."
        )
        if self._settings.strict:
            raise StepOrderError(text)
        counted = f"{text} {self._dropped} so far; run.status() counts them."
        self._keeper.say("step order", counted, run=self)
