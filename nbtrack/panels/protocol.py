"""What a panel and its data source say to each other, written once.

The same messages travel over a Jupyter comm, over the server's WebSocket, and, as one
`Snapshot`, inside a saved notebook. A message is a JSON head and at most one binary
buffer. The browser's types are generated from this file (`js/generate_protocol.py`).

Buffers hold little-endian floats, 8 bytes each unless `precision` says 4. A series
occupies three runs of numbers, one after the other: `points` steps, `points` times
(seconds since the run's start), `points` values. In the reply to a window along a metric
a fourth one follows: the `points` values of that metric, ascending. A block of appended
rows occupies `rows` steps, `rows` times, then `rows` values for each of its keys in
order. System readings have no step: NaN stands there. A value that is NaN or infinite is
sent as it is.

What is said of many runs at once stands in `protocol_lists`.

The browser sends typed intents, never queries. Every intent carries an `id` and is
answered once under it, by `Reply` or by `Failure`.
"""

from typing import Any, Literal, NotRequired, TypedDict

from nbtrack.panels.protocol_lists import (
    Act,
    Browse,
    Compare,
    Facet,
    Facets,
    GroupStatistics,
    KnownField,
    Outcome,
    Pick,
    RunPage,
    Summarize,
    Trash,
    TrashedHead,
)

PROTOCOL_VERSION = 1
MIME_TYPE = "application/vnd.nbtrack.run.v1+json"
COMPARE_MIME_TYPE = "application/vnd.nbtrack.compare.v1+json"


class NoticeHead(TypedDict):
    """Trouble or advice of nbtrack's own, or an alert of the user's.

    `time` is seconds since the epoch. `title` is that of an alert, "" for a notice. Heads
    in notebooks of older versions have no `kind` and no `title`.
    """

    level: Literal["info", "warning", "error"]
    cause: str
    text: str
    count: int
    time: float
    kind: NotRequired[Literal["notice", "alert"]]
    title: NotRequired[str]


class MetricHead(TypedDict):
    """What was defined of one metric.

    `key` is that of its series, and `step_metric` that of the series below its chart,
    None for the step. `summary` is what the summary keeps of it, `goal` what its best is.
    """

    key: str
    step_metric: str | None
    hidden: bool
    summary: list[str]
    goal: Literal["minimize", "maximize"] | None


class RunHead(TypedDict):
    """What a header, a table row or an overview shows of one run.

    `started`, `ended` and `seen` (last sign of life) are seconds since the epoch,
    `active` is seconds of active time until `seen`; while `ticking`, active time goes
    on. `step` is the last step, None before the first row. `environment` is what is known
    of the program and the machine, by the field's names (`os`, `python`, `gpu`, …). It,
    `config` and `summary` are nested JSON in which a number that is not finite is the text
    `NaN`, `Infinity` or `-Infinity`, and a whole number beyond 2**53 the text of its
    digits. `pinned` are the keys of the config that stand first. Saved notebooks may lack
    `environment`, `pinned` and `metrics`.
    """

    uid: str
    id: str
    entity: str
    project: str
    name: str
    notes: str | None
    tags: list[str]
    group: str
    job_type: str
    state: Literal[
        "pending",
        "running",
        "finished",
        "failed",
        "crashed",
        "killed",
        "preempting",
        "preempted",
    ]
    reason: str
    started: float
    ended: float | None
    seen: float
    active: float
    ticking: bool
    step: int | None
    rows: int
    notebook: str | None
    host: str
    user: str
    config: dict[str, Any]
    summary: dict[str, Any]
    environment: NotRequired[dict[str, Any]]
    pinned: NotRequired[list[str]]
    notices: list[NoticeHead]
    metrics: NotRequired[list[MetricHead]]


class SeriesHead(TypedDict):
    """One series of the buffer.

    `points` stand in the buffer, `count` were logged. When `points < count` the series
    is reduced: each bucket of neighbouring points keeps its exact minimum and maximum.
    `estimated` says of a window along a metric, of which only some points were kept, that
    some places along it lie between two of them.
    """

    key: str
    stream: Literal["metric", "system"]
    points: int
    count: int
    estimated: NotRequired[bool]


class BlockHead(TypedDict):
    """Rows appended since the last message, all with the same keys."""

    stream: Literal["metric", "system"]
    keys: list[str]
    rows: int


class Line(TypedDict):
    """One line of console text; `number` counts from 0 without gaps.

    `time` is seconds since the epoch. A very long line is cut, and its text says so.
    `level` (`warning`, …) and `label`, the name of a logger, stand where there is one.
    """

    number: int
    time: float
    stream: Literal["stdout", "stderr", "nbtrack"]
    text: str
    level: NotRequired[str]
    label: NotRequired[str]


class Snapshot(TypedDict):
    """A run as it stands; everything before it is forgotten.

    `sequence` is the number of the last append that it includes. `lines` are the last
    lines of the console, of `line_count` in all.
    """

    op: Literal["snapshot"]
    version: int
    sequence: int
    precision: Literal[4, 8]
    run: RunHead
    series: list[SeriesHead]
    lines: list[Line]
    line_count: int


class Append(TypedDict):
    """What came since message `sequence - 1` of the same run."""

    op: Literal["append"]
    uid: str
    sequence: int
    run: RunHead | None
    blocks: list[BlockHead]
    lines: list[Line]


class FileHead(TypedDict):
    """One file of a run: its path below the run's files, its bytes, when it changed.

    `time` is seconds since the epoch.
    """

    name: str
    size: int
    time: float


class CellHead(TypedDict):
    """One execution of a notebook's cell, in the order in which they were run.

    `cell` is the cell's id in the notebook and `count` the number in its brackets, None
    where there is none. `started` is seconds since the epoch, None where that is not
    known, and `duration` seconds. A very long source is cut, and its text says so.
    """

    number: int
    cell: str | None
    count: int | None
    source: str
    started: float | None
    duration: float
    status: str
    error: str


class ComparedRun(TypedDict):
    """One run beside others, with times as in `RunHead`.

    `config` and `summary` are flat: names of nested keys are joined by dots, values are
    numbers, texts, flags, null, or lists; of many only some are sent, those first in which
    the runs differ.
    """

    uid: str
    id: str
    name: str
    project: str
    state: str
    started: float
    ended: float | None
    active: float
    step: int | None
    group: str
    job_type: str
    tags: list[str]
    config: dict[str, Any]
    summary: dict[str, Any]


class ComparedKey(TypedDict):
    """One metric: how many runs have it, and what `define_metric` says of it."""

    key: str
    runs: int
    goal: Literal["", "minimize", "maximize"]
    hidden: bool


class LeftOut(TypedDict):
    """How many there are beyond what was sent: metrics, and names of values of the runs."""

    keys: int
    config: int
    summary: int


class LineHead(TypedDict):
    """One run's line in the buffer: `points` of its x, then as many values."""

    uid: str
    group: int
    points: int
    count: int


class BandHead(TypedDict):
    """One group's band in the buffer, of all its runs and all their points.

    It occupies five runs of `points` numbers: steps, how many runs have a value there,
    means, lower and upper edges; the edges are NaN where one value alone has none.
    """

    group: int
    points: int


class ChartHead(TypedDict):
    """One metric of several runs: `runs` have it, `lines` are drawn of the first of them."""

    key: str
    runs: int
    lines: list[LineHead]
    bands: list[BandHead]
    trouble: str


class Drawn(TypedDict):
    """Charts that were drawn without being asked for, of the first metrics and runs.

    Their numbers have `precision` bytes each; `groups` are the names of the groups of runs.
    """

    charts: list[ChartHead]
    groups: list[str]
    precision: int


class Comparison(TypedDict):
    """Runs beside each other; when `full`, everything before it is forgotten.

    `runs` are those that are new or changed, `order` are the uids of all that were ever
    sent and are still there, in the order in which they are drawn first. `total` are
    compared, which may be more than were sent. `keys` are their metrics, `shown` those
    that somebody wanted to see, none for all; `x`, `group_by` and `band` are what a
    `Draw` says, as it is at first. `left_out` is there where something is. With what a
    widget keeps some charts are `drawn` already, which stand in the buffer.
    """

    op: Literal["comparison"]
    version: int
    uid: str
    sequence: int
    full: bool
    runs: list[ComparedRun]
    order: list[str]
    total: int
    keys: list[ComparedKey]
    shown: list[str]
    x: str
    group_by: list[str]
    band: str
    left_out: NotRequired[LeftOut]
    drawn: NotRequired[Drawn]


class Reply(TypedDict):
    """The answer to intent `id`.

    A window's series stand in the buffer, and so do the bytes of a file, and the numbers
    of the lines that were found. `total` is how many of these there are in all, which may
    be more than were sent: lines found, bytes of the file, files, cells, fields. `run` is the run
    after it was changed. `charts` are what was to be drawn: per chart its lines, then its
    bands stand in the buffer; `groups` are the names of the groups of runs. `outcomes` are
    there for each run that something was to be done to. `trashed` are runs in the trash, of
    `total`, whose files take `bytes` in all. `picked` are keys of runs, as a page says them.
    `current` tells a view that it has everything.
    """

    op: Literal["reply"]
    id: str
    uid: NotRequired[str]
    series: NotRequired[list[SeriesHead]]
    run: NotRequired[RunHead]
    lines: NotRequired[list[Line]]
    files: NotRequired[list[FileHead]]
    cells: NotRequired[list[CellHead]]
    facets: NotRequired[list[Facet]]
    fields: NotRequired[list[KnownField]]
    total: NotRequired[int]
    charts: NotRequired[list[ChartHead]]
    groups: NotRequired[list[str]]
    outcomes: NotRequired[list[Outcome]]
    trashed: NotRequired[list[TrashedHead]]
    bytes: NotRequired[int]
    picked: NotRequired[list[str]]
    statistics: NotRequired[list[GroupStatistics]]
    current: NotRequired[bool]


class Failure(TypedDict):
    """Intent `id` could not be met: what happened and what to do, plain text."""

    op: Literal["error"]
    id: str
    kind: str
    message: str


class Hello(TypedDict):
    """A view opens: send a snapshot of run `uid` and then what comes.

    It has at most `points` of each series; without it, as many as the sender thinks right.
    `known` is the sequence of the newest message about runs beside each other that the view
    has: where nothing came since, it is told so and is sent nothing else.
    """

    op: Literal["hello"]
    id: str
    view: str
    uid: str
    points: NotRequired[int]
    known: NotRequired[int]


class Lease(TypedDict):
    """The view is still looked at; without one for 30 s nothing more is sent to it."""

    op: Literal["lease"]
    id: str
    view: str
    uid: str


class Bye(TypedDict):
    """The view closes."""

    op: Literal["bye"]
    id: str
    view: str
    uid: str


class Stop(TypedDict):
    """End the run: interrupt its cell, leave the kernel alive, state killed."""

    op: Literal["stop"]
    id: str
    uid: str


class Finish(TypedDict):
    """End the run as finished, in which nothing goes on; its kernel stays alive."""

    op: Literal["finish"]
    id: str
    uid: str


class Window(TypedDict):
    """Send exact extrema of metrics `keys` from `low` to `high`, two per bucket.

    Both ends are included; None is no end. They are steps; along `time` they are seconds
    since the run's start, along a `metric` values of the one whose key is `metric`.
    """

    op: Literal["window"]
    id: str
    uid: str
    keys: list[str]
    low: float | None
    high: float | None
    points: int
    axis: NotRequired[Literal["step", "time", "metric"]]
    metric: NotRequired[str]


class Edit(TypedDict):
    """Give run `uid` another name, other notes or other tags; also one that has ended."""

    op: Literal["edit"]
    id: str
    uid: str
    name: NotRequired[str]
    notes: NotRequired[str]
    tags: NotRequired[list[str]]


class Lines(TypedDict):
    """Send console lines by number: of each span its first line and how many."""

    op: Literal["lines"]
    id: str
    uid: str
    spans: list[list[int]]


class Find(TypedDict):
    """Send the numbers of the console lines in which `search` is found.

    `search` is a regular expression, in which upper and lower case are the same; every
    line holds an empty one. Only lines of these `streams` are looked at, of all of them
    when there are none, and only such as look like a warning or an error, when `level`
    says so. Lines before number `first` are passed over.
    """

    op: Literal["find"]
    id: str
    uid: str
    search: str
    streams: list[Literal["stdout", "stderr", "nbtrack"]]
    level: Literal["all", "warning", "error"]
    first: int


class Files(TypedDict):
    """Send the list of the run's files."""

    op: Literal["files"]
    id: str
    uid: str


class File(TypedDict):
    """Send at most `length` bytes of the run's file `name`, from byte `offset` on."""

    op: Literal["file"]
    id: str
    uid: str
    name: str
    offset: int
    length: int


class Cells(TypedDict):
    """Send what was executed while the run was open, from execution `first` on."""

    op: Literal["cells"]
    id: str
    uid: str
    first: int


class Draw(TypedDict):
    """Send lines of the first 50 of `runs` and bands of all of them, a chart per key.

    `runs` are uids, null for all; lines and bands that none of `changed` is part of are
    left out, where that is given. `x` is `step`, `time` (seconds since each run's start) or
    the name of a metric; what stands before `low` or after `high` along it is left out.
    `group_by` names the fields that make groups: `group`, `tags`, `config.lr`, …; without
    any, and over anything but steps, there are no bands. A line alone has at most `points`,
    many share six times as many; without it, as many as the sender thinks right.
    """

    op: Literal["draw"]
    id: str
    uid: str
    keys: list[str]
    runs: list[str] | None
    changed: list[str] | None
    x: str
    low: float | None
    high: float | None
    group_by: list[str]
    band: Literal["std", "stderr", "minmax", "t95"]
    points: NotRequired[int]


Message = Snapshot | Append | Reply | Failure | RunPage | Comparison
Intent = (
    Hello
    | Lease
    | Bye
    | Stop
    | Finish
    | Window
    | Edit
    | Lines
    | Find
    | Files
    | File
    | Cells
    | Draw
    | Act
    | Trash
    | Compare
    | Pick
    | Summarize
    | Browse
    | Facets
)
