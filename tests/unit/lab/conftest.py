"""A Jupyter server in this process, with the extension and runs that are really written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_client import Browser
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its fixtures are the server
from run_writer import Writer
from wire import Route, Wire, routes_of

from nbtrack.lab.handlers import routes
from nbtrack.lab.service import Service


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Enable the extension, with a lease that a test can wait for."""
    return {
        "ServerApp": {"jpserver_extensions": {"nbtrack.lab": True}},
        "NbtrackApp": {
            "list_interval_s": 0.05,
            "run_interval_s": 0.02,
            "sharing_interval_s": 0.05,
        },
    }


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    """Return where the server root's workspace is; it is not there yet."""
    return jp_root_dir / ".nbtrack"


@pytest.fixture
def write(root: Path) -> Iterator[Callable[..., Writer]]:
    """Return a function that begins a run; what is still open is closed at the end."""
    writers: list[Writer] = []

    def begin(name: str = "brave-otter", **fields: Any) -> Writer:  # noqa: ANN401 - of Opened
        writers.append(Writer.begin(fields.pop("root", root), name, **fields))
        return writers[-1]

    yield begin
    for writer in writers:
        writer.close()


@pytest.fixture
def service(jp_serverapp: Any) -> Service:  # noqa: ANN401 - untyped in pytest-jupyter
    """Return what the extension keeps while the server runs."""
    (app,) = jp_serverapp.extension_manager.extension_apps["nbtrack.lab"]
    assert isinstance(app.service, Service)
    return app.service


@pytest.fixture
def connect(jp_ws_fetch: Any) -> Callable[..., Any]:  # noqa: ANN401 - untyped in pytest-jupyter
    """Return a function that opens the socket as a browser page does."""

    async def open_socket(**params: str) -> Browser:
        return Browser(await jp_ws_fetch("nbtrack", "api", "watch", params=params))

    return open_socket


@pytest.fixture
def wire(jp_serverapp: Any, http_server_client: Any, jp_base_url: str) -> Wire:  # noqa: ANN401
    """Return a client without any rights."""
    return Wire(http_server_client, jp_base_url, jp_serverapp.identity_provider.token)


@pytest.fixture
def known(wire: Wire) -> dict[str, str]:
    """Return the header that a known user sends."""
    return {"Authorization": f"token {wire.token}"}


@pytest.fixture
def every_route(jp_serverapp: Any, service: Service, jp_base_url: str) -> list[Route]:  # noqa: ANN401
    """Return all routes that the extension adds, so that a new one is asked unnamed."""
    found = routes_of(jp_serverapp, jp_base_url)
    assert len(found) == len(routes(service)) >= 6
    return found
