"""The terminal: lines, colours, questions, progress.

All that is printed passes `printable`: names and texts of runs are untrusted, and an
escape sequence in one of them must not reach the terminal.
"""

import contextlib
import json
import os
import shutil
import sys
import textwrap
import time
import unicodedata
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from typing import TextIO, cast

from nbtrack.errors import UsageError
from nbtrack.values import json_text, sayable

QUIET_S = 2.0
"""What takes no longer shows no progress."""

_PERIOD_S = 0.1
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "dim": 2, "bold": 1}


def printable(text: str) -> str:
    """Return a text on one line, without anything that moves a cursor or hides letters."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def width_of(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_width_of_sign(sign) for sign in text)


def shortened(text: str, most: int) -> str:
    """Return a printable text that takes at most so many columns."""
    if width_of(text) <= most:
        return text
    kept, width = "", 0
    for sign in text:
        width += _width_of_sign(sign)
        if width > most - 1:
            break
        kept += sign
    return kept + "…"


def _width_of_sign(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


class Screen:
    """Where a command prints.

    Attributes:
        width: Columns of the terminal; None where there is none, and lines may be long.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        """Print to these, by default to those of the process."""
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        for stream in (self._out, self._err):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that knows only ASCII
        self.width = shutil.get_terminal_size().columns if self._out.isatty() else None

    def line(self, text: str = "", colour: str = "") -> None:
        """Print one line."""
        self._write(self._out, self.coloured(printable(text), colour))

    def parts(self, *parts: tuple[str, str]) -> None:
        """Print one line of texts, each with its colour ("" for none)."""
        said = "".join(self.coloured(printable(text), colour) for text, colour in parts)
        self._write(self._out, said.rstrip())

    def wrapped(self, text: str, *, first: tuple[str, str] = ("", ""), indent: int = 0) -> None:
        """Print a text in as many lines as it needs.

        Args:
            text: What to print.
            first: Stands before it on its first line, with its colour.
            indent: Columns before every other line.
        """
        room = max(20, (self.width or 1_000_000) - indent)
        # Without a terminal a line may be as long as it wants: programs read lines.
        lines = textwrap.wrap(printable(text), room, break_on_hyphens=False) or [""]
        self.parts((first[0].ljust(indent), first[1]), (lines[0], ""))
        for line in lines[1:]:
            self.parts((" " * indent, ""), (line, ""))

    def json(self, value: object) -> None:
        """Print a value for programs. Numbers that JSON cannot say are their names."""
        self._write(self._out, json.dumps(sayable(value), indent=2))

    def record(self, value: object) -> None:
        """Print a value for programs on a line of its own; one of many."""
        self._write(self._out, json_text(value))

    def raw(self) -> TextIO:
        """Return where a whole file is printed to, as it is; a terminal gets it harmless."""
        return cast("TextIO", _Harmless(self._out)) if self._out.isatty() else self._out

    def flush(self) -> None:
        """Let whoever reads have what was printed."""
        self._out.flush()

    def error(self, text: str) -> None:
        """Say what went wrong."""
        lines = text.split("\n")
        # What is to be typed stands on a line of its own, so that it can be copied.
        is_typed = any(line.startswith("    ") for line in lines)
        said = ("\n" if is_typed else " ").join(map(printable, lines))
        prefix = self.coloured("nbtrack:", "red", on=self._err)
        self._write(self._err, f"{prefix} {said}")

    def note(self, text: str) -> None:
        """Say something that is no result."""
        self._write(self._err, printable(text))

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Return whether the user wants it.

        Args:
            question: What is asked.
            yes: Whether it was answered on the command line.

        Raises:
            UsageError: If nobody can be asked.
        """
        if yes:
            return True
        if not sys.stdin.isatty():
            raise UsageError("nobody can be asked here. If you want that, add --yes.")
        self._err.write(f"{printable(question)} [y/N] ")
        self._err.flush()
        answer = sys.stdin.readline().strip().lower()
        if answer in ("y", "yes"):
            return True
        self.note("Nothing was changed.")
        return False

    @contextlib.contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Show how far something is, if somebody watches and it takes its time."""
        shown = _Progress(self._err, what)
        try:
            yield shown.tell
        finally:
            shown.clear()

    def coloured(self, text: str, colour: str, *, on: TextIO | None = None) -> str:
        """Return a text in a colour, where colours are wanted."""
        wanted = (on or self._out).isatty() and not os.environ.get("NO_COLOR")
        if not colour or not text or not wanted:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def _write(self, stream: TextIO, text: str) -> None:
        stream.write(text + "\n")


class _Harmless:
    """Makes printable what is written to a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write("\n".join(printable(line) for line in text.split("\n")))


class _Progress:
    """A line that is written again and again."""

    def __init__(self, stream: TextIO, what: str) -> None:
        self._stream = stream
        self._what = what
        self._next_s = time.monotonic() + QUIET_S
        self._is_shown = False

    def tell(self, done: int, total: int) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s or not self._stream.isatty():
            return
        self._next_s = now_s + _PERIOD_S
        self._is_shown = True
        share = f" {100 * done // total} %" if total else ""
        self._stream.write(f"\r\x1b[K{self._what}{share} …")
        self._stream.flush()

    def clear(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()
