"""A page of runs over a real socket: what is asked for, and then only what changes."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lab_client import Browser
from run_writer import Writer

from nbtrack.lab.browsing import Browsing
from nbtrack.panels.protocol_lists import Browse, RunPage
from nbtrack.query import Choice
from tests.unit.panels.making import facts, opened

Connect = Callable[..., Awaitable[Browser]]
Write = Callable[..., Writer]


def names(page: dict[str, Any]) -> list[str]:
    """Return the names of the runs that came, in the order in which they came."""
    return [run["name"] for run in page["runs"]]


async def test_a_page_comes_and_then_what_changes_in_it(connect: Connect, write: Write) -> None:
    old = write("old")
    page = await connect()

    await page.ask("browse", view="v", group_by=["project"])
    first = await page.next("page")
    new = write("new")
    news = await page.next("page")

    assert (first["full"], names(first), first["total"], first["open"]) == (True, ["old"], 1, 1)
    assert first["groups"] == [{"name": "digits", "count": 1, "open": 1}]
    assert (news["full"], names(news), news["matching"]) == (False, ["new"], 2)
    assert [key.split("/")[1] for key in news["order"]] == [new.uid, old.uid]


async def test_a_value_that_is_logged_reaches_a_filter(connect: Connect, write: Write) -> None:
    run = write()
    run.log(acc=0.5)
    page = await connect()
    await page.ask("browse", view="v", search="summary.acc > 0.9", columns=["summary.acc"])
    assert (await page.next("page"))["matching"] == 0

    run.log(acc=0.95)

    news = await page.next("page")
    assert (news["matching"], news["meaning"]) == (1, "filter")
    assert news["runs"][0]["values"] == {"summary.acc": 0.95}


async def test_a_filter_that_cannot_be_read_leaves_the_former_page(
    connect: Connect, write: Write
) -> None:
    write("one")
    page = await connect()
    await page.ask("browse", view="v", search="one")
    await page.next("page")

    failure = await page.ask("browse", view="v", search="config.lr <")
    write("one-more")
    news = await page.next("page")

    assert (failure["op"], failure["kind"]) == ("error", "UsageError")
    assert "expected a value" in failure["message"]
    assert names(news) == ["one-more"]


async def test_views_of_one_page_are_told_apart(connect: Connect, write: Write) -> None:
    write("calm")
    write("brave")
    page = await connect()
    await page.ask("browse", view="a", search="calm")
    await page.ask("browse", view="b", search="brave")

    told = [await page.next("page"), await page.next("page")]

    assert [(one["view"], names(one)) for one in told] == [("a", ["calm"]), ("b", ["brave"])]


async def test_this_notebook_is_meant_by_its_path_below_the_root(
    connect: Connect, write: Write, jp_root_dir: Path
) -> None:
    write("here", notebook=str(jp_root_dir / "work" / "a.ipynb"))
    write("elsewhere", notebook=str(jp_root_dir / "a.ipynb"))
    page = await connect()

    await page.ask("browse", view="v", only={"notebook": ["work/a.ipynb"]})

    assert names(await page.next("page")) == ["here"]


async def test_facets_say_what_there_is(connect: Connect, write: Write) -> None:
    write("a", tags=("best",)).log(acc=1.0)
    write("b").finish()
    page = await connect()

    answer = await page.ask("facets")

    found = {one["field"]: one for one in answer["facets"]}
    assert {one["value"]: one["runs"] for one in found["tags"]["values"]} == {"best": 1, "": 1}
    assert {one["value"] for one in found["state"]["values"]} == {"running", "finished"}
    assert found["tags"]["left_out"] == 0
    assert {"name": "summary.acc", "kind": "number", "runs": 1} in answer["fields"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"view": 7}, "view"),
        ({"search": 7}, "search"),
        ({"search": "x" * 4_001}, "search"),
        ({"where": ["x" * 3_000, "x" * 3_000]}, "4,000 characters"),
        ({"where": "config.lr < 1"}, "where"),
        ({"only": ["running"]}, "only"),
        ({"only": {"colour": ["red"]}}, "only"),
        ({"only": {"state": [7]}}, "state"),
        ({"order": ""}, "order"),
        ({"order": "-__class__"}, "no field"),
        ({"group_by": ["config"]}, "no field"),
        ({"folded": {}}, "folded"),
        ({"offset": -1}, "offset"),
        ({"limit": 1_001}, "limit"),
        ({"limit": True}, "limit"),
        ({"columns": ["config.a"] * 101}, "columns"),
        ({"columns": [f"config.{n}" for n in range(100)], "limit": 1_000}, "50,000 values"),
        ({"workspace": "0" * 16}, "Reload the page"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_malformed_question_is_answered_by_a_failure(
    connect: Connect, asked: dict[str, Any], said: str
) -> None:
    page = await connect()

    failure = await page.ask("browse", **{"view": "v", **asked})

    assert failure["op"] == "error"
    assert said in failure["message"]


async def test_a_page_has_no_more_lists_than_it_may(connect: Connect) -> None:
    page = await connect()
    for n in range(16):
        await page.ask("browse", view=str(n))

    assert (await page.ask("browse", view="16"))["kind"] == "TooManyRunsError"
    assert (await page.ask("browse", view="7"))["op"] == "reply"


def browsing(**asked: Any) -> Browsing:  # noqa: ANN401 - of Browse
    """Return a page that nobody was told of yet."""
    question: dict[str, Any] = {"op": "browse", "id": "i", "view": "v", "limit": 3, **asked}
    return Browsing.begin(Browse(**question), None, Path("/"))


def told(page: RunPage | None) -> list[str]:
    """Return the uids of the runs that were sent."""
    assert page is not None
    return [run["uid"] for run in page["runs"]]


def test_only_what_is_new_on_the_page_is_sent() -> None:
    """With 100,000 runs in the workspace a page is still a page."""
    runs = {("w", f"u{n}"): facts(opened=opened(uid=f"u{n}", time_us=n)) for n in range(5)}
    view = browsing()
    assert told(view.page(runs)) == ["u4", "u3", "u2"]

    assert view.page(dict(runs)) is None
    runs[("w", "u3")] = facts(opened=opened(uid="u3", time_us=3), step=9)
    assert told(view.page(dict(runs))) == ["u3"]
    runs[("w", "u0")] = facts(opened=opened(uid="u0", time_us=0), step=9)
    assert view.page(dict(runs)) is None, "what is not on the page is nobody's news"
    del runs[("w", "u4")]
    assert told(view.page(dict(runs))) == ["u1"]


def test_a_key_arranges_nothing_anew_in_one_workspace_of_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a key costs is the answers; to put 10,000 runs in order costs twice that."""
    runs = {
        (place, f"u{n}"): facts(opened=opened(uid=f"u{n}", name=f"otter-{n}", time_us=n))
        for place in ("here", "there")
        for n in range(5)
    }
    asked: dict[str, Any] = {"op": "browse", "id": "i", "view": "v", "limit": 9}
    view = Browsing.begin(Browse(**asked), "here", Path("/"))
    assert told(view.page(runs)) == ["u4", "u3", "u2", "u1", "u0"]
    placed: list[object] = []
    monkeypatch.setattr(Choice, "placed", lambda *_: placed.append(_))

    view = Browsing.begin(Browse(**asked, search="otter-3"), "here", Path("/"), view)

    assert told(view.page(runs)) == ["u3"]
    assert placed == []


def test_hostile_names_are_text_and_long_values_are_cut() -> None:
    name = "</script><img src=x onerror=alert(1)>\ud800"
    run = facts(opened=opened(name=name, project=name), config={"note": "x" * 10_000, "n": [1]})

    page = browsing(columns=["config.note", "config.n"], group_by=["project"]).page(
        {("w", "u"): run}
    )

    assert page is not None
    assert page["runs"][0]["name"] == name.replace("\ud800", "\ufffd")
    assert page["groups"][0]["name"] == name.replace("\ud800", "\ufffd")
    assert len(page["runs"][0]["values"]["config.note"]) == 301
    assert page["runs"][0]["values"]["config.n"] == "[1]"


async def test_only_runs_of_groups_that_are_unfolded_are_sent(
    connect: Connect, write: Write
) -> None:
    """A table that groups begins with the groups alone."""
    for project in ("a", "a", "b"):
        write(project, project=project)
    page = await connect()

    await page.ask("browse", view="v", group_by=["project"], unfolded=[])
    folded = await page.next("page")
    await page.ask("browse", view="v", group_by=["project"], unfolded=["a"])
    unfolded = await page.next("page")

    assert ([one["name"] for one in folded["groups"]], names(folded)) == (["b", "a"], [])
    assert names(unfolded) == ["a", "a"]


async def test_the_keys_of_all_that_match_can_be_had_in_parts(
    connect: Connect, write: Write
) -> None:
    runs = [write(f"run-{n}") for n in range(3)]
    page = await connect()
    await page.ask("browse", view="v", search="run-[01]", limit=1)

    first = await page.ask("pick", view="v", offset=0, limit=1, all=True)
    rest = await page.ask("pick", view="v", offset=1, limit=10, all=True)

    picked = [*first["picked"], *rest["picked"]]
    assert [key.split("/")[1] for key in picked] == [runs[1].uid, runs[0].uid]


async def test_runs_of_folded_groups_are_picked_only_where_all_are_wanted(
    connect: Connect, write: Write
) -> None:
    write("one")
    page = await connect()
    await page.ask("browse", view="v", group_by=["project"], unfolded=[])

    shown = await page.ask("pick", view="v", offset=0, limit=10, all=False)
    every = await page.ask("pick", view="v", offset=0, limit=10, all=True)

    assert (len(shown["picked"]), len(every["picked"])) == (0, 1)


async def test_groups_are_summarized_over_all_their_runs(connect: Connect, write: Write) -> None:
    """Also over those that no page has shown."""
    for acc in (0.5, 0.7):
        write("a", project="a").log(acc=acc)
    write("b", project="b").log(acc=float("nan"))
    page = await connect()
    await page.ask("browse", view="v", group_by=["project"], unfolded=[], limit=1)

    answer = await page.ask(
        "summarize", view="v", groups=["a", "b", "gone"], columns=["summary.acc", "project"]
    )

    of_a, of_b, gone = answer["statistics"]
    assert (of_b["columns"], gone["columns"]) == ([], [])
    [acc] = of_a["columns"]
    assert (acc["column"], acc["n"], acc["low"], acc["high"]) == ("summary.acc", 2, 0.5, 0.7)
    assert acc["mean"] == pytest.approx(0.6)
    assert acc["std"] == pytest.approx(0.02**0.5)


@pytest.mark.parametrize("op", ["pick", "summarize"])
async def test_a_list_that_nobody_asked_for_cannot_be_asked(connect: Connect, op: str) -> None:
    page = await connect()

    answer = await page.ask(
        op, view="v", offset=0, limit=1, all=True, groups=["a"], columns=["name"]
    )

    assert "ask for it first" in answer["message"]
