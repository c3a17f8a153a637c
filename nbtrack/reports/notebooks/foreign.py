"""HTML that others wrote, as it can stand in our page without breaking it.

What keeps scripts and requests out of a page is its policy, whatever an author writes. This
is about the look: elements that the policy leaves empty are taken out, those that would
move the page or reach over its other parts too, and what is opened is closed.
"""

import re
from collections import Counter
from html import escape
from html.parser import HTMLParser
from typing import Final

_GONE: Final = frozenset(
    {
        *("script", "iframe", "frame", "frameset", "object", "embed", "applet", "template"),
        *("noscript", "noembed", "noframes", "head", "textarea", "select", "button", "portal"),
    }
)
"""Elements that go with all that is in them."""
_VOID: Final = frozenset(
    {"area", "br", "col", "hr", "img", "source", "track", "wbr", "mspace", "mprescripts", "none"}
)
_TEXT: Final = """
a abbr address article aside audio b bdi bdo blockquote caption center cite code colgroup data
dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header i ins
kbd li main mark meter nav ol p picture pre progress q rp rt ruby s samp section small span
strike strong style sub summary sup table tbody td tfoot th thead time tr tt u ul var video
"""
_SVG: Final = """
svg g path rect circle ellipse line polyline polygon text tspan textpath defs use symbol
lineargradient radialgradient stop clippath mask pattern marker title desc image
"""
_MATHML: Final = """
math mrow mi mn mo ms mtext mfrac msqrt mroot msub msup msubsup munder mover munderover
mmultiscripts mtable mtr mtd mstyle mpadded mphantom menclose semantics annotation merror
mlabeledtr
"""
_KEPT: Final = frozenset([*_TEXT.split(), *_SVG.split(), *_MATHML.split()])
_ADDRESSES: Final = frozenset({"href", "src", "poster", "xlink:href", "cite"})
_REFUSED: Final = re.compile(
    r"on|data-|form|nbt|srcset$|srcdoc$|ping$|action$|background$|autofocus$|contenteditable$"
    r"|is$|slot$|nonce$|target$|tabindex$|accesskey$|popover|http-equiv$|usemap$|autoplay$|begin$"
)
_NAME: Final = re.compile(r"[a-z][a-z0-9:_-]*\Z")
_LINK: Final = re.compile(r"\s*(https?://|mailto:|#)", re.IGNORECASE)
_EMBEDDED: Final = re.compile(r"\s*data:(image|audio|video)/", re.IGNORECASE)
_DECLARATION: Final = re.compile(r"<![^<>]*>")
_EMPTY_HEAD: Final = re.compile(r"<th\b([^<>]*)>\s*</th>")
_OURS: Final = re.compile(r"(nbt|nbr|nbn|nbtrack)\b[\w-]*|nbt[rn]?-[\w-]*")


def tamed(html: str, *, links: bool = True) -> str:
    """Return HTML of others as it can stand in a page; "" if nothing of it is to be seen.

    Args:
        html: Untrusted.
        links: Whether links stay links.

    Examples:
        >>> tamed('<b onclick="alert(1)">bold<script>alert(2)</script>')
        '<b>bold</b>'
        >>> tamed("<script>draw()</script>  <div></div>")
        ''
    """
    told = _without_comments(html)
    # Behind the last tag there is none, and the parser would look for its end again and again.
    end = told.rfind(">") + 1
    tags = _DECLARATION.sub("", told[:end]).replace("<!", "&lt;!")
    tamer = _Tamer(_KEPT if links else _KEPT - {"a"})
    tamer.feed(tags + told[end:].replace("<", "&lt;"))
    tamer.close()
    return tamer.told() if tamer.is_seen else ""


def _without_comments(html: str) -> str:
    """Return HTML without comments; one that is not closed goes on to the end."""
    parts, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        parts.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(parts)
        at = end + 3
    return "".join([*parts, html[at:]])


class _Tamer(HTMLParser):
    """Writes again what it reads, but for what is to go.

    Attributes:
        is_seen: Whether anything can be seen: text or a picture.
    """

    def __init__(self, kept: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._kept = kept
        self.is_seen = False
        self._parts: list[str] = []
        self._open: list[str] = []
        self._open_of: Counter[str] = Counter()
        self._gone = ""
        self._depth = 0

    def told(self) -> str:
        """Return all of it; what is open is closed."""
        whole = "".join([*self._parts, *(f"</{name}>" for name in reversed(self._open))])
        # The corner of a table of pandas is a head of nothing.
        return _EMPTY_HEAD.sub(r"<td\1></td>", whole)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element or let it go."""
        if self._gone:
            self._depth += tag == self._gone
            return
        if tag in _GONE:
            self._gone, self._depth = tag, 1
            return
        if tag == "input" and ("type", "checkbox") in attrs:
            is_checked = any(name == "checked" for name, _ in attrs)
            self.handle_data("\N{BALLOT BOX WITH CHECK} " if is_checked else "\N{BALLOT BOX} ")
        if tag == "img":
            self._picture(dict(attrs))
            return
        if tag not in self._kept and tag not in _VOID:
            return
        self.is_seen |= tag in {"svg", "audio", "video", "hr", "progress", "meter", "image"}
        told = "".join(_attribute(tag, name, value) for name, value in attrs)
        self._parts.append(f"<{tag}{told}>")
        if tag not in _VOID:
            self._open.append(tag)
            self._open_of[tag] += 1

    def _picture(self, attrs: dict[str, str | None]) -> None:
        """Keep a picture that is there; of one that is elsewhere, what it shows."""
        if not _may_lead("img", attrs.get("src") or ""):
            if attrs.get("alt"):
                self.handle_data(f"[{attrs['alt']}]")
            return
        self.is_seen = True
        told = {**attrs, "alt": attrs.get("alt") or ""}
        self._parts.append(f"<img{''.join(_attribute('img', *one) for one in told.items())}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element of SVG that ends where it begins; in HTML the slash says nothing."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element that is open, and those inside it."""
        if self._gone:
            self._depth -= tag == self._gone
            if not self._depth:
                self._gone = ""
            return
        if not self._open_of[tag]:
            return
        while True:
            inner = self._open.pop()
            self._open_of[inner] -= 1
            self._parts.append(f"</{inner}>")
            if inner == tag:
                return

    def handle_data(self, data: str) -> None:
        """Keep text; that of a style sheet as it is."""
        if self._gone:
            return
        if self._open and self._open[-1] == "style":
            self._parts.append(data.replace("<", ""))
            return
        self.is_seen |= bool(data.strip())
        self._parts.append(escape(data, quote=False))


def _attribute(tag: str, name: str, value: str | None) -> str:
    name, value = name.lower(), "" if value is None else value
    if (tag, name, value) == ("pre", "tabindex", "0"):  # what scrolls must be reached
        return ' tabindex="0"'
    if not _NAME.match(name) or _REFUSED.match(name):
        return ""
    if name in _ADDRESSES:
        if not _may_lead(tag, value):
            return ""
        more = ' rel="noopener noreferrer"' if tag == "a" else ""
        return f' {name}="{escape(value.strip(), quote=True)}"{more}'
    if name in ("class", "id"):
        value = _OURS.sub("", value).strip()
    return f' {name}="{escape(value, quote=True)}"' if name != "rel" else ""


def _may_lead(tag: str, address: str) -> bool:
    """Tell whether an address leads to the web, to this page, or is a picture itself."""
    if tag == "a":
        return bool(_LINK.match(address))
    return bool(_EMBEDDED.match(address)) or address.startswith("#")
