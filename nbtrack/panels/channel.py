"""One run as all of its panels in a kernel are told of it.

Panels share one follower and one count of messages. Any thread may ask for a snapshot
(a browser asks for a widget's state whenever it likes); only the pump sends.
"""

import json
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from nbtrack import query
from nbtrack.errors import UsageError
from nbtrack.panels.intents import span_of
from nbtrack.panels.look import Look
from nbtrack.panels.lookups import Answer, Lookup, look_up
from nbtrack.panels.messages import append_message, pack_series, snapshot_message
from nbtrack.panels.protocol import Append, Reply, RunHead, Snapshot, Window
from nbtrack.records import RunState

if TYPE_CHECKING:
    from nbtrack.panels.panel import RunPanel
    from nbtrack.query import Follower, RunNews, RunView
    from nbtrack.store import RunFacts

Packed: TypeAlias = tuple[Snapshot | Append, bytes]

_POINTS = 2_000
_POINTS_AT_FIRST = 400  # painted while the snapshot is on its way
_LINES = 1_000
_HEAD_BYTES_PER_S = 20_000
_MOST_HEAD_S = 5.0


class Channel:
    """Follows one run.

    Attributes:
        uid: Of the run.
        panels: That show it.
        on_stop: Called when somebody presses Stop.
        points: At most so many per series in a snapshot: as its views want it.
        failed_at_s: When reading it failed last.
    """

    def __init__(self, root: Path, uid: str, on_stop: Callable[[], None]) -> None:
        """Keep which run it is; its files are opened when somebody looks.

        Args:
            root: Workspace of the run.
            uid: Of the run.
            on_stop: Called when somebody presses Stop.
        """
        self.uid = uid
        self.panels: list[RunPanel] = []
        self.on_stop = on_stop
        self.points = _POINTS
        self.failed_at_s = float("-inf")
        self._root = root
        self._lock = threading.Lock()
        self._follower: Follower | None = None
        self._first: RunView | None = None
        self._sequence = 0
        self._started_us = 0
        self._unsent: RunFacts | None = None
        self._sent: RunHead | None = None
        self._head_due_s = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether a snapshot was taken from which news go on."""
        return self._follower is not None

    def begin(self, look: Look) -> None:
        """Go on from a look at the run, unless it is followed already."""
        with self._lock:
            if self._follower is None:
                self._follower, self._first = look.follow(), look.view

    def first_state(self) -> dict[str, Any]:
        """Return what a new view paints first.

        Raises:
            Error: If the run cannot be read.
        """
        head, buffer = self._snapshot(_POINTS_AT_FIRST, ())
        return {"head": head, "buf": buffer}

    def snapshot(self, panels: "Collection[RunPanel]") -> Packed:
        """Return the run as it stands.

        Args:
            panels: To which it is sent; the others are behind from now on.

        Raises:
            Error: If the run cannot be read.
        """
        return self._snapshot(self.points, panels)

    def leave_behind(self) -> None:
        """Note that something did not reach the panels."""
        for panel in self.panels:
            panel.audience.is_behind = True

    def news(self, now_s: float) -> Packed | None:
        """Return what came since the last message, or None.

        Args:
            now_s: On a clock that only moves forward.

        Raises:
            Error: If the run cannot be read.
        """
        with self._lock:
            if self._follower is None:
                return None
            self._first = None
            news = self._follower.poll()
            if news is not None and news.run is not None:
                self._unsent = news.run
            facts = self._due(now_s)
            if news is None or not (news.blocks or news.lines):
                if facts is None:
                    return None
                news = query.RunNews(run=facts, blocks=[], lines=[])
            return self._append(replace(news, run=facts), now_s)

    def window(self, intent: Window) -> tuple[Reply, bytes]:
        """Return the exact extrema that a view asks for.

        Raises:
            Error: If the run cannot be read.
        """
        if not self._started_us:
            self.snapshot(())
        # Not the follower: what others are told must not wait for a long look back.
        series = query.Follower(self._root, self.uid).window(
            intent["keys"], span_of(intent), intent["points"]
        )
        heads, buffer = pack_series(series, started_us=self._started_us)
        return Reply(op="reply", id=intent["id"], uid=self.uid, series=heads), buffer

    def look_up(self, intent: Lookup) -> Answer:
        """Return the answer to a question about the run; on any thread.

        Raises:
            Error: If it cannot be met.
        """
        return look_up(self._root, intent)

    def stop(self) -> None:
        """Ask the run to stop.

        Raises:
            Error: If it has ended, or cannot be asked.
        """
        sent = self._sent
        if sent is not None and not RunState(sent["state"]).goes_on:
            raise UsageError(f"run {sent['name']!r} is {sent['state']}: there is nothing to stop.")
        self.on_stop()

    def rest(self) -> None:
        """Close the run's files; they are opened again when somebody looks."""
        with self._lock:
            if self._follower is not None:
                self._follower.close()
            self._follower = self._first = None

    def _snapshot(self, points: int, served: "Collection[RunPanel]") -> Packed:
        with self._lock:
            view = self._first if points == _POINTS_AT_FIRST else None
            if view is None:
                follower = self._follower or query.Follower(self._root, self.uid)
                view = follower.snapshot(points=points, lines=_LINES)
                self._follower = follower
            self._first = None
            # It moves on past what was sent: it counts as a message that only the one who
            # asked has got, so that whoever goes by numbers knows that one is missing.
            self._sequence += 1
            self._started_us = view.run.opened.time_us
            self._unsent = None
            for panel in self.panels:
                panel.audience.is_behind = panel not in served
            head, buffer = snapshot_message(view, self._sequence)
            self._sent = head["run"]
            return head, buffer

    def _append(self, news: "RunNews", now_s: float) -> Packed:
        self._sequence += 1
        head, buffer = append_message(news, self.uid, self._sequence, started_us=self._started_us)
        if head["run"] is not None:
            self._unsent = None
            self._sent = head["run"]
            size = len(json.dumps(head["run"]))
            self._head_due_s = now_s + min(size / _HEAD_BYTES_PER_S, _MOST_HEAD_S)
        return head, buffer

    def _due(self, now_s: float) -> "RunFacts | None":
        """Return the facts to send now: large ones less often, news of the state at once."""
        facts, sent = self._unsent, self._sent
        if facts is None or now_s >= self._head_due_s or sent is None:
            return facts
        turned = facts.state != sent["state"] or facts.ticking != sent["ticking"]
        return facts if turned or len(facts.notices) != len(sent["notices"]) else None
