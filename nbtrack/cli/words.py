"""Spans of time as a column of a table shows them."""

from nbtrack.clock import MICROSECONDS

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
TWO_DAYS_S = 2 * DAY_S


def span(seconds: float) -> str:
    """Return a span of time in its two largest units.

    Examples:
        >>> span(0.42), span(42), span(192), span(3_725), span(273_600)
        ('0.4s', '42s', '3m12s', '1h02m', '3d4h')
    """
    if seconds < MINUTE_S:
        whole = seconds >= 10  # noqa: PLR2004 - then a tenth says nothing
        return f"{seconds:.0f}s" if whole else f"{max(seconds, 0):.1f}s"
    if seconds < HOUR_S:
        return f"{int(seconds) // MINUTE_S}m{int(seconds) % MINUTE_S:02d}s"
    if seconds < TWO_DAYS_S:
        return f"{int(seconds) // HOUR_S}h{int(seconds) % HOUR_S // MINUTE_S:02d}m"
    return f"{int(seconds) // DAY_S}d{int(seconds) % DAY_S // HOUR_S}h"


def age(then_us: int, now_us: int) -> str:
    """Return how long ago something was, in its largest unit.

    Examples:
        >>> age(0, 7_300_000_000)
        '2h'
    """
    seconds = max(0, (now_us - then_us) // MICROSECONDS)
    for size, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
