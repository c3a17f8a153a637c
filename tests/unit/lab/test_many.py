"""What the table asks of many runs at once, over a real socket."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from lab_client import Browser
from run_writer import Writer

from nbtrack.records import ClockTurned
from nbtrack.store import Reader, stop_requested, trash_run, trashed

Connect = Callable[..., Awaitable[Browser]]
Write = Callable[..., Writer]

NOBODY = "20260101-120000-0000abcd"


def ended(write: Write, name: str = "brave-otter", **fields: Any) -> str:  # noqa: ANN401
    """Write a run that has ended; return its uid."""
    run = write(name, **fields)
    run.log(3, loss=0.5)
    run.finish()
    return run.uid


def troubles(answer: dict[str, Any]) -> dict[str, str]:
    """Return by uid why nothing was done to a run."""
    return {one["uid"]: one["trouble"] for one in answer["outcomes"] if one["trouble"]}


async def test_one_run_that_cannot_be_trashed_hinders_no_other(
    connect: Connect, write: Write, root: Path
) -> None:
    first, going, last = ended(write), write("busy").uid, ended(write)
    page = await connect()

    answer = await page.ask("act", action="trash", runs=[first, going, NOBODY, last])

    assert [one["uid"] for one in answer["outcomes"]] == [first, going, NOBODY, last]
    assert "Stop it first" in troubles(answer)[going]
    assert "no workspace" in troubles(answer)[NOBODY]
    assert {run.uid for run in trashed(root)} == {first, last}


async def test_what_the_trash_holds_is_told_in_parts(
    connect: Connect, write: Write, root: Path
) -> None:
    uids = [ended(write, f"run-{number}") for number in range(3)]
    for uid in uids:
        trash_run(root, uid)
    page = await connect()

    answer = await page.ask("trash", offset=1, limit=1)

    assert [one["uid"] for one in answer["trashed"]] == [uids[1]]
    assert (answer["trashed"][0]["name"], answer["total"]) == ("run-1", 3)
    assert answer["bytes"] == sum(run.bytes for run in trashed(root))


async def test_a_run_comes_back_from_the_trash(connect: Connect, write: Write, root: Path) -> None:
    uid = ended(write)
    page = await connect()
    await page.ask("act", action="trash", runs=[uid])

    answer = await page.ask("act", action="restore", runs=[uid])

    assert troubles(answer) == {}
    assert Reader(root).run(uid).rows == 3


async def test_purging_says_first_what_it_would_free_and_then_what_it_freed(
    connect: Connect, write: Write, root: Path
) -> None:
    here, held = ended(write), ended(write)
    trash_run(root, held)
    page = await connect()

    weighed = await page.ask("act", action="weigh", runs=[here, held])
    purged = await page.ask("act", action="purge", runs=[here, held])

    assert all(one["bytes"] > 0 for one in weighed["outcomes"])
    freed, foreseen = purged["outcomes"], weighed["outcomes"]
    assert freed[1]["bytes"] == foreseen[1]["bytes"]
    assert freed[0]["bytes"] >= foreseen[0]["bytes"]
    assert list((root / "runs").iterdir()) == []
    assert trashed(root) == []


async def test_tags_are_added_and_removed_and_others_stay(
    connect: Connect, write: Write, root: Path
) -> None:
    first, second = ended(write, tags=("old", "mine")), ended(write)
    page = await connect()

    await page.ask("act", action="tag", runs=[first, second], add=["best"], remove=["old"])

    assert Reader(root).run(first).opened.tags == ("mine", "best")
    assert Reader(root).run(second).opened.tags == ("best",)


@pytest.mark.parametrize(
    "act", [{"action": "tag", "add": ["best"]}, {"action": "trash"}, {"action": "stop"}]
)
async def test_a_run_that_somebody_else_trashed_is_told_in_words(
    connect: Connect, write: Write, root: Path, act: dict[str, Any]
) -> None:
    """Whoever chose it in another page has not seen it go."""
    gone, uid = ended(write), ended(write)
    trash_run(root, gone)
    page = await connect()

    answer = await page.ask("act", runs=[gone, uid], **act)

    assert troubles(answer)[gone].startswith("This run is in the trash already.")


async def test_only_runs_in_which_nothing_goes_on_are_finished(
    connect: Connect, write: Write, root: Path
) -> None:
    idle, busy, over = write("idle"), write("busy"), ended(write)
    idle.journal.append([ClockTurned(idle.opened.time_us, 0, running=False)])
    page = await connect()

    answer = await page.ask("act", action="finish", runs=[idle.uid, busy.uid, over])

    assert stop_requested(root, idle.uid, "finish")
    assert not stop_requested(root, busy.uid, "finish")
    assert list(troubles(answer)) == [busy.uid, over]
    assert "is at work: wait until its cell or script has ended" in troubles(answer)[busy.uid]
    assert "finished already" in troubles(answer)[over]


async def test_only_runs_that_go_on_are_stopped(connect: Connect, write: Write, root: Path) -> None:
    going, over = write("busy").uid, ended(write)
    page = await connect()

    answer = await page.ask("act", action="stop", runs=[going, over])

    assert stop_requested(root, going)
    assert list(troubles(answer)) == [over]
    assert "finished already" in troubles(answer)[over]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"action": "trash", "runs": []}, "at least one"),
        ({"action": "trash", "runs": ["../secret"]}, "uid"),
        ({"action": "trash", "runs": [NOBODY] * 501}, "at most 500"),
        ({"action": "format", "runs": [NOBODY]}, "one of tag, trash"),
        ({"action": ["trash"], "runs": [NOBODY]}, "one of tag, trash"),
        ({"action": "tag", "runs": [NOBODY]}, "There are none"),
        ({"action": "tag", "runs": [NOBODY], "add": ["a"], "remove": ["a"]}, "one of both"),
        ({"action": "tag", "runs": [NOBODY], "add": [1]}, "tag"),
    ],
    ids=["no-run", "traversal", "too-many", "no-action", "no-text", "no-tag", "both", "odd-tag"],
)
async def test_what_cannot_be_meant_is_refused_as_a_whole(
    connect: Connect, write: Write, fields: dict[str, Any], message: str
) -> None:
    write()
    page = await connect()

    answer = await page.ask("act", **fields)

    assert answer["op"] == "error"
    assert message in answer["message"]


async def test_what_the_disk_refuses_is_said_for_each_run(
    connect: Connect, write: Write, root: Path
) -> None:
    """Of a workspace that may only be read, too."""
    uid = ended(write)
    (root / "trash").write_text("in the way")
    page = await connect()

    answer = await page.ask("act", action="trash", runs=[uid])

    assert "move it away" in troubles(answer)[uid]


async def test_runs_are_compared_without_a_kernel(connect: Connect, write: Write) -> None:
    uids = [ended(write), ended(write)]
    ended(write, "another")
    page = await connect()

    await page.ask("compare", uid="compare-a", runs=uids)
    await page.ask("hello", view="v", uid="compare-a")
    comparison = await page.next("comparison")
    drawn, _ = await page.ask_with_buffer("draw", **drawing("compare-a"))

    assert sorted(comparison["order"]) == sorted(uids)
    assert [key["key"] for key in comparison["keys"]] == ["loss"]
    assert sorted(line["uid"] for line in drawn["charts"][0]["lines"]) == sorted(uids)


@pytest.mark.parametrize("lists", [(), ("list",)], ids=["alone", "beside-a-list"])
async def test_a_comparison_turns_to_other_runs_and_tells_its_views(
    connect: Connect, write: Write, lists: Sequence[str]
) -> None:
    """The charts beside a table follow its search."""
    first, second = ended(write), ended(write)
    page = await connect()
    for view in lists:
        await page.ask("browse", view=view)
    await page.ask("compare", uid="compare-a", runs=[first])
    await page.ask("hello", view="v", uid="compare-a")
    before = await page.next("comparison")

    await page.ask("compare", uid="compare-a", runs=[second])
    after = await page.next("comparison")

    assert (before["order"], after["order"]) == ([first], [second])
    assert after["full"]
    assert after["sequence"] > before["sequence"]


@pytest.mark.parametrize("lists", [(), ("list",)], ids=["alone", "beside-a-list"])
async def test_a_comparison_goes_on_while_its_runs_do(
    connect: Connect, write: Write, lists: Sequence[str]
) -> None:
    run = write("busy")
    run.log(loss=0.5)
    page = await connect()
    for view in lists:
        await page.ask("browse", view=view)
    await page.ask("compare", uid="compare-a", runs=[run.uid])
    await page.ask("hello", view="v", uid="compare-a")
    await page.next("comparison")

    run.log(loss=0.25)
    news = await page.next("comparison")

    assert not news["full"]
    assert [one["uid"] for one in news["runs"]] == [run.uid]


async def test_a_comparison_that_nobody_named_is_refused(connect: Connect, write: Write) -> None:
    write()
    page = await connect()

    hello = await page.ask("hello", view="v", uid="compare-a")
    gone = await page.ask("compare", uid="compare-a", runs=[NOBODY])

    assert hello["kind"] == "RunNotFoundError"
    assert gone["kind"] == "RunNotFoundError"


def drawing(uid: str) -> dict[str, Any]:
    """Return what a view asks to be drawn."""
    return {
        "uid": uid,
        "keys": ["loss"],
        "runs": None,
        "changed": None,
        "x": "step",
        "low": None,
        "high": None,
        "group_by": [],
        "band": "std",
    }
