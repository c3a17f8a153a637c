"""What to look for in console text, said so that DuckDB can look.

Expressions are RE2's, in the database and in the tails beyond it, so that both find the
same and no expression takes longer than the text is long. Sequences that colour a line
are not part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from nbtrack.records import Stream
from nbtrack.store.database import scratch
from nbtrack.store.entries import IntArray
from nbtrack.store.facts import ConsoleLine
from nbtrack.store.keystats import texts
from nbtrack.store.patterns import matching

LineLevel: TypeAlias = Literal["all", "warning", "error"]

_ERROR = (
    r"\b(?:ERROR|CRITICAL|FATAL)\b|Traceback \(most recent call last\)"
    r"|\b\w*(?:Error|Exception)\b(?::|$)"
)
_WARNING = rf"{_ERROR}|\b(?:WARNING|WARN)\b|\b\w*Warning\b"
_LEVELS: dict[LineLevel, tuple[str, str]] = {
    "warning": ("'warning', 'warn', 'error', 'critical', 'fatal'", _WARNING),
    "error": ("'error', 'critical', 'fatal'", _ERROR),
}
_SEQUENCES = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"
_PLAIN = (
    "CASE WHEN contains(text, chr(27)) "
    f"THEN regexp_replace(text, '{_SEQUENCES}', '', 'g') ELSE text END"
)
_MATCHES = f"regexp_matches({_PLAIN}, ?)"


@dataclass(frozen=True, slots=True)
class LineSearch:
    """Which lines are looked for; a line must meet all of it.

    Attributes:
        pattern: A regular expression that the line holds, in any case; "" for any line.
        streams: Where it was printed; none for everywhere.
        level: How bad it is: `warning` for warnings and errors, `error` for errors; as the
            logger says or, where none does, as the text looks.
    """

    pattern: str = ""
    streams: tuple[Stream, ...] = ()
    level: LineLevel = "all"

    def check(self) -> None:
        """Raise for a pattern that cannot be understood.

        Raises:
            UsageError: It says what is wrong.
        """
        matching(self.pattern, [])

    def condition(self) -> tuple[str, list[str]]:
        """Return a condition on the columns `stream`, `level` and `text`, and its values."""
        parts: list[str] = []
        values: list[str] = []
        if self.pattern:
            parts, values = [_MATCHES], [f"(?i){self.pattern}"]
        if self.level != "all":
            words, pattern = _LEVELS[self.level]
            parts.append(f"(level IN ({words}) OR (level = '' AND {_MATCHES}))")
            values.append(pattern)
        if self.streams:
            parts.append(f"stream IN ({', '.join('?' for _ in self.streams)})")
            values += map(str, self.streams)
        return " AND ".join(parts) or "true", values


def numbers_among(lines: Sequence[ConsoleLine], search: LineSearch) -> IntArray:
    """Return the numbers of those lines that a search finds, in their order.

    Raises:
        UnavailableError: If DuckDB cannot be asked now.
    """
    condition, values = search.condition()
    if not lines or condition == "true":
        return np.array([line.number for line in lines], np.int64)
    incoming = {
        "number": np.array([line.number for line in lines], np.int64),
        "stream": texts([line.stream.value for line in lines]),
        "level": texts([line.level for line in lines]),
        "text": texts([line.text for line in lines]),
    }
    query = f"SELECT number FROM incoming WHERE {condition} ORDER BY number"  # noqa: S608 - values are parameters
    with scratch() as window:
        return window.columns(query, *values, incoming=incoming)["number"]
