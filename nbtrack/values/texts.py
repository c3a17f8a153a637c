"""Texts that describe a run, checked."""

import re
from collections.abc import Iterable

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import UsageError

LONGEST_TAG = 64
LONGEST_SHOWN = 200
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def shown(value: object, most: int = LONGEST_SHOWN) -> str:
    """Return a value as an error shows it: on one line, not endless, whatever it is.

    Examples:
        >>> shown("digits"), shown([1] * 100, 12)
        ("'digits'", '[1, 1, 1, 1…')
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - nested too deep, or a class that cannot say what it is
        text = f"<{type(value).__name__}>"
    return one_line(text, most)


def checked_text(argument: str, value: object) -> str:
    """Return text as given.

    Raises:
        UsageError: If it is no text.
    """
    if not isinstance(value, str):
        raise UsageError(
            f"{argument} must be text, not {shown(value)} ({type(value).__name__}). "
            f"Type {argument}={shown(shown(value))}."
        )
    return str(value)


def checked_tags(tags: object) -> tuple[str, ...]:
    """Return tags as a tuple; one text is one tag.

    Raises:
        UsageError: If one is no text of 1 to 64 characters.
    """
    if tags is None:
        return ()
    given = (tags,) if isinstance(tags, str) else tags
    if not isinstance(given, Iterable):
        raise UsageError(f'tags must be a list of text, not {shown(tags)}. Type tags=["..."].')
    for tag in (listed := tuple(given)):
        if not isinstance(tag, str) or not 1 <= len(tag) <= LONGEST_TAG:
            raise UsageError(f"a tag is text of 1 to {LONGEST_TAG} characters, not {shown(tag)}.")
    return tuple(dict.fromkeys(listed))


def duration(active_us: int) -> str:
    """Return a span of time in its two largest units.

    Examples:
        >>> duration(400_000), duration(42_100_000), duration(3_725_000_000)
        ('0.4 s', '42.1 s', '1 h 02 min')
    """
    seconds = max(active_us, 0) / MICROSECONDS
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} d {hours % 24} h"


def without_ansi(text: str) -> str:
    r"""Return a text without the sequences that colour it or move a cursor.

    Examples:
        >>> without_ansi("\x1b[31mred\x1b[0m")
        'red'
    """
    return _ANSI.sub("", text)


def one_line(text: str, most: int) -> str:
    """Return a text that is not longer than `most` and that no terminal obeys."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"
