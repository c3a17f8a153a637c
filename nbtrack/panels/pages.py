"""A run as HTML for a part of somebody's page. No script in it.

It is ASCII: whoever saves it need not say in which encoding.
"""

from typing import TYPE_CHECKING

from nbtrack.panels.card import card
from nbtrack.panels.words import html

if TYPE_CHECKING:
    from nbtrack.query import RunView


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


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
