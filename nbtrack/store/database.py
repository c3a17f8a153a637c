"""Windows: the database file is opened for milliseconds, and by nobody otherwise.

One `:memory:` DuckDB per process attaches the file, works, and detaches it, under the
locks of `turnstile`. Where the file lies, and whether those locks can be trusted, says
`footing`; where other hosts work with the workspace too, whoever writes has a `lease`
besides. A fork waits until no window is open, because a child must not
inherit an attached file: its changes would be lost without a word, and its exit could
write to its parent's file. This is the home of duckdb; only the two methods `execute`
and `fetch…` of it are used that all supported versions share.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import duckdb

from nbtrack.store import lease, limits
from nbtrack.store.footing import Footing, footing_of
from nbtrack.store.layout import DATABASE, PRIVATE_FILE
from nbtrack.store.resident import RESIDENT
from nbtrack.store.schema import RUN_TABLES, SCHEMA_VERSION, TABLES
from nbtrack.store.turnstile import BusyError, passed
from nbtrack.store.watchdog import Watchdog

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORRUPT = "corrupt"
"""What the name of a damaged database says, once it is set aside."""
STORAGE = "(STORAGE_VERSION 'v1.2.0')"
WAIT_S = 0.5
PROCESS_WAIT_S = 5.0

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]

_TABLES_THERE = """
SELECT table_name FROM duckdb_tables() WHERE database_name = 'nb' AND schema_name = 'main'
"""
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


class OutdatedError(UnavailableError):
    """The database was made by an older nbtrack, and is to be made anew from the journals."""


class NewerError(UnavailableError):
    """The database was made by a newer nbtrack, and is left to it."""


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
    """The one database of a workspace."""

    def __init__(self, root: Path, *, wait_s: float = WAIT_S) -> None:
        """Keep the workspace and how long to wait for its database, seconds."""
        self._root = root
        self._wait_s = wait_s

    @property
    def path(self) -> Path:
        """Where the file lies now."""
        return _path_in(footing_of(self._root))

    def stamp(self) -> Stamp:
        """Return what changes when somebody writes to the database; opens nothing."""
        path = str(self.path)
        return (_stamp_of(path), _stamp_of(f"{path}.wal"))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Window | None]:
        """Attach for reading, as long as `limits` allow.

        Gives None where there is no database yet, or one of an older nbtrack.

        Raises:
            UnavailableError: If it cannot be read now.
            NewerError: If it was made by a newer nbtrack.
            LimitError: If reading takes too long or too much memory. The database can
                be read again right after.
        """
        footing = footing_of(self._root)
        path = _path_in(footing)
        if not path.exists():
            yield None
            return
        with (
            self._passed(footing, exclusive=False),
            _attached(path, "(READ_ONLY)") as connection,
            _limited(connection),
        ):
            yield Window(connection) if _version(connection) == SCHEMA_VERSION else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Window]:
        """Attach for writing, in one transaction.

        Raises:
            UnavailableError: If it cannot be written now. Nothing of the transaction
                is stored then.
            DamagedError: If it cannot be written ever; see `set_aside`.
            OutdatedError: If an older nbtrack made it; see `set_aside`.
            NewerError: If a newer one did.
        """
        footing = footing_of(self._root)
        path = _path_in(footing)
        with self._passed(footing, exclusive=True), _attached(path, STORAGE) as connection:
            _make_private(path)
            connection.execute("BEGIN TRANSACTION").fetchall()
            version = _version(connection)
            if version is None:
                _prepare(connection)
            elif version < SCHEMA_VERSION:
                raise OutdatedError(f"{self.path} is of version {version}")
            yield Window(connection)
            connection.execute("COMMIT").fetchall()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else out for a while, and attach nothing.

        Raises:
            UnavailableError: If somebody works with it.
        """
        with contextlib.ExitStack() as stack:
            self._pass(stack, footing_of(self._root), exclusive=True)
            yield

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Attach for reading as `other`, so that a window on another database can copy.

        Raises:
            UnavailableError: If it cannot be read now.
        """
        footing = footing_of(self._root)
        path = _path_in(footing)
        with self._passed(footing, exclusive=False), _attached(path, "(READ_ONLY)", "other"):
            yield

    def set_log_aside(self) -> None:
        """Rename a log that lies there without its database.

        Raises:
            UnavailableError: If somebody works with the database, or it cannot be renamed.
        """
        with self._passed(footing_of(self._root), exclusive=True):
            if not self.path.exists():
                try:
                    self._move_away(CORRUPT)
                except OSError as error:
                    raise UnavailableError(str(error)) from error

    def set_aside(self) -> Path:
        """Rename a database that is damaged or of an older version.

        The journals hold all that was in it.

        Returns:
            Where it lies now.

        Raises:
            UnavailableError: If somebody works with it, or it can be used after all.
        """
        with self._passed(footing_of(self._root), exclusive=True):
            fault = _fault(self.path)
            if fault is None:
                raise UnavailableError("the database can be used again")
            return self._move_away(fault)

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
        with self._passed(footing_of(self._root), exclusive=True):
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
        with self._passed(footing_of(self._root), exclusive=True):
            self._checkpoint()

    def _checkpoint(self) -> None:
        with _attached(self.path, STORAGE) as connection:
            connection.execute("CHECKPOINT nb").fetchall()

    def _forget_log(self) -> None:
        """Leave no log that could be taken for the next database's."""
        if self.path.exists():
            self._checkpoint()
            _log_of(self.path).unlink(missing_ok=True)
        else:
            self._move_away(CORRUPT)

    def _move_away(self, word: str) -> Path:
        path = self.path
        stamped = time.strftime(f"{path.name}.{word}-%Y%m%d-%H%M%S", time.gmtime())
        aside, again = path.with_name(stamped), 1
        while aside.exists():
            again += 1
            aside = path.with_name(f"{stamped}-{again}")
        log = _log_of(path)
        if _is_empty(log):
            log.unlink()
        # The log goes first: without its database it could be taken for the next one's.
        for one, other in ((_log_of(path), _log_of(aside)), (path, aside)):
            with contextlib.suppress(FileNotFoundError):
                one.rename(other)
        return aside

    @contextlib.contextmanager
    def held(self) -> Iterator[Path]:
        """Keep writers away from the file, for a connection of one's own; gives its path.

        Raises:
            UnavailableError: If somebody writes it all the time.
        """
        footing = footing_of(self._root)
        with contextlib.ExitStack() as stack:
            self._pass(stack, footing, exclusive=False)
            yield _path_in(footing)

    @contextlib.contextmanager
    def _passed(self, footing: Footing, *, exclusive: bool) -> Iterator[None]:
        if not RESIDENT.lock.acquire(timeout=PROCESS_WAIT_S):
            raise UnavailableError("another thread works with the database")
        try:
            with contextlib.ExitStack() as stack:
                self._pass(stack, footing, exclusive=exclusive)
                yield
        finally:
            RESIDENT.lock.release()

    def _pass(self, stack: contextlib.ExitStack, footing: Footing, *, exclusive: bool) -> None:
        if footing.is_shared:
            _be_elected(stack, footing, exclusive=exclusive)
        turn = passed(footing.folder, exclusive=exclusive, wait_s=self._wait_s)
        try:
            stack.enter_context(turn)
        except BusyError as error:
            raise UnavailableError("somebody else works with the database") from error
        except OSError as error:
            raise UnavailableError(str(error)) from error


def _be_elected(stack: contextlib.ExitStack, footing: Footing, *, exclusive: bool) -> None:
    """Take the lease for writing; where locks lie, only who has it anyway may even read."""
    if exclusive:
        may_go_on = stack.enter_context(lease.taken(footing.folder))
    else:
        may_go_on = footing.has_locks or lease.is_ours(footing.folder)
    if not may_go_on:
        raise UnavailableError("another process brings the database up to date")


def _path_in(footing: Footing) -> Path:
    return footing.folder / DATABASE


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _is_empty(log: Path) -> bool:
    try:
        return log.stat().st_size == 0
    except OSError:
        return False


def _make_private(path: Path) -> None:
    """Let only this user read an attached database, before anything is written to it.

    DuckDB makes its files as the process makes any file, and refuses an empty database.
    An empty log is fine, and stays the same file through checkpoints.
    """
    log = _log_of(path)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    for one in (path, log):
        with contextlib.suppress(OSError):  # another user's
            if stat.S_IMODE(one.stat().st_mode) != PRIVATE_FILE:
                one.chmod(PRIVATE_FILE)


def holds_runs(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the file that is attached as `nb` is a database of ours, of this version.

    Raises:
        NewerError: If it was made by a newer nbtrack.
    """
    return _version(connection) == SCHEMA_VERSION


@contextlib.contextmanager
def scratch() -> Iterator[Window]:
    """Lend the DuckDB of this process without any file, for what it can reckon.

    Raises:
        UnavailableError: If another thread has it all the time.
    """
    if not RESIDENT.lock.acquire(timeout=PROCESS_WAIT_S):
        raise UnavailableError("another thread works with the database")
    try:
        yield Window(RESIDENT.connection())
    finally:
        RESIDENT.lock.release()


@contextlib.contextmanager
def _limited(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Give up what takes too long or too much; then it is not read from the journals either."""
    chosen = limits.chosen()
    watchdog = Watchdog(chosen.window_s, connection.interrupt)
    try:
        with watchdog:
            yield
    except duckdb.OutOfMemoryException as error:
        raise limits.too_large(chosen) from error
    except duckdb.Error as error:
        if watchdog.has_bitten:
            raise limits.too_long(chosen) from error
        raise


@contextlib.contextmanager
def _attached(path: Path, how: str, schema: str = "nb") -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = RESIDENT.connection()
        _attach(connection, path, how, schema)
    except duckdb.Error as error:
        judged = _judged(error, path)
        if isinstance(judged, DamagedError):
            RESIDENT.drop()  # it may have become unusable with the file
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


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, how: str, schema: str) -> None:
    name = str(path).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{name}' AS {schema} {how}").fetchall()
    except duckdb.InvalidInputException as error:
        # A file that somebody else made may be of a later storage version, and stays so.
        if "storage version" not in str(error) or "STORAGE_VERSION" not in how:
            raise
        connection.execute(f"ATTACH '{name}' AS {schema}").fetchall()


def _end_transaction(connection: duckdb.DuckDBPyConnection) -> None:
    with contextlib.suppress(duckdb.Error):
        connection.execute("ROLLBACK").fetchall()


def _detach(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    try:
        connection.execute(f"DETACH {schema}").fetchall()
    except duckdb.Error:
        RESIDENT.drop()


def _version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Return the version of the tables, at most the present one; None where there are none.

    Raises:
        DamagedError: If something stands in the place of a table that reads elsewhere.
    """
    tables = {name for (name,) in connection.execute(_TABLES_THERE).fetchall()}
    if "meta" not in tables:
        return None
    found = connection.execute("SELECT value FROM nb.meta WHERE key = 'schema'").fetchall()
    if not found:
        return None
    said = str(found[0][0])
    if not said.isdecimal() or int(said) > SCHEMA_VERSION:
        raise NewerError(
            f"the database of this workspace was made by a newer nbtrack (its version is {said}, "
            f"this nbtrack knows {SCHEMA_VERSION}). It is left as it is, and runs are read from "
            "their journals, which is slower. To use it, type pip install --upgrade nbtrack"
        )
    if int(said) == SCHEMA_VERSION and not tables.issuperset(RUN_TABLES):
        # A view may read any file of whoever looks; it is made anew from the journals.
        raise DamagedError("the database has something else in the place of nbtrack's tables")
    return int(said)


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("ROLLBACK").fetchall()  # the failed look ended the transaction
    connection.execute("BEGIN TRANSACTION").fetchall()
    connection.execute(TABLES).fetchall()
    version = str(SCHEMA_VERSION)
    connection.execute("INSERT INTO nb.meta VALUES ('schema', ?)", [version]).fetchall()


def _fault(path: Path) -> str | None:
    """Return why a database cannot be used, as a word for its name; None where it can."""
    try:
        with _attached(path, "(READ_ONLY)") as connection:
            version = _version(connection)
            if version is not None and version < SCHEMA_VERSION:
                return f"version-{version}"
            found = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'nb'"
            for (name,) in connection.execute(found).fetchall():
                connection.execute(f'SELECT bit_xor(hash(t)) FROM nb."{name}" t').fetchall()  # noqa: S608
    except DamagedError:
        return CORRUPT
    return None


def _judged(error: duckdb.Error, path: Path) -> UnavailableError:
    """Tell damage from everything that passes."""
    text = str(error).lower()
    if any(tell in text for tell in _TELLS_OF_DAMAGE):
        return DamagedError(f"{path} is damaged: {error}")
    return UnavailableError(f"{path} cannot be used now: {error}")


def _stamp_of(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - of many workspaces, twice a second
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)
