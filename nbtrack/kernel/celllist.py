"""The cells that made a run, as the output of a cell: HTML and text.

Sources come from runs and are untrusted: HTML is escaped, and what is not printable does
not reach a terminal.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from nbtrack.kernel.tables import duration, printable

_HEAD = "opacity:.7;margin:8px 0 2px"
_CODE = (
    "margin:0;padding:4px 8px;border-left:2px solid;overflow-x:auto;white-space:pre;"
    "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)"
)


def cells_bundle(cells: Sequence[dict[str, Any]], note: str) -> dict[str, str]:
    """Return cells as a MIME bundle.

    Args:
        cells: As `ApiRun.cells` tells them.
        note: A line below them.
    """
    text = [line for cell in cells for line in _lines(cell)]
    html = "".join(
        f'<div style="{_HEAD}">{escape(_head(cell))}</div>'
        f'<pre style="{_CODE}">{escape(_body(cell))}</pre>'
        for cell in cells
    )
    return {
        "text/plain": "\n".join([*text, printable(note)]),
        "text/html": f"{html}<div>{escape(note)}</div>",
    }


def _lines(cell: dict[str, Any]) -> Iterator[str]:
    yield printable(_head(cell))
    yield from (f"    {printable(line.expandtabs())}" for line in _body(cell).split("\n"))
    yield ""


def _head(cell: dict[str, Any]) -> str:
    count = " " if cell["execution_count"] is None else cell["execution_count"]
    before = " before the run" if cell["before"] and cell["status"] != "before" else ""
    spent = "" if cell["duration"] is None else f", {_span(cell['duration'])}"
    return f"[{count}] {cell['status']}{before}{spent}"


def _span(seconds: float) -> str:
    """Return a time span; most cells take less than a second."""
    return duration(seconds) if seconds >= 1 else f"{seconds * 1_000:.0f} ms"


def _body(cell: dict[str, Any]) -> str:
    return f"{cell['source']}\n{cell['error']}" if cell["error"] else str(cell["source"])
