"""What a chart of several runs draws: a line per run, a band per group, no more than it can.

Lines are those of the newest runs, a bounded number with a bounded number of points; bands
are reckoned from all runs and all points. Both keep exact extrema per column of the chart.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import Error
from nbtrack.query.comparing.grouping import Grouping
from nbtrack.query.comparing.intervals import BandKind, interval
from nbtrack.store import Crowd, CrowdReader, Part, RunFacts, Spread, bounds_of, kept_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.store import Pairs, Series

MOST_LINES = 50
POINTS = 12_000
"""Points of all lines of one chart: 190 KB on the wire."""

POINTS_PER_LINE = 2_000
"""Points of a line that is alone in its chart."""

_FEWEST = 24
_MOST_GROUPS = 24
_BUCKETS = 400


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to see.

    Attributes:
        keys: Metrics, one chart each.
        uids: Of the runs that count; None for all.
        x: `step`, `time` (seconds since each run's start) or the name of a metric.
        low: Leave out what stands before it along `x`; None for no end.
        high: Leave out what stands after it.
        group_by: Fields that make groups; none for no bands.
        band: What the bands are.
        lines: At most so many runs are drawn as lines.
        points: Of all lines of one chart, about, where one alone has the usual number.
        per_line: Points that one alone has; of many the share grows and shrinks with it.
    """

    keys: tuple[str, ...]
    uids: tuple[str, ...] | None = None
    x: str = "step"
    low: float | None = None
    high: float | None = None
    group_by: tuple[str, ...] = ()
    band: BandKind = "std"
    lines: int = MOST_LINES
    points: int = POINTS
    per_line: int = POINTS_PER_LINE

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest step; along time, microseconds."""
        unit = MICROSECONDS if self.x == "time" else 1
        low, high = (None if end is None else end * unit for end in (self.low, self.high))
        return bounds_of(low, high)

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value of the metric below."""
        low, high = self.low, self.high
        return -np.inf if low is None else low, np.inf if high is None else high


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The mean of a group and what lies around it.

    Attributes:
        steps: Shape `(n,)`, float64: steps of which each is reckoned from all its values;
            in a long history the others differ less from the mean than these.
        counts: Shape `(n,)`, float64: how many runs have a value there.
        means: Shape `(n,)`, float64.
        lows: Shape `(n,)`, float64; NaN where one value alone has no band.
        highs: Shape `(n,)`, float64.
    """

    steps: "NDArray[np.float64]"
    counts: "NDArray[np.float64]"
    means: "NDArray[np.float64]"
    lows: "NDArray[np.float64]"
    highs: "NDArray[np.float64]"


@dataclass(slots=True)
class Chart:
    """One metric of several runs.

    Attributes:
        key: The metric.
        lines: By run, in the order of the runs.
        bands: By number of the group.
        runs: How many of the runs have the metric.
        trouble: Why something is missing, "" when nothing is.
    """

    key: str
    lines: "Mapping[str, Series | Pairs]" = field(default_factory=dict)
    bands: dict[int, Band] = field(default_factory=dict)
    runs: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Charts, and the groups of the runs in them.

    Attributes:
        charts: One per key.
        groups: Names of the groups, in order; one without a name where there are none.
        group_of: Number of each run's group.
    """

    charts: list[Chart]
    groups: tuple[str, ...]
    group_of: Mapping[str, int]


def draw(
    reader: CrowdReader,
    runs: Sequence[RunFacts],
    question: Question,
    changed: Collection[str] | None = None,
) -> Drawing:
    """Return what is to be drawn.

    Args:
        reader: Of the workspace.
        runs: All that are compared, in the order in which they are drawn first.
        question: What somebody wants to see.
        changed: Only lines of these runs, and bands of groups that hold one of them.

    Raises:
        UsageError: If there is no such field to group by.
        StoreError: If the runs cannot be read.
    """
    asked = None if question.uids is None else set(question.uids)
    there = [facts for facts in runs if asked is None or facts.opened.uid in asked]
    grouping = Grouping.parse(question.group_by or None, there) if there else Grouping()
    groups = grouping.groups(there)
    group_of = {
        facts.opened.uid: number
        for number, members in enumerate(groups.values())
        for facts in members
    }
    order = [facts.opened.uid for facts in there]
    started = {facts.opened.uid: facts.opened.time_us for facts in there}
    some = None if changed is None else frozenset(changed)
    hand = _Hand(question, order, group_of, some, started)
    charts = reader.ask(order, hand.charts) if order else []
    return Drawing(charts, tuple(groups), group_of)


def points_per_line(lines: int, question: Question) -> int:
    """Return how many points each of some lines of a chart may have."""
    points = question.points * question.per_line // POINTS_PER_LINE
    return max(_FEWEST, min(question.per_line, points // max(lines, 1)))


@dataclass(frozen=True, slots=True)
class _Hand:
    """Draws the charts of a question while the database is open."""

    question: Question
    order: Sequence[str]
    group_of: Mapping[str, int]
    changed: frozenset[str] | None
    started: Mapping[str, int]

    def charts(self, crowd: Crowd) -> list[Chart]:
        having = crowd.names(self.question.keys)
        return [self._chart(crowd, key, having.get(key, set())) for key in self.question.keys]

    def _chart(self, crowd: Crowd, key: str, having: Collection[str]) -> Chart:
        there = [uid for uid in self.order if uid in having]
        chart = Chart(key, runs=len(there))
        lost = len(crowd.unreadable.intersection(self.order))
        if lost:
            chart.trouble = f"The newest points of {lost} runs cannot be read."
        for part in (self._lines, self._bands):
            try:
                part(crowd, chart, there)
            except Error as error:
                chart.trouble = str(error)
        return chart

    def _lines(self, crowd: Crowd, chart: Chart, there: Sequence[str]) -> None:
        drawn = there[: self.question.lines]
        most = points_per_line(len(drawn), self.question)
        if self.changed is not None:
            drawn = [uid for uid in drawn if uid in self.changed]
        x, bounds = self.question.x, self.question.bounds
        if x in ("step", "time"):
            part = Part(bounds, self.started if x == "time" else None)
            chart.lines = crowd.curves(chart.key, drawn, most, part)
        else:
            chart.lines = crowd.pairs(chart.key, x, drawn, most, self.question.ends)

    def _bands(self, crowd: Crowd, chart: Chart, there: Sequence[str]) -> None:
        if not self.question.group_by or self.question.x != "step":
            return
        groups = self._groups(there)
        if groups:
            chart.bands = bands(crowd, chart.key, groups, self.question)
        count = len({self.group_of[uid] for uid in there})
        if count > _MOST_GROUPS:
            chart.trouble = f"Bands are drawn of {_MOST_GROUPS} of {count} groups."

    def _groups(self, there: Sequence[str]) -> dict[str, int]:
        groups = {uid: self.group_of[uid] for uid in there}
        if self.changed is not None:
            touched = {groups[uid] for uid in self.changed if uid in groups}
            groups = {uid: group for uid, group in groups.items() if group in touched}
        return {uid: group for uid, group in groups.items() if group < _MOST_GROUPS}


def bands(crowd: Crowd, key: str, groups: Mapping[str, int], question: Question) -> dict[int, Band]:
    """Return the band of each group, with no more steps than a chart can show."""
    found: dict[int, list[Band]] = {}
    for part in crowd.spreads(key, groups, question.bounds):
        for group, spread in part.items():
            found.setdefault(group, []).append(band_of(spread, question.band))
    whole = {group: _joined(parts) for group, parts in found.items()}
    ends = [one.steps[[0, -1]] for one in whole.values()]
    low = min((float(end[0]) for end in ends), default=0.0)
    high = max((float(end[1]) for end in ends), default=0.0)
    thin = partial(_thinned, low=low, scale=_BUCKETS / (high - low + 1))
    return {group: thin(one) for group, one in whole.items()}


def band_of(spread: Spread, kind: BandKind) -> Band:
    """Return a band with all its steps."""
    lows, highs = interval(spread, kind)
    return Band(spread.steps, spread.counts.astype(np.float64), spread.means, lows, highs)


def _joined(parts: Sequence[Band]) -> Band:
    if len(parts) == 1:
        return parts[0]
    names = ("steps", "counts", "means", "lows", "highs")
    return Band(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _thinned(band: Band, low: float, scale: float) -> Band:
    """Return the steps at which an edge or the mean is an extremum of its column."""
    if len(band.steps) <= 2 * _BUCKETS:
        return band
    bucket = np.floor((band.steps - low) * scale).astype(np.int64)
    kept = np.unique(
        np.concatenate([kept_of(bucket, one) for one in (band.means, band.lows, band.highs)])
    )
    return Band(
        band.steps[kept], band.counts[kept], band.means[kept], band.lows[kept], band.highs[kept]
    )
