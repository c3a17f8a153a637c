"""Times as texts."""

from datetime import UTC, datetime

from nbtrack.clock import MICROSECONDS


def iso(time_us: int) -> str:
    """Return a time as ISO 8601, UTC.

    Args:
        time_us: Microseconds since the epoch.

    Examples:
        >>> iso(0)
        '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(time_us / MICROSECONDS, UTC).isoformat().replace("+00:00", "Z")
