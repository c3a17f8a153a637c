"""Columns and rows for people: plain Python, or a frame of pandas, polars or arrow.

None of these libraries is needed; whoever asks for a frame has its library.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nbtrack.errors import MissingDependencyError, UsageError

if TYPE_CHECKING:
    import pandas as pd

FrameFormat: TypeAlias = Literal["default", "pandas", "polars", "arrow"]
"""A list of dicts, or a frame of a library."""

SHOWN_ROWS = 20
LARGEST_INT = 1 << 63
_PACKAGES = {"pandas": "pandas", "polars": "polars", "pyarrow": "pyarrow"}


class Table:
    """What a query found.

    Examples:
        >>> table = api.sql("SELECT name, state FROM runs")
        >>> table.columns
        ['name', 'state']
        >>> table.rows
        [('brave-otter-1', 'finished')]
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Keep the columns, arrays of one length by name."""
        self._columns = dict(columns)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._columns)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """All rows; what is missing is None, NaN is NaN, and times are UTC."""
        return list(zip(*(_plain(one) for one in self._columns.values()), strict=True))

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(next(iter(self._columns.values()), ()))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Go through the rows."""
        return iter(self.rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column; what is missing is masked.

        Raises:
            UsageError: If there is none of that name.
        """
        if name not in self._columns:
            raise UsageError(f"no column {name!r}; there are {', '.join(self._columns)}.")
        return self._columns[name]

    def df(self) -> "pd.DataFrame":
        """Return a pandas DataFrame.

        Raises:
            MissingDependencyError: If pandas is not installed.
        """
        return library("pandas").DataFrame(self._columns)  # type: ignore[no-any-return]

    def pl(self) -> Any:  # noqa: ANN401 - a frame of an optional library
        """Return a polars DataFrame.

        Raises:
            MissingDependencyError: If polars is not installed.
        """
        columns = {name: _unmasked(one) for name, one in self._columns.items()}
        return library("polars").DataFrame(columns, strict=False)

    def arrow(self) -> Any:  # noqa: ANN401 - a table of an optional library
        """Return a pyarrow Table.

        Raises:
            MissingDependencyError: If pyarrow is not installed.
        """
        arrow = library("pyarrow")
        return arrow.table(
            {name: arrow.array(_unmasked(one)) for name, one in self._columns.items()}
        )

    def __repr__(self) -> str:
        """Show the first rows as text."""
        lines = [" | ".join(self._columns)]
        lines += [" | ".join(map(str, row)) for row in self._head().rows]
        return "\n".join([*lines, self._count()])

    def _repr_html_(self) -> str:
        return html_table(self.columns, self._head().rows, self._count())

    def _head(self) -> "Table":
        return Table({name: one[:SHOWN_ROWS] for name, one in self._columns.items()})

    def _count(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self):,} rows"
        return rows if len(self) <= SHOWN_ROWS else f"{rows}, of which {SHOWN_ROWS} are shown"


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]], below: str) -> str:
    """Return rows as a table for a cell's output; all of it is text, and escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(one))}</td>' for one in row)}</tr>" for row in rows
    )
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(below)}</p>"
    )


def frame_of(rows: Sequence[Mapping[str, Any]], format: FrameFormat) -> Any:  # noqa: A002, ANN401 - the field's name; a frame
    """Return rows as a frame, with a column for each name that any of them has.

    In polars and arrow a column has one type: where numbers, texts and others mix, it
    holds their JSON.

    Raises:
        UsageError: If there is no such format.
        MissingDependencyError: If the library is not installed.
    """
    if format == "default":
        return list(rows)
    if format == "pandas":
        return library("pandas").DataFrame(list(rows))
    if format == "polars":
        return library("polars").DataFrame(_typed(rows), strict=False)
    if format == "arrow":
        return library("pyarrow").table(_typed(rows))
    raise UsageError(f"format is 'default', 'pandas', 'polars' or 'arrow', not {format!r}.")


def library(name: str) -> Any:  # noqa: ANN401 - a module
    """Return an optional library.

    Raises:
        MissingDependencyError: If it is not installed; the message says what to type.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingDependencyError(
            f"this returns an object of {name}, which is not installed. Install it with\n"
            f"    pip install {_PACKAGES[name]}\n"
            "or ask for plain Python: history(pandas=False), scan_history(), sql(...).rows."
        ) from error


def _plain(column: NDArray[Any]) -> list[Any]:
    return [one.tolist() if isinstance(one, np.ndarray) else one for one in column.tolist()]


def _unmasked(column: NDArray[Any]) -> Any:  # noqa: ANN401 - an array, or a list with None
    is_plain = not isinstance(column, np.ma.MaskedArray) and column.dtype != object
    return column if is_plain else _plain(column)


def _typed(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _of_one_type([row.get(name) for row in rows]) for name in names}


def _of_one_type(values: list[Any]) -> list[Any]:
    kinds = {type(value) for value in values if value is not None}
    fits = all(abs(value) < LARGEST_INT for value in values if type(value) is int)
    if len(kinds) <= 1 and fits and not kinds & {dict, list}:
        return values
    if kinds <= {int, float} and fits:
        return [None if value is None else float(value) for value in values]
    return [
        value if value is None or isinstance(value, str) else json.dumps(value, default=str)
        for value in values
    ]
