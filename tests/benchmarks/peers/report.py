"""What becomes of the readings: medians, ratios and tables. Only arithmetic and text.

A reading is what one round of one tracker gave. A table shows for each tracker the median
over the rounds, and how many times nbtrack's median that is.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OURS = "nbtrack"


@dataclass(frozen=True, slots=True)
class Table:
    """One question.

    Attributes:
        question: Its number, by which it is asked for.
        title: What is measured.
        unit: Of the values.
        is_more_better: Whether the larger value wins.
        has_tail: Whether readings have a p99 beside their p50.
    """

    question: int
    title: str
    unit: str
    is_more_better: bool = False
    has_tail: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What one round gave.

    Attributes:
        table: The question.
        tracker: Whose reading it is.
        value: In the table's unit; NaN where nothing could be measured.
        tail: The p99 in the same unit, or None.
        note: What has to be said with it.
    """

    table: Table
    tracker: str
    value: float
    tail: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One tracker in a table.

    Attributes:
        tracker: Its name.
        median: Median over the rounds.
        tail: Median of the p99s, or None.
        low: Lowest value of a round.
        high: Highest value of a round.
        ratio: `median` by nbtrack's median; NaN where there is none.
        note: The notes of the rounds.
    """

    tracker: str
    median: float
    tail: float | None
    low: float
    high: float
    ratio: float
    note: str


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie; of none it is NaN.

    Args:
        ordered: Shortest first.
        share: 0..1.
    """
    if not ordered:
        return math.nan
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def lines(readings: Iterable[Reading]) -> list[Line]:
    """Sum up the readings of one table, the trackers in the order in which they came."""
    by_tracker: dict[str, list[Reading]] = {}
    for reading in readings:
        by_tracker.setdefault(reading.tracker, []).append(reading)
    ours = middle(reading.value for reading in by_tracker.get(OURS, []))
    return [line(tracker, found, ours) for tracker, found in by_tracker.items()]


def line(tracker: str, readings: Sequence[Reading], ours: float) -> Line:
    """Sum up the readings of one tracker."""
    values = [reading.value for reading in readings if not math.isnan(reading.value)]
    tails = [reading.tail for reading in readings if reading.tail is not None]
    median = middle(values)
    return Line(
        tracker,
        median,
        middle(tails) if tails else None,
        min(values, default=math.nan),
        max(values, default=math.nan),
        median / ours if ours else math.nan,
        "; ".join(dict.fromkeys(reading.note for reading in readings if reading.note)),
    )


def middle(values: Iterable[float]) -> float:
    """Return the median of what could be measured; of none it is NaN."""
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def ahead(table: Table, found: Iterable[Line]) -> list[str]:
    """Return which trackers do better than nbtrack, the best first."""
    ours = next((line.median for line in found if line.tracker == OURS), math.nan)
    sign = -1 if table.is_more_better else 1
    better = [line for line in found if sign * line.median < sign * ours]
    return [line.tracker for line in sorted(better, key=lambda line: sign * line.median)]


def render(table: Table, found: Sequence[Line]) -> list[str]:
    """Return the table as lines of text."""
    wins = "more is better" if table.is_more_better else "less is better"
    head = ("", "median", "p99" if table.has_tail else "", "range of rounds", "x nbtrack", "")
    body = [cells(line) for line in found]
    return [
        f"{table.question}. {table.title}  [{table.unit}; {wins}]",
        *(
            f"  {name:<14}{median:>12}{tail:>12}{spread:>22}{ratio:>11}  {note}".rstrip()
            for name, median, tail, spread, ratio, note in (head, *body)
        ),
    ]


def cells(line: Line) -> tuple[str, str, str, str, str, str]:
    """Return a line's cells."""
    if math.isnan(line.median):
        return line.tracker, "-", "", "", "", line.note
    spread = f"{figure(line.low)} .. {figure(line.high)}"
    tail = "" if line.tail is None else figure(line.tail)
    ratio = "-" if math.isnan(line.ratio) else f"{figure(line.ratio)} x"
    return line.tracker, figure(line.median), tail, spread, ratio, line.note


def figure(value: float) -> str:
    """Return a number with three digits that count."""
    if math.isnan(value):
        return "-"
    size = abs(value)
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    return f"{value:,.{digits if size >= 0.1 or not value else 4}f}"
