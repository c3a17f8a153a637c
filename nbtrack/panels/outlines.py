"""How a run went, for the cell that ended it when no panel shows it."""

from typing import TYPE_CHECKING

from nbtrack.panels.words import html

if TYPE_CHECKING:
    from nbtrack.runs import Outline

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px;line-height:1.5"
_MUTED = "opacity:.72;overflow-wrap:anywhere"
_MOST = 4_096


def outline_bundle(outline: "Outline") -> dict[str, str]:
    """Return a MIME bundle; everything a run says is text in it."""
    return {"text/html": _card(outline), "text/plain": f"nbtrack {outline.text()}"}


def _card(outline: "Outline") -> str:
    rows = "".join(
        f"<span>{html(one.name)}</span> "
        f'<span style="font-family:monospace;white-space:nowrap">{one.spark}</span> '
        f"<strong>{html(one.last)}</strong>\n"
        for one in outline.courses
    )
    table = (
        '<div style="display:grid;grid-template-columns:repeat(3,max-content);gap:0 16px">\n'
        f"{rows}</div>\n"
    )
    ends = "".join(
        f'<div style="{_MUTED}">{html(text, _MOST)}</div>\n'
        for text in (*outline.remarks, outline.folder)
    )
    return (
        f'<div class="nbtrack-static" style="{_FONT}">\n'
        f"<div><strong>{html(outline.title)}</strong> "
        f'<span style="{_MUTED}">{html(outline.facts)}</span></div>\n'
        f"{table if rows else ''}{ends}</div>"
    )
