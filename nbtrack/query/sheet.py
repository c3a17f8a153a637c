"""Rows of runs as one table, and how it is written: CSV, JSON or Parquet.

The rows are gone through twice, first to learn which columns there are, so that a long run
needs no memory. What a live run logs in between is left out.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Self, TextIO, TypeAlias

from nbtrack.query.apirun import ApiRun
from nbtrack.query.runs import row_of
from nbtrack.store import write_parquet
from nbtrack.values import json_text

Part: TypeAlias = Callable[[], Iterator[dict[str, Any]]]
Pulse: TypeAlias = Callable[[int], None]

FORMATS = ("parquet", "csv", "json")

RUN = "_run"
"""Name of the column with the uid of the run."""

PAGE_ROWS = 10_000
_INT64 = range(-(1 << 63), 1 << 63)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sheet:
    """Rows of some runs, each with the uid of its run, or a row for each run.

    Attributes:
        columns: What they are called and what they hold: bool, int (64 bits), float or
            str; where kinds mix, and for what is none of these, JSON as str.
        row_count: How many rows there are.
    """

    def __init__(self, first: str, parts: Iterable[Part], pulse: Pulse | None = None) -> None:
        """Look through the rows.

        Args:
            first: Name of the first column, which is there without rows, too.
            parts: Each gives some rows, and gives them again when it is asked again.
            pulse: Called with the number of rows every 10,000 of them; what it raises
                ends the look.

        Raises:
            StoreError: If a run cannot be read.
        """
        self._counts: list[tuple[Part, int]] = []
        self.row_count = 0
        kinds: dict[str, set[type]] = {first: {str}}
        for part in parts:
            before = self.row_count
            for row in part():
                self.row_count += 1
                if pulse and self.row_count % PAGE_ROWS == 0:
                    pulse(self.row_count)
                for name, value in row.items():
                    kinds.setdefault(name, set()).add(_kind(value))
            self._counts.append((part, self.row_count - before))
        self.columns = {name: _one_kind(found) for name, found in kinds.items()}

    @classmethod
    def of_rows(
        cls,
        runs: Sequence[ApiRun],
        keys: Sequence[str] | None = None,
        pulse: Pulse | None = None,
    ) -> Self:
        """Return all that some runs logged.

        Args:
            runs: Whose rows.
            keys: Only these besides `_step`, and only rows that have all of them.
            pulse: As above.

        Raises:
            StoreError: If a run cannot be read.
        """
        names = None if keys is None else ["_step", *keys]
        return cls(RUN, [partial(_rows_of, run, names) for run in runs], pulse)

    @classmethod
    def of_runs(cls, runs: Sequence[ApiRun]) -> Self:
        """Return a row for each run: who it is, how it stands, its config and its summary."""
        return cls("uid", [lambda: map(row_of, runs)])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows, run by run, as they were logged."""
        for part, count in self._counts:
            yield from islice(part(), count)

    def write(self, path: Path, form: str) -> None:
        """Write a file.

        Args:
            path: One that is there is overwritten.
            form: `csv`, `json` or `parquet`.

        Raises:
            StoreError: If it cannot be written.
        """
        if form == "parquet":
            self.write_parquet(path)
            return
        with path.open("w", encoding="utf-8", errors="replace", newline="") as out:
            (self.write_csv if form == "csv" else self.write_json)(out)

    def write_csv(self, out: TextIO) -> None:
        """Write CSV, with a line of names; where a row has no value, its cell is empty.

        A spreadsheet takes text that begins with `=` and the like for a formula; such text
        gets an apostrophe before it.
        """
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_harmless(name) for name in self.columns])
        for row in self.rows():
            writer.writerow([_cell(row.get(name), kind) for name, kind in self.columns.items()])

    def write_json(self, out: TextIO) -> None:
        """Write a list of objects, a line each."""
        comma = "["
        for row in self.rows():
            out.write(f"{comma}\n{json_text(row)}")
            comma = ","
        out.write("\n]\n" if comma == "," else "[]\n")

    def write_parquet(self, path: Path) -> None:
        """Write a Parquet file.

        Raises:
            StoreError: If it cannot be written.
        """
        write_parquet(path, self.columns, self._pages())

    def _pages(self) -> Iterator[list[list[Any]]]:
        rows = self.rows()
        while page := list(islice(rows, PAGE_ROWS)):
            yield [
                [_value(row.get(name), kind) for row in page] for name, kind in self.columns.items()
            ]


def _rows_of(run: ApiRun, keys: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    for row in run.scan_history(keys):
        yield {RUN: run.uid, **row}


def _kind(value: object) -> type:
    if value is None or type(value) in (bool, float, str):
        return type(value)
    return int if isinstance(value, int) and value in _INT64 else dict


def _one_kind(found: set[type]) -> type:
    found = found - {type(None)}
    if len(found) == 1 and dict not in found:
        return next(iter(found))
    return float if found == {int, float} else str


def _value(value: Any, kind: type) -> Any:  # noqa: ANN401 - what was logged
    if value is None or kind is not str or isinstance(value, str):
        return value
    return json.dumps(value, default=str, ensure_ascii=False)


def _cell(value: Any, kind: type) -> Any:  # noqa: ANN401 - what was logged
    if isinstance(value, bool) and kind is bool:
        return "true" if value else "false"
    shown = _value(value, kind)
    if isinstance(shown, str) and (isinstance(value, str) or not _is_number(value)):
        return _harmless(shown)
    return shown


def _is_number(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and isfinite(value))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
