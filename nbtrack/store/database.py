"""Windows: the database file is opened for milliseconds, and by nobody otherwise.

One `:memory:` DuckDB per process attaches the file, works, and detaches it, under the
locks of `turnstile`. A fork waits until no window is open, because a child must not
inherit an attached file: its changes would be lost without a word, and its exit could
write to its parent's file. This is the home of duckdb; only the two methods `execute`
and `fetch…` of it are used that all supported versions share.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import duckdb

from nbtrack.store.layout import database_path
from nbtrack.store.schema import SCHEMA_VERSION, TABLES
from nbtrack.store.turnstile import BusyError, passed

if TYPE_CHECKING:
    from numpy.typing import NDArray

STORAGE = "(STORAGE_VERSION 'v1.2.0')"
WAIT_S = 0.5
PROCESS_WAIT_S = 5.0
FORK_WAIT_S = 10.0  # a window takes milliseconds; a fork is not refused for one that hangs

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]

_CONFIG: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_TELLS_OF_DAMAGE = (
    "not a valid duckdb database",
    "corrupt",
    "checksum",
    "invalidated",
    "wal cannot",
    "failure while replaying",
    "deserializ",
    "internal error",
    "could not read enough bytes",
)


class UnavailableError(Exception):
    """The database cannot be used now; everything is in the journals all the same."""


class DamagedError(UnavailableError):
    """The database cannot be read, now or ever."""


class Window:
    """The database while it is attached; its schema is called `nb`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Keep a connection that has the file attached."""
        self._connection = connection

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self._connection.execute(query, list(values)).fetchall()

    def columns(
        self, query: str, *values: object, incoming: "dict[str, NDArray[Any]] | None" = None
    ) -> "dict[str, NDArray[Any]]":
        """Return all rows of a query as one array per column.

        Args:
            query: It may read from `incoming`. No column of it may hold NULL.
            values: For its question marks.
            incoming: The columns of that table.
        """
        if incoming is not None:
            self._connection.register("incoming", incoming)
        try:
            found = self._connection.execute(query, list(values)).fetchnumpy()
            return cast("dict[str, NDArray[Any]]", found)
        finally:
            if incoming is not None:
                self._connection.unregister("incoming")

    def run(self, statement: str, *values: object) -> None:
        """Execute a statement."""
        self._connection.execute(statement, list(values)).fetchall()

    def insert(self, statement: str, arrays: "dict[str, NDArray[Any]]") -> None:
        """Execute an `INSERT … FROM incoming`, where `incoming` has these columns."""
        self._connection.register("incoming", arrays)
        try:
            self._connection.execute(statement).fetchall()
        finally:
            self._connection.unregister("incoming")


class Database:
    """The one database of a workspace.

    Attributes:
        path: Of the file.
    """

    def __init__(self, root: Path, *, wait_s: float = WAIT_S) -> None:
        """Keep where it lies and how long to wait for it, seconds."""
        self.path = database_path(root)
        self._root = root
        self._wait_s = wait_s

    def stamp(self) -> Stamp:
        """Return what changes when somebody writes to the database; opens nothing."""
        return (_stamp_of(self.path), _stamp_of(self._log))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Window | None]:
        """Attach for reading; None where there is no database yet.

        Raises:
            UnavailableError: If it cannot be read now.
        """
        if not self.path.exists():
            yield None
            return
        with self._passed(exclusive=False), _attached(self.path, "(READ_ONLY)") as connection:
            yield Window(connection) if _is_prepared(connection) else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Window]:
        """Attach for writing, in one transaction.

        Raises:
            UnavailableError: If it cannot be written now. Nothing of the transaction
                is stored then.
            DamagedError: If it cannot be written ever; see `set_aside`.
        """
        with self._passed(exclusive=True), _attached(self.path, STORAGE) as connection:
            connection.execute("BEGIN TRANSACTION").fetchall()
            if not _is_prepared(connection):
                _prepare(connection)
            yield Window(connection)
            connection.execute("COMMIT").fetchall()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else out for a while, and attach nothing.

        Raises:
            UnavailableError: If somebody works with it.
        """
        with contextlib.ExitStack() as stack:
            self._pass(stack, exclusive=True)
            yield

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Attach for reading as `other`, so that a window on another database can copy.

        Raises:
            UnavailableError: If it cannot be read now.
        """
        with self._passed(exclusive=False), _attached(self.path, "(READ_ONLY)", "other"):
            yield

    def set_log_aside(self) -> None:
        """Rename a log that lies there without its database.

        Raises:
            UnavailableError: If somebody works with the database, or it cannot be renamed.
        """
        with self._passed(exclusive=True):
            if not self.path.exists():
                try:
                    self._move_away("corrupt")
                except OSError as error:
                    raise UnavailableError(str(error)) from error

    def set_aside(self) -> Path:
        """Rename a database that cannot be read; the journals hold all that was in it.

        Returns:
            Where it lies now.

        Raises:
            UnavailableError: If somebody works with it, or it can be read after all.
        """
        with self._passed(exclusive=True):
            if not _is_damaged(self.path):
                raise UnavailableError("the database can be read again")
            return self._move_away("corrupt")

    def become(self, made: "Database", *, keep_as: str | None = None) -> Path | None:
        """Take the file of another database that nobody works with.

        Whoever reads sees the old one until the new one is there. A kill in between
        leaves one of them, or none, and then the journals are read.

        Args:
            made: On the same file system.
            keep_as: What the old one is kept as, `<name>.<keep_as>-<time>`; by default it
                is removed, and it must be readable then.

        Returns:
            Where the old one lies now, None where it is gone.

        Raises:
            UnavailableError: If somebody works with this one, or a file cannot be renamed.
        """
        made.checkpoint()
        with self._passed(exclusive=True):
            try:
                kept = self._move_away(keep_as) if keep_as else None
                self._forget_log()
                made.path.replace(self.path)
            except OSError as error:
                raise UnavailableError(str(error)) from error
            return kept

    def checkpoint(self) -> None:
        """Bring all of it into its one file, which then can be moved.

        Raises:
            UnavailableError: If it cannot be written now.
        """
        with self._passed(exclusive=True):
            self._checkpoint()

    def _checkpoint(self) -> None:
        with _attached(self.path, STORAGE) as connection:
            connection.execute("CHECKPOINT nb").fetchall()

    def _forget_log(self) -> None:
        """Leave no log that could be taken for the next database's."""
        if self.path.exists():
            self._checkpoint()
            self._log.unlink(missing_ok=True)
        else:
            self._move_away("corrupt")

    def _move_away(self, word: str) -> Path:
        suffix = stamped = time.strftime(f".{word}-%Y%m%d-%H%M%S", time.gmtime())
        again = 1
        while self.path.with_name(self.path.name + suffix).exists():
            again += 1
            suffix = f"{stamped}-{again}"
        # The log goes first: without its database it could be taken for the next one's.
        for path in (self._log, self.path):
            with contextlib.suppress(FileNotFoundError):
                path.rename(path.with_name(path.name + suffix))
        return self.path.with_name(self.path.name + suffix)

    @property
    def _log(self) -> Path:
        return self.path.with_name(self.path.name + ".wal")

    @contextlib.contextmanager
    def _passed(self, *, exclusive: bool) -> Iterator[None]:
        if not _RESIDENT.lock.acquire(timeout=PROCESS_WAIT_S):
            raise UnavailableError("another thread works with the database")
        try:
            with contextlib.ExitStack() as stack:
                self._pass(stack, exclusive=exclusive)
                yield
        finally:
            _RESIDENT.lock.release()

    def _pass(self, stack: contextlib.ExitStack, *, exclusive: bool) -> None:
        turn = passed(self._root, exclusive=exclusive, wait_s=self._wait_s)
        try:
            stack.enter_context(turn)
        except BusyError as error:
            raise UnavailableError("somebody else works with the database") from error
        except OSError as error:
            raise UnavailableError(str(error)) from error


@contextlib.contextmanager
def calculating() -> Iterator[Window]:
    """Use the DuckDB of this process without any file.

    Raises:
        UnavailableError: If it fails.
    """
    with _RESIDENT.lock:
        try:
            yield Window(_RESIDENT.connection())
        except duckdb.Error as error:
            raise UnavailableError(f"DuckDB fails: {error}") from error


class _Resident:
    """The DuckDB of this process, made when it is first needed, and the lock over it.

    The lock can be taken again by the thread that has it: a signal's handler may want
    to write while the main thread reads. It will find the file lock taken and give up.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._of_parents: list[duckdb.DuckDBPyConnection] = []
        self._is_held_for_fork = False

    def connection(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = connected()
        return self._connection

    def drop(self) -> None:
        """Close the connection, whatever it has open; the next one is new."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(duckdb.Error):
                connection.close()

    def before_fork(self) -> None:
        self._is_held_for_fork = self.lock.acquire(timeout=FORK_WAIT_S)

    def after_fork_in_parent(self) -> None:
        if self._is_held_for_fork:
            self.lock.release()

    def after_fork_in_child(self) -> None:
        """Begin anew; the parent's connection is kept and not closed, its threads are gone."""
        self.lock = threading.RLock()
        if self._connection is not None:
            self._of_parents.append(self._connection)
        self._connection = None


_RESIDENT = _Resident()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_RESIDENT.before_fork,
        after_in_parent=_RESIDENT.after_fork_in_parent,
        after_in_child=_RESIDENT.after_fork_in_child,
    )


def connected() -> duckdb.DuckDBPyConnection:
    """Return a new DuckDB in memory, with one thread and little of that."""
    try:
        connection = duckdb.connect(":memory:", config={**_CONFIG, "async_threads": 0})
    except duckdb.Error:  # DuckDB before 2.0 has no such threads, and does not know the name
        connection = duckdb.connect(":memory:", config=_CONFIG)
    connection.execute("PRAGMA disable_checkpoint_on_shutdown").fetchall()
    # A longer log makes every opening slow, a checkpoint at every closing writes a megabyte.
    connection.execute("SET wal_autocheckpoint = '1MB'").fetchall()
    return connection


@contextlib.contextmanager
def _attached(path: Path, how: str, schema: str = "nb") -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = _RESIDENT.connection()
        name = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{name}' AS {schema} {how}").fetchall()
    except duckdb.Error as error:
        judged = _judged(error, path)
        if isinstance(judged, DamagedError):
            _RESIDENT.drop()  # it may have become unusable with the file
        raise judged from error
    try:
        yield connection
    except duckdb.Error as error:
        _end_transaction(connection)
        raise _judged(error, path) from error
    except BaseException:
        _end_transaction(connection)
        raise
    finally:
        _detach(connection, schema)


def _end_transaction(connection: duckdb.DuckDBPyConnection) -> None:
    with contextlib.suppress(duckdb.Error):
        connection.execute("ROLLBACK").fetchall()


def _detach(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    try:
        connection.execute(f"DETACH {schema}").fetchall()
    except duckdb.Error:
        _RESIDENT.drop()


def _is_prepared(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        found = connection.execute("SELECT value FROM nb.meta WHERE key = 'schema'").fetchall()
    except duckdb.CatalogException:
        return False
    if found and found[0][0] != str(SCHEMA_VERSION):
        raise UnavailableError("the database was made by another version of nbtrack")
    return bool(found)


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("ROLLBACK").fetchall()  # the failed look ended the transaction
    connection.execute("BEGIN TRANSACTION").fetchall()
    connection.execute(TABLES).fetchall()
    version = str(SCHEMA_VERSION)
    connection.execute("INSERT INTO nb.meta VALUES ('schema', ?)", [version]).fetchall()


def _is_damaged(path: Path) -> bool:
    try:
        with _attached(path, "(READ_ONLY)") as connection:
            found = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'nb'"
            for (name,) in connection.execute(found).fetchall():
                connection.execute(f'SELECT bit_xor(hash(t)) FROM nb."{name}" t').fetchall()  # noqa: S608
    except DamagedError:
        return True
    return False


def _judged(error: duckdb.Error, path: Path) -> UnavailableError:
    """Tell damage from everything that passes."""
    text = str(error).lower()
    if any(tell in text for tell in _TELLS_OF_DAMAGE):
        return DamagedError(f"{path} is damaged: {error}")
    return UnavailableError(f"{path} cannot be used now: {error}")


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)
