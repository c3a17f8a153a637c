"""What a reader tells: the facts of a run, its series, its lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbtrack.metrics import Aggregate
from nbtrack.records import Json, MetricDefined, Notice, Opened, RunState, Stream
from nbtrack.store.shapes import RowStream

if TYPE_CHECKING:
    from nbtrack.store.entries import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run at one position of its journal.

    Attributes:
        opened: Who the run is, with later changes of its name, notes and tags.
        state: How it stands; `crashed` is concluded from evidence at the time of reading.
        reason: Why nbtrack ended it, "" when the user did or it has not ended.
        ended_us: When it ended; for a crashed run its last sign of life; else None.
        seen_us: Its last sign of life.
        active_us: Its active time until `seen_us`, microseconds.
        ticking: Whether active time goes on.
        idle_us: Since when it stands still while the run is open; else None.
        exit_code: As it ended; None before and when it crashed.
        step: Step of the last row, None before the first.
        rows: How many rows were logged.
        config: By key, nested.
        environment: What is known of the program and the machine, by the field's names.
        summary: Last values as users logged them or set them by hand, nested, with
            `_step`, `_timestamp` and `_runtime` (seconds) of the last row.
        notices: Trouble and advice, one per cause, oldest first.
        position: Offset in the journal up to which all this holds.
        line_count: Lines of console text so far.
        cell_count: Executions of cells so far.
        damaged: Bytes of the journal that could not be understood.
        spark_key: Name of the metric that stands for the run in a list, "" without one.
        spark: At most 40 of its values, evenly spaced, the last one included.
        pinned: Keys of the config that are shown first.
        metrics: What was defined of metrics, and of patterns of them.
        aggregates: What the values of those whose summary is defined come to, by name.
    """

    opened: Opened
    state: RunState
    reason: str
    ended_us: int | None
    seen_us: int
    active_us: int
    ticking: bool
    exit_code: int | None
    step: int | None
    rows: int
    config: Mapping[str, Json]
    summary: Mapping[str, Json]
    notices: tuple[Notice, ...]
    position: int
    line_count: int
    cell_count: int = 0
    environment: Mapping[str, Json] = field(default_factory=dict)
    damaged: int = 0
    idle_us: int | None = None
    spark_key: str = ""
    spark: tuple[float, ...] = field(default=())
    pinned: tuple[str, ...] = ()
    metrics: tuple[MetricDefined, ...] = ()
    aggregates: Mapping[str, Aggregate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric over time, whole or reduced.

    Attributes:
        key: Its name in history.
        stream: Whether the user or the machine was measured.
        steps: Shape `(n,)`, float64, ascending; NaN for system readings.
        times_us: Shape `(n,)`, int64, microseconds since the epoch.
        values: Shape `(n,)`, float64, may be NaN or infinite.
        count: How many points there are unreduced, in the range that was asked for.
        xs: Shape `(n,)`, float64, ascending: the values of the metric along which the
            series was asked for; None along steps and times.
    """

    key: str
    stream: RowStream
    steps: "FloatArray"
    times_us: "IntArray"
    values: "FloatArray"
    count: int
    xs: "FloatArray | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class RowBlock:
    """Consecutive rows with the same numeric keys.

    Attributes:
        stream: Whether the user or the machine was measured.
        keys: Names of the `k` columns; none for rows without numbers.
        steps: Shape `(n,)`, float64; NaN for system readings.
        times_us: Shape `(n,)`, int64, microseconds since the epoch.
        values: Shape `(n, k)`, float64.
    """

    stream: RowStream
    keys: tuple[str, ...]
    steps: "FloatArray"
    times_us: "IntArray"
    values: "FloatArray"


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line of console text.

    Attributes:
        number: Counts from 0 without gaps.
        time_us: When it was printed.
        stream: Where it was printed.
        text: Without its line end; ANSI sequences are kept.
        cell: Id of the cell's execution, or None.
        level: Of a logger's record, in lower case; "" where nobody said one.
        label: Name of the logger, or of the process among several; "" without one.
    """

    number: int
    time_us: int
    stream: Stream
    text: str
    cell: str | None = None
    level: str = ""
    label: str = ""
