"""The part of Markdown that people write reports in, as HTML.

Whatever it does not know, HTML included, stays the text that it is; links go to the web
or to a place on the page. The same part as notes have in panels.
"""

import re
from collections.abc import Iterator, Sequence

from nbtrack.reports.markup import Html, h, joined

_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[([ xX])\]\s+)?(.*)$")
_NUMBERED = re.compile(r"\s*\d")
_QUOTE = re.compile(r">\s?")
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*$")
_BAR = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_INLINE = re.compile(
    r"(?P<tick>`+)(?P<code>[^`]+)(?P=tick)"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|(?<![\w*])[*_](?P<italic>[^*_\s](?:[^*_]*[^*_\s])?)[*_](?!\w)"
    r"|~~(?P<struck>.+?)~~"
    r"|\[(?P<label>[^\]]*)\]\((?P<target>[^()\s]+)\)"
    r"|<(?P<enclosed>https?://[^\s<>]+)>"
    r"""|(?P<address>https?://[^\s<>()]+[^\s<>().,;:!?'"])"""
)
_WEB = re.compile(r"https?://[^\s/]|#[\w-]", re.IGNORECASE)
_DEEPEST = 6
_LONGEST = 5_000
"""Longer paragraphs stay plain: what is opened and never closed is looked for to their end."""


def markdown(source: str, *, top: int = 2) -> Html:
    """Return Markdown as HTML.

    Args:
        source: Untrusted text.
        top: Level of the heading that `#` stands for.

    Examples:
        >>> markdown("Not <b>bold</b>, but **this** is.")
        '<p>Not &lt;b&gt;bold&lt;/b&gt;, but <strong>this</strong> is.</p>'
    """
    return joined(*_blocks(source.replace("\r\n", "\n").split("\n"), top))


def _blocks(lines: Sequence[str], top: int) -> Iterator[Html]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            continue
        end = _end(lines, at)
        yield _block(lines[at:end], top)
        at = end


def _end(lines: Sequence[str], at: int) -> int:
    """Return where the block that begins at a line ends."""
    line = lines[at]
    fence = _FENCE.match(line)
    if fence:
        closing = (i for i in range(at + 1, len(lines)) if lines[i].strip().startswith(fence[1]))
        return next(closing, len(lines) - 1) + 1
    if _HEADING.match(line) or _RULE.match(line):
        return at + 1
    kind = next((one for one in (_ITEM, _QUOTE) if one.match(line)), None)
    end = at + 1
    while end < len(lines) and _goes_on(lines[end], kind):
        end += 1
    return end


def _goes_on(line: str, kind: re.Pattern[str] | None) -> bool:
    if not line.strip() or _FENCE.match(line) or _HEADING.match(line):
        return False
    if kind is not None:
        return bool(kind.match(line))
    return not (_ITEM.match(line) or _QUOTE.match(line))


def _block(lines: Sequence[str], top: int) -> Html:
    first = lines[0]
    if _FENCE.match(first):
        return _fenced(lines)
    if _RULE.match(first):
        return h("hr")
    heading = _HEADING.match(first)
    if heading:
        return h(f"h{min(6, top - 1 + len(heading[1]))}", _inline(heading[2]))
    if _QUOTE.match(first):
        return h("blockquote", _inline("\n".join(_QUOTE.sub("", line, count=1) for line in lines)))
    is_table = len(lines) > 1 and "|" in first and _BAR.match(lines[1])
    return _list(lines) if _ITEM.match(first) else _table(lines) if is_table else _paragraph(lines)


def _paragraph(lines: Sequence[str]) -> Html:
    return h("p", _inline("\n".join(lines)))


def _fenced(lines: Sequence[str]) -> Html:
    fence = _FENCE.match(lines[0])
    is_closed = len(lines) > 1 and fence is not None and lines[-1].strip().startswith(fence[1])
    return h("pre", "\n".join(lines[1:-1] if is_closed else lines[1:]), tabindex=0)


def _list(lines: Sequence[str]) -> Html:
    items = []
    for line in lines:
        found = _ITEM.match(line)
        check, content = (found[1], found[2]) if found else (None, line)
        box = None if check is None else "☐ " if check == " " else "☑ "
        items.append(h("li", box, _inline(content)))
    return h("ol" if _NUMBERED.match(lines[0]) else "ul", *items)


def _table(lines: Sequence[str]) -> Html:
    rows = [line.strip().strip("|").split("|") for line in (lines[0], *lines[2:])]
    head = h("tr", *(h("th", _inline(cell.strip()), scope="col") for cell in rows[0]))
    body = [h("tr", *(h("td", _inline(cell.strip())) for cell in row)) for row in rows[1:]]
    return h(
        "div", h("table", h("thead", head), h("tbody", *body)), class_="nbr-scroll", tabindex=0
    )


def _inline(source: str, depth: int = 0) -> Html:
    if len(source) > _LONGEST or depth >= _DEEPEST:
        return joined(source)
    parts: list[str] = []
    at = 0
    for found in _INLINE.finditer(source):
        parts += [source[at : found.start()], _marked(found, depth + 1)]
        at = found.end()
    return joined(*parts, source[at:])


def _marked(found: re.Match[str], depth: int) -> str:
    if found["code"] is not None:
        return h("code", found["code"])
    for name, element in (("bold", "strong"), ("italic", "em"), ("struck", "s")):
        if found[name] is not None:
            return h(element, _inline(found[name], depth))
    target = found["address"] or found["enclosed"] or found["target"]
    if not _WEB.match(target):
        return found[0]
    label = _inline(found["label"], depth) if found["label"] else target
    return h("a", label, href=target, title=target, rel="noopener noreferrer")
