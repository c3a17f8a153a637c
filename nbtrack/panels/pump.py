"""The one thread of a kernel that talks to panels.

What views say arrives on any thread and is only put into a queue. Ten times a second
the pump answers it and sends what is new. What has to be looked up is looked up by a
clerk, whose answers come back through the queue. It ends when nobody has looked for a while and
starts again when a view is heard of. Whatever goes wrong is told once per cause; the
next round tries again.
"""

import json
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from nbtrack import store
from nbtrack.clock import Clock
from nbtrack.errors import Error, UsageError
from nbtrack.panels.audience import Audience
from nbtrack.panels.channel import Channel
from nbtrack.panels.clerk import Clerk
from nbtrack.panels.comparing import CompareChannel
from nbtrack.panels.detached import detach, detached, pin
from nbtrack.panels.intents import MOST_ID, parse_intent
from nbtrack.panels.look import Look
from nbtrack.panels.lookups import Answer, Lookup, as_lookup
from nbtrack.panels.panel import ComparisonPanel, RunPanel
from nbtrack.panels.protocol import Append, Comparison, Failure, Hello, Intent, Reply, Snapshot

PERIOD_S = 0.1
_IDLE_S = 5.0
_RETRY_S = 1.0
_OF_SERVERS = frozenset(("browse", "facets", "pick", "summarize", "act", "trash", "compare"))

Tell: TypeAlias = Callable[[str, str], None]
"""Takes a cause and a text; tells each cause once."""


Topic: TypeAlias = Channel | CompareChannel
"""What a panel is about."""


class Said(NamedTuple):
    """What a view said to a panel; `beside_cells` if it was heard on a thread of its own."""

    channel: Topic
    panel: RunPanel
    content: object
    beside_cells: bool


class Found(NamedTuple):
    """What the clerk found out for a view."""

    channel: Topic
    panel: RunPanel
    head: Reply | Failure
    buffer: bytes


class Pump:
    """Sends to all panels of a kernel."""

    def __init__(
        self, tell: Tell, *, kernel: object, clock: Clock, script: Callable[[], str]
    ) -> None:
        """Keep what is needed; the thread starts with the first panel.

        Args:
            tell: Takes trouble, from any thread.
            kernel: ipykernel's kernel, or None.
            clock: Where the time comes from.
            script: Reads the ES module that draws.
        """
        self._tell = tell
        self._kernel = kernel
        self._clock = clock
        self._script = script
        self._channels: dict[tuple[Path, str], Topic] = {}
        self._said: queue.SimpleQueue[Said | Found | None] = queue.SimpleQueue()
        self._clerk = Clerk()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._active_at_s = 0.0
        self._pid = os.getpid()

    # --- called by the stage -------------------------------------------------------------

    def open_panel(
        self, look: Look, *, height: int, on_stop: Callable[[], None] | None
    ) -> RunPanel:
        """Return a new panel of a run.

        Args:
            look: The run, as its views paint it first.
            height: Of its views, pixels.
            on_stop: Called on the pump's thread when somebody presses Stop; None tells the
                store.

        Raises:
            MissingDependencyError: If the panel's script was never built.
        """
        script = self._script()
        channel = self._channel(look.root, look.uid)
        channel.on_stop = on_stop or channel.on_stop
        channel.begin(look)
        return self._opened(channel, height, script)

    def open_comparison(
        self, channel: CompareChannel, *, height: int, script: Callable[[], str]
    ) -> RunPanel:
        """Return a panel of several runs.

        Args:
            channel: The runs.
            height: Of its views, pixels.
            script: Reads the ES module that draws it.

        Raises:
            MissingDependencyError: If the panel's script was never built.
        """
        text = script()
        self._channels[channel.root, channel.uid] = channel
        return self._opened(channel, height, text)

    def freshen(self, panel: RunPanel) -> None:
        """Send the views of a panel a snapshot of their run, if there are any."""
        panel.audience.is_behind = True
        self._wake()

    def close(self, timeout_s: float) -> None:
        """End the thread for good; what it does now is waited for, up to `timeout_s`."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            thread, self._closed = self._thread, True
        self._said.put(None)
        if thread is not None:
            thread.join(timeout_s)

    def _opened(self, channel: Topic, height: int, script: str) -> RunPanel:
        panel = detached(self._kernel, lambda: self._new_panel(channel, height, script))
        channel.panels.append(panel)
        self._wake()
        return panel

    def _channel(self, root: Path, uid: str) -> Channel:
        channel = self._channels.get((root, uid))
        if not isinstance(channel, Channel):
            channel = Channel(root, uid, lambda: store.request_stop(root, uid))
            self._channels[root, uid] = channel
        return channel

    def _new_panel(self, channel: Topic, height: int, script: str) -> RunPanel:
        make = RunPanel if isinstance(channel, Channel) else ComparisonPanel
        panel = make(
            uid=channel.uid,
            height=height,
            script=script,
            snapshot=lambda: self._first_state(channel),
            hear=lambda panel, content: self._hear(channel, panel, content),
        )
        pin(panel.comm)
        return panel

    # --- called by widgets, on any thread ------------------------------------------------

    def _hear(self, channel: Topic, panel: RunPanel, content: object) -> None:
        beside_cells = threading.current_thread() is not threading.main_thread()
        self._said.put(Said(channel, panel, content, beside_cells))
        self._wake()

    def _first_state(self, channel: Topic) -> dict[str, Any] | None:
        try:
            return channel.first_state()
        except Exception as error:  # noqa: BLE001 - what a browser asks must not fail in a cell
            self._tell_of(channel, error)
            return None

    def _wake(self) -> None:
        """Let the thread run, unless this is a forked child or the end."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            self._active_at_s = self._clock.elapsed_s()
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="nbtrack-pump", daemon=True)
                self._thread.start()

    # --- the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        detach(self._kernel)
        due_s = self._clock.elapsed_s()
        while not self._ends():
            now_s = self._clock.elapsed_s()
            if now_s >= due_s:
                self._send_news(now_s)
                due_s = max(due_s + PERIOD_S, now_s)
            self._answer(due_s - self._clock.elapsed_s())
        for channel in list(self._channels.values()):
            channel.rest()

    def _ends(self) -> bool:
        """Tell whether nobody has looked for a while, or the pump was closed."""
        with self._lock:
            now_s = self._clock.elapsed_s()
            if any(panel.audience.listens(now_s) for panel in self._panels()):
                self._active_at_s = now_s
            idle = now_s - self._active_at_s > _IDLE_S and self._said.empty()
            if idle or self._closed:
                self._thread = None
            return self._thread is None

    def _panels(self) -> list[RunPanel]:
        return [panel for channel in list(self._channels.values()) for panel in channel.panels]

    # --- sending -------------------------------------------------------------------------

    def _send_news(self, now_s: float) -> None:
        for channel in list(self._channels.values()):
            if now_s - channel.failed_at_s >= _RETRY_S:
                try:
                    self._send_news_of(channel, now_s)
                except Exception as error:  # noqa: BLE001 - the thread's edge
                    channel.failed_at_s = now_s
                    channel.leave_behind()
                    self._tell_of(channel, error)

    def _send_news_of(self, channel: Topic, now_s: float) -> None:
        panels = list(channel.panels)
        listening = [panel for panel in panels if panel.audience.listens(now_s)]
        for panel in panels:
            # What is not sent to it is missing there: it begins anew when it listens again.
            audience = panel.audience
            audience.is_behind |= panel not in listening or audience.begins_anew(now_s)
        if not listening:
            channel.rest()
        elif not channel.is_open or any(panel.audience.is_behind for panel in listening):
            head, buffer = channel.snapshot(listening)
            for panel in listening:
                self._send(panel, head, buffer)
        else:
            news = channel.news(now_s)
            if news is not None:
                for panel in listening:
                    self._send(panel, *news)

    def _send(
        self,
        panel: RunPanel,
        head: Snapshot | Append | Comparison | Reply | Failure,
        buffer: bytes = b"",
    ) -> None:
        panel.audience.sent(len(buffer) + len(json.dumps(head)))
        panel.send(head, buffers=[buffer] if buffer else None)

    # --- answering -----------------------------------------------------------------------

    def _answer(self, wait_s: float) -> None:
        """Answer what a view said, or wait for it."""
        try:
            said = self._said.get(timeout=max(wait_s, 0.0))
        except queue.Empty:
            return
        if said is None:
            return
        try:
            if isinstance(said, Found):
                self._send(said.panel, said.head, said.buffer)
            elif answer := self._reply(said, lambda: self._meet(said, parse_intent(said.content))):
                self._send(said.panel, *answer)
        except Exception as error:  # noqa: BLE001 - the thread's edge
            self._tell_of(said.channel, error)

    def _reply(
        self, said: Said, meet: Callable[[], Answer | None]
    ) -> tuple[Reply | Failure, bytes] | None:
        """Return the answer, a failure where there is none, or None if the clerk gives it."""
        try:
            return meet()
        except Error as error:
            kind, message = type(error).__name__, str(error)
        except Exception as error:  # noqa: BLE001 - every intent is answered
            self._tell_of(said.channel, error)
            kind, message = "Error", f"nbtrack stumbled over it: {type(error).__name__}: {error}"
        return Failure(op="error", id=_id_of(said.content), kind=kind, message=message), b""

    def _hand_over(self, said: Said, lookup: Lookup) -> None:
        """Let the clerk answer.

        Raises:
            UsageError: If it has too much to do.
        """

        def work() -> None:
            answer = self._reply(said, lambda: said.channel.look_up(lookup))
            if answer is not None:
                self._said.put(Found(said.channel, said.panel, *answer))
                self._wake()

        if not self._clerk.take(work):
            raise UsageError("too many questions wait for their answers: ask again in a moment.")

    def _meet(self, said: Said, intent: Intent) -> Answer | None:
        """Do what is asked, or have it done.

        Raises:
            Error: If that cannot be done.
        """
        channel, audience = said.channel, said.panel.audience
        if intent["op"] in _OF_SERVERS:
            raise UsageError("a kernel tells of single runs only: ask the server for the list.")
        if (uid := intent.get("uid")) != channel.uid:
            raise UsageError(f"this panel shows run {channel.uid!r}, not {uid!r}.")
        if lookup := as_lookup(intent):
            self._hand_over(said, lookup)
            return None
        if intent["op"] == "window":
            return channel.window(intent)
        if intent["op"] == "stop":
            channel.stop()
        elif intent["op"] == "bye":
            audience.leave(intent["view"])
        elif intent["op"] == "hello":
            return self._greet(intent, said), b""
        elif intent["op"] == "lease":
            self._note_life(audience, intent["view"], said)
        return Reply(op="reply", id=intent["id"]), b""

    def _greet(self, hello: Hello, said: Said) -> Reply:
        channel, audience = said.channel, said.panel.audience
        if isinstance(channel, Channel):
            channel.points = hello.get("points", channel.points)
            has_all = False
        else:
            has_all = channel.is_known(hello.get("known")) and not audience.is_behind
        self._note_life(audience, hello["view"], said)
        audience.is_behind |= not has_all
        reply = Reply(op="reply", id=hello["id"])
        return reply | {"current": True} if has_all else reply

    def _note_life(self, audience: Audience, view: str, said: Said) -> None:
        audience.hear(view, self._clock.elapsed_s(), while_busy=said.beside_cells)

    def _tell_of(self, channel: Topic, error: Exception) -> None:
        kind = type(error).__name__
        text = (
            f"the panel of run {channel.uid!r} could not be kept up to date: {kind}: {error}. "
            "Logging is not affected."
        )
        self._tell(f"panel {kind}", text)


def _id_of(content: object) -> str:
    """Return the id of an intent that could not be read."""
    found = content.get("id") if isinstance(content, dict) else None
    return found[:MOST_ID] if isinstance(found, str) else ""
