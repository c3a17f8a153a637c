"""Round numbers for axes, and numbers as short text."""

import math
import sys

_STEPS = (1.0, 2.0, 2.5, 5.0)
_LARGEST = sys.float_info.max


def room(low: float, high: float) -> tuple[float, float]:
    """Return a range with a little room below and above; one without extent gets some.

    Examples:
        >>> room(0.0, 100.0)
        (-4.0, 104.0)
    """
    low, high = _with_extent(float(low), float(high))
    margin = (high / 2 - low / 2) * 0.08
    return max(low - margin, -_LARGEST), min(high + margin, _LARGEST)


def ticks_inside(low: float, high: float, most: int) -> list[float]:
    """Return round numbers inside a range, ascending; `most` at most, rarely none.

    Examples:
        >>> ticks_inside(0.03, 2.31, most=3)
        [1.0, 2.0]
        >>> ticks_inside(-0.1, 1.1, most=3)
        [0.0, 0.5, 1.0]
    """
    rough = (high / 2 - low / 2) / (most + 1) * 2
    for step in _round_steps(rough):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            return [_multiple(index, step) for index in range(first, last + 1)]
    return []


def number_text(value: float | None, digits: int = 4) -> str:
    """Return a number as people read it, with at most so many significant digits.

    Whole numbers below 10**15 keep all theirs.

    Examples:
        >>> number_text(0.000012345), number_text(1234567), number_text(0.98765)
        ('1.234e-05', '1234567', '0.9877')
    """
    if value is None:
        return "–"  # noqa: RUF001 - nothing, as tables show it
    if isinstance(value, int) or (math.isfinite(value) and value.is_integer()):
        return str(int(value)) if abs(value) < 1e15 else f"{float(value):.{digits}g}"  # noqa: PLR2004
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    return f"{value:.{digits}g}"


def tick_texts(values: list[float]) -> list[str]:
    """Return the texts of ticks, with as many digits as it takes to tell them apart."""
    for digits in range(3, 12):
        texts = [_plain_tick(value, digits) for value in values]
        if len(set(texts)) == len(texts):
            break
    return texts


def _plain_tick(value: float, digits: int) -> str:
    if value != 0 and not 1e-4 <= abs(value) < 1e6:  # noqa: PLR2004
        return f"{value:.{digits}g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return f"{value:.{max(digits, 6)}g}"


def _with_extent(low: float, high: float) -> tuple[float, float]:
    if high / 2 - low / 2 > max(abs(low), abs(high)) * 1e-12:
        return low, high
    margin = abs(low) * 0.05 or 1.0
    if low.is_integer() and abs(low) < 100:  # noqa: PLR2004
        margin = 1.0
    return max(low - margin, -_LARGEST), min(high + margin, _LARGEST)


def _round_steps(rough: float) -> list[float]:
    """Return candidates for a step from `rough` upward, roundest forms only."""
    if not math.isfinite(rough) or rough <= 0:
        return []
    power = math.floor(math.log10(rough))
    found = [step * _power(power + more) for more in (-1, 0, 1, 2) for step in _STEPS]
    return [step for step in found if step >= rough * (1 - 1e-9) and math.isfinite(step)]


def _power(exponent: int) -> float:
    return 10.0**exponent if -300 < exponent < 300 else math.inf  # noqa: PLR2004


def _multiple(index: int, step: float) -> float:
    """Return `index * step` without the noise of binary fractions."""
    return float(f"{index * step:.12g}")
