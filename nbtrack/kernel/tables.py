"""Small tables of runs for a cell's output, as HTML and as text.

Names, projects and states come from runs and are untrusted: HTML is escaped, and what
is not printable does not reach a terminal.
"""

from collections.abc import Sequence
from html import escape

from nbtrack.clock import MICROSECONDS

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
_WIDEST = 40

_STYLE = "text-align:left;padding:2px 12px 2px 0;white-space:nowrap"


def duration(seconds: float) -> str:
    """Return a time span in its two largest units: `1 h 2 min`."""
    whole = max(0, round(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S} s"
    if whole < DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


def age(then_us: int, now_us: int) -> str:
    """Return how long ago something was, in its largest unit."""
    span = duration((now_us - then_us) / MICROSECONDS)
    return " ".join(span.split()[:2]) + " ago"


def printable(text: str) -> str:
    """Return a text as a terminal may show it: one line, no control characters."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def bundle(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = ""
) -> dict[str, str]:
    """Return a table as a MIME bundle.

    Args:
        header: Names of the `k` columns.
        rows: `k` texts each.
        note: A line below the table.
    """
    return {"text/plain": _text(header, rows, note), "text/html": _html(header, rows, note)}


def _text(header: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    lines = [[printable(cell)[:_WIDEST] for cell in row] for row in (header, *rows)]
    if not rows:
        return printable(note)
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*shown, *([printable(note)] if note else [])])


def _html(header: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    head = "".join(f'<th style="{_STYLE}">{escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr>" + "".join(f'<td style="{_STYLE}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    return table + (f"<div>{escape(note)}</div>" if note else "")
