"""Requests as they are written, and which routes there are to be asked."""

import json
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

from tornado import web
from tornado.httpclient import HTTPResponse

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PARAMETER = re.compile(r"\([^)]*\)")


class Wire:
    """A client without any rights, as any page that the browser has open."""

    def __init__(self, client: Any, base_url: str, token: str) -> None:  # noqa: ANN401
        """Keep the client and the server's token."""
        self._client = client
        self._base_url = base_url
        self.token = token

    async def fetch(self, path: str, **options: Any) -> HTTPResponse:  # noqa: ANN401
        """Request a path below the base URL exactly as it is written."""
        answer = await self._client.fetch(
            self._base_url + path,
            raise_error=False,
            follow_redirects=False,
            allow_nonstandard_methods=True,
            **options,
        )
        assert isinstance(answer, HTTPResponse)
        return answer

    async def cookies(self, headers: dict[str, str] | None = None) -> dict[str, str]:
        """Log in as a browser does, and return its cookies."""
        answer = await self.fetch(f"api/status?token={self.token}", headers=headers)
        jar: SimpleCookie = SimpleCookie()
        for line in answer.headers.get_list("Set-Cookie"):
            jar.load(line)
        return {name: morsel.value for name, morsel in jar.items()}

    def url(self, path: str) -> str:
        """Return the address of a socket."""
        address: str = self._client.get_url(self._base_url + path)
        return address.replace("http", "ws", 1)


def joined(jar: dict[str, str]) -> str:
    """Return cookies as a request sends them."""
    return "; ".join(f"{name}={value}" for name, value in jar.items())


def failure(answer: HTTPResponse) -> dict[str, Any]:
    """Return the failure in an answer's body."""
    said: dict[str, Any] = json.loads(answer.body)
    assert said["op"] == "error"
    return said


class Route:
    """One route that the extension added to the server.

    Attributes:
        methods: Those that it answers.
        is_socket: Whether it is a WebSocket's.
    """

    def __init__(self, pattern: str, base_url: str, handler: type[web.RequestHandler]) -> None:
        """Read what the server's router knows."""
        self._pattern = pattern.removeprefix("^").removesuffix("$").removeprefix(base_url)
        self.handler = handler
        self.is_socket = hasattr(handler, "write_message")
        self.methods = [
            method
            for method in METHODS
            if getattr(handler, method.lower()) is not getattr(web.RequestHandler, method.lower())
        ]

    @property
    def parameters(self) -> int:
        """How many parameters stand in its path."""
        return len(PARAMETER.findall(self._pattern))

    def path(self, value: str) -> str:
        """Return its path with a value in the place of each parameter."""
        return PARAMETER.sub(lambda _: value, self._pattern)


def routes_of(serverapp: Any, base_url: str) -> list[Route]:  # noqa: ANN401
    """Return every route whose handler is ours or whose path says so, from the router itself."""
    app = serverapp.web_app
    return [
        Route(rule.matcher.regex.pattern, base_url, rule.target)
        for rule in _rules([*app.wildcard_router.rules, *app.default_router.rules])
        if "nbtrack" in rule.matcher.regex.pattern or rule.target.__module__.startswith("nbtrack")
    ]


def _rules(rules: list[Any]) -> Iterator[Any]:
    for rule in rules:
        if hasattr(rule.target, "rules"):
            yield from _rules(rule.target.rules)
        elif hasattr(rule.matcher, "regex") and isinstance(rule.target, type):
            yield rule
