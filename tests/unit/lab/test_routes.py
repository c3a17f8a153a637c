"""The routes as any page that the browser has open could call them."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from run_writer import Writer
from wire import Wire, failure

from nbtrack.panels import MIME_TYPE
from nbtrack.records import CellRun, EnvironmentNoted
from nbtrack.store import stop_requested


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
    assert (said["op"], said["total"]) == ("runs", 2)


async def test_a_long_list_is_cut_and_says_so(
    wire: Wire, known: dict[str, str], write: Callable[..., Writer]
) -> None:
    for number in range(3):
        write(str(number), time_us=1_000_000 * number)

    some = await wire.fetch("nbtrack/api/runs?limit=2", headers=known)
    none = await wire.fetch("nbtrack/api/runs?limit=0", headers=known)

    assert [run["name"] for run in json.loads(some.body)["runs"]] == ["2", "1"]
    assert (json.loads(some.body)["total"], json.loads(none.body)["runs"]) == (3, [])


@pytest.mark.parametrize("limit", ["-1", "10001", "1e3", "", "2.5", "9" * 5_000, "٣", "x"])
async def test_a_limit_that_is_none_is_said_so(
    wire: Wire, known: dict[str, str], limit: str
) -> None:
    answer = await wire.fetch(f"nbtrack/api/runs?limit={quote(limit)}", headers=known)

    assert answer.code == 400
    assert "limit is a whole number from 0 to 10000" in failure(answer)["message"]


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
