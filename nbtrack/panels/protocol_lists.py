"""What the server and the browser say to each other of many runs; see `protocol`."""

from typing import Any, Literal, NotRequired, TypedDict


class FacetValue(TypedDict):
    """A text that stands in a field, "" for none, and how many runs have it."""

    value: str
    runs: int


class Facet(TypedDict):
    """A field and the texts in it, the most frequent first; `left_out` were not sent."""

    field: Literal["state", "tags", "group", "job_type", "project", "notebook"]
    values: list[FacetValue]
    left_out: int


class KnownField(TypedDict):
    """A value that runs have, named as filters and orders name it: `config.lr`."""

    name: str
    kind: Literal["number", "text", "flag", "other"]
    runs: int


class RunRow(TypedDict):
    """One run in a list, with times as in `RunHead`.

    `idle` is since when an open run's active time stands still. `spark` are at most 40 values
    of metric `spark_key`. `values` are those of the columns that were asked for and that the
    run has, by their names; a text of more than 300 characters is cut.
    """

    uid: str
    id: str
    project: str
    name: str
    state: str
    started: float
    ended: float | None
    seen: float
    active: float
    ticking: bool
    step: int | None
    idle: float | None
    notebook: str | None
    workspace: str
    group: str
    job_type: str
    tags: list[str]
    spark_key: str
    spark: list[float | None]
    values: NotRequired[dict[str, Any]]


class RunList(TypedDict):
    """The newest runs, of `total` (the answer of a route)."""

    op: Literal["runs"]
    runs: list[RunRow]
    total: int


class RunGroup(TypedDict):
    """Runs that agree in what they are grouped by: how many there are, and how many open."""

    name: str
    count: int
    open: int


class RunPage(TypedDict):
    """Some of the runs that were asked for with `Browse`, for view `view`.

    `order` are the keys of all runs on the page: id of the workspace, `/`, uid. `runs` are
    those of them that are new or changed since the last page; when `full`, everything before
    it is forgotten. `offset` counts the runs before them, in groups that are not folded.
    `total` are all runs there are, `open` those that have not ended, `matching` those that
    meet the question. `groups` are in order; `left_out` more were not sent, nor their runs.
    `meaning` says how the search was understood: as nothing, a regular expression on names,
    plain text in names, or a filter.
    """

    op: Literal["page"]
    view: str
    full: bool
    offset: int
    order: list[str]
    runs: list[RunRow]
    total: int
    open: int
    matching: int
    groups: list[RunGroup]
    left_out: int
    meaning: Literal["all", "names", "text", "filter"]


class Statistic(TypedDict):
    """What the numbers of some runs in one column come to; `n` runs have a finite one.

    `std` is the standard deviation of a sample, None for one number alone; `low` and `high`
    are the least and the greatest.
    """

    column: str
    n: int
    mean: float
    std: float | None
    low: float
    high: float


class GroupStatistics(TypedDict):
    """Columns of one group in which at least one of its runs has a finite number."""

    name: str
    columns: list[Statistic]


class Outcome(TypedDict):
    """What became of one of many runs; `trouble` says why nothing was done, "" where it was.

    `bytes` are those that its files take on the disk, or took.
    """

    uid: str
    trouble: str
    bytes: int


class TrashedHead(TypedDict):
    """A run in the trash; `trashed`, when it was deleted, is seconds since the epoch."""

    uid: str
    name: str
    project: str
    trashed: float
    bytes: int


class Narrowing(TypedDict):
    """By field, of which texts it must hold one; "" stands for none.

    A notebook's path may be relative to the server's root. Where `kernel` stands beside
    `notebook`, runs of these kernels count as well: they know the name that their notebook had.
    """

    state: NotRequired[list[str]]
    tags: NotRequired[list[str]]
    group: NotRequired[list[str]]
    job_type: NotRequired[list[str]]
    project: NotRequired[list[str]]
    notebook: NotRequired[list[str]]
    kernel: NotRequired[list[str]]


class Browse(TypedDict):
    """Send a page of runs, and then what changes in it (server only).

    A further one of the same view takes its place; what it cannot mean is answered by a
    failure, and the former page goes on. `search` is what somebody typed: part of a name, a
    regular expression (RE2), or a filter such as `config.lr < 0.1 and state = failed`. `where`
    are further filters; a run must meet all of them, and `only`. `order` is a field with + or
    - before it, those of `then_by` decide among equals, `group_by` names fields that make
    groups, and `groups` says which comes first: the one with the newest run, by their names,
    the one with the most runs, or the one whose first run is `best`, first in the runs' own
    order. Runs of groups that are `folded` are passed over, or, where `unfolded` is given,
    those of all other groups. At most `limit` runs are sent, after the first `offset`, with the
    values of `columns`, which are names of fields: `config.lr`, `summary.loss`, `notes`, ….
    """

    op: Literal["browse"]
    id: str
    view: str
    search: NotRequired[str]
    where: NotRequired[list[str]]
    only: NotRequired[Narrowing]
    order: NotRequired[str]
    then_by: NotRequired[list[str]]
    group_by: NotRequired[list[str]]
    groups: NotRequired[Literal["newest", "name", "count", "best"]]
    folded: NotRequired[list[str]]
    unfolded: NotRequired[list[str]]
    offset: NotRequired[int]
    limit: NotRequired[int]
    columns: NotRequired[list[str]]


class Facets(TypedDict):
    """Send what there is to choose from: values of fields, names of values (server only)."""

    op: Literal["facets"]
    id: str


class Act(TypedDict):
    """Do something to each of `runs`; what cannot be done to one hinders no other (server only).

    `tag` gives them the tags `add` and takes the tags `remove`; `trash` moves those that have
    ended into the trash, `restore` brings them back, `purge` deletes them for good, in the
    trash or not; `stop` asks them to stop, and `finish` those in which nothing goes on to
    finish; `weigh` changes nothing and counts their bytes.
    """

    op: Literal["act"]
    id: str
    action: Literal["tag", "trash", "restore", "purge", "stop", "finish", "weigh"]
    runs: list[str]
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class Trash(TypedDict):
    """Send what is in the trash, the run that was deleted last first (server only)."""

    op: Literal["trash"]
    id: str
    offset: int
    limit: int


class Compare(TypedDict):
    """From now on, comparison `uid` is one of `runs` (server only).

    A view says it before its hello, and again when other runs are to be compared. The
    comparison is known to this line alone.
    """

    op: Literal["compare"]
    id: str
    uid: str
    runs: list[str]


class Pick(TypedDict):
    """Send the keys of runs that view `view` asked for, in its order (server only).

    At most `limit` of them, after the first `offset`. With `all`, those of groups that are
    folded, too.
    """

    op: Literal["pick"]
    id: str
    view: str
    offset: int
    limit: int
    all: bool


class Summarize(TypedDict):
    """Send what the numbers in `columns` come to in some groups of view `view` (server only)."""

    op: Literal["summarize"]
    id: str
    view: str
    groups: list[str]
    columns: list[str]
