"""Runs whose kernel was killed go into the database when the next kernel begins a run.

Once per process and workspace, a few seconds after its first run began, on a thread of
its own: the recorder's must not be held up, and nobody waits for it.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Timer

from nbtrack.store import Ingester

AFTER_S = 5.0


class LeftBehind:
    """Lets runs that were left behind into the database, once per workspace."""

    def __init__(self, on_trouble: Callable[[str, str], None], after_s: float = AFTER_S) -> None:
        """Begin without workspaces.

        Args:
            on_trouble: Told a cause and a text; whoever it is tells each cause once.
            after_s: How long after `look_after` to do it, seconds.
        """
        self._on_trouble = on_trouble
        self._after_s = after_s
        self._known: set[Path] = set()

    def look_after(self, root: Path) -> None:
        """Do it for a workspace in a while, if that was not asked for yet."""
        if root in self._known:
            return
        self._known.add(root)
        timer = Timer(self._after_s, self._ingest, (root,))
        timer.name = "nbtrack-left-behind"
        timer.daemon = True
        timer.start()

    def _ingest(self, root: Path) -> None:
        try:
            Ingester(root).ingest_left_behind()
        except Exception as error:  # noqa: BLE001 - the edge of our thread; the journals have it all
            self._on_trouble(
                f"left behind {type(error).__name__}",
                f"runs of killed kernels in {root} are not indexed yet: {error}",
            )
