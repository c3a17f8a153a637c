"""A web server on the loopback address that keeps what is posted to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


class Receiver:
    """What was posted.

    Attributes:
        port: Where it listens.
        posts: Path, headers and JSON of each request.
        status: What it answers.
        location: Where it redirects to, or "".
        gate: Cleared, it answers nothing until it is set.
    """

    def __init__(self) -> None:
        self.port = 0
        self.posts: list[tuple[str, dict[str, str], Any]] = []
        self.status = 204
        self.location = ""
        self.gate = threading.Event()
        self.gate.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.posts.append((handler.path, dict(handler.headers), json.loads(body or b"null")))
        self.gate.wait(20)
        handler.send_response(self.status)
        if self.location:
            handler.send_header("Location", self.location)
        handler.end_headers()


@contextmanager
def receiving(trust: SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver; with a context it speaks TLS."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # a client that gave up is no news
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
