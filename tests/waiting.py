"""The one way in which tests wait: for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 30.0
"""A machine that is busy with other things takes its time; a test that passes waits for less."""


def wait_until(
    condition: Callable[[], T],
    timeout_s: float = PATIENCE_S,
    *,
    what: str = "it",
    poll_s: float = 0.01,
) -> T:
    """Return the first truthy answer of `condition`.

    Args:
        condition: Asked again and again.
        timeout_s: When to give up.
        what: What is waited for, as the failure calls it.
        poll_s: Pause between two questions.

    Raises:
        AssertionError: If there was none in time; it shows the last answer.
    """
    end_s = time.monotonic() + timeout_s
    while not (answer := condition()):
        if time.monotonic() > end_s:
            raise AssertionError(f"{what} did not happen within {timeout_s} s, last: {answer!r}")
        time.sleep(poll_s)
    return answer
