"""Servers behind a hub: under a path and a name of the hub's, and beside those of other users."""

import json
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from lab_client import Browser
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect
from wire import CHANGES, joined

from nbtrack.store import Ingester, stop_requested

PROGRAM = Path(__file__).with_name("other_user.py")
HUB = "hub.example.org"
FORWARDED = {
    "Host": HUB,
    "X-Forwarded-Host": HUB,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "443",
    "X-Forwarded-For": "203.0.113.7, 127.0.0.1",
}
"""What a hub's proxy makes of a request; the path stays whole."""


@pytest.fixture
def jp_base_url():
    return "/hubs/user/ada%40example.org/"


@pytest.fixture
def jp_server_config(jp_server_config):
    """Configure the server as JupyterHub does those that it starts."""
    as_hub = {"allow_remote_access": True, "trust_xheaders": True}
    return {**jp_server_config, "ServerApp": {**jp_server_config["ServerApp"], **as_hub}}


async def test_all_of_it_works_behind_a_hubs_proxy(wire, known, write):
    run = write()
    run.log(3, loss=0.5)
    headers = {**known, **FORWARDED}
    address = HTTPRequest(
        wire.url("nbtrack/api/watch"), headers={**headers, "Origin": f"https://{HUB}"}
    )

    listed = await wire.fetch("nbtrack/api/runs", headers=headers)
    page = Browser(await websocket_connect(address))
    answer = await page.ask("hello", view="v", uid=run.uid)
    stopped = await wire.fetch(
        f"nbtrack/api/runs/{run.uid}/stop", method="POST", body="", headers=headers
    )

    assert [row["uid"] for row in json.loads(listed.body)["runs"]] == [run.uid]
    assert answer["op"] == "reply"
    assert stopped.code == 202
    assert stop_requested(run.root, run.uid)


async def test_a_page_of_another_site_gets_nothing_through_a_hubs_proxy(wire, every_route, write):
    """The hub's cookies travel with what it asks."""
    run = write()
    cookies = {"Cookie": joined(await wire.cookies(FORWARDED)), **FORWARDED}
    evil = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
    sockets = [route.path(run.uid) for route in every_route if route.is_socket]

    for path in sockets:
        with pytest.raises(HTTPClientError, match="403"):
            await websocket_connect(HTTPRequest(wire.url(path), headers={**cookies, **evil}))
        own = {**cookies, "Origin": f"https://{HUB}"}
        (await websocket_connect(HTTPRequest(wire.url(path), headers=own))).close()
    for route in every_route:
        for method in CHANGES.intersection(route.methods):
            path, headers = route.path(run.uid), {**cookies, **evil}
            answer = await wire.fetch(path, method=method, body="", headers=headers)
            assert answer.code in {403, 404}
    unknown = await wire.fetch("nbtrack/api/runs", headers=FORWARDED)

    assert sockets
    assert unknown.code == 403
    assert not stop_requested(run.root, run.uid)


@pytest.fixture
def shared():
    """A folder that all users of the machine may enter, as a group's is for the group."""
    folder = Path(tempfile.mkdtemp(prefix="nbtrack-shared-"))
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


def opened_for_reading(folder):
    """Let others read what lies in a folder, and nobody write: what their rights come to."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def standing(folder):
    """Return all that a change of a folder would change."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns, path.stat().st_mode)
        for path in folder.rglob("*")
    }


def test_who_may_only_read_a_workspace_sees_all_and_changes_nothing(shared, write):
    """Two servers on one file system: one writes, the other one is of somebody else."""
    over, live = write("over", root=shared / ".nbtrack"), write("live", root=shared / ".nbtrack")
    for run in (over, live):
        run.log(50, loss=0.5)
    over.finish()
    assert Ingester(over.root).ingest(over.uid)
    opened_for_reading(shared)
    before = standing(shared)

    said = as_somebody_else(shared)

    assert (said["total"], said["states"]) == (2, {"live": "running", "over": "finished"})
    assert said["points"] == [50, 50]
    for refused in (said["stop"], said["edit"]):
        assert refused["refused"] == "StoreError"
        assert "Permission denied" in refused["message"]
    assert standing(shared) == before
    live.log(1, loss=0.25)


def as_somebody_else(folder):
    """Return what another user's server says of a workspace; without root, one without rights."""
    with tempfile.TemporaryDirectory(prefix="nbtrack-known-") as known:
        shutil.copytree(folder, known, dirs_exist_ok=True)
        done = subprocess.run(
            [sys.executable, str(PROGRAM), known, str(folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
