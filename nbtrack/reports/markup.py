"""HTML that is put together from text: whatever is not `Html` already is escaped.

So what a run says can only ever be text, wherever it is put.
"""

import re
from html import escape
from typing import TypeAlias

# Controls but tab and newline, and the marks that turn the direction of what follows them.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_VOID = frozenset({"br", "hr", "img"})


class Html(str):
    """Text that is HTML and safe to be put into a page."""

    __slots__ = ()


NOTHING = Html("")
Child: TypeAlias = str | None


def h(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return an element.

    Args:
        name: Of the element.
        children: `Html` as it is, other text escaped; None is left out.
        attributes: `class_` and `for_` stand for names that Python keeps, `_` for `-`;
            None and False are left out, True is a name alone.

    Examples:
        >>> h("p", "a < b", h("br"), class_="note")
        '<p class="note">a &lt; b<br></p>'
    """
    told = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Html:
    """Return what was given as one piece, text escaped."""
    return Html(
        "".join(child if isinstance(child, Html) else text(child or "") for child in children)
    )


def text(value: str) -> Html:
    """Return a text, escaped; fit for double-quoted attributes, too."""
    return Html(escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", clean(value)), quote=True))


def clean(value: str) -> str:
    """Return a text that UTF-8 can say."""
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _attribute(key: str, value: str | int | bool | None) -> str:  # noqa: FBT001 - as HTML has it
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
