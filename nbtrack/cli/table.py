"""Tables that fit a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbtrack.cli.screen import Screen, printable, shortened, width_of

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Stands above it.
        is_number: Whether it is set to the right.
        least: It may be shortened to so many columns; 0 if it must stay whole.
        weight: How early it is left out where there is no room; 0 for never.
    """

    name: str
    is_number: bool = False
    least: int = 0
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column, and in which colour."""

    text: str
    colour: str = ""


def show_table(
    screen: Screen, columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]]
) -> None:
    """Print a table, aligned.

    Args:
        screen: Where to.
        columns: `k` of them.
        rows: `k` cells each.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    shown = list(range(len(columns)))
    widths = [
        max([len(column.name), *(width_of(row[at].text) for row in cells)])
        for at, column in enumerate(columns)
    ]
    if screen.width is not None:
        shown, widths = _fitted(columns, widths, screen.width)
    screen.parts(*_line(columns, shown, widths, [Cell(one.name, "dim") for one in columns]))
    for row in cells:
        screen.parts(*_line(columns, shown, widths, row))


def _cell(cell: Cell | str) -> Cell:
    cell = Cell(cell) if isinstance(cell, str) else cell
    return Cell(printable(cell.text), cell.colour)


def _fitted(columns: Sequence[Column], widths: list[int], room: int) -> tuple[list[int], list[int]]:
    """Shorten what may be shortened, the widest first; then leave columns out."""
    shown = list(range(len(columns)))
    fitted = list(widths)
    while (over := _total(shown, fitted) - room) > 0:
        slack = {at: fitted[at] - columns[at].least for at in shown if columns[at].least}
        widest = max(slack, key=lambda at: slack[at], default=None)
        if widest is not None and slack[widest] > 0:
            fitted[widest] -= min(over, max(1, slack[widest] // 4))
            continue
        optional = [at for at in shown if columns[at].weight]
        if not optional:
            break
        shown.remove(max(optional, key=lambda at: columns[at].weight))
        fitted = [width if columns[at].least else fitted[at] for at, width in enumerate(widths)]
    return shown, fitted


def _total(shown: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[at] for at in shown) + len(GAP) * (len(shown) - 1)


def _line(
    columns: Sequence[Column], shown: Sequence[int], widths: Sequence[int], row: Sequence[Cell]
) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    for at in shown:
        text = shortened(row[at].text, widths[at])
        fill = " " * (widths[at] - width_of(text))
        parts += [(fill, "")] if columns[at].is_number else []
        parts.append((text, row[at].colour))
        parts += [] if columns[at].is_number else [(fill, "")]
        parts.append((GAP, ""))
    return parts[:-1]
