"""The database of a workspace on a network file system, kept up to date by one process."""

from pathlib import Path

from nbtrack.store import lease
from nbtrack.store.footing import footing_of
from nbtrack.store.ingest import Ingester


class SharedIngesting:
    """Ingests for all kernels of a workspace whose footing is shared; see `footing`.

    A server has one per workspace and calls `tend` every few seconds. The first one keeps
    the lease until it is closed or its process ends. Elsewhere kernels ingest for
    themselves, and `tend` does nothing. Used by one thread at a time.
    """

    def __init__(self, root: Path) -> None:
        """Keep the workspace; nothing is opened."""
        self._root = root
        self._ingester = Ingester(root)
        self._folder: Path | None = None

    def tend(self) -> int:
        """Bring the database up to date with all journals, if this process is elected.

        Trouble is no error, as with `Ingester`.

        Returns:
            How many journals had something new.
        """
        footing = footing_of(self._root)
        if self._folder != (footing.folder if footing.is_shared else None):
            self.close()
        if not footing.is_shared:
            return 0
        if self._folder is None and lease.take(footing.folder):
            self._folder = footing.folder
        return self._ingester.ingest_left_behind() if self._folder else 0

    def close(self) -> None:
        """Let another process be elected."""
        folder, self._folder = self._folder, None
        if folder is not None:
            lease.let_go(folder)
