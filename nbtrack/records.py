"""What flows from the user's code to the journal: one frozen type per kind of fact.

Nothing here does anything. `run` and `capture` make records, `store` keeps them and
gives them back. Times are wall time in whole microseconds since the epoch (UTC).
Most are structs: a frozen dataclass takes 0.7 ms to be defined, in every kernel that
begins a run, and four times as long to be made. What is copied with changes is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias, Union

from msgspec import Struct, field

ALERT = "alert: "
"""How the cause of a notice begins that the user's code wrote; the alert's title follows."""

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]
"""What JSON can say; floats may be NaN or infinite, the store keeps them."""

Path: TypeAlias = str | tuple[str, ...]
"""Where a value stands in a row: a key as it was logged, or, for a value inside nested
dicts, the keys from the outside in. `"a.b"` is one key with a dot in it and
`("a", "b")` is a key inside a dict; in history both are called `a.b`."""


def name_of(path: Path) -> str:
    """Return the name under which history shows a path."""
    return path if isinstance(path, str) else ".".join(path)


class RunState(StrEnum):
    """How a run stands.

    `crashed` is never written by the run itself: readers conclude it from evidence.
    """

    PENDING = "pending"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CRASHED = "crashed"
    KILLED = "killed"
    PREEMPTING = "preempting"
    PREEMPTED = "preempted"

    @property
    def goes_on(self) -> bool:
        """Whether a process writes the run; one that is pending waits for one."""
        return self in (RunState.RUNNING, RunState.PREEMPTING)


class Stream(StrEnum):
    """Where a line of console text came from."""

    STDOUT = "stdout"
    STDERR = "stderr"
    NBTRACK = "nbtrack"


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that writes a run: what a reader needs to see whether it lives.

    Attributes:
        host: Name of the machine.
        boot_id: Identity of the machine's current boot; empty where there is none.
        pid: Process id.
        process_started_at: When the process started, seconds since the boot where that has
            an identity (Linux), else since the epoch.
        kernel_id: Id of the Jupyter kernel, or None outside of one.
    """

    host: str
    boot_id: str
    pid: int
    process_started_at: float
    kernel_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A run begins. The first record of every journal.

    Attributes:
        uid: Name of the run's folder, unique in the workspace, safe in a path.
        id: The run's id, as users give it; unique in its project by convention only.
        entity: Whose run it is, never empty.
        project: Name of the project.
        name: Display name.
        notes: Markdown, or None.
        tags: In the order given.
        group: Name of the group, or "".
        job_type: Type of job, or "".
        time_us: When the run began.
        owner: The process that writes it.
        notebook: Path of the notebook, or None.
        user: Login name of the person.
        branched_from: Path of the run whose history it began with, and up to which step:
            `entity/project/id?_step=n`; "" where it began with none.
    """

    uid: str
    id: str
    entity: str
    project: str
    name: str
    time_us: int
    owner: Owner
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str = ""
    job_type: str = ""
    notebook: str | None = None
    user: str = ""
    branched_from: str = ""


class Row(NamedTuple):
    """One committed row of history.

    Attributes:
        step: The user's counter, >= 0.
        time_us: When it was logged.
        values: By path. Numbers (bool, int, float) go to the metrics table, any other
            JSON value to the JSON table. May be empty: the row counts all the same.
    """

    step: int
    time_us: int
    values: Mapping[Path, Json]


class SystemSample(Struct, frozen=True):
    """One reading of the machine; names as in the field (`cpu`, `proc.memory.rssMB`)."""

    time_us: int
    values: Mapping[str, float]


class ConsoleText(Struct, frozen=True):
    """One line that a cell or the process printed, without its line end.

    Attributes:
        time_us: When it was printed.
        stream: Where it was printed.
        text: The line; ANSI sequences are kept.
        cell: Id of the cell's execution (Jupyter's message id), or None.
        level: Of a logger's record, in lower case (`warning`); "" where nobody said one.
        label: Name of the logger, or of the process among several; "" without one.
    """

    time_us: int
    stream: Stream
    text: str
    cell: str | None = None
    level: str = ""
    label: str = ""


class CellRun(Struct, frozen=True):
    """One execution of a notebook's cell while the run was open, or before it.

    Attributes:
        time_us: When it was noted.
        number: Counts the run's cells in their order, from 0.
        cell_id: Id of the cell in the notebook, or None.
        execution_count: The number in its brackets, or None.
        source: What was executed.
        started_us: When it began; 0 where that is not known.
        duration_us: How long it took, microseconds.
        status: How it ended, a word: `ok`, `error`, ….
        error: The exception, its type and what it said; "" when there was none.
    """

    time_us: int
    number: int
    cell_id: str | None
    execution_count: int | None
    source: str
    started_us: int
    duration_us: int
    status: str
    error: str = ""


class ConfigChanged(Struct, frozen=True):
    """Config keys were set; each value replaces the former one of its top-level key."""

    time_us: int
    values: Mapping[str, Json]


class EnvironmentNoted(Struct, frozen=True):
    """Facts of the program and the machine below a run, by the field's names.

    `os`, `python`, `program`, `args`, `git`, `cpu_count`, `gpu`, `memory`, …. Each value
    replaces the former one of its key.
    """

    time_us: int
    values: Mapping[str, Json]


class SummaryChanged(Struct, frozen=True):
    """Summary values were set or removed by hand (logged rows change it by themselves)."""

    time_us: int
    values: Mapping[Path, Json] = field(default_factory=dict)
    removed: tuple[Path, ...] = ()


class RunChanged(Struct, frozen=True):
    """Fields of `Opened` were set anew (name, notes, tags, group, job_type), or marks were.

    Marks are `preempting` (the machine will be taken away) and `pinned` (keys of the
    config that are shown first).
    """

    time_us: int
    fields: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class MetricDefined:
    """What a metric is, as `define_metric` says; replaces what was said of it before.

    Attributes:
        time_us: When.
        name: Of the metric: its path joined by dots, dots in keys escaped; a pattern
            (`val/*`) says nothing of a run until a metric of that name is logged.
        step_metric: Name of the metric below its chart, or None for the step.
        step_sync: Whether rows without the step metric get its last value.
        hidden: Whether it is left out of automatic charts.
        summary: What the summary keeps of it: `min`, `max`, `mean`, `last`, `first`,
            `best` or `none`; empty for the last value alone.
        goal: What `best` is: `minimize` or `maximize`; None where nothing was said.
    """

    time_us: int
    name: str
    step_metric: str | None = None
    step_sync: bool = False
    hidden: bool = False
    summary: tuple[str, ...] = ()
    goal: str | None = None


class ClockTurned(Struct, frozen=True):
    """The run's active time was paused or resumed (between cells time does not count).

    Attributes:
        time_us: When.
        active_us: Active time of the run until then, microseconds.
        running: Whether active time runs on from here.
    """

    time_us: int
    active_us: int
    running: bool


class Heartbeat(Struct, frozen=True):
    """A sign of life, every few seconds, with the active time until then."""

    time_us: int
    active_us: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Trouble or advice of nbtrack's own, or an alert of the user's, shown in the panel.

    Attributes:
        time_us: When it was noticed first.
        level: `info`, `warning` or `error`.
        cause: Stable name of the cause; the same cause is shown once. `alert: <title>` is
            an alert.
        text: What happened, why, what to do: plain text.
        count: How often so far.
    """

    time_us: int
    level: str
    cause: str
    text: str
    count: int = 1

    @property
    def title(self) -> str | None:
        """Title of an alert; None for what nbtrack itself has to say."""
        return self.cause.removeprefix(ALERT) if self.cause.startswith(ALERT) else None


class Closed(Struct, frozen=True):
    """A run ends. The last record of its journal.

    Attributes:
        time_us: When.
        state: How it ended.
        exit_code: 0 when all went well.
        active_us: Active time of the whole run, microseconds.
        reason: Why nbtrack ended it, in words; "" when the user did.
    """

    time_us: int
    state: RunState
    exit_code: int
    active_us: int
    reason: str = ""


class Gathered(NamedTuple):
    """Records that another process left in its part of a run, to be taken over together.

    Attributes:
        part: Name of the part.
        position: Offset in the part's journal behind which they stand.
        skipped: How many records behind that offset come before them.
        records: In order; rows have the steps that they have in the run.
    """

    part: str
    position: int
    skipped: int
    records: "tuple[Record, ...]"


Control: TypeAlias = (
    Opened
    | ConfigChanged
    | EnvironmentNoted
    | CellRun
    | SummaryChanged
    | RunChanged
    | MetricDefined
    | ClockTurned
    | Heartbeat
    | Notice
    | Closed
)
"""What is said seldom and kept as JSON."""

Record: TypeAlias = Row | SystemSample | ConsoleText | Control
