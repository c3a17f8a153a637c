"""Who is let in: each route that the extension adds, asked by those who must not be."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect
from wire import CHANGES, METHODS, failure, joined

from nbtrack.lab.admission import BusyError, Turns
from nbtrack.panels.protocol import PROTOCOL_VERSION
from nbtrack.store import stop_requested

NOBODY = "20260101-120000-0000abcd"


@pytest.mark.parametrize("careless", [False, True], ids=["", "unauthenticated access allowed"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "token 0"}], ids=["no", "wrong"])
async def test_nobody_unknown_gets_an_answer(wire, every_route, jp_serverapp, headers, careless):
    """Nor where a server's configuration lets unknown people ask extensions that allow it."""
    jp_serverapp.web_app.settings["allow_unauthenticated_access"] = careless

    for route in every_route:
        for method in METHODS:
            answer = await wire.fetch(route.path(NOBODY), method=method, headers=headers)

            allowed = {403} if method in route.methods else {403, 405}
            assert answer.code in allowed, (method, route.path(NOBODY))
            assert b"nbtrack" not in answer.body


async def test_a_socket_without_a_token_is_refused(wire, every_route):
    """Websockets are not kept apart by the browser's same-origin rule."""
    sockets = [route for route in every_route if route.is_socket]
    assert sockets

    for route in sockets:
        with pytest.raises(HTTPClientError, match="403"):
            await websocket_connect(wire.url(route.path(NOBODY)))


async def test_a_socket_from_another_site_is_refused(wire, every_route):
    """The cookie of the user travels with it."""
    headers = {"Cookie": joined(await wire.cookies()), "Origin": "https://evil.example"}

    for route in every_route:
        if route.is_socket:
            with pytest.raises(HTTPClientError, match="403"):
                await websocket_connect(HTTPRequest(wire.url(route.path(NOBODY)), headers=headers))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8888", "127.0.0.1.evil.example"])
async def test_a_name_that_was_bound_to_this_machine_opens_nothing(wire, every_route, host):
    """A page of that name is of the same origin, as browsers see it, and so is what it asks."""
    for route in every_route:
        for method in route.methods:
            headers = {"Authorization": f"token {wire.token}", "Host": host}
            answer = await wire.fetch(route.path(NOBODY), method=method, headers=headers)

            assert answer.code == 403, (method, route.path(NOBODY))


async def test_a_foreign_form_changes_nothing(wire, every_route, write):
    """It would carry the user's cookie, but not the token against forgery."""
    run = write()
    jar = await wire.cookies()
    asked = 0

    for route in every_route:
        for method in CHANGES.intersection(route.methods):
            headers = {"Cookie": joined(jar)}
            answer = await wire.fetch(route.path(run.uid), method=method, body="", headers=headers)

            assert answer.code == 403, (method, route.path(run.uid))
            asked += 1
    assert asked
    assert not stop_requested(run.root, run.uid)


async def test_what_looks_changes_nothing(wire, known, every_route, write):
    """A picture in a foreign page is a GET with the user's cookie."""
    run = write()
    before = run.journal.path.stat().st_size

    for route in every_route:
        if not route.is_socket:
            await wire.fetch(route.path(run.uid), headers=known)

    assert run.journal.path.stat().st_size == before
    assert not stop_requested(run.root, run.uid)


async def test_the_page_itself_can_stop_a_run(wire, write):
    run = write()
    jar = {**await wire.cookies(), "_xsrf": "0123456789abcdef"}

    answer = await wire.fetch(
        f"nbtrack/api/runs/{run.uid}/stop",
        method="POST",
        body="",
        headers={"Cookie": joined(jar), "X-XSRFToken": jar["_xsrf"]},
    )

    assert answer.code == 202
    assert stop_requested(run.root, run.uid)


async def test_answers_are_json_that_nothing_sniffs_frames_or_keeps(
    wire, known, every_route, write
):
    """Refusals, too: a type that is guessed and a frame have made scripts of messages."""
    run = write("<script>alert(1)</script>")

    for route in every_route:
        for uid in (run.uid, NOBODY, "..", "%3Cscript%3E"):
            for method in route.methods:
                if route.is_socket:
                    continue
                answer = await wire.fetch(route.path(uid), method=method, headers=known)

                assert answer.headers["Content-Type"].startswith("application/json")
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors" in policy
                assert answer.headers.get("Cache-Control", "no-store") == "no-store"


@pytest.mark.parametrize("name", ["next", "url", "redirect", "return_to", "workspace", "path"])
@pytest.mark.parametrize("known_user", [True, False])
async def test_no_parameter_leads_to_another_site(wire, known, every_route, name, known_user):
    for route in every_route:
        address = f"{route.path(NOBODY)}?{name}=https%3A%2F%2Fevil.example"
        answer = await wire.fetch(address, headers=known if known_user else {})

        assert not 300 <= answer.code < 400
        assert "Location" not in answer.headers


async def test_a_long_body_is_refused_before_it_is_read(wire, known, every_route, write):
    run = write()

    for route in every_route:
        for method in CHANGES.intersection(route.methods):
            path = route.path(run.uid)
            answer = await wire.fetch(path, method=method, body=b"x" * 20_000, headers=known)

            assert answer.code in {400, 599}, "refused, or cut off"
    assert not stop_requested(run.root, run.uid)
    assert (await wire.fetch("nbtrack/api/runs", headers=known)).code == 200


async def test_a_page_of_another_version_is_told_to_reload(wire, known, connect, write):
    run = write()
    newer = str(PROTOCOL_VERSION + 1)

    answer = await wire.fetch(f"nbtrack/api/runs/{run.uid}?protocol={newer}", headers=known)
    page = await connect(protocol=newer)
    said = await page.ask("hello", view="v", uid=run.uid)
    same = await (await connect(protocol=str(PROTOCOL_VERSION))).ask("browse", view="v")

    assert (answer.code, failure(answer)["kind"]) == (409, "OtherProtocolError")
    assert said["kind"] == "OtherProtocolError"
    assert "Reload the page." in said["message"] == failure(answer)["message"]
    assert same["op"] == "reply"


async def test_a_flood_of_questions_is_refused_and_then_over():
    turns, held = Turns(2), asyncio.Event()

    async def ask() -> str:
        await held.wait()
        return "answer"

    waiting = [asyncio.create_task(turns.take(ask)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="Ask again in a moment"):
        await turns.take(ask)
    held.set()

    assert await asyncio.gather(*waiting) == ["answer", "answer"]
    assert await turns.take(ask) == "answer"


async def test_a_refused_question_says_so_in_words(wire, known, service):
    service._turns = Turns(0)

    answer = await wire.fetch("nbtrack/api/runs", headers=known)

    assert answer.code == 503
    assert json.loads(answer.body)["kind"] == "BusyError"
