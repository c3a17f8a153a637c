"""Values as JSON that every program reads."""

import json
from math import isfinite
from typing import Any


def json_text(value: object) -> str:
    """Return a value as JSON on one line. Numbers that JSON cannot say are their names.

    Examples:
        >>> json_text({"loss": float("nan")})
        '{"loss": "NaN"}'
    """
    return json.dumps(sayable(value), default=str)


def sayable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value in which names stand for numbers that JSON cannot say."""
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124
    if isinstance(value, dict):
        return {str(key): sayable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [sayable(one) for one in value]
    return value
