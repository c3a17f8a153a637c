r"""TeX as MathML, which browsers draw without scripts, fonts or network.

What cannot be turned stays readable as TeX. Without `latex2mathml` all of it does.
"""

import re
from functools import cache
from html import escape
from importlib import import_module
from typing import Any, Final

_SPELLINGS: Final = (
    (r"\\begin\{(?:equation|displaymath|math)\*?\}|\\end\{(?:equation|displaymath|math)\*?\}", ""),
    (r"\\(begin|end)\{(?:aligned|align|alignat|alignedat|eqnarray|split)\*?\}", r"\\\1{split}"),
    (r"\\(begin|end)\{(?:gather|gathered|multline)\*?\}", r"\\\1{split}"),
    (r"\\label\{[^{}]*\}|\\(?:nonumber|notag)(?![a-zA-Z])", ""),
    (r"\\operatorname\*", r"\\operatorname"),
    (r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}"),
    (r"\\bm(?![a-zA-Z])", r"\\boldsymbol"),
    (r"\\sim(?![a-zA-Z])", "\u223c"),
)
"""How people write what the converter knows under another name, or can do without."""
_UNKNOWN: Final = re.compile(r"<m[a-z]+[^>]*>\\[a-zA-Z]|<merror")
_LONGEST: Final = 20_000  # characters: beyond, it is no formula


def formula(tex: str, *, is_block: bool) -> str:
    r"""Return a formula as HTML.

    Args:
        tex: Without its dollar signs; untrusted text.
        is_block: Whether it stands on lines of its own.

    Examples:
        >>> "<mfrac>" in formula(r"\frac{1}{n}", is_block=False)
        True
        >>> formula(r"\unknown{x}", is_block=False)
        '<code class="tex">$\\unknown{x}$</code>'
    """
    drawn = _converted(tex, "block" if is_block else "inline")
    if drawn is not None:
        return drawn
    sign = "$$" if is_block else "$"
    element = "div" if is_block else "span"
    told = f'<code class="tex">{sign}{escape(tex)}{sign}</code>'
    return f"<{element}>{told}</{element}>" if is_block else told


def _converted(tex: str, display: str) -> str | None:
    converter = _converter()
    if converter is None or len(tex) > _LONGEST:
        return None
    for pattern, instead in _SPELLINGS:
        tex = re.sub(pattern, instead, tex)
    try:
        found = str(converter.convert(tex, display=display))
    except Exception:  # noqa: BLE001 - it raises whatever it stumbles over; the TeX is there
        return None
    return None if _UNKNOWN.search(found) else found


@cache
def _converter() -> Any:  # noqa: ANN401 - a module, None where it is not installed
    try:
        return import_module("latex2mathml.converter")
    except ImportError:
        return None
