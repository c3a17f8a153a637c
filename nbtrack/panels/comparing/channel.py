"""Several runs as the panels of one comparison are told of them.

A view is told which runs there are and how they stand, and asks for what it draws. What
runs logged since then it asks for again, when it hears that they have changed.
"""

import time
from typing import TYPE_CHECKING, Any, TypeAlias

from nbtrack.errors import UsageError
from nbtrack.panels.comparing.drawing import drawing_of
from nbtrack.panels.comparing.messages import comparison_message, key_heads
from nbtrack.panels.lookups import Answer, Lookup
from nbtrack.panels.protocol import Comparison, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbtrack import query
    from nbtrack.panels.comparing.bundle import Picture
    from nbtrack.panels.panel import RunPanel

Packed: TypeAlias = tuple[Comparison, bytes]

PERIOD_S = 1.0
_REST = 9  # times as long as a look took: nine tenths of the pump's time are for others


class CompareChannel:
    """Follows several runs.

    Attributes:
        root: Workspace of the runs.
        uid: Of the comparison.
        panels: That show it.
        failed_at_s: When reading it failed last.
    """

    def __init__(
        self, comparison: "query.Comparison", uid: str, picture: "Picture | None" = None
    ) -> None:
        """Keep what is compared.

        Args:
            comparison: The runs, just looked up.
            uid: Of the comparison.
            picture: Of the runs, for whoever looks before anything has changed.
        """
        self.root = comparison.root
        self.uid = uid
        self.panels: list[RunPanel] = []
        self.failed_at_s = float("-inf")
        self._comparison = comparison
        self._sequence = 0
        self._due_s = float("-inf")
        self._picture = picture
        self._keys = None if picture is None else picture.keys
        # A view that has painted the picture needs only what comes after it.
        self.is_open = picture is not None

    def first_state(self) -> dict[str, Any]:
        """Return what a new view paints first.

        Raises:
            Error: If the runs cannot be read.
        """
        picture = self._picture
        if picture is None or not picture.is_of(self._comparison.facts):
            self._picture = None
            return {"head": self._message(None), "buf": b""}
        head = {**picture.head, "sequence": self._sequence, "drawn": picture.drawn}
        return {"head": head, "buf": picture.buffer}

    def is_known(self, sequence: int | None) -> bool:
        """Tell whether who has the message of that number has everything."""
        return self.is_open and sequence == self._sequence

    def turn_to(self, uids: "Sequence[str]") -> None:
        """Go on with other runs of the same workspace.

        Raises:
            Error: If none of them is there, or they cannot be read.
        """
        self._comparison.turn_to(uids)
        self._keys = None

    def snapshot(self, panels: "Collection[RunPanel]" = ()) -> Packed:
        """Return all runs as they stand; those who do not get it are behind.

        Raises:
            Error: If the runs cannot be read.
        """
        self.is_open = True
        self._sequence += 1
        for panel in self.panels:
            panel.audience.is_behind = panel not in panels
        return self._message(None), b""

    def leave_behind(self) -> None:
        """Note that something did not reach the panels."""
        for panel in self.panels:
            panel.audience.is_behind = True

    def news(self, now_s: float) -> Packed | None:
        """Return which runs have changed, came or went since the last message, or None.

        Args:
            now_s: On a clock that only moves forward.

        Raises:
            Error: If the runs cannot be read.
        """
        if now_s < self._due_s:
            return None
        began_s = time.monotonic()
        before = self._comparison.facts
        changed = self._comparison.glance()
        took_s = time.monotonic() - began_s
        self._due_s = now_s + max(PERIOD_S, _REST * took_s)
        if not changed and len(before) == len(self._comparison.facts):
            return None
        if any(facts.ended_us is None for facts in changed):
            self._keys = None
        self._sequence += 1
        return self._message({facts.opened.uid for facts in changed}), b""

    def look_up(self, intent: Lookup) -> Answer:
        """Return what a view draws; on any thread.

        Raises:
            Error: If it cannot be read, or something else is asked.
        """
        if intent["op"] != "draw":
            raise UsageError(f"runs beside each other cannot meet {intent['op']!r}.")
        return drawing_of(self._comparison, intent)

    def window(self, intent: Window) -> Answer:
        """Refuse: a view asks for windows by `draw`.

        Raises:
            UsageError: Always.
        """
        raise UsageError(f"runs beside each other cannot meet {intent['op']!r}: ask to draw.")

    def stop(self) -> None:
        """Refuse: runs are stopped one by one, in their own panels.

        Raises:
            UsageError: Always.
        """
        raise UsageError("runs beside each other are stopped one by one, in their own panels.")

    def rest(self) -> None:
        """Close the journals of live runs; they are opened again when somebody looks."""
        if self.is_open:
            self.is_open = False
            self._comparison.close()

    def _message(self, changed: "Collection[str] | None") -> Comparison:
        if self._keys is None:
            self._keys = key_heads(self._comparison.keys(), self._comparison.facts)
        return comparison_message(self._comparison, self._keys, self.uid, self._sequence, changed)
