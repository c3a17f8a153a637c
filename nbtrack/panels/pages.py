"""A run as HTML outside of notebooks: a part of a page, or a whole one. No script in either.

It is ASCII: whoever saves it need not say in which encoding.
"""

from typing import TYPE_CHECKING

from nbtrack.panels.card import card
from nbtrack.panels.words import html

if TYPE_CHECKING:
    from nbtrack.query import RunView

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def fragment(view: "RunView", height: int, *, hidden: bool) -> str:
    """Return a run for a part of a page.

    Args:
        view: The run as it stands.
        height: At most so many pixels; the rest can be scrolled.
        hidden: Whether it is folded behind its name.
    """
    box = f'<div style="max-height:{height}px;overflow:auto">\n{card(view)}\n</div>'
    if not hidden:
        return _ascii(box)
    opened = view.run.opened
    name = f"{html(opened.name)} · {html(opened.project)} · {view.run.state.value}"
    return _ascii(f"<details>\n<summary>{name}</summary>\n{box}\n</details>")


def page(view: "RunView") -> str:
    """Return a whole page that shows a run as it stands."""
    return _ascii(
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html(view.run.opened.name)}</title>\n"
        '<body style="margin:24px auto;max-width:900px;padding:0 16px">\n'
        f"{card(view)}\n"
    )


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
