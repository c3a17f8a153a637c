"""The other end of the socket, as a page would be."""

import asyncio
import json
import struct
from itertools import count
from typing import Any

from tornado.websocket import WebSocketClientConnection


class Browser:
    """Sends intents, and keeps what comes until it is asked for."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        """Take over a socket that is open."""
        self.socket = socket
        self._ids = count(1)
        self._unread: list[tuple[dict[str, Any], bytes]] = []

    async def ask(self, op: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Send an intent and return its answer."""
        return (await self.ask_with_buffer(op, **fields))[0]

    async def ask_with_buffer(
        self,
        op: str,
        **fields: Any,  # noqa: ANN401 - JSON
    ) -> tuple[dict[str, Any], bytes]:
        """Send an intent and return its answer with the bytes that came along."""
        intent_id = f"i{next(self._ids)}"
        await self.send({"op": op, "id": intent_id, **fields})
        return await self._first(lambda head: head.get("id") == intent_id)

    async def send(self, intent: object) -> None:
        """Send anything, as JSON unless it is text or bytes."""
        message = intent if isinstance(intent, (str, bytes)) else json.dumps(intent)
        await self.socket.write_message(message, binary=isinstance(message, bytes))

    async def next(self, op: str) -> dict[str, Any]:
        """Return the next message of a kind."""
        return (await self.next_with_buffer(op))[0]

    async def next_with_buffer(self, op: str) -> tuple[dict[str, Any], bytes]:
        """Return the next message of a kind with its bytes."""
        return await self._first(lambda head: head["op"] == op)

    async def hears_nothing(self, op: str, *, during_s: float) -> bool:
        """Tell whether no message of a kind comes for a while."""
        try:
            await asyncio.wait_for(self.next(op), during_s)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        """Leave."""
        self.socket.close()

    async def _first(self, accepts: Any) -> tuple[dict[str, Any], bytes]:  # noqa: ANN401
        for index, (head, _) in enumerate(self._unread):
            if accepts(head):
                return self._unread.pop(index)
        while True:
            frame = await asyncio.wait_for(self.socket.read_message(), 10)
            assert isinstance(frame, bytes), f"a binary frame was expected, got {frame!r}"
            head, buffer = split(frame)
            if accepts(head):
                return head, buffer
            self._unread.append((head, buffer))


def split(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """Read a frame as the browser does."""
    (length,) = struct.unpack_from("<I", frame)
    assert (4 + length) % 8 == 0, "floats would not be aligned"
    return json.loads(frame[4 : 4 + length]), frame[4 + length :]
