"""What the cells of a kernel print, from ipykernel's own output streams.

The streams' hooks live in the thread that publishes output and see what it sends, at most
five times a second: `print` itself costs nothing more. Text written by C code, subprocesses
and `!commands` is seen too, because ipykernel captures the file descriptors; output that
`%%capture` swallows is not, and tracebacks are not output. What forked children print
reaches the publishing thread ready-made, past the hooks: we look at it on its way.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from nbtrack.capture.rows import PATIENCE_S
from nbtrack.capture.sharing import Lines
from nbtrack.records import Stream

Message = dict[str, Any]


class PublishingThread(Protocol):
    """The thread of a kernel that publishes its output."""

    io_loop: Any

    def schedule(self, f: Callable[[], Any]) -> None:
        """Call a function in the thread."""
        ...


class HookedStream(Protocol):
    """An output stream of a kernel (`ipykernel.iostream.OutStream`)."""

    pub_thread: PublishingThread

    def flush(self) -> None:
        """Send what was written."""
        ...

    def register_hook(self, hook: Callable[[Message], Message | None]) -> None:
        """Have messages go through a hook, in the calling thread only."""
        ...

    def unregister_hook(self, hook: Callable[[Message], Message | None]) -> bool:
        """Forget a hook of the calling thread."""
        ...


def hooked_streams() -> tuple[HookedStream, ...]:
    """Return the process's output streams that can be captured: none outside a kernel."""
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    return tuple(
        stream
        for stream in streams
        if getattr(stream, "pub_thread", None) is not None and hasattr(stream, "register_hook")
    )


class OutStreamCapture:
    """Feed a log, or several, with what a kernel prints.

    Args:
        lines: Takes the text.
        streams: The kernel's output streams, as `hooked_streams` finds them.
        timeout_s: How long to wait for the publishing thread, seconds. A kernel that is
            shut down has 2.4 s for everything.
    """

    def __init__(
        self,
        lines: Lines,
        streams: Sequence[HookedStream],
        *,
        timeout_s: float = 0.4,
    ) -> None:
        self._lines = lines
        self._streams = tuple(streams)
        self._timeout_s = timeout_s
        self._started = False
        self._timed = False

    def start(self) -> None:
        """Listen to what is printed from now on."""
        if self._started:
            return
        self._started = True
        for stream in self._streams:
            stream.pub_thread.schedule(stream.flush)  # text of before is not of the run
            stream.pub_thread.schedule(partial(stream.register_hook, self._on_message))
        for thread in self._threads():
            thread.schedule(partial(self._listen_to_children, thread))
        self._wait()

    def look(self) -> None:
        """Do nothing: hooks stay where they are."""

    def hears(self, stream: object) -> bool:
        """Whether what is written to a stream object is seen."""
        return any(one is stream for one in self._streams)

    def flush(self) -> bool:
        """Have everything printed until now reach the log; return whether it did in time."""
        for stream in self._streams:
            stream.pub_thread.schedule(stream.flush)
        return self._wait()

    def stop(self) -> None:
        """Listen no more; what was printed until now reaches the log."""
        if not self._started:
            return
        self._started = False
        for stream in self._streams:
            stream.pub_thread.schedule(stream.flush)
            stream.pub_thread.schedule(partial(stream.unregister_hook, self._on_message))
        for thread in self._threads():
            thread.schedule(partial(_leave_children, thread))
        self._wait()
        self._lines.flush()

    def abandon(self) -> None:
        """In a forked child: its streams send to the parent's, and have no hooks."""

    def _threads(self) -> list[PublishingThread]:
        """Return the publishing threads, which is one."""
        return list({id(one.pub_thread): one.pub_thread for one in self._streams}.values())

    def _listen_to_children(self, thread: Any) -> None:  # noqa: ANN401 - what ipykernel keeps to itself
        """Look at what forked children send, where the kernel takes it as we know it."""
        if hasattr(thread, "_pipe_in") and hasattr(thread, "_handle_pipe_msg"):
            thread._pipe_in.on_recv(partial(self._on_child, thread))  # noqa: SLF001 - no other way

    def _on_child(self, thread: Any, frames: list[bytes]) -> None:  # noqa: ANN401 - as above
        """Read a message of a child, in the publishing thread, and let it go."""
        try:
            if frames[0] == thread._pipe_uuid:  # noqa: SLF001 - a secret of the kernel and its children
                session: Any = getattr(self._streams[0], "session", None)
                _, parts = session.feed_identities(frames[1:])
                content, parent = session.unpack(parts[4]), session.unpack(parts[2])
                if content.get("name") in tuple(Stream):
                    self._on_message({"content": content, "parent_header": parent})
        except Exception:  # noqa: BLE001, S110 - the user's output goes before our log
            pass
        thread._handle_pipe_msg(frames)  # noqa: SLF001 - where it was going

    def _wait(self) -> bool:
        """Wait until the publishing thread has done what was scheduled so far."""
        if not self._streams:
            return True
        arrived = threading.Event()
        self._streams[-1].pub_thread.schedule(arrived.set)
        return arrived.wait(self._timeout_s)

    def _on_message(self, message: Message) -> Message:
        """Read a message on its way out, in the publishing thread, and let it go."""
        try:
            content = message["content"]
            cell = message.get("parent_header", {}).get("msg_id")
            self._lines.feed(Stream(content["name"]), content["text"], cell)
            self._settle_later()
        except Exception:  # noqa: BLE001, S110 - the user's output goes before our log
            pass
        return message

    def _settle_later(self) -> None:
        """Look again when nothing more is printed, in the publishing thread."""
        if self._lines.pending and not self._timed:
            self._timed = True
            loop = self._streams[0].pub_thread.io_loop
            loop.call_later(PATIENCE_S, self._settle)

    def _settle(self) -> None:
        self._timed = False
        self._lines.settle()


def _leave_children(thread: Any) -> None:  # noqa: ANN401 - what ipykernel keeps to itself
    """Let the kernel alone with what children send."""
    if hasattr(thread, "_pipe_in") and hasattr(thread, "_handle_pipe_msg"):
        thread._pipe_in.on_recv(thread._handle_pipe_msg)  # noqa: SLF001 - as it was
