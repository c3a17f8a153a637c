"""What the values of one metric come to: the same for the run and for its readers.

A live run takes one value after the other, a reader takes whole columns; both keep an
`Aggregate`, so that `run.summary` and what is read from the store agree.
"""

from dataclasses import dataclass
from math import inf, isnan

from nbtrack.records import Json, MetricDefined, Path

OPERATIONS = ("min", "max", "mean", "last", "first", "best", "none")
MAXIMIZE = "maximize"


def escaped_name(path: Path) -> str:
    r"""Return the name by which `define_metric` means a path.

    Examples:
        >>> escaped_name(("val", "loss"))
        'val.loss'
        >>> escaped_name("top.1")
        'top\\.1'
    """
    parts = (path,) if isinstance(path, str) else path
    return ".".join(part.replace("\\", "\\\\").replace(".", "\\.") for part in parts)


def path_of(name: str) -> Path:
    """Return the path that a name means, see `escaped_name`."""
    parts: list[str] = []
    part, escape = "", False
    for character in name:
        if escape or character not in "\\.":
            part, escape = part + character, False
        elif character == "\\":
            escape = True
        else:
            parts, part = [*parts, part], ""
    parts.append(part)
    return parts[0] if len(parts) == 1 else tuple(parts)


@dataclass(slots=True)
class Aggregate:
    """What numbers came to so far.

    Attributes:
        count: How many; NaN is not counted, and neither is it in `total`, `low`, `high`.
        total: Their sum.
        low: The least.
        high: The greatest.
        first: The first, which may be NaN.
        last: The last, which may be NaN.
        seen: Whether there was one, NaN or not.
        whole: Whether all of them were integers.
    """

    count: int = 0
    total: float = 0.0
    low: float = inf
    high: float = -inf
    first: float = 0.0
    last: float = 0.0
    seen: bool = False
    whole: bool = True

    def add(self, value: float) -> None:
        """Take one number."""
        whole = isinstance(value, int)
        number = float(value)
        counted = int(not isnan(number))
        self.join(
            Aggregate(
                count=counted,
                total=number if counted else 0.0,
                low=number if counted else inf,
                high=number if counted else -inf,
                first=number,
                last=number,
                seen=True,
                whole=whole,
            )
        )

    def join(self, later: "Aggregate") -> None:
        """Take what later numbers came to."""
        if not later.seen:
            return
        if not self.seen:
            self.first = later.first
        self.count += later.count
        self.total += later.total
        self.low = min(self.low, later.low)
        self.high = max(self.high, later.high)
        self.last = later.last
        self.whole = self.whole and later.whole
        self.seen = True

    def summary(self, defined: MetricDefined) -> dict[str, Json]:
        """Return what the summary keeps, by operation; nothing where there is nothing yet."""
        best = self.high if defined.goal == MAXIMIZE else self.low
        known = {"first": self.first, "last": self.last} if self.seen else {}
        if self.count:
            known |= {"min": self.low, "max": self.high, "best": best}
        kept: dict[str, Json] = {name: self._shown(value) for name, value in known.items()}
        if self.count:
            kept["mean"] = self.total / self.count
        return {name: kept[name] for name in defined.summary if name in kept}

    def _shown(self, value: float) -> Json:
        return int(value) if self.whole else value


def is_number(value: object) -> bool:
    """Tell whether a value counts: a bool, an int or a float."""
    return isinstance(value, bool | int | float)
