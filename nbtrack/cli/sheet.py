"""Rows of runs as one table, and how it is written: CSV, JSON or Parquet.

The rows are gone through twice, first to learn which columns there are, so that a long run
needs no memory. What a live run logs in between is left out.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, TextIO

from nbtrack.cli.screen import json_text
from nbtrack.query import ApiRun
from nbtrack.store import write_parquet

RUN = "_run"
"""Name of the column with the uid of the run."""

PAGE_ROWS = 10_000
_INT64 = range(-(1 << 63), 1 << 63)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sheet:
    """Rows of some runs, each with the uid of its run.

    Attributes:
        columns: What they are called and what they hold: bool, int (64 bits), float or
            str; where kinds mix, and for what is none of these, JSON as str.
        row_count: How many rows there are.
    """

    def __init__(self, runs: Sequence[ApiRun], keys: Sequence[str] | None) -> None:
        """Look through the runs.

        Args:
            runs: Whose rows.
            keys: Only these besides `_step`, and only rows that have all of them.

        Raises:
            StoreError: If a run cannot be read.
        """
        self._keys = None if keys is None else ["_step", *keys]
        self._counts: list[tuple[ApiRun, int]] = []
        kinds: dict[str, set[type]] = {RUN: {str}}
        for run in runs:
            count = 0
            for count, row in enumerate(run.scan_history(self._keys), 1):  # noqa: B007 - the last
                for name, value in row.items():
                    kinds.setdefault(name, set()).add(_kind(value))
            self._counts.append((run, count))
        self.columns = {name: _one_kind(found) for name, found in kinds.items()}
        self.row_count = sum(count for _, count in self._counts)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows, run by run, as they were logged."""
        for run, count in self._counts:
            for row in islice(run.scan_history(self._keys), count):
                yield {RUN: run.uid, **row}

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
