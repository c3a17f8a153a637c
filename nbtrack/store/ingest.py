"""The door to ingest; numpy and duckdb are loaded when it is first used."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrack.forks import kept_from_forks

if TYPE_CHECKING:
    from nbtrack.store.ingesting import Ingesting


class Ingester:
    """Brings the database of a workspace up to date with its journals.

    It can be used from any thread, one call at a time goes on.
    """

    def __init__(self, root: Path, on_damage: Callable[[Path], None] | None = None) -> None:
        """Keep the workspace; nothing is opened.

        Args:
            root: The workspace.
            on_damage: Told where a damaged database was set aside; a new one is made
                from the journals.
        """
        self._root = root
        self._on_damage = on_damage
        self._lock = threading.RLock()  # a signal may come while its own thread ingests
        self._work: Ingesting | None = None

    def ingest(self, uid: str) -> bool:
        """Let the new part of a journal go into the database.

        Trouble is no error: everything is in the journal, and readers look there too.

        Returns:
            Whether all that the journal holds now is in the database. False if the
            database is in use by somebody else, or cannot be written.

        Raises:
            UsageError: If the uid is malformed.
        """
        with self._lock:
            return self._working().ingest(uid)

    def ingest_left_behind(self, is_stopped: Callable[[], bool] = lambda: False) -> int:
        """Let journals of dead runs go into the database, as far as they are not there.

        On a network file system those of living runs, too: their kernels do not. One
        process at a time does it there; others return 0.

        Args:
            is_stopped: Asked now and then whether to leave the rest for another time.

        Returns:
            How many there were.
        """
        with self._lock:
            return self._working().ingest_left_behind(is_stopped)

    @property
    def refusal(self) -> str:
        """Why the database is left alone until this nbtrack is updated; "" if it is not."""
        return self._work.refusal if self._work else ""

    def _working(self) -> "Ingesting":
        if self._work is None:
            with kept_from_forks():
                from nbtrack.store.ingesting import Ingesting

            self._work = Ingesting(self._root, on_damage=self._on_damage)
        return self._work
