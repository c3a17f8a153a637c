"""Which part of a chart is looked at."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Axis: TypeAlias = Literal["step", "time", "metric"]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of what lies below a chart.

    Attributes:
        low: Its beginning: a step, seconds since the run's start, or a value of the
            metric; None for no end.
        high: Its end, included.
        axis: What lies below the chart.
        metric: Its name where that is a metric.
    """

    low: float | None = None
    high: float | None = None
    axis: Axis = "step"
    metric: str = ""
