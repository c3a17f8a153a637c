"""Regular expressions that end: DuckDB's engine (RE2) takes time in proportion to the text.

Python's own would try again and again, for hours where somebody writes `(a+)+$`, and
could not be interrupted.
"""

from collections.abc import Sequence

import duckdb
import numpy as np

from nbtrack.errors import StoreError, UsageError
from nbtrack.store.database import UnavailableError, scratch
from nbtrack.store.keystats import texts

LONGEST_PATTERN = 1_000


def matching(pattern: str, candidates: Sequence[str]) -> list[bool]:
    """Tell which texts hold something that a regular expression describes.

    Args:
        pattern: RE2 syntax: as Python's, without looking around and back references.
        candidates: The texts.

    Raises:
        UsageError: If the pattern cannot be understood, or is too long.
        StoreError: If DuckDB cannot be asked now.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise UsageError(
            f"a regular expression has at most {LONGEST_PATTERN} characters, not {len(pattern)}."
        )
    column = texts([*candidates, ""])  # a pattern is looked at also when there is no text
    order = np.arange(len(column))
    query = "SELECT regexp_matches(text, ?) AS found FROM incoming ORDER BY number"
    try:
        with scratch() as window:
            incoming = {"number": order, "text": column}
            found = window.columns(query, str(texts([pattern])[0]), incoming=incoming)["found"]
    except duckdb.Error as error:
        reason = str(error).partition(":")[2].strip() or str(error)
        raise UsageError(f"{pattern!r} is no regular expression that RE2 knows: {reason}") from None
    except UnavailableError as error:
        raise StoreError(f"{error}: try again.") from error
    return [bool(one) for one in found[:-1]]
