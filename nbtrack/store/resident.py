"""The one DuckDB of this process: made when it is first needed, let go when nobody needs it.

What it works on is attached by `database`.
"""

import contextlib
import os
import sys
import threading
import time
from typing import Any

import duckdb

from nbtrack.store import codepages, limits
from nbtrack.store.overflow import overflow_folder

FORK_WAIT_S = 10.0  # a window takes milliseconds; a fork is not refused for one that hangs

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


class Resident:
    """The DuckDB of this process, made when it is first needed, and the lock over it.

    The lock can be taken again by the thread that has it: a signal's handler may want
    to write while the main thread reads. It will find the file lock taken and give up.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._limits: limits.Limits | None = None
        self._of_parents: list[duckdb.DuckDBPyConnection] = []
        self._is_held_for_fork = False
        self._used_s: float | None = None

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return the connection, a new one where the limits are others. Who calls has the lock."""
        self.note_use()
        chosen = limits.chosen()
        if self._limits is not chosen:
            self.drop()
        if self._connection is None:
            self._limits, self._connection = chosen, connected(chosen)
        return self._connection

    def drop(self) -> None:
        """Close the connection, whatever it has open; the next one is new."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(duckdb.Error):
                connection.close()

    def note_use(self) -> None:
        """Note that DuckDB is wanted now."""
        self._used_s = time.monotonic()

    def rest(self, idle_s: float) -> bool:
        """Let DuckDB go if nobody has wanted it for so long; tell whether that was done."""
        if not self._is_idle(idle_s) or not self.lock.acquire(blocking=False):
            return False
        try:
            if not self._is_idle(idle_s):
                return False
            self._used_s = None
            self.drop()
        finally:
            self.lock.release()
        codepages.give_back(str(sys.modules[duckdb.DuckDBPyConnection.__module__].__file__))
        return True

    def _is_idle(self, idle_s: float) -> bool:
        return self._used_s is not None and time.monotonic() - self._used_s >= idle_s

    def before_fork(self) -> None:
        """Wait until no window is open."""
        self._is_held_for_fork = self.lock.acquire(timeout=FORK_WAIT_S)

    def after_fork_in_parent(self) -> None:
        """Let the others go on."""
        if self._is_held_for_fork:
            self.lock.release()

    def after_fork_in_child(self) -> None:
        """Begin anew; the parent's connection is kept and not closed, its threads are gone."""
        self.lock = threading.RLock()
        if self._connection is not None:
            self._of_parents.append(self._connection)
        self._connection = None


RESIDENT = Resident()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=RESIDENT.before_fork,
        after_in_parent=RESIDENT.after_fork_in_parent,
        after_in_child=RESIDENT.after_fork_in_child,
    )


def rest(idle_s: float) -> bool:
    """Give back what the DuckDB of this process takes, if nobody has wanted it for so long.

    After a question that is 36 MB of its code, which its file still has, and 10 to 15 MB of
    its own. The next question is answered 15 to 20 ms later than it would have been.

    Args:
        idle_s: How long, seconds.

    Returns:
        Whether it was done; False where it is in use, or was done before.
    """
    return RESIDENT.rest(idle_s)


def connected(chosen: limits.Limits | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new DuckDB in memory, within the limits of this process."""
    RESIDENT.note_use()
    chosen = chosen or limits.chosen()
    config = {**_CONFIG, "threads": chosen.threads, "memory_limit": chosen.memory}
    try:
        connection = duckdb.connect(":memory:", config={**config, "async_threads": 0})
    except duckdb.Error:  # DuckDB before 2.0 has no such threads, and does not know the name
        connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET temp_directory = ?", [overflow_folder()]).fetchall()
    connection.execute("SET max_temp_directory_size = ?", [chosen.overflow]).fetchall()
    connection.execute("PRAGMA disable_checkpoint_on_shutdown").fetchall()
    # Every opening replays the log: 0.2 ms per KB of short runs. A checkpoint takes 50 ms and
    # writes a megabyte, so that not every closing should do it.
    connection.execute("SET wal_autocheckpoint = '128KB'").fetchall()
    return connection
