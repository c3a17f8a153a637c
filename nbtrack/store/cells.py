"""Executions of cells as columns of a table, and back."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbtrack.records import CellRun
from nbtrack.store.control import sayable
from nbtrack.store.entries import Entry
from nbtrack.store.keystats import texts

_NOTHING = -(1 << 62)
"""Stands for NULL, which columns of numpy cannot say in all versions of DuckDB."""

CELLS = (
    "number, make_timestamp(time_us), nullif(cell, ''), "
    f"nullif(execution_count, {_NOTHING}), source, make_timestamp(started_us), duration_us, "
    "status, error"
)
"""The columns of a table of cells, made of those of `cells_table`."""

STORED = (
    "SELECT epoch_us(ts), number, cell, execution_count, source, epoch_us(started), "
    "duration_us, status, error FROM nb.cells WHERE run_id = ? ORDER BY number, rowid"
)
"""Asks for the fields of `CellRun`, in their order."""


def cells_of(entries: Iterable[Entry]) -> list[CellRun]:
    """Return the executions of cells in a journal, with texts that UTF-8 can say."""
    return [_sayable(entry) for entry in entries if isinstance(entry, CellRun)]


def cells_table(cells: Sequence[CellRun]) -> dict[str, NDArray[Any]]:
    """Return cells as columns."""
    numbers = {
        "number": [cell.number for cell in cells],
        "time_us": [cell.time_us for cell in cells],
        "execution_count": [_or_nothing(cell.execution_count) for cell in cells],
        "started_us": [cell.started_us for cell in cells],
        "duration_us": [cell.duration_us for cell in cells],
    }
    return {
        **{name: np.array(values, np.int64) for name, values in numbers.items()},
        "cell": texts(cell.cell_id or "" for cell in cells),
        "source": texts(cell.source for cell in cells),
        "status": texts(cell.status for cell in cells),
        "error": texts(cell.error for cell in cells),
    }


def _or_nothing(number: int | None) -> int:
    return _NOTHING if number is None else number


def _sayable(cell: CellRun) -> CellRun:
    return CellRun(
        time_us=cell.time_us,
        number=cell.number,
        cell_id=sayable(cell.cell_id) if cell.cell_id else None,
        execution_count=cell.execution_count,
        source=sayable(cell.source),
        started_us=cell.started_us,
        duration_us=cell.duration_us,
        status=sayable(cell.status),
        error=sayable(cell.error),
    )
