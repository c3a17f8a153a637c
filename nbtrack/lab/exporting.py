"""Rows and reports of runs as files for the browser, written beside everything else.

A file is made whole before its first byte is sent: trouble is still told in words then.
One is made at a time, on a thread of its own, so that a large one holds up nobody who
looks at runs.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import BinaryIO

from nbtrack import query, reports, store
from nbtrack.errors import LimitError, RunNotFoundError, UsageError
from nbtrack.lab.workspaces import Workspaces

MOST_RUNS = 10_000
MOST_ROWS = 50_000_000

TYPES = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_MOST_WAITING = 4


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported.

    Attributes:
        uids: Of the runs.
        form: `csv`, `json` or `parquet`; `html` for a report.
        what: `runs` for a row per run, `rows` for all that they logged, or `report`.
    """

    uids: tuple[str, ...]
    form: str
    what: str

    @classmethod
    def parse(cls, body: bytes) -> "Wish":
        """Return what a page asks for.

        Raises:
            UsageError: If anything about it is wrong; it says what.
        """
        try:
            said = json.loads(body)
            uids, form, what = said["runs"], said["format"], said["what"]
        except (ValueError, TypeError, LookupError, RecursionError):
            raise UsageError(
                'An export is asked for as {"runs": […], "format": …, "what": …}.'
            ) from None
        if not isinstance(uids, list) or not 0 < len(uids) <= MOST_RUNS:
            raise UsageError(f"An export is of 1 to {MOST_RUNS:,} runs.")
        if form not in tuple(TYPES) or what not in ("runs", "rows", "report"):
            raise UsageError("Runs or rows are exported as csv, json or parquet.")
        if (what == "report") != (form == "html"):
            raise UsageError("A report is exported as html, and nothing else is.")
        return cls(tuple(dict.fromkeys(map(str, uids))), form, what)

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self.uids[0] if len(self.uids) == 1 else f'{len(self.uids)}-runs'}.{self.form}"


class Exporting:
    """Makes files."""

    def __init__(self, workspaces: Workspaces) -> None:
        """Keep where runs are."""
        self._workspaces = workspaces
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="nbtrack-export")
        self._waiting = 0

    async def make(
        self, wish: Wish, workspace_id: str | None, folder: Path, given_up: Event
    ) -> BinaryIO:
        """Write what is wished for into a folder; return the file, open for reading.

        Args:
            wish: What.
            workspace_id: Where to look, or None for everywhere.
            folder: Into which.
            given_up: Set when nobody waits for it any more.

        Raises:
            UsageError: If a uid is malformed, or too many exports wait.
            RunNotFoundError: If a run is gone.
            LimitError: If there are too many rows.
            StoreError: If a run cannot be read, or the file not written.
        """
        if self._waiting >= _MOST_WAITING:
            raise UsageError("Other exports are being made. Try again when they are done.")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            write = partial(self._write, wish, workspace_id, folder / wish.name, given_up)
            return await loop.run_in_executor(self._pool, write)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Begin no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _write(self, wish: Wish, workspace_id: str | None, path: Path, given_up: Event) -> BinaryIO:
        if wish.what == "report":
            self._report(wish, workspace_id, path, given_up)
            return path.open("rb")
        runs = self._runs(wish, workspace_id)
        if wish.what == "runs":
            sheet = query.Sheet.of_runs(runs)
        else:
            sheet = query.Sheet.of_rows(runs, pulse=_pulse(given_up))
        sheet.write(path, wish.form)
        return path.open("rb")

    def _report(self, wish: Wish, workspace_id: str | None, path: Path, given_up: Event) -> None:
        homes = self._workspaces.homes(wish.uids, workspace_id)
        roots = {root for root in homes.values() if root is not None}
        if len(roots) != 1:
            raise RunNotFoundError(
                "The runs of a report lie in one workspace."
                if roots
                else "None of these runs is in a workspace of this server any more."
            )
        beside = query.Comparison.of_uids(roots.pop(), wish.uids)
        reports.write_report(beside, path, tell=_listening(given_up))

    def _runs(self, wish: Wish, workspace_id: str | None) -> list[query.ApiRun]:
        runs = []
        readers: dict[Path, store.Reader] = {}
        for uid, root in self._workspaces.homes(wish.uids, workspace_id).items():
            if root is None:
                raise RunNotFoundError(f"Run {uid!r} is in no workspace of this server any more.")
            reader = readers.setdefault(root, store.Reader(root))
            runs.append(query.ApiRun(root, reader, reader.run(uid)))
        return runs


@contextmanager
def workbench(given_up: Event) -> Iterator[Path]:
    """Lend a folder for a file; what is still written into it is given up at the end."""
    with TemporaryDirectory(prefix="nbtrack-export-", ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        finally:
            given_up.set()


def _pulse(given_up: Event) -> Callable[[int], None]:
    def beat(rows: int) -> None:
        if given_up.is_set():
            raise LimitError("The page that asked for these rows does not wait any more.")
        if rows > MOST_ROWS:
            raise LimitError(
                f"An export has at most {MOST_ROWS:,} rows. Choose fewer runs, or type "
                "nbtrack export in a terminal."
            )

    return beat


def _listening(given_up: Event) -> Callable[[int, int], None]:
    def tell(_done: int, _total: int) -> None:
        if given_up.is_set():
            raise LimitError("The page that asked for this report does not wait any more.")

    return tell


def headers_of(wish: Wish) -> dict[str, str]:
    """Return the headers of the answer; the page saves the file and never shows it."""
    return {
        "Content-Type": TYPES[wish.form],
        "Content-Disposition": f'attachment; filename="{wish.name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
