"""All that the records of a run come to: folded one after the other, in their order.

Ingest folds the journal in pieces and keeps the result in the database; a reader takes
it from there and folds the tail. It is the same fold, so both see the same run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.metrics import Aggregate, is_number, path_of
from nbtrack.records import (
    CellRun,
    ClockTurned,
    Closed,
    ConfigChanged,
    EnvironmentNoted,
    Heartbeat,
    Json,
    MetricDefined,
    Notice,
    Opened,
    Owner,
    RunChanged,
    RunState,
    SummaryChanged,
)
from nbtrack.store import liveness
from nbtrack.store.active import Segment
from nbtrack.store.entries import Entry, FloatArray, Lines, Rows, value_of
from nbtrack.store.facts import RunFacts
from nbtrack.store.naming import renamed, said
from nbtrack.store.shapes import Leaf, Number, leaf_of
from nbtrack.store.spark import Spark
from nbtrack.store.trees import copied, put, remove

TURNED_BACK_US = 60 * MICROSECONDS  # less than that does no harm
_STILL = Segment(0, 0, running=False)
MOST_NOTICES = 200  # causes can be titles that a loop makes up
_MARKS = frozenset({"preempting", "pinned"})
_NOBODY = Owner(host="", boot_id="", pid=0, process_started_at=0.0)


@dataclass(slots=True)
class Fold:
    """A run after the first `position` bytes of its journal.

    Attributes:
        uid: Of the run; the folder says it, whatever the journal says.
        position: Offset in the journal.
        opened: Who the run is; None before the first record.
        closed: How it ended; None while it has not.
        seen_us: Last sign of life.
        step: Of the last row.
        rows: How many.
        line_count: How many.
        cell_count: How many executions of cells.
        damaged: Bytes that could not be understood.
        config: By key.
        environment: By key.
        summary: Nested.
        notices: By cause.
        marks: By name, see `RunChanged`.
        metrics: Definitions by name, patterns included.
        aggregates: What the values of metrics whose summary is defined come to.
        segment: The present stretch of active time.
        turned: Stretches since the fold began, or was taken from the database.
        spark: For lists.
    """

    uid: str
    position: int = 0
    opened: Opened | None = None
    closed: Closed | None = None
    seen_us: int = 0
    step: int | None = None
    rows: int = 0
    line_count: int = 0
    cell_count: int = 0
    damaged: int = 0
    config: dict[str, Json] = field(default_factory=dict)
    environment: dict[str, Json] = field(default_factory=dict)
    summary: dict[str, Json] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    marks: dict[str, Json] = field(default_factory=dict)
    metrics: dict[str, MetricDefined] = field(default_factory=dict)
    aggregates: dict[Leaf, tuple[MetricDefined, Aggregate]] = field(default_factory=dict)
    segment: Segment = _STILL
    turned: list[Segment] = field(default_factory=list)
    spark: Spark = field(default_factory=Spark)

    @property
    def is_run(self) -> bool:
        """Whether there is anything to tell of; a journal is empty for an instant."""
        return self.opened is not None or self.seen_us > 0

    def copy(self) -> Self:
        """Return a fold that goes its own way from here."""
        return replace(
            self,
            config=dict(self.config),
            environment=dict(self.environment),
            summary=copied(self.summary),
            notices=dict(self.notices),
            marks=dict(self.marks),
            metrics=dict(self.metrics),
            aggregates={
                leaf: (defined, replace(aggregate))
                for leaf, (defined, aggregate) in self.aggregates.items()
            },
            turned=list(self.turned),
        )

    def add(self, entries: Iterable[Entry], position: int, damaged: int = 0) -> None:
        """Take what the journal says next.

        Args:
            entries: In order.
            position: Offset in the journal after them.
            damaged: Bytes among them that could not be understood.
        """
        for entry in entries:
            if isinstance(entry, Rows):
                self._add_rows(entry)
            elif isinstance(entry, Lines):
                self.line_count += len(entry.lines)
                self._see(max(line.time_us for line in entry.lines))
            else:
                self._see(entry.time_us)
                self._add_control(entry)
        self.position = position
        self.damaged += damaged

    def facts(self, *, locked: bool | None, now_us: int) -> RunFacts:
        """Return what is known of the run.

        Args:
            locked: Whether its journal is locked; None where locks cannot be asked.
            now_us: The time.
        """
        opened = self.opened or _unknown(self.uid, self.seen_us)
        closed = self.closed
        state = (
            liveness.state_of(opened.owner, self.seen_us, locked=locked, now_us=now_us)
            if closed is None
            else closed.state
        )
        if state is RunState.RUNNING and self.marks.get("preempting") is True:
            state = RunState.PREEMPTING
        over = closed is not None or state is RunState.CRASHED
        return RunFacts(
            opened=opened,
            state=state,
            reason=closed.reason if closed else "",
            ended_us=(closed.time_us if closed else self.seen_us) if over else None,
            seen_us=self.seen_us,
            active_us=self.segment.active_at(self.seen_us),
            ticking=not over and self.segment.running,
            idle_us=None if over or self.segment.running else self.segment.time_us,
            exit_code=closed.exit_code if closed else None,
            step=self.step,
            rows=self.rows,
            config=dict(self.config),
            summary=copied(self.summary),
            notices=(*self.notices.values(), *self._damage()),
            position=self.position,
            line_count=self.line_count,
            cell_count=self.cell_count,
            environment=dict(self.environment),
            damaged=self.damaged,
            spark_key=self.spark.name,
            spark=self.spark.shown(),
            pinned=_texts(self.marks.get("pinned")),
            metrics=tuple(self.metrics.values()),
            aggregates={
                defined.name: replace(aggregate) for defined, aggregate in self.aggregates.values()
            },
        )

    def _damage(self) -> list[Notice]:
        if not self.damaged:
            return []
        text = (
            f"{self.damaged} bytes of this run's journal are damaged: what stood there is lost, "
            "and nothing else. The file was changed, or its disk fails."
        )
        return [Notice(self.seen_us, "warning", "damaged journal", text)]

    def _see(self, time_us: int) -> None:
        self.seen_us = max(self.seen_us, time_us)

    def _add_control(self, record: Any) -> None:  # noqa: ANN401 - told apart below
        if isinstance(record, Heartbeat):
            self._beat(record)
        elif isinstance(record, ClockTurned):
            self._turn(Segment(record.time_us, record.active_us, record.running))
        elif isinstance(record, ConfigChanged):
            self.config.update(record.values)
        elif isinstance(record, EnvironmentNoted):
            self.environment.update(record.values)
        elif isinstance(record, CellRun):
            self.cell_count += 1
        elif isinstance(record, Notice):
            self._notice(record)
        else:
            self._change(record)

    def _change(self, record: Any) -> None:  # noqa: ANN401 - told apart below
        """Take what says anew who the run is, how it stands, or what its metrics are."""
        if isinstance(record, SummaryChanged):
            self._change_summary(record)
        elif isinstance(record, RunChanged):
            self._change_run(record)
        elif isinstance(record, MetricDefined):
            self._define(record)
        elif isinstance(record, Opened):
            self._open(record)
        elif isinstance(record, Closed):
            self.closed = record
            self._turn(Segment(record.time_us, record.active_us, running=False))

    def _beat(self, record: Heartbeat) -> None:
        if self.seen_us - record.time_us > TURNED_BACK_US:  # the wall clock was
            self.seen_us = record.time_us
        self._turn(self.segment.beaten(record.time_us, record.active_us))

    def _notice(self, record: Notice) -> None:
        first = self.notices.get(record.cause, record)
        time_us = first.time_us or self.seen_us  # what a reader found has no time
        self.notices[record.cause] = replace(record, time_us=time_us)
        if len(self.notices) > MOST_NOTICES:
            oldest = next(iter(self.notices))
            alerts = (cause for cause, one in self.notices.items() if one.title is not None)
            del self.notices[next(alerts, oldest)]  # what nbtrack says is not pushed out by them

    def _open(self, record: Opened) -> None:
        """Begin, or go on under another process; a second copy of the first changes nothing."""
        self.closed = None
        self.marks.pop("preempting", None)
        if self.opened is not None:
            self.opened = replace(self.opened, owner=record.owner)
            return
        self.opened = said(replace(record, uid=self.uid))
        if not record.branched_from:  # else the clock of the other run follows
            self._turn(Segment(record.time_us, 0, running=True))

    def _turn(self, segment: Segment | None) -> None:
        if segment is not None:
            self.segment = segment
            self.turned.append(segment)

    def _change_run(self, record: RunChanged) -> None:
        if self.opened is None:
            return
        self.opened = renamed(self.opened, record.fields)
        self.marks.update({name: record.fields[name] for name in _MARKS & record.fields.keys()})

    def _define(self, record: MetricDefined) -> None:
        self.metrics[record.name] = record
        if record.name.endswith("*"):  # its metrics follow under their own names
            return
        leaf = leaf_of(path_of(record.name))
        if record.summary:
            known = self.aggregates.get(leaf)
            self.aggregates[leaf] = (record, known[1] if known else Aggregate())
        else:
            self.aggregates.pop(leaf, None)

    def _change_summary(self, record: SummaryChanged) -> None:
        for path in record.removed:
            remove(self.summary, leaf_of(path))
        for path, value in record.values.items():
            put(self.summary, leaf_of(path), value)

    def _add_rows(self, rows: Rows) -> None:
        last_us = int(rows.times_us[-1])
        self._see(last_us)
        if rows.shape.stream == "system":
            return
        self.step = int(rows.steps[-1])
        self.rows += len(rows.steps)
        self._summarise(rows, last_us)
        columns = rows.columns
        names = tuple(rows.shape.names[column] for column in columns)
        self.spark = self.spark.chosen(names)
        if self.spark.name in names:
            column = columns[names.index(self.spark.name)]
            self.spark = self.spark.fed(rows.values[:, column])

    def _summarise(self, rows: Rows, last_us: int) -> None:
        """Take the values of the last row; None says nothing and changes nothing."""
        summary = self.summary
        summary["_timestamp"] = last_us / MICROSECONDS
        summary["_runtime"] = self.segment.active_at(last_us) / MICROSECONDS
        aggregated = self._aggregate(rows) if self.aggregates else frozenset[Leaf]()
        for leaf, kind, number in zip(
            rows.shape.leaves, rows.kinds, rows.values[-1].tolist(), strict=True
        ):
            if kind != Number.NONE and leaf not in aggregated:
                put(summary, leaf, value_of(number, kind))
        if rows.others:
            for path, value in rows.others[-1][1].items():
                if leaf_of(path) not in aggregated:
                    put(summary, leaf_of(path), value)
        summary["_step"] = self.step

    def _aggregate(self, rows: Rows) -> frozenset[Leaf]:
        """Take the numbers of metrics whose summary is defined; return where they stand."""
        found: set[Leaf] = set()
        for column, (leaf, kind) in enumerate(zip(rows.shape.leaves, rows.kinds, strict=True)):
            if kind != Number.NONE and leaf in self.aggregates:
                self.aggregates[leaf][1].join(_aggregate_of(rows.values[:, column], kind))
                found.add(leaf)
        for _, values in rows.others:
            for path, value in values.items():
                if is_number(value) and (leaf := leaf_of(path)) in self.aggregates:
                    self.aggregates[leaf][1].add(value)  # type: ignore[arg-type]
                    found.add(leaf)
        for leaf in found:
            defined, aggregate = self.aggregates[leaf]
            for operation, value in aggregate.summary(defined).items():
                put(self.summary, (*leaf, operation), value)
        return frozenset(found)


def _aggregate_of(column: FloatArray, kind: int) -> Aggregate:
    counted = column[~np.isnan(column)]
    return Aggregate(
        count=len(counted),
        total=float(counted.sum()),
        low=float(counted.min(initial=np.inf)),
        high=float(counted.max(initial=-np.inf)),
        first=float(column[0]),
        last=float(column[-1]),
        seen=True,
        whole=kind != Number.FLOAT,
    )


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _unknown(uid: str, time_us: int) -> Opened:
    """Stand in for the beginning of a journal that is damaged there."""
    return Opened(
        uid=uid,
        id=uid.rpartition("-")[2],
        entity="unknown",
        project="unknown",
        name=uid,
        time_us=time_us,
        owner=_NOBODY,
    )
