"""What was measured, one line each, and in the end the same quantities side by side."""

from collections.abc import Iterable
from typing import NamedTuple

OURS = "nbtrack"


class Figure(NamedTuple):
    """One number.

    Attributes:
        what: Of what.
        value: As people read it.
        promise: What it is to be, "" for nothing.
        row: In which row of the table it stands, "" for in none.
        whose: In which column.
    """

    what: str
    value: str
    promise: str = ""
    row: str = ""
    whose: str = OURS


def printed(figures: Iterable[Figure]) -> list[Figure]:
    """Print figures as they come, and return them."""
    found = []
    for figure in figures:
        line = f"  {figure.what:<58}{figure.value:>22}   {figure.promise}"
        print(line.rstrip(), flush=True)
        found.append(figure)
    return found


def side_by_side(figures: Iterable[Figure]) -> str:
    """Return a table with a row per quantity and a column for each who was measured."""
    shown = [figure for figure in figures if figure.row]
    names = list(dict.fromkeys([OURS, *(figure.whose for figure in shown)]))
    cells = {(figure.row, figure.whose): figure.value for figure in shown}
    promises = {figure.row: figure.promise for figure in shown if figure.promise}
    lines = [["", *names, "promised"]]
    for row in dict.fromkeys(figure.row for figure in shown):
        values = [cells.get((row, name), "-") for name in names]
        lines.append([row, *values, promises.get(row, "")])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: list[str], widths: list[int]) -> str:
    first, *values = zip(cells, widths, strict=True)
    *numbers, (promise, _) = values
    columns = [f"{text:>{width}}" for text, width in numbers]
    return "  ".join(["  " + f"{first[0]:<{first[1]}}", *columns, promise]).rstrip()
