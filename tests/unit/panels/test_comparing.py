"""Several runs on the screen: what a view is told, what it gets, what a notebook keeps."""

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from storekit import START_US, opened_run, row
from waiting import wait_until

from nbtrack import panels
from nbtrack.errors import UsageError
from nbtrack.panels.comparing import CompareChannel
from nbtrack.panels.comparing.bundle import Picture, frozen_bundle
from nbtrack.panels.comparing.messages import comparison_message, key_heads
from nbtrack.panels.protocol import COMPARE_MIME_TYPE
from nbtrack.query import Comparison, Outlook
from nbtrack.records import Closed, ConfigChanged, RunState
from nbtrack.store import Journal
from tests.unit.panels.making import HOSTILE, Writer
from tests.unit.panels.screen import WIDGET, Screen, patched

UID = "compare-0000abcd"


def write(root: Path, number: int, name: str, **config: object) -> str:
    """Write a run of four steps that has ended; return its uid."""
    uid = f"20260102-030405-{number:08x}"
    opened = opened_run(uid, name=name, time_us=START_US + number)
    with closing(Journal.create(root, opened)) as journal:
        journal.append([ConfigChanged(START_US, {"lr": number / 10, **config})])
        journal.append([row(step, {"loss": float(step + number)}) for step in range(4)])
        journal.append([Closed(START_US + 99, RunState.FINISHED, 0, 1)])
    return uid


@pytest.fixture
def root(tmp_path) -> Path:
    for number in range(3):
        write(tmp_path, number, f"run-{number}", batch=32)
    return tmp_path


def draw(**changes: object) -> dict[str, object]:
    """Return what a view asks."""
    usual = {"op": "draw", "id": "1", "uid": UID, "keys": ["loss"], "runs": None, "changed": None}
    usual |= {"x": "step", "low": None, "high": None, "group_by": [], "band": "std"}
    return usual | changes


def test_a_view_is_told_which_runs_there_are_and_where_they_differ_first(root) -> None:
    head, buffer = CompareChannel(Comparison(root, None), UID).snapshot([])

    assert buffer == b""
    assert [run["name"] for run in head["runs"]] == ["run-2", "run-1", "run-0"]
    assert [list(run["config"]) for run in head["runs"]] == [["lr", "batch"]] * 3
    assert (head["total"], head["full"]) == (3, True)
    assert [(key["key"], key["runs"]) for key in head["keys"]] == [("loss", 3)]


def test_news_are_the_runs_that_changed_or_began(root) -> None:
    channel = CompareChannel(Comparison(root, None), UID)
    first, _ = channel.snapshot([])
    assert channel.news(0.0) is None

    uid = write(root, 7, "later")
    head, _ = channel.news(100.0) or pytest.fail("nobody told of the new run")

    assert [run["uid"] for run in head["runs"]] == [uid]
    assert (head["full"], head["order"][0]) == (False, uid)
    assert head["sequence"] == first["sequence"] + 1


def test_news_are_not_looked_for_more_often_than_once_a_second(root) -> None:
    channel = CompareChannel(Comparison(root, None), UID)
    channel.snapshot([])
    channel.news(0.0)
    write(root, 7, "later")

    assert channel.news(0.9) is None
    assert channel.news(1_000.0) is not None


def test_a_view_gets_lines_and_bands_in_the_order_that_the_heads_say(root) -> None:
    channel = CompareChannel(Comparison(root, None), UID)
    intent = panels.parse_intent(draw(group_by=["batch"], band="minmax"))

    reply, buffer = channel.look_up(intent)  # type: ignore[arg-type]

    (chart,) = reply["charts"]
    numbers = np.frombuffer(buffer, "<f8").tolist()
    assert [line["points"] for line in chart["lines"]] == [4, 4, 4]
    assert numbers[:8] == [0, 1, 2, 3, 2, 3, 4, 5]  # the newest run's steps, then its values
    assert [(band["group"], band["points"]) for band in chart["bands"]] == [(0, 4)]
    assert numbers[24:] == [0, 1, 2, 3, 3, 3, 3, 3, 1, 2, 3, 4, 0, 1, 2, 3, 2, 3, 4, 5]
    assert reply["groups"] == ["32"]


def test_time_counts_from_each_runs_start(root) -> None:
    channel = CompareChannel(Comparison(root, "run-1"), UID)

    _, buffer = channel.look_up(panels.parse_intent(draw(x="time")))  # type: ignore[arg-type]

    assert np.frombuffer(buffer, "<f8")[:2].round(3).tolist() == [0, 1]


@pytest.mark.parametrize("x", ["time", "other"])
def test_whoever_looks_closer_gets_every_point_of_that_part(tmp_path, x) -> None:
    """A whole line keeps the extremes of its columns; a part of it has columns of its own."""
    opened = opened_run("20260102-030405-0000000a", time_us=START_US)
    with closing(Journal.create(tmp_path, opened)) as journal:
        values = [{"loss": float(step % 7), "other": float(step)} for step in range(9_000)]
        journal.append([row(step, some) for step, some in enumerate(values)])
        journal.append([Closed(START_US + 99, RunState.FINISHED, 0, 1)])
    channel = CompareChannel(Comparison(tmp_path, None), UID)

    intent = panels.parse_intent(draw(x=x, low=1_000.5, high=1_500))
    reply, buffer = channel.look_up(intent)  # type: ignore[arg-type]

    (line,) = reply["charts"][0]["lines"]
    numbers = np.frombuffer(buffer, "<f8")
    assert (line["points"], line["count"]) == (500, 500)
    assert numbers[:500].tolist() == list(range(1_001, 1_501))
    assert numbers[500:].tolist() == [step % 7 for step in range(1_001, 1_501)]


@pytest.mark.parametrize(("wish", "most"), [({}, 2_000), ({"points": 500}, 500)])
def test_a_line_alone_has_as_many_points_as_the_view_wants(tmp_path, wish, most) -> None:
    opened = opened_run("20260102-030405-0000000a", time_us=START_US)
    with closing(Journal.create(tmp_path, opened)) as journal:
        journal.append([row(step, {"loss": float(step % 7)}) for step in range(9_000)])
    channel = CompareChannel(Comparison(tmp_path, None), UID)

    reply, _ = channel.look_up(panels.parse_intent(draw(**wish)))  # type: ignore[arg-type]

    (line,) = reply["charts"][0]["lines"]
    assert most // 2 < line["points"] <= most


def test_what_a_view_is_not_told_is_counted(tmp_path) -> None:
    write(tmp_path, 0, "wide", **{f"key-{number}": number for number in range(450)})
    keys = key_heads({f"metric-{number}": 1 for number in range(1_002)}, [])

    head = comparison_message(Comparison(tmp_path, None), keys, UID, 0)

    assert (len(head["keys"]), len(head["runs"][0]["config"])) == (1_000, 400)
    assert head["left_out"] == {"keys": 2, "config": 51, "summary": 0}


def test_a_server_draws_what_a_view_names(root) -> None:
    uid = Comparison(root, "run-1").facts[0].opened.uid
    intent = panels.parse_intent(draw(runs=[uid]))

    reply, _ = panels.look_up(root, intent)  # type: ignore[arg-type]

    assert [line["uid"] for line in reply["charts"][0]["lines"]] == [uid]
    with pytest.raises(UsageError, match="which runs are to be drawn"):
        panels.look_up(root, panels.parse_intent(draw()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"runs": "all"}, "runs are at most 10000 uids, not 'all'"),
        ({"runs": ["../x"]}, "uid is 1 to 64 of the characters"),
        ({"keys": []}, "keys is a list of 1 to 1000 names"),
        ({"x": 3}, "x is a text"),
        ({"low": float("nan")}, "low is a finite number or null"),
        ({"group_by": "lr"}, "group_by is a list of at most 8 fields"),
        ({"band": "iqr"}, "band is one of std, stderr, minmax, t95, not 'iqr'"),
    ],
)
def test_what_a_view_cannot_ask_is_said(changes, message) -> None:
    with pytest.raises(UsageError, match=message):
        panels.parse_intent(draw(**changes))


def test_a_run_is_neither_stopped_nor_edited_here(root) -> None:
    channel = CompareChannel(Comparison(root, None), UID)

    with pytest.raises(UsageError, match="stopped one by one"):
        channel.stop()
    with pytest.raises(UsageError, match="cannot meet 'files'"):
        channel.look_up({"op": "files", "id": "1", "uid": UID})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_what_a_notebook_keeps(tmp_path, text) -> None:
    write(tmp_path, 0, text, **{text: text})
    write(tmp_path, 1, "other", **{text: "another"})
    comparison = Comparison(tmp_path, None, outlook=Outlook(group_by=("config.lr",)))

    bundle = frozen_bundle(Picture.take(comparison, UID))

    page = bundle["text/html"]
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "\x1b" not in page + bundle["text/plain"]
    assert "\u202e" not in page + bundle["text/plain"]
    json.dumps(bundle).encode("utf-8")


def test_what_a_notebook_keeps_is_bounded(tmp_path) -> None:
    for number in range(60):
        write(tmp_path, number, f"run-{number}", **{f"key-{i}": "x" * 300 for i in range(40)})

    kept = frozen_bundle(Picture.take(Comparison(tmp_path, None), UID))

    assert len(json.dumps(kept[COMPARE_MIME_TYPE])) < 300_000
    assert kept[COMPARE_MIME_TYPE]["comparison"]["total"] == 60
    assert "and 30 more runs" in kept["text/html"]


@pytest.fixture
def screen(monkeypatch) -> Screen:
    return patched(Screen(), monkeypatch)


def test_a_comparison_is_live_until_the_end_and_then_a_picture(root, screen) -> None:
    comparison = Comparison(root, None)

    screen.stage.compare(comparison, height=500, batch=False, script=lambda: "export default {}")
    (comm,) = screen.comms
    answer = comm.ask("hello", comm.state["uid"])
    screen.stage.freeze()
    screen.stage.close()

    assert (comm.state["kind"], answer.head["op"]) == ("comparison", "reply")
    (first, _, was_update), (last, _, is_update) = screen.published
    assert (WIDGET in first, was_update) == (True, False)
    assert (WIDGET in last, is_update) == (False, True)
    assert COMPARE_MIME_TYPE in last
    assert screen.notices == []


def test_where_nobody_is_live_the_picture_follows_the_runs(tmp_path, screen) -> None:
    run = Writer(tmp_path)
    run.log(loss=1.0)
    screen.stage.compare(Comparison(tmp_path, None), height=500, batch=True)

    screen.stage.refresh()
    run.log(loss=2.0)
    screen.stage.refresh()
    run.finish()

    assert [WIDGET in bundle for bundle, _, _ in screen.published] == [False, False]


def test_the_first_charts_come_with_the_widget_and_nothing_is_sent_twice(root, screen) -> None:
    """A round trip more, and a thousand runs told three times, are seen when a cell runs."""
    screen.stage.compare(Comparison(root, None), height=500, batch=False, script=lambda: "")
    (comm,) = screen.comms
    head, buffer = comm.state["_snap"]["head"], np.frombuffer(comm.buffers[0], "<f4")
    [chart] = head["drawn"]["charts"]

    answer = comm.ask("hello", head["uid"], known=head["sequence"])

    assert [line["points"] for line in chart["lines"]] == [4, 4, 4]
    assert buffer[4:8].tolist() == [2.0, 3.0, 4.0, 5.0]
    assert answer.head["current"] is True
    assert comm.of("comparison") == []
    screen.stage.close()


def test_a_view_that_missed_something_is_told_everything(tmp_path, screen) -> None:
    run = Writer(tmp_path)
    run.log(loss=1.0)
    screen.stage.compare(Comparison(tmp_path, None), height=500, batch=False, script=lambda: "")
    (comm,) = screen.comms
    uid, known = comm.state["uid"], comm.state["_snap"]["head"]["sequence"]
    comm.ask("lease", uid)
    run.log(loss=2.0)
    wait_until(lambda: comm.of("comparison"), what="news of the run")

    answer = comm.ask("hello", uid, known=known)

    assert "current" not in answer.head
    wait_until(lambda: comm.of("comparison")[-1].head["full"], what="all runs anew")
    screen.stage.close()
    run.finish()


def test_what_was_drawn_of_runs_that_went_on_is_not_given_as_their_present(tmp_path) -> None:
    run = Writer(tmp_path)
    run.log(loss=1.0)
    comparison = Comparison(tmp_path, None)
    channel = CompareChannel(comparison, UID, Picture.take(comparison, UID))
    before = channel.first_state()["head"]
    run.log(loss=2.0)

    channel.news(0.0)

    assert "drawn" in before
    assert "drawn" not in channel.first_state()["head"]
    run.finish()


def test_metrics_that_come_while_a_run_goes_on_are_named_at_once(tmp_path) -> None:
    run = Writer(tmp_path)
    run.log(loss=1.0)
    comparison = Comparison(tmp_path, None)
    before = comparison.keys()

    run.log(accuracy=0.5)

    assert (list(before), set(comparison.keys())) == (["loss"], {"loss", "accuracy"})
    run.finish()
