"""Questions in SQL: a DuckDB of their own, which sees the workspace and nothing else.

It attaches the database read-only, takes in what the journals have beyond it, and is then
locked: no files, no extensions, no settings, no variables of Python. One SELECT is asked,
within bounds of time, memory and rows, and all is closed again before anybody looks at
the answer. While it works, new rows wait in their journals to be let into the database;
nobody who logs waits.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import duckdb

from nbtrack.errors import CommError, StoreError, UsageError
from nbtrack.store.database import Database, UnavailableError, Window, holds_runs
from nbtrack.store.facts import RunFacts
from nbtrack.store.liverows import Columns, Ingested, live_parts, live_tables
from nbtrack.store.sqltables import NAMES, TABLES, inserts, live_insert, views

TIMEOUT_S = 30.0
WAIT_S = 5.0
MOST_ROWS = 1_000_000
MEMORY = "1GB"
LONGEST_QUERY = 100_000
"""Characters."""

_CONFIG: dict[str, Any] = {
    "threads": max(1, min(4, (os.cpu_count() or 1) // 2)),
    "memory_limit": MEMORY,
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
_LOCKS = ("SET enable_external_access = false", "SET lock_configuration = true")


def answer(
    root: Path,
    runs: Callable[[], Sequence[RunFacts]],
    query: str,
    values: Sequence[object] = (),
    timeout_s: float = TIMEOUT_S,
) -> Columns:
    """Return the answer to one SELECT, column by column.

    Args:
        root: The workspace.
        runs: Gives what is known of all runs.
        query: It reads the tables of `sqltables`.
        values: For its question marks.
        timeout_s: When to give up, seconds.

    Returns:
        Arrays by name, at most a million rows. NULL is masked.

    Raises:
        UsageError: If the query is none, or is more than one SELECT.
        CommError: If the answer takes too long, too much memory or too many rows.
        StoreError: If the database cannot be read now.
    """
    _check(query)
    known = runs()
    with (
        contextlib.closing(_connected()) as connection,
        _told_apart(timeout_s),
        _attached(connection, root) as is_stored,
    ):
        _fill(connection, root, known, is_stored=is_stored)
        for lock in _LOCKS:
            connection.execute(lock).fetchall()
        with _limited(connection, timeout_s):
            return _asked(connection, query, values)


def _connected() -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(":memory:", config={**_CONFIG, "async_threads": 0})
    except duckdb.Error:  # DuckDB before 2.0 has no such threads, and does not know the name
        return duckdb.connect(":memory:", config=_CONFIG)


def _check(query: object) -> None:
    if not isinstance(query, str) or not query.strip():
        raise UsageError(f"a query is a text like 'FROM runs LIMIT 5', not {query!r}.")
    if len(query) > LONGEST_QUERY:
        raise UsageError(f"a query has at most {LONGEST_QUERY} characters, not {len(query)}.")


def _parsed(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return the one SELECT of a query.

    The connection is locked by then: to parse some of the statements that are refused
    here, DuckDB reads files.
    """
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"the query cannot be understood: {error}") from None
    kinds = [one.type for one in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        said = ", ".join(kind.name for kind in kinds) or "nothing"
        raise UsageError(
            f"a query is one SELECT (or FROM, WITH, DESCRIBE, SUMMARIZE), not {said}. Runs are "
            "changed by run.update() and deleted by run.delete()."
        )
    return str(statements[0].query).strip().rstrip(";")


@contextlib.contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, root: Path) -> Iterator[bool]:
    """Attach the database, if there is one."""
    database = Database(root, wait_s=WAIT_S)
    if not database.path.exists():
        yield False
        return
    with database.held() as path:
        name = str(path).replace("'", "''")
        try:
            connection.execute(f"ATTACH '{name}' AS nb (READ_ONLY)").fetchall()
        except duckdb.Error as error:
            raise UnavailableError(str(error)) from error
        try:
            yield holds_runs(connection)
        finally:
            connection.close()  # before the lock is let go


def _fill(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    runs: Sequence[RunFacts],
    *,
    is_stored: bool,
) -> None:
    window = Window(connection)
    window.run(TABLES)
    for statement, columns in inserts(runs):
        window.insert(statement, columns)
    done = "SELECT uid, ingested, line_count FROM nb.runs"
    found = window.rows(done) if is_stored else []
    ingested = {uid: Ingested(position, lines) for uid, position, lines in found}
    for name, columns in live_tables(live_parts(root, ingested)).items():
        if columns:
            window.insert(live_insert(name), columns)
    for view in views(is_stored=is_stored):
        window.run(view)


def _asked(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object]) -> Columns:
    text = _parsed(connection, query)
    # Columns of one name get names of their own in a SELECT around them.
    whole = f"SELECT * FROM (\n{text}\n) LIMIT {MOST_ROWS + 1}"  # noqa: S608 - one SELECT
    found = cast("Columns", connection.execute(whole, list(values)).fetchnumpy())
    if found and len(next(iter(found.values()))) > MOST_ROWS:
        raise CommError(
            f"the answer has more than {MOST_ROWS:,} rows. Aggregate in the query (avg, max, "
            "GROUP BY), or add a LIMIT."
        )
    return found


@contextlib.contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, timeout_s: float) -> Iterator[None]:
    timer = threading.Timer(timeout_s, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


@contextlib.contextmanager
def _told_apart(timeout_s: float) -> Iterator[None]:
    """Say of an error whose it is: the query's, the bounds', or the database's."""
    try:
        yield
    except duckdb.InterruptException:
        raise CommError(
            f"the query took more than {timeout_s:g} s and was ended: while it works, new rows "
            "wait in their journals. Ask for less, or give it time: api.sql(..., timeout_s=300)."
        ) from None
    except (duckdb.OutOfMemoryException, MemoryError):
        raise CommError(
            f"the query needs more than {MEMORY} of memory. Select fewer columns or runs, or "
            "aggregate (avg, max, GROUP BY)."
        ) from None
    except UnavailableError as error:
        raise StoreError(f"the database cannot be read now ({error}). Try again.") from error
    except duckdb.Error as error:
        tables = ", ".join(NAMES)
        raise UsageError(f"{error}\nTables: {tables}. 'DESCRIBE runs' tells the columns.") from None
