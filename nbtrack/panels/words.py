"""Times, sizes and names of a run as people read them; hostile text made harmless."""

import json
import re
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from nbtrack.clock import MICROSECONDS
from nbtrack.panels.messages import clean, plain
from nbtrack.plots import number_text
from nbtrack.values import without_ansi

if TYPE_CHECKING:
    from nbtrack.records import Json

# Controls, and the marks that turn the direction of what follows them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def one_line(text: str, most: int = 200) -> str:
    """Return a text on one line: nothing in it moves a cursor or turns the writing."""
    shown = _UNPRINTABLE.sub(" ", without_ansi(clean(text[: 4 * most])))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def html(text: str, most: int = 200) -> str:
    """Return a text for HTML, on one line; fit for double-quoted attributes, too."""
    return escape(one_line(text, most), quote=True)


def date(time_us: int) -> str:
    """Return a time as a date, UTC."""
    try:
        moment = datetime.fromtimestamp(time_us / MICROSECONDS, UTC)
    except (ValueError, OverflowError, OSError):
        return "?"
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def value_text(value: "Json", most: int = 120) -> str:
    """Return a config or summary value on one line."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        ordinary = abs(value) < 1e300  # noqa: PLR2004 - neither NaN nor beyond a float
        return number_text(value, digits=6) if ordinary else one_line(str(plain(value)), most)
    if isinstance(value, str):
        return one_line(value, most)
    return one_line(json.dumps(plain(value), ensure_ascii=False), most)
