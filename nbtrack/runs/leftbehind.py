"""Runs whose kernel was killed go into the database when the next kernel begins a run.

Once per process and workspace, a few seconds after its first run began, on a thread of
its own: the recorder's must not be held up, and nobody waits for it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Timer

from nbtrack.store import Ingester, footing_of

AFTER_S = 5.0
END_S = 1.0  # a process does not end in the middle of a piece; a piece takes 0.2 s


class LeftBehind:
    """Lets runs that were left behind into the database, once per workspace."""

    def __init__(
        self,
        on_trouble: Callable[[str, str], None],
        after_s: float = AFTER_S,
        on_damage: Callable[[Path, Path], None] | None = None,
    ) -> None:
        """Begin without workspaces.

        Args:
            on_trouble: Told a cause and a text; whoever it is tells each cause once.
            after_s: How long after `look_after` to do it, seconds.
            on_damage: Told a workspace, and where its damaged database was set aside.
        """
        self._on_trouble = on_trouble
        self._on_damage = on_damage
        self._after_s = after_s
        self._timers: dict[Path, Timer] = {}
        self._stopped = Event()

    def look_after(self, root: Path) -> None:
        """Do it for a workspace in a while, if that was not asked for yet."""
        if root in self._timers:
            return
        self._stopped.clear()
        timer = Timer(self._after_s, self._ingest, (root,))
        timer.name = "nbtrack-left-behind"
        timer.daemon = True
        self._timers[root] = timer
        timer.start()

    def stop(self) -> None:
        """Leave the rest for another time: a thread that is alive at its end harms a process."""
        self._stopped.set()
        for root, timer in tuple(self._timers.items()):
            if not timer.finished.is_set():  # it waits, or is at it
                timer.cancel()
                timer.join(END_S)
                del self._timers[root]

    def _ingest(self, root: Path) -> None:
        if footing_of(root).is_shared:
            return  # a server does it
        try:
            tell = partial(self._on_damage, root) if self._on_damage else None
            Ingester(root, tell).ingest_left_behind(self._stopped.is_set)
        except Exception as error:  # noqa: BLE001 - the edge of our thread; the journals have it all
            self._on_trouble(
                f"left behind {type(error).__name__}",
                f"runs of killed kernels in {root} are not indexed yet: {error}",
            )
