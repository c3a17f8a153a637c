"""Keeps the workspaces in order while the server runs: one thread, once a minute.

Nobody waits for it, least of all the event loop. What it does is in `store.Upkeep`.
"""

import asyncio
from threading import Event, Thread

from nbtrack.clock import MICROSECONDS, Clock
from nbtrack.lab.listing import AnyLogger
from nbtrack.lab.workspaces import Workspaces
from nbtrack.store import Upkeep

_CLOSING_S = 5.0  # a copy of the database is not left half way, and nobody waits longer


class Caretaker:
    """Tends all workspaces that the server knows, one after the other."""

    def __init__(
        self, workspaces: Workspaces, clock: Clock, *, interval_s: float, log: AnyLogger
    ) -> None:
        """Keep the workspaces; nothing begins yet.

        Args:
            workspaces: Those that the server knows.
            clock: Says how old runs are.
            interval_s: Rest between two rounds, and before the first, seconds.
            log: Where trouble is told.
        """
        self._workspaces = workspaces
        self._clock = clock
        self._interval_s = interval_s
        self._log = log
        self._ended = Event()
        self._told: set[str] = set()
        self._thread = Thread(target=self._work, name="nbtrack-caretaker", daemon=True)

    def start(self) -> None:
        """Begin; to be called once."""
        self._thread.start()

    async def close(self) -> None:
        """End within a few seconds; the event loop goes on meanwhile."""
        self._ended.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, _CLOSING_S)

    def _work(self) -> None:
        while not self._ended.wait(self._interval_s):
            try:
                self._tend()
            except Exception:  # noqa: BLE001 - the edge of our thread: the next round tries again
                self._log.exception("nbtrack: the workspaces are not kept in order")

    def _tend(self) -> None:
        self._workspaces.sweep(self._clock.now_us() / MICROSECONDS)
        for workspace in self._workspaces.known():
            if self._ended.is_set():
                return
            done = Upkeep(workspace.root, self._clock, self._ended.is_set).tend()
            for note in done.notes:
                self._tell_once(note)

    def _tell_once(self, note: str) -> None:
        if note not in self._told:
            self._told.add(note)
            self._log.warning("nbtrack: %s", note)
