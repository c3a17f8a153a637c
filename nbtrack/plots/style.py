"""How a chart for print looks: sizes as journals ask for them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, TypeAlias, get_args

from nbtrack.errors import UsageError

Theme: TypeAlias = Literal["light", "dark"]
LegendPlace: TypeAlias = Literal["top", "right", "none"]

_BOUNDS: Final = {
    "width_mm": (20.0, 2_000.0),
    "height_mm": (15.0, 2_000.0),
    "font_size_pt": (2.0, 100.0),
    "line_width_pt": (0.1, 20.0),
    "dpi": (36.0, 2_400.0),
}
_CHOICES: Final = {"theme": get_args(Theme), "legend": get_args(LegendPlace)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartStyle:
    """How charts look that `save_chart` writes; one style does for all charts of a paper.

    Attributes:
        width_mm: Of the whole chart, millimetres. A column of a journal has about 85,
            a page 170.
        height_mm: Of the whole chart, millimetres.
        font: Font families, the first one that is installed counts.
        font_size_pt: Of all text, points.
        line_width_pt: Of the curves, points.
        theme: `light`, or `dark` for slides.
        background: A CSS colour, `none` for a chart that its page shines through; by
            default that of the theme.
        legend: Where it stands: `top`, `right` or `none`. A single curve needs none.
        grid: Whether there are horizontal rules.
        colours: Of the curves, CSS colours; by default those of the panel.
        dpi: Pixels per inch of a PNG.

    Examples:
        >>> column = nbtrack.ChartStyle(width_mm=85, height_mm=60, font="Times", font_size_pt=8)
        >>> run.log({"loss": 0.3})
        >>> run.save_chart("loss.svg", "loss", style=column).name
        'loss.svg'
    """

    width_mm: float = 160.0
    height_mm: float = 90.0
    font: str = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
    font_size_pt: float = 9.0
    line_width_pt: float = 1.2
    theme: Theme = "light"
    background: str = ""
    legend: LegendPlace = "top"
    grid: bool = True
    colours: Sequence[str] = ()
    dpi: float = 300.0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for one in fields(self):
            self._check(one.name, getattr(self, one.name))

    def _check(self, name: str, value: object) -> None:
        if name in _BOUNDS:
            low, high = _BOUNDS[name]
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not low <= float(value) <= high:  # type: ignore[arg-type]
                raise UsageError(f"{name} is a number from {low:g} to {high:g}, not {value!r}.")
        elif name in _CHOICES and value not in _CHOICES[name]:
            raise UsageError(f"{name} is {' or '.join(map(repr, _CHOICES[name]))}, not {value!r}.")
        elif name in ("font", "background") and not isinstance(value, str):
            raise UsageError(f"{name} is a text, not {value!r}.")
        elif name == "colours" and (
            isinstance(value, str) or not all(isinstance(one, str) for one in self.colours)
        ):
            raise UsageError(f"colours is a list like ['#1279ee', 'black'], not {value!r}.")


def checked_smoothing(given: object) -> float:
    """Return a share of the past that smoothing keeps.

    Raises:
        UsageError: If it is no number from 0 to below 1.
    """
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not math.isfinite(given) or not 0 <= given < 1:  # type: ignore[arg-type, operator]
        raise UsageError(f"smoothing is a number from 0 (none) to below 1, not {given!r}.")
    return float(given)  # type: ignore[arg-type]
