"""The list of all runs of a workspace, and what changes in it."""

from pathlib import Path

from nbtrack.clock import Clock
from nbtrack.store import Reader, RunFacts


class RunIndex:
    """Tells which runs are new or changed. Used by one thread at a time."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        """Keep the workspace, which need not exist; nothing is opened."""
        self._reader = Reader(root, clock)
        self._known: dict[str, RunFacts] = {}

    def poll(self) -> tuple[list[RunFacts], list[str]]:
        """Return the runs that are new or changed since the last call, and the uids gone.

        Raises:
            StoreError: If the workspace cannot be read.
        """
        known = self._reader.glance()
        if known is self._known:
            return [], []
        removed = sorted(self._known.keys() - known.keys())
        changed = [facts for uid, facts in known.items() if self._known.get(uid) is not facts]
        self._known = known
        changed.sort(key=lambda one: (one.opened.time_us, one.opened.uid), reverse=True)
        return changed, removed

    def close(self) -> None:
        """Close the journals of live runs; the next `poll` opens them again."""
        self._reader.close()
