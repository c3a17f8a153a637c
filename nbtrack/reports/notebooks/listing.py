"""Code with its words in colours, and text with the colours that terminals know."""

import re
from functools import cache
from html import escape
from typing import Any, Final

from nbconvert.filters import ansi2html

_OTHER_SEQUENCES: Final = re.compile(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])")
_NOT_PYTHON: Final = re.compile(r"^\s*[%!?]|=\s*[%!]|\?\s*$", re.MULTILINE)
"""Magics, commands of a shell, and questions: what only IPython reads."""
_PYTHON: Final = frozenset({"python", "python3", "py", "ipython", "ipython3"})


def listing(code: str, language: str) -> str:
    """Return code as HTML.

    Args:
        code: Untrusted text.
        language: Its name; "" or an unknown one for no colours.
    """
    told = _coloured(code, _dialect(code) if language.lower() in _PYTHON else language)
    # It scrolls, so a keyboard must reach it.
    return f'<pre class="listing" tabindex="0"><code>{told}</code></pre>\n'


def _dialect(code: str) -> str:
    """Return which Python code is: plain, whose lexer is there 50 ms sooner, or IPython's."""
    return "ipython" if _NOT_PYTHON.search(code) else "python"


def terminal_text(text: str) -> str:
    r"""Return printed text as HTML: ANSI colours kept, overwritten lines as they ended.

    Examples:
        >>> terminal_text("10 %\r20 %\ndone <b>")
        '20 %\ndone &lt;b&gt;'
    """
    ended = "\n".join(map(_as_it_ended, text.replace("\r\n", "\n").split("\n")))
    told = ansi2html(_OTHER_SEQUENCES.sub("", ended))  # type: ignore[no-untyped-call]
    return str(told)


def _as_it_ended(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _coloured(code: str, language: str) -> str:
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    lexer = _lexer(language)
    if lexer is None:
        return escape(code, quote=False)
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True))).rstrip("\n")


@cache
def _lexer(language: str) -> Any:  # noqa: ANN401 - a lexer of pygments, None for none
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    for name in (language, "python" if language == "ipython" else ""):
        try:
            return get_lexer_by_name(name, stripnl=False) if name else None
        except ClassNotFound:
            continue
    return None
