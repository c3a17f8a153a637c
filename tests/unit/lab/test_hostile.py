"""Hostile names, in every place that takes one, and hostile runs, over every way out."""

import asyncio
import base64
import json
import os
import struct
from urllib.parse import quote

import duckdb
import pytest
from lab_client import split
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from nbtrack.panels import MIME_TYPE
from nbtrack.store import Ingester, run_folder
from nbtrack.store.layout import database_path

SECRET = "what lies beside the workspace"  # noqa: S105 - the secret of this test
PATHS = [
    "..",
    ".",
    "../x",
    "../../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "//etc/passwd",
    "\\\\server\\share",
    "C:\\x",
    "C:x",
    "file:///etc/passwd",
    "dbfs:/etc",
    "runs/../../secret.txt",
    "..;/x",
    "a;b",
    "a\0",
    "..\0",
    "CON",
    "nul",
    "a b",
    "a\nb",
    "A" * 8,
    "x" * 5_000,
    "🦦",
    "٣" * 8,  # digits, but not ours
    "../secret.txt",
]
WRITTEN = [
    "%2e%2e",
    "%2e%2e%2fsecret.txt",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e%252fsecret.txt",
    "%25252e%25252e%25252f",
    "..%2fsecret.txt",
    "..%5csecret.txt",
    "%5c%5cserver%5cshare",
    "%2fetc%2fpasswd",
    "..%3b%2fsecret.txt",
    "..;x",
    "a%00",
    "%00",
    "%c0%ae%c0%ae%c0%afsecret.txt",  # a longer way to write dots and a slash than UTF-8 allows
    "%e0%80%ae%e0%80%ae",
    "%f0%80%80%af",
    "%ff%fe",
    "%u002e%u002e",
    "%",
    "%zz",
    *(quote(path, safe="") for path in PATHS),
]
"""As they stand in an address."""


@pytest.fixture
def secret(jp_root_dir):
    path = jp_root_dir / "secret.txt"
    path.write_text(SECRET)
    return path


def everything(folder):
    """Return what lies in a folder, so that nothing more lies there afterwards."""
    return sorted(str(path) for path in folder.rglob("*"))


async def test_no_path_leads_out_of_the_workspace(wire, known, every_route, write, secret):
    write().finish()
    before = everything(secret.parent)
    asked = 0

    for route in every_route:
        if not route.parameters:
            continue
        for name in WRITTEN:
            for method in route.methods:
                answer = await wire.fetch(route.path(name), method=method, headers=known)

                assert answer.code in {400, 404}, (method, route.path(name))
                assert SECRET.encode() not in answer.body
                assert b"root:" not in answer.body
                asked += 1
    assert asked > 100
    assert everything(secret.parent) == before


@pytest.mark.parametrize("route", ["runs?workspace={}", "find?path={}", "runs/{uid}?workspace={}"])
async def test_no_parameter_leads_out_of_the_workspace(wire, known, write, secret, route):
    run = write()

    for name in WRITTEN:
        path = f"nbtrack/api/{route.format(name, uid=run.uid)}"
        answer = await wire.fetch(path, headers=known)

        if answer.code == 200:
            assert "workspace" in route, "an empty one is none"
            assert name == "%00"
        else:
            assert answer.code in {400, 404}, path
        assert SECRET.encode() not in answer.body


async def test_no_uid_of_an_export_leads_out_of_the_workspace(wire, known, write, secret):
    write()

    for name in [*PATHS, *WRITTEN]:
        body = json.dumps({"runs": [name], "format": "csv", "what": "rows"})
        answer = await wire.fetch("nbtrack/api/export", method="POST", body=body, headers=known)

        assert answer.code in {400, 404}, name
        assert SECRET.encode() not in answer.body


async def test_no_field_of_an_intent_leads_out_of_the_workspace(connect, write, secret):
    run = write()
    (run_folder(run.root, run.uid) / "files").mkdir()
    before = everything(secret.parent)
    page = await connect()
    part = {"offset": 0, "length": 100}
    spans = {"keys": ["loss"], "low": 0, "high": 1, "points": 10}

    for name in [*PATHS, *WRITTEN]:
        for op, fields in {
            "hello": {"view": "v", "uid": name},
            "stop": {"uid": name},
            "finish": {"uid": name},
            "edit": {"uid": name, "name": "mine"},
            "window": {"uid": name, **spans},
            "files": {"uid": name},
            "file": {"uid": run.uid, "name": name, **part},
            "facets": {"workspace": name},
            "browse": {"view": "v", "workspace": name},
            "compare": {"uid": "compare-1", "runs": [name]},
            "act": {"action": "purge", "runs": [name]},
            "cells": {"uid": run.uid, "first": 0, "workspace": name},
        }.items():
            answer, buffer = await page.ask_with_buffer(op, **fields)

            troubles = [one["trouble"] for one in answer.get("outcomes", [])]
            assert answer["op"] == "error" or (troubles and all(troubles)), (op, fields)
            assert SECRET.encode() not in buffer
    assert everything(secret.parent) == before


@pytest.mark.parametrize("kind", ["link", "folder link", "hard", "pipe"])
async def test_what_a_hostile_run_put_among_its_files_leads_nowhere(connect, write, secret, kind):
    """A pipe would keep the server waiting for whoever writes to it."""
    run = write()
    folder = run_folder(run.root, run.uid) / "files"
    if kind == "folder link":
        folder.symlink_to(secret.parent)
        name = "secret.txt"
    else:
        folder.mkdir()
        name = "model.bin"
        match kind:
            case "link":
                (folder / name).symlink_to(secret)
            case "hard":
                os.link(secret, folder / name)
            case "pipe":
                os.mkfifo(folder / name)
    page = await connect()

    listed = await page.ask("files", uid=run.uid)
    answer, buffer = await page.ask_with_buffer("file", uid=run.uid, name=name, offset=0, length=99)

    assert listed["op"] == "reply"
    if kind != "hard":  # whoever could link it could read it
        assert listed["files"] == []
        assert answer["op"] == "error"
        assert SECRET.encode() not in buffer


async def test_a_change_writes_through_no_link(connect, write, tmp_path):
    """Whoever may write to a shared workspace must not choose where others' servers write."""
    run = write()
    folder, elsewhere = run_folder(run.root, run.uid), tmp_path / "elsewhere"
    (folder / "stop").symlink_to(elsewhere / "made")
    (folder / "edits").symlink_to(elsewhere)
    elsewhere.mkdir()
    page = await connect()

    stopped = await page.ask("stop", uid=run.uid)
    edited = await page.ask("edit", uid=run.uid, name="mine")

    assert (stopped["op"], edited["kind"]) == ("reply", "StoreError")
    assert not (folder / "stop").is_symlink()  # the request took its place
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "empty", "garbage"])
async def test_a_journal_that_is_none_hides_no_other_run(service, connect, write, secret, kind):
    """Nor does it keep one of the server's few threads for ever."""
    write("honest")
    bad = write("bad")
    bad.close()
    journal = bad.journal.path
    journal.unlink()
    match kind:
        case "link":
            journal.symlink_to(secret)
        case "pipe":
            os.mkfifo(journal)
        case "folder":
            journal.mkdir()
        case "empty":
            journal.touch()
        case "garbage":
            journal.write_bytes(os.urandom(100_000))
    page = await connect()

    for _ in range(3):
        said = await page.ask("hello", view="v", uid=bad.uid)
        assert said["op"] == "error"
        assert SECRET not in said["message"]

    assert "honest" in [row["name"] for row in (await service.rows(None))[0]]


async def test_a_database_that_reads_other_files_is_not_asked(connect, write, secret):
    """A view in the place of a table would read them with the rights of whoever looks."""
    run = write("brave-otter", notes="as it was")
    run.finish()
    assert Ingester(run.root).ingest(run.uid)
    with duckdb.connect(str(database_path(run.root))) as planted:
        columns = [name for (name, *_) in planted.execute("DESCRIBE runs").fetchall()]
        chosen = ", ".join(f'"{name}"' for name in columns if name != "notes")
        planted.execute("ALTER TABLE runs RENAME TO former")
        secrets = f"(SELECT content FROM read_text('{secret}')) AS notes"  # noqa: S608
        planted.execute(f"CREATE VIEW runs AS SELECT {chosen}, {secrets} FROM former")  # noqa: S608
    page = await connect()

    await page.ask("hello", view="v", uid=run.uid)
    snapshot = await page.next("snapshot")

    assert snapshot["run"]["notes"] == "as it was"
    assert Ingester(run.root).ingest(run.uid), "it is made anew"
    assert any("corrupt" in path.name for path in run.root.iterdir())


async def test_what_is_purged_is_never_what_a_link_leads_to(connect, write, secret):
    """Whoever may write to a shared workspace must not choose what others delete."""
    run = write()
    run.finish()
    bait = run.root / "trash" / "20260101-120000-0000bad0"
    page = await connect()
    await page.ask("act", action="trash", runs=[run.uid])
    bait.symlink_to(secret.parent)
    (run.root / "runs" / bait.name).symlink_to(secret.parent)

    for action in ("purge", "trash", "restore", "purge"):
        answer = await page.ask("act", action=action, runs=[bait.name])
        assert answer["op"] in {"reply", "error"}

    assert secret.read_text() == SECRET
    assert (run.root / "trash" / run.uid).exists()


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch made')",
        "().__class__.__bases__[0].__subclasses__()",
        "{{ cycler.__init__.__globals__.os.popen('touch made').read() }}",
        "name = 'x' or read_csv('secret.txt')",
        "config.lr < (SELECT 1); COPY runs TO 'made'",
        "name = 'a'; ATTACH 'made'",
        "(a+)+$" * 40,
        "[" * 5_000,
        "(" * 1_000,
        "not " * 5_000 + "state = failed",
        "config." + "a." * 5_000 + " = 1",
        "(?P<x>a)(?P=x)",
        "\\x{110000}",
        "\0",
    ],
    ids=range(14),
)
async def test_what_is_searched_for_is_never_run(connect, write, secret, monkeypatch, text):
    """It is parsed, and answered or refused in a moment, whatever it says."""
    monkeypatch.chdir(secret.parent)
    write("a" * 200)
    before = everything(secret.parent)
    page = await connect()

    for field in (
        {"search": text},
        {"where": [text]},
        {"order": f"-{text}"},
        {"columns": [text]},
        {"group_by": [text]},
        {"only": {"tag": [text]}},
    ):
        async with asyncio.timeout(5):
            answer = await page.ask("browse", view="v", **field)
        assert answer["op"] in {"reply", "error"}, field
        assert SECRET not in str(answer)
    assert everything(secret.parent) == before
    assert (await page.ask("browse", view="v"))["op"] == "reply"


HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "javascript:alert(1)",
    "<b data-commandlinker-command='terminal:create-new'>x</b>",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "a\u2028b\u2029c",
    "\x1b[31mred\x07",
    "half \ud800 a pair",
    "'; DROP TABLE runs; --",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "\u202egnp.exe",
    "\r\nSet-Cookie: a=b",
    "x" * 3_000,
]


def shown(text):
    """Return text as it arrives: half of a pair is no character."""
    return text.encode(errors="replace").decode().replace("\ufffd", "?")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_travels_as_text(wire, known, connect, write, text):
    run = write(text, project=text[:100], notes=text, tags=(text[:60],), group=text)
    run.log(2, **{text: 0.5})
    run.say(text)
    page = await connect()

    listed = json.loads((await wire.fetch("nbtrack/api/runs", headers=known)).body)
    whole = json.loads((await wire.fetch(f"nbtrack/api/runs/{run.uid}", headers=known)).body)
    kept = json.loads((await wire.fetch(f"nbtrack/api/runs/{run.uid}/bundle", headers=known)).body)
    not_found = await wire.fetch(
        f"nbtrack/api/find?path={quote(shown(text), safe='')}", headers=known
    )
    await page.ask("browse", view="v")
    rows = await page.next("page")
    await page.ask("hello", view="v", uid=run.uid)
    snapshot = await page.next("snapshot")

    for row in (listed["runs"][0], rows["runs"][0]):
        assert (row["name"], shown(row["tags"][0])) == (shown(text), shown(text[:60]))
    for told in (whole["snapshot"], snapshot):
        assert told["run"]["name"] == shown(text)
        assert told["run"]["notes"] == shown(text)
        assert shown(told["series"][0]["key"]) == shown(text)
    assert kept[MIME_TYPE]["snapshot"]["run"]["name"] == shown(text)
    for tag in ("<script", "<img src=x", "<svg/onload", "<b data-", "javascript:"):
        assert tag not in kept["text/html"] or text.startswith("javascript:")
    assert 'href="javascript' not in kept["text/html"]
    assert "\x1b" not in kept["text/plain"]
    assert not_found.headers["Content-Type"].startswith("application/json")
    assert "Set-Cookie" not in not_found.headers or "a=b" not in not_found.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (b"", "binary"),
        (b"\x00" * 100, "binary"),
        (b"\xff\xfe", "binary"),
        ("\x00", "no JSON"),
        ("null", "JSON object"),
        ("NaN", "JSON object"),
        ('{"op": "browse", "view": "v", "id": "i"', "no JSON"),
        ('{"op": "browse", "view": "v", "id": "i"} {}', "no JSON"),
        ('{"a":' * 50_000, "no JSON"),
        ('{"op": "' + "x" * 100_000 + '", "id": "i"}', "an intent's op is one of"),
        ('{"op": "hello", "id": "i", "view": "v", "uid": ' + "9" * 4_000 + "}", ""),
        ('{"op": "hello", "id": "i", "view": "v", "uid": 1e999}', ""),
        ('{"op": ["browse"], "id": "i"}', "an intent's op is one of"),
        ('{"op": "browse", "view": "v", "id": "i", "__proto__": {"a": 1}, "id": ["x"]}', ""),
        ('{"op": "browse", "view": "v", "id": "\\ud800"}', None),
    ],
    ids=range(15),
)
async def test_a_malformed_frame_is_answered_and_the_socket_lives_on(connect, frame, said):
    page = await connect()

    await page.send(frame)
    answer, _ = await page._first(lambda _: True)

    if said is not None:
        assert answer["op"] == "error"
        assert said in answer["message"]
        assert len(answer["message"]) < 500
    assert (await page.ask("browse", view="v"))["op"] == "reply"


async def test_bytes_that_are_no_frames_close_their_socket_only(
    connect, wire, known, service, http_server_port
):
    """Of an unknown kind, with a length beyond all bounds, no frame at all."""
    page = await connect()
    for bytes_sent in (
        b"\x8f\x80\x00\x00\x00\x00",
        b"\x82\xff" + struct.pack(">Q", 2**62) + b"\0" * 4,
        b"\xf1\x80\x00\x00\x00\x00",
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        request = HTTPRequest(wire.url("nbtrack/api/watch"), headers=known)
        other = await websocket_connect(request)
        await other.protocol.stream.write(bytes_sent)
        assert await other.read_message() is None

    assert (await page.ask("browse", view="v"))["op"] == "reply"


def test_a_frame_that_the_browser_reads_is_as_long_as_it_says():
    """What the tests read frames with is what the browser does."""
    assert split(struct.pack("<I", 4) + b"{}  " + base64.b64decode("AAAA")) == ({}, b"\0\0\0")
