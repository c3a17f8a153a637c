import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from waiting import wait_until

from nbtrack import store
from nbtrack.errors import UsageError
from nbtrack.records import ClockTurned, Closed, Row, RunState
from tests.unit.panels.making import HOSTILE
from tests.unit.panels.screen import FakeComm


def pumps() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "nbtrack-pump"]


def shown(screen, run):
    """Show a run, let a view say hello, and return its comm."""
    screen.show(run)
    comm = screen.comms[-1]
    comm.ask("hello", run.uid)
    wait_until(lambda: comm.of("snapshot"), what="a snapshot")
    return comm


def test_a_widget_opens_with_the_run_as_it_stands(screen, write):
    run = write()
    run.log(loss=2.0)
    run.log(loss=1.0)

    screen.show(run, height=300)

    (comm,) = screen.comms
    assert comm.state["uid"] == run.uid
    assert comm.state["height"] == 300
    assert comm.state["_esm"] == "export default {}"
    assert comm.state["_snap"]["head"]["series"][0]["points"] == 2
    assert np.frombuffer(comm.buffers[0]).tolist()[-2:] == [2.0, 1.0]


def test_what_is_logged_arrives_in_order_and_once(screen, write):
    run = write()
    comm = shown(screen, run)

    for number in range(200):
        run.log(loss=float(number))
        if number % 20 == 0:
            time.sleep(0.02)
    run.say("done")

    wait_until(lambda: len(comm.values()) == 200, what="the last value")
    assert comm.values() == [float(number) for number in range(200)]
    wait_until(lambda: any(one.head["lines"] for one in comm.of("append")), what="the line")
    numbers = [one.head["sequence"] for one in comm.of("append")]
    first = comm.of("snapshot")[-1].head["sequence"]
    assert numbers == list(range(first + 1, first + 1 + len(numbers)))


def test_nothing_new_sends_nothing(screen, write):
    run = write()
    run.log(loss=1.0)
    comm = shown(screen, run)
    before = len(comm.sent)

    comm.ask("lease", run.uid)

    assert [one.head["op"] for one in comm.sent[before:]] == ["reply"]


def test_the_end_of_a_run_is_told(screen, write):
    run = write()
    comm = shown(screen, run)

    run.finish()

    wait_until(
        lambda: any(
            one.head["run"] and one.head["run"]["state"] == "finished" for one in comm.of("append")
        ),
        what="the end",
    )


def test_panels_do_not_speak_for_the_cell_that_runs(screen, write):
    """Ipykernel 7.4 would route Stop behind the busy cell, nbclient would keep the widget."""
    run = write()
    comm = shown(screen, run)
    run.log(loss=1.0)

    wait_until(lambda: comm.values() == [1.0], what="the value")
    assert comm.opened_under == {}
    assert {(str(one.parent), one.thread) for one in comm.sent} == {("{}", "nbtrack-pump")}
    assert screen.kernel._shell_parent.get() == {"header": {"subshell_id": None}}


def test_the_route_of_a_comm_is_pinned(screen, write):
    class Routed(FakeComm):
        def _reply_subshell_for(self, _data, _default):
            return "where the last message came from"

    screen.kind = Routed
    screen.show(write())

    assert screen.comms[0]._reply_subshell_for({}, "where it was sent") == "where it was sent"


def test_a_hello_is_answered_with_the_run_as_it_stands(screen, write):
    run = write()
    comm = shown(screen, run)
    run.log(loss=1.0)
    wait_until(lambda: comm.values() == [1.0], what="the value")
    before = len(comm.of("snapshot"))

    reply = comm.ask("hello", run.uid)

    assert reply.head["op"] == "reply"
    wait_until(lambda: len(comm.of("snapshot")) == before + 1, what="a snapshot")
    assert comm.values() == [1.0]


def test_a_view_gets_as_many_points_as_it_wants(screen, write):
    run = write()
    run.append(*(Row(step, step, {"loss": 0.0}) for step in range(3_000)))
    comm = shown(screen, run)
    (usual,) = comm.of("snapshot")[-1].head["series"]

    comm.ask("hello", run.uid, points=3_000)

    wait_until(lambda: comm.of("snapshot")[-1].head["series"][0]["points"] == 3_000, what="all")
    assert usual["points"] <= 2_000


def test_a_window_shows_the_exact_extremes(screen, write):
    run = write()
    run.append(*(Row(step, step, {"loss": 0.0}) for step in range(50_000)))
    run.append(Row(50_000, 50_000, {"loss": 9.0}), Row(50_001, 50_001, {"loss": 0.0}))
    comm = shown(screen, run)

    answer = comm.ask("window", run.uid, keys=["loss", "?"], low=40_000, high=60_000, points=50)

    first, unknown = answer.head["series"]
    assert (answer.head["op"], answer.head["uid"]) == ("reply", run.uid)
    assert first["points"] <= 60
    assert first["count"] == 10_002
    assert max(answer.numbers[2 * first["points"] : 3 * first["points"]]) == 9.0
    assert unknown["points"] == 0


def test_stop_is_told_to_the_store(screen, write):
    """The run may belong to another kernel: its recorder sees the request there."""
    run = write()
    comm = shown(screen, run)

    assert comm.ask("stop", run.uid).head["op"] == "reply"
    assert store.stop_requested(run.root, run.uid)


def test_a_run_is_finished_from_its_panel_where_nothing_goes_on(screen, write):
    run = write()
    comm = shown(screen, run)

    refused = comm.ask("finish", run.uid).head
    run.journal.append([ClockTurned(run.opened.time_us, 0, running=False)])
    met = comm.ask("finish", run.uid).head

    assert (refused["kind"], met["op"]) == ("UsageError", "reply")
    assert "is at work: wait until its cell or script has ended" in refused["message"]
    assert store.stop_requested(run.root, run.uid, "finish")
    assert not store.stop_requested(run.root, run.uid)


def test_stop_goes_to_whoever_wants_it(screen, write):
    run = write()
    stopped = []
    screen.show(run, on_stop=lambda: stopped.append(run.uid))

    screen.comms[-1].ask("stop", run.uid)

    assert stopped == [run.uid]
    assert not store.stop_requested(run.root, run.uid)


def test_a_stop_that_fails_says_why(screen, write):
    def fail():
        raise UsageError("not this one")

    run = write()
    screen.show(run, on_stop=fail)

    head = screen.comms[-1].ask("stop", run.uid).head

    assert (head["op"], head["kind"], head["message"]) == ("error", "UsageError", "not this one")


def test_a_run_that_has_ended_cannot_be_stopped(screen, write):
    run = write()
    comm = shown(screen, run)
    run.finish()
    wait_until(lambda: any(one.head["run"] for one in comm.of("append")), what="the end")

    head = comm.ask("stop", run.uid).head

    assert head["message"] == "run 'brave-otter' is finished: there is nothing to stop."
    assert not store.stop_requested(run.root, run.uid)


@pytest.mark.parametrize(
    ("intent", "message"),
    [
        ({"op": "facets"}, "a kernel tells of single runs only"),
        ({"op": "hello", "uid": "another-run", "view": "v"}, "not 'another-run'"),
        ({"op": "window", "uid": "UID", "keys": "loss"}, "keys is a list"),
        ({"op": "eval", "code": "1"}, "op is one of"),
    ],
    ids=lambda value: value["op"] if isinstance(value, dict) else "",
)
def test_an_intent_that_cannot_be_met_is_answered_under_its_id(screen, write, intent, message):
    run = write()
    comm = shown(screen, run)
    intent = {key: run.uid if value == "UID" else value for key, value in intent.items()}
    if intent["op"] == "window":
        intent |= {"low": 0, "high": 1, "points": 10}

    comm.say({**intent, "id": "mine"})

    head = comm.answer("mine").head
    assert head["op"] == "error"
    assert message in head["message"]


@pytest.mark.parametrize("said", [None, 7, [], "stop", {}, {"id": ["x"]}, *HOSTILE])
def test_nonsense_is_answered_and_forgotten(screen, write, said):
    run = write()
    comm = shown(screen, run)

    comm.say(said)
    comm.say({"op": said, "id": "x"})

    assert comm.answer("x").head["op"] == "error"
    assert comm.ask("lease", run.uid).head["op"] == "reply"
    assert screen.notices == []


def test_a_closed_view_is_sent_nothing_and_a_new_one_everything(screen, write):
    run = write()
    comm = shown(screen, run)
    comm.ask("bye", run.uid)
    before = len(comm.sent)

    run.log(loss=1.0)
    run.log(loss=2.0)
    wait_until(lambda: not is_reading(run), what="letting go of the journal")

    assert len(comm.sent) == before
    comm.ask("hello", run.uid)
    wait_until(lambda: comm.values() == [1.0, 2.0], what="the values")


def is_reading(run) -> bool:
    """Tell whether this process has a run's journal open for reading."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("open files cannot be listed here")
    opened = []
    for descriptor in folder.iterdir():
        try:
            opened.append(str(descriptor.readlink()))
        except OSError:
            continue
    return opened.count(str(run.journal.path)) > 1


def test_a_view_whose_lease_ran_out_begins_anew_when_it_is_heard_of(screen, write):
    """A server keeps what it cannot deliver, without bound."""
    run = write()
    comm = shown(screen, run)
    screen.clock.ahead_s += 31
    wait_until(lambda: not is_reading(run), what="letting go of the journal")
    before = len(comm.sent)
    run.log(loss=1.0)

    assert len(comm.sent) == before
    comm.ask("lease", run.uid)
    wait_until(lambda: comm.values() == [1.0], what="the value")
    assert [one.head["op"] for one in comm.sent[before:]].count("snapshot") == 1


def test_a_kernel_that_hears_nothing_while_busy_is_live_all_the_same(screen, write):
    """With older ipykernel, hello waits behind the cell that trains."""
    run = write()
    screen.show(run)
    screen.clock.ahead_s += 3_600

    run.log(loss=1.0)

    wait_until(lambda: screen.comms[0].of("append"), what="the value")


def test_two_panels_of_a_run_are_told_the_same(screen, write):
    run = write()
    one = shown(screen, run)
    run.log(loss=1.0)
    wait_until(lambda: one.values() == [1.0], what="the value")
    screen.show(run, height=900)
    other = screen.comms[1]
    other.ask("hello", run.uid)

    for value in (2.0, 3.0):
        run.log(loss=value)
        wait_until(lambda: one.values()[-1:] == other.values()[-1:] == [value], what="it")  # noqa: B023

    assert one.values() == other.values() == [1.0, 2.0, 3.0]
    assert one.sent[-1].head["sequence"] == other.sent[-1].head["sequence"]


def test_outputs_of_the_same_height_are_views_of_one_widget(screen, write):
    run = write()

    screen.show(run)
    screen.show(run)

    assert len(screen.comms) == 1


def test_a_large_head_is_sent_less_often_than_values(screen, write):
    """A config of 100 KB ten times a second would be a megabyte a second."""
    run = write()
    comm = shown(screen, run)
    run.append(*config_of(100_000))
    wait_until(lambda: any(one.head["run"] for one in comm.of("append")), what="the config")
    before = len(comm.sent)

    for number in range(3):
        run.log(loss=float(number))
        wait_until(lambda: comm.values()[-1:] == [float(number)], what="the value")  # noqa: B023

    assert not any(one.head["run"] for one in comm.sent[before:])
    run.append(Closed(1, RunState.FAILED, 1, 1))
    wait_until(lambda: comm.sent[-1].head["run"], what="the end")
    assert comm.sent[-1].head["run"]["step"] == 2


def config_of(size: int):
    from nbtrack.records import ConfigChanged

    return [ConfigChanged(1, {"text": "x" * size})]


def test_trouble_is_told_once_and_other_runs_go_on(screen, write):
    broken, sound = write(), write()
    one, other = shown(screen, broken), shown(screen, sound)
    one.broken = True

    for number in range(5):
        broken.log(loss=float(number))
        sound.log(loss=float(number))
        wait_until(lambda: len(other.values()) == number + 1, what="the value")  # noqa: B023
        screen.clock.ahead_s += 1

    (notice,) = screen.notices
    assert notice.level == "warning"
    assert notice.cause == "panel OSError"
    assert "the socket is closed. Logging is not affected." in notice.text
    one.broken = False
    one.ask("hello", broken.uid)
    wait_until(lambda: one.values() == [0.0, 1.0, 2.0, 3.0, 4.0], what="the values")


def test_the_thread_ends_when_nobody_looks_and_comes_back(screen, write):
    run = write()
    comm = shown(screen, run)
    assert len(pumps()) == 1

    comm.ask("bye", run.uid)
    screen.clock.ahead_s += 6

    wait_until(lambda: not pumps(), what="the end of the thread")
    run.log(loss=1.0)
    comm.ask("hello", run.uid)
    wait_until(lambda: comm.values() == [1.0], what="the value")


def test_nothing_is_sent_after_the_end(screen, write):
    run = write()
    comm = shown(screen, run)

    screen.stage.close(timeout_s=5)

    assert not pumps()
    before = len(comm.sent)
    comm.say({"op": "hello", "id": "late", "uid": run.uid, "view": "v"})
    assert not pumps()
    assert len(comm.sent) == before


def test_a_forked_child_is_inert(screen, write, monkeypatch):
    """Its sockets are the parent's: a message from it would break the parent's comm."""
    run = write()
    comm = shown(screen, run)
    comm.ask("bye", run.uid)
    screen.clock.ahead_s += 6
    wait_until(lambda: not pumps(), what="the end of the thread")
    parent, published = os.getpid(), len(screen.published)
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)

    comm.say({"op": "hello", "id": "1", "uid": run.uid, "view": "v"})
    screen.stage.freeze()
    screen.stage.refresh()
    assert screen.show(run).frozen
    screen.stage.close()

    assert not pumps()
    assert len(screen.published) == published
