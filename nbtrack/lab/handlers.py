"""The routes. Each one demands a known user; the browser names ids, never paths."""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from io import SEEK_END
from threading import Event
from typing import Any, BinaryIO

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from nbtrack.errors import Error, RunNotFoundError, UsageError
from nbtrack.lab.admission import OtherProtocolError, demand_same_protocol
from nbtrack.lab.connection import Connection, Rights
from nbtrack.lab.exporting import Wish, headers_of, workbench
from nbtrack.lab.frames import encode_json
from nbtrack.lab.service import MOST_ROWS, Service
from nbtrack.panels.protocol import Failure, Reply
from nbtrack.panels.protocol_lists import RunList
from nbtrack.query import RunEndedError

_RESOURCE = "nbtrack"
_MOST_INTENT_BYTES = 262_144  # a window of 1,000 metrics with names of 200 characters
_PING_MS = 30_000
_FEW_ROWS = 1_000
_DIGITS = re.compile(r"[0-9]{1,9}")
_STATUS = {
    RunEndedError: HTTPStatus.CONFLICT,
    OtherProtocolError: HTTPStatus.CONFLICT,
    UsageError: HTTPStatus.BAD_REQUEST,
    RunNotFoundError: HTTPStatus.NOT_FOUND,
    Error: HTTPStatus.SERVICE_UNAVAILABLE,
}


@web.stream_request_body
class _RunsHandler(APIHandler):
    """What the REST routes share: whom they admit, and how they answer.

    Bodies are streamed so that a long one is refused by its announcement, before it is
    in memory.
    """

    auth_resource = _RESOURCE
    most_body_bytes = 16_384

    def initialize(self, service: Service) -> None:
        """Keep the service."""
        self.service = service

    async def prepare(self) -> None:  # type: ignore[override]  # as Jupyter's own
        """Refuse long bodies, unknown users and, by Jupyter's own checks, foreign pages."""
        # Typed as any connection; that of an HTTP server has it.
        self.request.connection.set_max_body_size(self.most_body_bytes)  # type: ignore[union-attr]
        await super().prepare()

    def data_received(self, chunk: bytes) -> None:
        """Keep a body, which is as long as it may be at most."""
        self.request.body += chunk

    @property
    def workspace_id(self) -> str | None:
        """The workspace that is asked for, or None for all."""
        return self.get_query_argument("workspace", None)

    async def answer(
        self, ask: Callable[[], Awaitable[Mapping[str, Any]]], status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        """End the request with the answer to a question, or with what is wrong, in words."""
        try:
            demand_same_protocol(self.get_query_argument("protocol", None))
            content = await self.service.in_turn(ask)
        except Error as error:
            await self.refuse(error)
            return
        await self._say(content, status)

    async def refuse(self, error: Error) -> None:
        """End the request with what is wrong, in words."""
        status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
        said = Failure(op="error", id="", kind=type(error).__name__, message=str(error))
        await self._say(said, status)

    async def _say(self, content: Mapping[str, Any], status: HTTPStatus) -> None:
        # Of a long run it takes long enough to hold up the server's other requests.
        text = await self.service.desk.on_thread(encode_json, content)
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(text)


class RunListHandler(_RunsHandler):
    """`GET runs?limit=`: the newest runs."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with a `RunList`."""

        async def ask() -> Mapping[str, Any]:
            rows, total = await self.service.rows(self.workspace_id, self._limit())
            return RunList(op="runs", runs=rows, total=total)

        await self.answer(ask)

    def _limit(self) -> int:
        text = self.get_query_argument("limit", str(_FEW_ROWS))
        if _DIGITS.fullmatch(text) and int(text) <= MOST_ROWS:
            return int(text)
        raise UsageError(f"limit is a whole number from 0 to {MOST_ROWS}, not {text[:40]!r}.")


class FindHandler(_RunsHandler):
    """`GET find?path=`: where the path in a link leads."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with a `Place`."""
        await self.answer(lambda: self.service.desk.find(self.get_query_argument("path", "")))


class RunHandler(_RunsHandler):
    """`GET runs/<uid>`: one run as it stands."""

    @web.authenticated
    @authorized
    async def get(self, uid: str) -> None:
        """Answer with a snapshot and its buffer in base64."""
        await self.answer(lambda: self.service.whole(uid, self.workspace_id))


class BundleHandler(_RunsHandler):
    """`GET runs/<uid>/bundle`: what a notebook keeps of a run.

    A kernel updates the outputs of the page that ran the cell. After a reload it no longer
    reaches them, and the page puts the final picture there itself.
    """

    @web.authenticated
    @authorized
    async def get(self, uid: str) -> None:
        """Answer with a MIME bundle."""
        await self.answer(lambda: self.service.bundle(uid, self.workspace_id))


class OriginHandler(_RunsHandler):
    """`GET runs/<uid>/origin`: which notebook and which cell made a run."""

    @web.authenticated
    @authorized
    async def get(self, uid: str) -> None:
        """Answer with an `Origin`."""
        await self.answer(lambda: self.service.desk.origin(uid, self.workspace_id))


class StopHandler(_RunsHandler):
    """`POST runs/<uid>/stop`: ask a run to stop."""

    @web.authenticated
    @authorized
    async def post(self, uid: str) -> None:
        """Answer 202: the kernel sees the request at its next look, in about 0.1 s."""

        async def ask() -> Mapping[str, Any]:
            await self.service.desk.stop(uid, self.workspace_id)
            return Reply(op="reply", id="", uid=uid)

        await self.answer(ask, HTTPStatus.ACCEPTED)


class ExportHandler(_RunsHandler):
    """`POST export`: rows of runs, or their report, as a file.

    A change of nothing, but too many uids for an address; and no other page can make the
    browser ask for it.
    """

    most_body_bytes = 1 << 20  # uids of 10,000 runs
    _PART_BYTES = 1 << 20

    def initialize(self, service: Service) -> None:
        """Keep the service."""
        super().initialize(service)
        self._given_up = Event()

    @web.authenticated
    @authorized("read", resource=_RESOURCE)  # type: ignore[untyped-decorator]  # says no result
    async def post(self) -> None:
        """Answer with the file."""
        exporting = self.service.exporting
        with workbench(self._given_up) as folder:
            try:
                wish = Wish.parse(self.request.body)
                file = await exporting.make(wish, self.workspace_id, folder, self._given_up)
            except Error as error:
                await self.refuse(error)
                return
            with file:
                await self._send(file, headers_of(wish))

    def on_connection_close(self) -> None:
        """Let nobody go on with a file that is not wanted any more."""
        self._given_up.set()
        super().on_connection_close()

    async def _send(self, file: BinaryIO, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.set_header(name, value)
        self.set_header("Content-Length", str(file.seek(0, SEEK_END)))
        file.seek(0)
        with suppress(StreamClosedError):
            while part := file.read(self._PART_BYTES):
                self.write(part)
                await self.flush()
            await self.finish()


class WatchHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """`watch`: the socket on which intents come in and frames go out."""

    auth_resource = _RESOURCE

    def initialize(self, service: Service) -> None:
        """Keep the service."""
        self._service = service
        self._rights = Rights(change=False)
        self._connection: Connection | None = None

    @property
    def ping_interval(self) -> float:
        """Seconds between two signs of life.

        Jupyter's mixin counts milliseconds and pings by itself; here Tornado does, which
        also closes the socket of a browser that does not answer.
        """
        return float(self.settings.get("ws_ping_interval", _PING_MS)) / 1_000

    @property
    def ping_timeout(self) -> float:
        """Seconds until a browser that does not answer is given up."""
        return self.ping_interval

    @property
    def max_message_size(self) -> int:
        """Longest intent, bytes; a longer one closes the socket."""
        return _MOST_INTENT_BYTES

    async def get(self, *args: str, **kwargs: str) -> None:
        """Open the socket, for those who may read; a redirect to a login page is no use."""
        if not await self._may("read"):
            raise web.HTTPError(HTTPStatus.FORBIDDEN)
        if self._service.is_full:
            raise web.HTTPError(HTTPStatus.SERVICE_UNAVAILABLE)
        self._rights = Rights(change=await self._may("write"))
        await super().get(*args, **kwargs)

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Keep the browser supplied from now on."""
        self._connection = self._service.connect(
            self._send_frame,
            rights=self._rights,
            workspace_id=self.get_query_argument("workspace", None),
            protocol=self.get_query_argument("protocol", None),
        )

    async def on_message(self, message: str | bytes) -> None:
        """Answer one intent; the next one is read when this one is answered."""
        if self._connection is not None:
            with suppress(WebSocketClosedError):
                await self._connection.receive(message)

    def on_close(self) -> None:
        """Forget the browser."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._service.disconnect(connection)

    async def _may(self, action: str) -> bool:
        user = self.current_user
        if user is None:
            return False
        answer = self.authorizer.is_authorized(self, user, action, _RESOURCE)
        return bool(await ensure_async(answer))

    async def _send_frame(self, frame: bytes) -> None:
        await self.write_message(frame, binary=True)


def routes(service: Service) -> list[tuple[str, type[JupyterHandler], dict[str, Service]]]:
    """Return every route, below the server's base URL."""
    options = {"service": service}
    return [
        (r"/nbtrack/api/export", ExportHandler, options),
        (r"/nbtrack/api/find", FindHandler, options),
        (r"/nbtrack/api/runs", RunListHandler, options),
        (r"/nbtrack/api/runs/([^/]+)", RunHandler, options),
        (r"/nbtrack/api/runs/([^/]+)/bundle", BundleHandler, options),
        (r"/nbtrack/api/runs/([^/]+)/origin", OriginHandler, options),
        (r"/nbtrack/api/runs/([^/]+)/stop", StopHandler, options),
        (r"/nbtrack/api/watch", WatchHandler, options),
    ]
