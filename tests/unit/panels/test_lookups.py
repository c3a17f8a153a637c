"""What views look up is answered from the store, bounded, and under its id."""

import numpy as np
import pytest
from waiting import wait_until

from nbtrack import store
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.panels import look_up, parse_intent
from nbtrack.panels.lookups import OPS
from nbtrack.records import CellRun
from tests.unit.panels.making import HOSTILE


def asked(root, uid, op, **fields):
    """Look something up as a browser asks for it."""
    return look_up(root, parse_intent({"op": op, "id": "7", "uid": uid, **fields}))


def test_lines_come_by_number(root, write):
    run = write()
    for number in range(50):
        run.say(f"line {number}")

    reply, _ = asked(root, run.uid, "lines", spans=[[3, 2], [40, 1], [49, 9]])

    assert reply["id"] == "7"
    assert [line["text"] for line in reply["lines"]] == ["line 3", "line 4", "line 40", "line 49"]


def test_an_answer_of_long_lines_stays_small_and_is_never_empty(root, write):
    run = write()
    for _ in range(400):
        run.say("x" * 100_000)

    reply, _ = asked(root, run.uid, "lines", spans=[[0, 400]])

    assert 1 <= len(reply["lines"]) < 400
    assert sum(len(line["text"]) for line in reply["lines"]) <= 1_000_000


def test_lines_are_found_by_what_they_say(root, write):
    run = write()
    for text in ("epoch 1", "ERROR: no disk", *HOSTILE, "EPOCH 2"):
        run.say(text)

    reply, buffer = asked(root, run.uid, "find", search="epoch", streams=[], level="all", first=0)
    errors, _ = asked(root, run.uid, "find", search="", streams=[], level="error", first=0)

    assert reply["total"] == 2
    assert np.frombuffer(buffer, "<f8").tolist() == [0, 2 + len(HOSTILE)]
    assert errors["total"] == 1


def test_files_are_listed_and_read_in_parts(root, write):
    run = write()
    folder = store.files_folder(root, run.uid)
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "train.py").write_text("print(1)")

    listed, _ = asked(root, run.uid, "files")
    reply, part = asked(root, run.uid, "file", name="code/train.py", offset=2, length=4)

    assert [(file["name"], file["size"]) for file in listed["files"]] == [("code/train.py", 8)]
    assert listed["total"] == 1
    assert (part, reply["total"]) == (b"int(", 8)
    with pytest.raises(UsageError, match="no name of a run's file"):
        asked(root, run.uid, "file", name="../journal.nbj", offset=0, length=4)


def test_executed_cells_come_in_order(root, write):
    run = write()
    run.append(
        CellRun(5_000_000, 0, "a1", 3, "x = 1", 2_000_000, 1_500_000, "ok"),
        CellRun(6_000_000, 1, None, None, "y" * 60_000, 0, 0, "error", "ValueError: no"),
    )

    reply, _ = asked(root, run.uid, "cells", first=0)
    later, _ = asked(root, run.uid, "cells", first=1)

    first, second = reply["cells"]
    assert (first["source"], first["count"], first["started"], first["duration"]) == (
        "x = 1",
        3,
        2.0,
        1.5,
    )
    assert (second["cell"], second["started"], second["error"]) == (None, None, "ValueError: no")
    assert len(second["source"]) < 51_000
    assert (later["cells"], later["total"]) == ([second], 2)


def test_a_run_is_given_another_name_notes_and_tags(root, write):
    """Its writer lives here and takes the change over; one that has ended is changed as well."""
    run = write()
    run.finish()

    reply, _ = asked(root, run.uid, "edit", name="better", notes="# why", tags=["b", "a", "b"])
    asked(root, run.uid, "edit", notes="")

    assert reply["run"]["name"] == "better"
    assert (reply["run"]["notes"], reply["run"]["tags"]) == ("# why", ["b", "a"])
    found = store.Reader(root).run(run.uid)
    assert (found.opened.name, found.opened.notes, found.opened.tags) == (
        "better",
        None,
        ("b", "a"),
    )


def test_a_name_of_blanks_is_refused(root, write):
    with pytest.raises(UsageError, match="a run's name is not empty"):
        asked(root, write().uid, "edit", name="  ")


@pytest.mark.parametrize("op", sorted(OPS))
def test_a_run_that_is_not_there_is_said(root, write, op):
    write()
    fields = {
        "edit": {"name": "x"},
        "lines": {"spans": [[0, 1]]},
        "find": {"search": "x", "streams": [], "level": "all", "first": 0},
        "file": {"name": "x", "offset": 0, "length": 1},
        "cells": {"first": 0},
        "draw": {
            "keys": ["loss"],
            "runs": ["20260101-120000-0000ffff"],
            "changed": None,
            "x": "step",
            "low": None,
            "high": None,
            "group_by": [],
            "band": "std",
        },
    }

    with pytest.raises((RunNotFoundError, UsageError), match=r"no (run|file)"):
        asked(root, "20260101-120000-0000ffff", op, **fields.get(op, {}))


def test_panels_go_on_while_something_is_looked_up(screen, write):
    """A search through a million lines takes a second; the charts do not wait for it."""
    run = write()
    run.say("epoch 1")
    screen.show(run)
    comm = screen.comms[-1]
    comm.ask("hello", run.uid)

    answer = comm.ask("find", run.uid, search="epoch", streams=[], level="all", first=0)
    wrong = comm.ask("find", run.uid, search="(", streams=[], level="all", first=0)

    assert (answer.head["op"], answer.head["total"]) == ("reply", 1)
    assert answer.numbers == [0.0]
    assert answer.thread == "nbtrack-pump"
    assert wrong.head["op"] == "error"
    assert "is no regular expression" in wrong.head["message"]
    run.log(loss=1.0)
    wait_until(lambda: comm.values() == [1.0], what="the news")
