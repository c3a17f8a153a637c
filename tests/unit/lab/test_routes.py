"""The routes as any page that the browser has open could call them."""

import base64
import json
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from run_writer import Writer
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import websocket_connect

from nbtrack.lab.handlers import routes
from nbtrack.lab.service import Service
from nbtrack.panels import MIME_TYPE
from nbtrack.records import CellRun, EnvironmentNoted
from nbtrack.store import stop_requested

ROUTES = [
    "nbtrack/api/export",
    "nbtrack/api/find",
    "nbtrack/api/runs",
    "nbtrack/api/runs/a",
    "nbtrack/api/runs/a/bundle",
    "nbtrack/api/runs/a/origin",
    "nbtrack/api/runs/a/stop",
    "nbtrack/api/watch",
]

POSTED = ("nbtrack/api/export", "nbtrack/api/runs/a/stop")


class Wire:
    """Requests as they are written, without the token that `jp_fetch` adds."""

    def __init__(self, client: Any, base_url: str, token: str) -> None:  # noqa: ANN401
        """Keep the client and the server's token."""
        self._client = client
        self._base_url = base_url
        self.token = token

    async def fetch(self, path: str, **options: Any) -> HTTPResponse:  # noqa: ANN401
        """Request a path below the base URL exactly as it is written."""
        answer = await self._client.fetch(
            self._base_url + path, raise_error=False, follow_redirects=False, **options
        )
        assert isinstance(answer, HTTPResponse)
        return answer

    def url(self, path: str) -> str:
        """Return the address of a socket."""
        address: str = self._client.get_url(self._base_url + path)
        return address.replace("http", "ws", 1)


@pytest.fixture
def wire(jp_serverapp: Any, http_server_client: Any, jp_base_url: str) -> Wire:  # noqa: ANN401
    """Return a client without any rights."""
    return Wire(http_server_client, jp_base_url, jp_serverapp.identity_provider.token)


@pytest.fixture
def known(wire: Wire) -> dict[str, str]:
    """Return the header that a known user sends."""
    return {"Authorization": f"token {wire.token}"}


def failure(answer: HTTPResponse) -> dict[str, Any]:
    """Return the failure in an answer's body."""
    said: dict[str, Any] = json.loads(answer.body)
    assert said["op"] == "error"
    return said


def test_the_routes_that_are_tested_are_all_the_routes(
    jp_serverapp: Any,  # noqa: ANN401
    service: Service,
) -> None:
    """A new route must join the tests of this file."""
    rules = jp_serverapp.web_app.wildcard_router.rules + jp_serverapp.web_app.default_router.rules
    nested = [rule for outer in rules for rule in getattr(outer.target, "rules", [])]
    patterns = {rule.matcher.regex.pattern for rule in nested if hasattr(rule.matcher, "regex")}
    ours = {pattern for pattern in patterns if "nbtrack" in pattern}

    assert len(ours) == len(routes(service)) == len(ROUTES)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_nobody_unknown_gets_an_answer(wire: Wire, path: str, method: str) -> None:
    answer = await wire.fetch(path, method=method, allow_nonstandard_methods=True)

    assert answer.code in {403, 405}
    assert answer.code == 403 or (path, method) not in {
        *((route, "GET") for route in ROUTES if route not in POSTED),
        *((route, "POST") for route in POSTED),
    }


@pytest.mark.parametrize("path", ROUTES)
async def test_a_wrong_token_gets_no_answer(wire: Wire, path: str) -> None:
    answer = await wire.fetch(path, headers={"Authorization": "token 0"})

    assert answer.code in {403, 405}


async def test_a_socket_without_a_token_is_refused(wire: Wire) -> None:
    """Websockets are not kept apart by the browser's same-origin rule."""
    with pytest.raises(HTTPClientError, match="403"):
        await websocket_connect(wire.url("nbtrack/api/watch"))


async def test_a_socket_from_another_site_is_refused(wire: Wire) -> None:
    """The cookie of the user travels with it."""
    headers = {"Cookie": joined(await cookies(wire)), "Origin": "https://evil.example"}

    with pytest.raises(HTTPClientError, match="403"):
        await websocket_connect(HTTPRequest(wire.url("nbtrack/api/watch"), headers=headers))


async def cookies(wire: Wire) -> dict[str, str]:
    """Log in as a browser does, and return its cookies."""
    answer = await wire.fetch(f"api/status?token={wire.token}")
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("Set-Cookie"):
        jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


def joined(jar: dict[str, str]) -> str:
    """Return cookies as a request sends them."""
    return "; ".join(f"{name}={value}" for name, value in jar.items())


async def test_a_foreign_form_cannot_stop_a_run(wire: Wire, write: Callable[..., Writer]) -> None:
    """It would carry the user's cookie, but not the token against forgery."""
    run = write()
    jar = await cookies(wire)

    answer = await wire.fetch(
        f"nbtrack/api/runs/{run.uid}/stop", method="POST", body="", headers={"Cookie": joined(jar)}
    )

    assert answer.code == 403
    assert not stop_requested(run.root, run.uid)


async def test_the_page_itself_can_stop_a_run(wire: Wire, write: Callable[..., Writer]) -> None:
    run = write()
    jar = {**await cookies(wire), "_xsrf": "0123456789abcdef"}

    answer = await wire.fetch(
        f"nbtrack/api/runs/{run.uid}/stop",
        method="POST",
        body="",
        headers={"Cookie": joined(jar), "X-XSRFToken": jar["_xsrf"]},
    )

    assert answer.code == 202
    assert stop_requested(run.root, run.uid)


async def test_a_run_that_has_ended_is_not_stopped(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    run = write("calm-heron")
    run.finish()

    answer = await wire.fetch(
        f"nbtrack/api/runs/{run.uid}/stop", method="POST", body="", headers=known
    )

    assert answer.code == 409
    assert failure(answer)["message"] == (
        "Run 'calm-heron' is finished already: nothing is left to stop."
    )
    assert not stop_requested(run.root, run.uid)


async def test_the_list_has_the_newest_run_first(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    write("old", time_us=1_000_000).finish()
    write("new", time_us=2_000_000)

    answer = await wire.fetch("nbtrack/api/runs", headers=known)

    said = json.loads(answer.body)
    assert [run["name"] for run in said["runs"]] == ["new", "old"]
    assert (said["op"], said["full"], said["removed"]) == ("runs", True, [])


async def test_the_list_of_a_server_without_a_workspace_is_empty(
    wire: Wire, known: dict[str, str]
) -> None:
    answer = await wire.fetch("nbtrack/api/runs", headers=known)

    assert json.loads(answer.body)["runs"] == []


async def test_a_run_comes_with_its_series(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    run = write()
    run.log(3, loss=0.5)

    answer = await wire.fetch(f"nbtrack/api/runs/{run.uid}", headers=known)

    said = json.loads(answer.body)
    assert said["snapshot"]["run"]["uid"] == run.uid
    assert said["snapshot"]["series"][0]["key"] == "loss"
    assert len(base64.b64decode(said["buffer"])) == 3 * 3 * said["snapshot"]["precision"]


async def test_a_notebook_gets_the_picture_that_it_keeps(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    run = write("calm-heron")
    run.log(3, loss=0.5)
    run.finish()

    answer = await wire.fetch(f"nbtrack/api/runs/{run.uid}/bundle", headers=known)

    bundle = json.loads(answer.body)
    assert set(bundle) == {MIME_TYPE, "text/html", "text/plain"}
    assert bundle[MIME_TYPE]["snapshot"]["run"]["state"] == "finished"


async def test_a_run_says_which_notebook_and_cell_made_it(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer], jp_root_dir: Path
) -> None:
    run = write(notebook=str(jp_root_dir / "digits" / "train.ipynb"))
    run.journal.append([EnvironmentNoted(run.opened.time_us, {"cell": "b-2"})])

    answer = await wire.fetch(f"nbtrack/api/runs/{run.uid}/origin", headers=known)

    assert json.loads(answer.body) == {
        "path": f"me/digits/runs/{run.opened.id}",
        "file": str(jp_root_dir / "digits" / "train.ipynb"),
        "notebook": "digits/train.ipynb",
        "cell": "b-2",
    }


async def test_the_cell_of_an_older_run_is_the_one_that_ran_when_it_began(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    run = write()
    began_us = run.opened.time_us
    cells = [("before", began_us - 9_000_000), ("its", began_us - 500_000), ("after", began_us + 9)]
    run.journal.append(
        [
            CellRun(began_us, number, cell, None, "pass", started_us, 1_000_000, "ok")
            for number, (cell, started_us) in enumerate(cells)
        ]
    )

    answer = await wire.fetch(f"nbtrack/api/runs/{run.uid}/origin", headers=known)

    assert json.loads(answer.body)["cell"] == "its"


@pytest.mark.parametrize(
    "notebook",
    [None, "/etc/train.ipynb", "{root}/../train.ipynb", "train.ipynb", "{root}-2/train.ipynb"],
)
async def test_a_notebook_outside_of_the_servers_folder_is_not_named_to_the_page(
    wire: Wire,
    known: dict[str, str],
    write: Callable[..., Writer],
    jp_root_dir: Path,
    notebook: str | None,
) -> None:
    """A page could not open it, and must not be led to another one."""
    run = write(notebook=notebook and notebook.format(root=jp_root_dir))

    answer = await wire.fetch(f"nbtrack/api/runs/{run.uid}/origin", headers=known)

    assert json.loads(answer.body)["notebook"] == ""
    assert json.loads(answer.body)["cell"] == ""


@pytest.mark.parametrize("path", ["runs", "runs/20260101-120000-0000abcd", "runs/.."])
async def test_answers_are_json_that_nothing_sniffs_frames_or_keeps(
    wire: Wire, known: dict[str, str], path: str
) -> None:
    answer = await wire.fetch(f"nbtrack/api/{path}", headers=known)

    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "uid",
    [
        "..",
        "../x",
        "../../../etc/passwd",
        "%2e%2e",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "%252e%252e%252f",
        "..%5c..%5cx",
        "..\\x",
        "a%00",
        "a;b",
        "%2fetc%2fpasswd",
        "C:%5cx",
        "file:%2f%2f%2fetc",
        "A" * 8,
        quote("🦦"),
    ],
)
@pytest.mark.parametrize("suffix", ["", "/bundle", "/stop"])
async def test_no_uid_leads_out_of_the_workspace(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer], uid: str, suffix: str
) -> None:
    write()
    options = {"method": "POST", "body": ""} if suffix == "/stop" else {}

    answer = await wire.fetch(f"nbtrack/api/runs/{uid}{suffix}", headers=known, **options)

    assert answer.code in {400, 404}
    assert b"root:" not in answer.body


async def test_a_run_that_is_not_there_is_not_found(wire: Wire, known: dict[str, str]) -> None:
    answer = await wire.fetch("nbtrack/api/runs/20260101-120000-0000abcd", headers=known)

    assert answer.code == 404
    assert failure(answer)["kind"] == "RunNotFoundError"


async def test_a_workspace_is_named_by_its_id_and_never_by_a_path(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    run = write()
    listed = await wire.fetch("nbtrack/api/runs", headers=known)
    (row,) = json.loads(listed.body)["runs"]

    by_id = await wire.fetch(f"nbtrack/api/runs?workspace={row['workspace']}", headers=known)
    by_path = await wire.fetch(f"nbtrack/api/runs?workspace={quote(str(run.root))}", headers=known)

    assert [each["uid"] for each in json.loads(by_id.body)["runs"]] == [run.uid]
    assert by_path.code == 404


async def test_a_hostile_name_travels_as_text(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    name = "</script><img src=x onerror=alert(1)>\u2028"
    write(name)

    answer = await wire.fetch("nbtrack/api/runs", headers=known)

    assert json.loads(answer.body)["runs"][0]["name"] == name


@pytest.mark.parametrize(
    ("path", "uid"),
    [
        ("me/digits/runs/{id}", "{uid}"),
        ("me/digits/{id}", "{uid}"),
        ("{uid}", "{uid}"),
        ("me/digits/brave-otter", "{uid}"),
        ("me/digits", ""),
        ("me/digits/sweeps/s1", ""),
    ],
)
async def test_the_path_in_a_link_is_found(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer], path: str, uid: str
) -> None:
    run = write()
    names = {"uid": run.uid, "id": run.opened.id}
    asked = quote(path.format(**names), safe="")

    answer = await wire.fetch(f"nbtrack/api/find?path={asked}", headers=known)

    said = json.loads(answer.body)
    assert (said["uid"], said["project"]) == (uid.format(**names), "digits")
    assert said["name"] == ("brave-otter" if uid else "")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "me/other",
        "you/digits",
        "me/digits/nobody",
        "../../etc/passwd",
        "/etc/passwd",
        "a/b/c/d/e",
        "http://localhost/lab?nbtrack=me/digits",
        "x" * 5_000,
        "\x00",
    ],
)
async def test_a_path_that_leads_nowhere_is_said_so(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer], path: str
) -> None:
    write()

    answer = await wire.fetch(f"nbtrack/api/find?path={quote(path, safe='')}", headers=known)

    assert answer.code in {400, 404}
    assert failure(answer)["message"]


async def test_a_link_opens_no_folder_that_the_server_does_not_know(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer], tmp_path: Path
) -> None:
    """The page of a run on disk is an address for `Api()`, not for a browser."""
    write()
    elsewhere = write("secret", root=tmp_path / "elsewhere" / ".nbtrack")
    page = (elsewhere.root / "runs" / elsewhere.uid / "report.html").as_uri()

    for path in (page, elsewhere.uid):
        answer = await wire.fetch(f"nbtrack/api/find?path={quote(path, safe='')}", headers=known)
        assert answer.code in {400, 404}
