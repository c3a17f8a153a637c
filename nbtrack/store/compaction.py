"""A database that gives back to the disk what was deleted from it.

DuckDB keeps the room of deleted rows in its file. When that is a good part of it, all
that is left is copied into a new file, run by run, so that the rows of one run and of one
key lie together, and the new file takes the old one's name. Until that moment the old one
is as it was, and whoever is killed leaves it so.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from nbtrack.store.database import STORAGE, Database, UnavailableError, Window
from nbtrack.store.layout import PRIVATE_FILE
from nbtrack.store.resident import connected
from nbtrack.store.sealing import sync_folder

LEAST_BYTES = 8 << 20  # a smaller gain is not worth keeping everybody out
SHARE = 0.25
_ROWS_AT_ONCE = 2_000_000  # sorted in memory, 100 MB
_NAME = ".compact"


def compact(root: Path, *, least_bytes: int = LEAST_BYTES) -> int:
    """Copy the database into a smaller file, if enough of it is free.

    Everybody else is kept out meanwhile, about a second for three million points: kernels
    go on writing their journals, readers read those.

    Args:
        root: The workspace.
        least_bytes: How much must be gained at least, about.

    Returns:
        How many bytes were gained, 0 if there is too little to gain.

    Raises:
        UnavailableError: If the database cannot be used now, or there is no room for the
            new file. It is as it was.
    """
    database = Database(root)
    is_worth_it = _gain(database) >= least_bytes
    if not is_worth_it and not any(left.exists() for left in leftover(database.path)):
        return 0
    try:
        with database.alone():
            return _replace(database.path) if is_worth_it else _swept(database.path)
    except (duckdb.Error, OSError) as error:
        raise UnavailableError(f"{database.path} cannot be compacted now: {error}") from error


def leftover(path: Path) -> list[Path]:
    """Return the files that a compaction makes beside a database on its way.

    Args:
        path: Of the database.
    """
    new = path.with_name(path.name + _NAME)
    return [new, new.with_name(new.name + ".wal")]


def _gain(database: Database) -> int:
    """Guess how many bytes a copy would save; 0 if it is not a good part of them."""
    with database.reading() as window:
        if window is None:
            return 0
        size = database.path.stat().st_size
        share = max(_free_share(window), _deleted_share(window))
    return int(share * size) if share >= SHARE else 0


def _free_share(window: Window) -> float:
    """Return which part of the file is free blocks."""
    query = (
        "SELECT free_blocks, total_blocks FROM pragma_database_size() WHERE database_name = 'nb'"
    )
    ((free, total),) = window.rows(query)
    return free / total if total else 0.0


def _deleted_share(window: Window) -> float:
    """Return which part of the points in the file is of rows that were deleted."""
    ((there,),) = window.rows("SELECT count(*) FROM nb.metrics")
    # What a row group has room for stays, however many of its rows are deleted.
    ((kept,),) = window.rows(
        "SELECT coalesce(sum(count), 0) FROM (SELECT max(count) AS count "
        "FROM pragma_storage_info('nb.metrics') WHERE segment_type <> 'VALIDITY' "
        "GROUP BY row_group_id, segment_id, column_id HAVING column_id = 0)"
    )
    return 1 - there / kept if kept > there else 0.0


def _swept(path: Path) -> int:
    """Remove what a killed compaction left; return how many bytes that were."""
    freed = 0
    for left in leftover(path):
        with contextlib.suppress(FileNotFoundError):
            freed += left.stat().st_size
            left.unlink()
    return freed


def _replace(path: Path) -> int:
    before = path.stat()
    new, log = leftover(path)
    old_log = path.with_name(path.name + ".wal")
    _swept(path)
    try:
        _copy(path, new)
        if any(one.exists() and one.stat().st_size for one in (log, old_log)):
            raise UnavailableError(f"{path} could not be written down")
        new.chmod(PRIVATE_FILE)
        _sync(new)
        new.replace(path)
        sync_folder(path.parent)
    finally:
        _swept(path)
    return before.st_size - path.stat().st_size


def _copy(path: Path, new: Path) -> None:
    connection = connected()
    with contextlib.closing(connection):
        # The log goes into the file first: beside a new file it would be of another.
        _run(connection, f"ATTACH {_quoted(path)} AS old")
        _run(connection, "CHECKPOINT old")
        _run(connection, "DETACH old")
        _run(connection, f"ATTACH {_quoted(path)} AS old (READ_ONLY)")
        _run(connection, f"ATTACH {_quoted(new)} AS nb {STORAGE}")
        _run(connection, "COPY FROM DATABASE old TO nb (SCHEMA)")
        for table, columns in _tables(connection):
            _copy_table(connection, table, columns)
        _run(connection, "CHECKPOINT nb")
        _run(connection, "DETACH nb")
        _run(connection, "DETACH old")


def _copy_table(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
    if "run_id" not in columns:
        _run(connection, f'INSERT INTO nb."{table}" SELECT * FROM old."{table}"')  # noqa: S608
    else:
        order = ", ".join([*(one for one in ("run_id", "key_id") if one in columns), "rowid"])
        for low, high, rows in _ranges(connection, table):
            sorting = f"ORDER BY {order}" if rows <= _ROWS_AT_ONCE else ""
            _run(
                connection,
                f'INSERT INTO nb."{table}" SELECT * FROM old."{table}" '  # noqa: S608 - our tables
                f"WHERE run_id BETWEEN {low} AND {high} {sorting}",
            )
    counts = [
        _run(connection, f'SELECT count(*) FROM {name}."{table}"')  # noqa: S608 - our tables
        for name in ("old", "nb")
    ]
    if counts[0] != counts[1]:
        raise UnavailableError(f"table {table} has {counts[0]} rows, its copy {counts[1]}")


def _ranges(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[int, int, int]]:
    """Yield from which run to which to copy at once, and how many rows they have."""
    query = f'SELECT run_id, count(*) FROM old."{table}" GROUP BY run_id ORDER BY run_id'  # noqa: S608
    start, end, total = None, 0, 0
    for run_id, rows in _run(connection, query):
        if start is not None and total + rows > _ROWS_AT_ONCE:
            yield start, end, total
            start, total = None, 0
        start, end, total = run_id if start is None else start, run_id, total + rows
    if start is not None:
        yield start, end, total


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[str]]]:
    query = (
        "SELECT table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = 'old' AND NOT internal GROUP BY table_name ORDER BY table_name"
    )
    return [(name, list(columns)) for name, columns in _run(connection, query)]


def _run(connection: duckdb.DuckDBPyConnection, statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement).fetchall()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
