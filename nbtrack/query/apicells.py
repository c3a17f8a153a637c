"""A run of `Api()` as it was made: its cells, and a notebook that makes it again."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from nbtrack.clock import MICROSECONDS
from nbtrack.query.flushing import flush_all
from nbtrack.query.replay import replay
from nbtrack.query.table import frame_of
from nbtrack.query.times import iso
from nbtrack.records import CellRun
from nbtrack.store import Reader, RunFacts

if TYPE_CHECKING:
    import pandas as pd


class ApiCells:
    """The part of `ApiRun` that tells how it was made."""

    _root: Path
    _reader: Reader
    _facts: RunFacts

    @overload
    def cells(self, pandas: Literal[False] = ...) -> list[dict[str, Any]]: ...
    @overload
    def cells(self, pandas: Literal[True]) -> "pd.DataFrame": ...
    def cells(self, pandas: bool = False) -> "list[dict[str, Any]] | pd.DataFrame":  # noqa: FBT001, FBT002 - as in `history`
        """Return the executions of cells that made the run, in their order.

        Args:
            pandas: Return a DataFrame, else a list of dicts.

        Returns:
            For each `number` (from 0), `execution_count`, `cell_id`, `source`, `status`
            (`ok`, `error`, `interrupted`; `ending` where the run ended in it; `before`
            where only the source is known), `error`, `before` (whether it ran before the
            run began), `started_at` (ISO 8601, UTC, or None) and `duration` (seconds, or
            None). Secrets in sources are `***`.

        Raises:
            MissingDependencyError: If pandas is wanted and not installed.
            StoreError: If the run cannot be read.

        Examples:
            >>> [cell["source"] for cell in run.cells()]
            ['run = nbtrack.init()', 'train(lr=0.1)']
        """
        rows = [self._row(cell) for cell in self._executions()]
        return frame_of(rows, "pandas") if pandas else rows

    def notebook(self) -> dict[str, Any]:
        """Return a notebook (nbformat 4) whose cells do again what made the run.

        Every execution is a cell, in its order. One that failed may fail again, and one
        that was interrupted is passed over by nbclient and papermill. The first cell says
        with which commit and which packages.

        Raises:
            UsageError: If no cells of it are known.
            StoreError: If the run cannot be read.

        Examples:
            >>> run.notebook()["nbformat"]
            4
        """
        return replay(self._root, self._facts, self._executions())

    def _executions(self) -> list[CellRun]:
        flush_all()
        return self._reader.cells(self._facts.opened.uid)

    def _row(self, cell: CellRun) -> dict[str, Any]:
        is_known = bool(cell.started_us)
        began_us = self._facts.opened.time_us
        return {
            "number": cell.number,
            "execution_count": cell.execution_count,
            "cell_id": cell.cell_id,
            "source": cell.source,
            "status": cell.status,
            "error": cell.error,
            "before": cell.started_us + cell.duration_us < began_us,
            "started_at": iso(cell.started_us) if is_known else None,
            "duration": cell.duration_us / MICROSECONDS if is_known else None,
        }
