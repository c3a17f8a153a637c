"""The rows at the end of what was printed, to which a program may still write.

Mostly that is one, whose line has not ended yet. Several progress bars are several: who
draws them moves the cursor up again. Here the cursor moves as it does in a terminal, so
that a bar that is drawn ten times a second is one row and not ten lines.
"""

import re
from collections import deque
from collections.abc import Iterable

from nbtrack.clock import MICROSECONDS

PATIENCE_S = 2.0
"""How long a row may stay open before the log shows it as it stands."""
ROWS = 64
"""So far up a cursor can go: as many rows as a high terminal has."""

_SEQUENCE = r"\x1b\[(?:\d{0,3}[ABFJK]|[01]?G|\?[\d;]{1,9}[hl])"
"""What moves a cursor, erases, or hides the cursor; colours are text."""
_SEQUENCES = re.compile(_SEQUENCE)
_CONTROL = re.compile(rf"([\r\n\b]|{_SEQUENCE})")
_CUT = re.compile(r"\x1b(?:\[\??[\d;]{0,9})?\Z")
_LONGEST_CUT = 12


class Row:
    """One row, with the cursor where it was left."""

    def __init__(self, shown: str | None = None) -> None:
        """Begin a row.

        Args:
            shown: What the log has of it already.
        """
        self.shown = shown
        self.text = shown or ""
        self.cursor = 0
        self.opened_us = 0
        self.patience_s = PATIENCE_S

    @property
    def has_news(self) -> bool:
        """Whether the log lacks it; what was blotted out is no news."""
        return self.shown is None or (self.text != self.shown and bool(self.text.strip()))

    def write(self, piece: str) -> None:
        """Put text where the cursor stands, over what is there."""
        if self.cursor == 0 and "\x1b" in piece:
            self.text = piece  # colours make places uncountable; such writers rewrite it all
        else:
            self.text = self.text[: self.cursor] + piece + self.text[self.cursor + len(piece) :]
        self.cursor = min(self.cursor + len(piece), len(self.text))

    def erase(self, how: str) -> None:
        """Erase the whole row (`2`), or what stands behind the cursor."""
        if how == "2":
            self.text = ""
        elif how in ("", "0"):
            self.text = self.text[: self.cursor]
        self.cursor = min(self.cursor, len(self.text))

    def back(self) -> None:
        """Let the cursor return to the beginning; blanks are how bars are taken away."""
        self.cursor = 0
        if self.text.isspace():
            self.text = ""

    def due(self, now_us: int) -> bool:
        """Whether the log should show the row although it has not ended."""
        waited_s = (now_us - self.opened_us) / MICROSECONDS
        return bool(self.text.strip()) and self.text != self.shown and waited_s >= self.patience_s


class Rows:
    """The open rows of one stream.

    Attributes:
        cell: Id of the execution of a cell that writes them.
        open: From above; there is always one.
    """

    def __init__(self) -> None:
        """Begin with an empty row."""
        self.cell: str | None = None
        self.open = [Row()]
        self._at = 0
        self._ended: deque[str] = deque(maxlen=ROWS)
        self._cut = ""

    @property
    def row(self) -> Row:
        """The one in which the cursor stands."""
        return self.open[self._at]

    @property
    def is_last(self) -> bool:
        """Whether the cursor stands in the lowest one."""
        return self._at == len(self.open) - 1

    def goes_on_below(self, text: str) -> bool:
        """Whether a text only adds to the last row, and rows below it."""
        if len(self.open) > 1 or "\r" in text or "\b" in text:
            return False
        return "\x1b[" not in text or _SEQUENCES.search(text) is None

    def whole(self, text: str) -> str:
        """Return a text with what was cut off the one before; an end that is cut is kept."""
        text, self._cut = self._cut + text, ""
        cut = _CUT.search(text, max(len(text) - _LONGEST_CUT, 0))
        if cut:
            text, self._cut = text[: cut.start()], cut[0]
        return text

    def clear(self) -> None:
        """Begin anew: nothing that was printed can be reached any more."""
        self._ended.clear()
        self.open, self._at, self._cut = [Row()], 0, ""

    def end(self) -> list[Row]:
        """Begin a new row below all others, and return those."""
        ended = self.open
        self.open, self._at = [Row()], 0
        self.remember([row.text for row in ended])
        return ended

    def begin_with(self, text: str) -> Row:
        """Have another row where the cursor stands, in the place of one that is too long."""
        self.open[self._at] = row = Row()
        row.write(text)
        return row

    def remember(self, texts: Iterable[str]) -> None:
        """Know lines that the log has, so that the cursor can go back to them."""
        self._ended.extend(texts)

    def down(self) -> None:
        """Let the cursor go to the beginning of the next row."""
        self._at += 1
        self.row.back()

    def obey(self, control: str) -> None:
        """Do what one of the `pieces` of a text asks for, but for the end of a line."""
        if control == "\r" or control[-1] == "G":
            self.row.back()
        elif control == "\b":
            self.row.cursor = max(0, self.row.cursor - 1)
        else:
            self._obey(control)

    def _obey(self, control: str) -> None:
        count, kind = control[2:-1], control[-1]
        if kind in "AF":
            self._up(int(count or 1), to_begin=kind == "F")
        elif kind == "B":
            self._at = min(self._at + int(count or 1), len(self.open) - 1)
        elif kind == "K":
            self.row.erase(count)
        elif kind == "J" and count in ("", "0"):
            self.row.erase(count)
            del self.open[self._at + 1 :]

    def _up(self, count: int, *, to_begin: bool) -> None:
        cursor = 0 if to_begin else self.row.cursor
        for _ in range(min(count, ROWS)):
            if self._at:
                self._at -= 1
            elif self._ended and len(self.open) < ROWS:
                self.open.insert(0, Row(self._ended.pop()))
        self.row.cursor = min(cursor, len(self.row.text))


def pieces(text: str) -> list[str]:
    r"""Return text and what moves the cursor, in turns.

    Examples:
        >>> pieces("10%\r20%\n")
        ['10%', '\r', '20%', '\n', '']
    """
    return _CONTROL.split(text)
