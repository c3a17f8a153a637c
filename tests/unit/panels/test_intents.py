"""Intents come from any page that reached the kernel or the server."""

import math
import re

import pytest

from nbtrack.errors import UsageError
from nbtrack.panels import parse_intent

UID = "20260101-120000-0000abcd"
WINDOW = {
    "op": "window",
    "id": "1",
    "uid": UID,
    "keys": ["loss"],
    "low": 0,
    "high": 10.5,
    "points": 2_000,
}
LINES = {"op": "lines", "id": "1", "uid": UID, "spans": [[0, 100], [5_000, 1]]}
FIND = {
    "op": "find",
    "id": "1",
    "uid": UID,
    "search": "epoch \\d+",
    "streams": ["stderr"],
    "level": "warning",
    "first": 0,
}
FILE = {"op": "file", "id": "1", "uid": UID, "name": "a/b.txt", "offset": 0, "length": 1_000}
EDIT = {"op": "edit", "id": "1", "uid": UID, "name": "better", "notes": "", "tags": ["a"]}
HELLO = {"op": "hello", "id": "1", "view": "v", "uid": UID}


@pytest.mark.parametrize(
    "raw",
    [
        HELLO,
        {**HELLO, "points": 500},
        {**HELLO, "op": "lease"},
        {**HELLO, "op": "bye"},
        {"op": "stop", "id": "1", "uid": UID},
        {"op": "finish", "id": "1", "uid": UID},
        {"op": "facets", "id": "1"},
        WINDOW,
        {**WINDOW, "low": None, "high": None, "axis": "time"},
        {**WINDOW, "axis": "metric", "metric": "epoch"},
        EDIT,
        LINES,
        FIND,
        FILE,
        {"op": "files", "id": "1", "uid": UID},
        {"op": "cells", "id": "1", "uid": UID, "first": 3},
        {"op": "act", "id": "1", "action": "tag", "runs": [UID], "add": ["a"], "remove": []},
        {"op": "act", "id": "1", "action": "purge", "runs": [UID]},
        {"op": "trash", "id": "1", "offset": 0, "limit": 50},
        {"op": "compare", "id": "1", "uid": "compare-a", "runs": [UID]},
        {"op": "pick", "id": "1", "view": "v", "offset": 0, "limit": 50, "all": True},
        {"op": "summarize", "id": "1", "view": "v", "groups": ["a"], "columns": ["duration"]},
    ],
    ids=lambda raw: raw.get("axis", raw.get("action", raw["op"])),
)
def test_an_intent_comes_back_as_it_was_said(raw):
    assert parse_intent(raw) == raw


def test_fields_that_the_protocol_does_not_name_are_left_out():
    assert parse_intent({**HELLO, "workspace": "w", "__proto__": {}}) == HELLO


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "an intent is a JSON object, not None."),
        ("stop", "an intent is a JSON object, not 'stop'."),
        ([1] * 9, "not a list of 9."),
        (
            {},
            "op is one of hello, lease, bye, stop, finish, window, edit, lines, find, files, file",
        ),
        ({"op": ["stop"]}, "not a list of 1."),
        ({"op": "drop table"}, "not 'drop table'."),
        ({**HELLO, "id": ""}, "id is a text of 1 to 128 characters, not ''."),
        ({**HELLO, "id": "x" * 129}, "not 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'…."),
        ({**HELLO, "id": 7}, "not 7."),
        ({**HELLO, "view": None}, "view is a text"),
        ({**HELLO, "uid": "../../etc"}, "uid is 1 to 64 of the characters 0-9, a-z and '-'"),
        ({**HELLO, "uid": UID + "\n"}, "uid is 1 to 64"),
        ({**HELLO, "uid": "a" * 65}, "uid is 1 to 64"),
        ({**WINDOW, "keys": "loss"}, "keys is a list of 1 to 1000 names, not 'loss'."),
        ({**WINDOW, "keys": []}, "not a list of 0."),
        ({**WINDOW, "keys": ["a"] * 1_001}, "not a list of 1001."),
        ({**WINDOW, "keys": [{"a": 1}]}, "keys are names of metrics, not a dict of 1."),
        ({**WINDOW, "keys": ["a"] * 1_000, "points": 20_000}, "at most 2000000 points in all"),
        ({**WINDOW, "low": math.nan}, "low is a finite number or null, not nan."),
        ({**WINDOW, "high": math.inf}, "high is a finite number or null, not inf."),
        ({**WINDOW, "low": 10**400}, "not a very large number."),
        ({**WINDOW, "low": True}, "low is a finite number or null, not True."),
        ({**WINDOW, "low": "0"}, "not '0'."),
        ({**WINDOW, "low": 11}, "low is at most its high, but 11.0 > 10.5."),
        ({**WINDOW, "axis": "wall"}, "axis is step, time or metric, not 'wall'."),
        ({**WINDOW, "axis": ["step"]}, "axis is step, time or metric, not a list of 1."),
        ({**WINDOW, "axis": "metric"}, "metric is the name of one, not None."),
        ({**WINDOW, "axis": "metric", "metric": "x" * 10_001}, "metric is the name of one"),
        ({**WINDOW, "points": 0}, "points is a whole number from 1 to 20000, not 0."),
        ({**WINDOW, "points": 20_001}, "not 20001."),
        ({**WINDOW, "points": 3.0}, "not 3.0."),
        ({**WINDOW, "points": True}, "not True."),
        ({**HELLO, "points": 0}, "points is a whole number from 1 to 20000, not 0."),
        ({**HELLO, "points": "many"}, "not 'many'."),
        ({"op": "browse", "id": "1", "view": "v", "groups": "luck"}, "not 'luck'."),
        ({"op": "browse", "id": "1", "view": "v", "groups": ["name"]}, "not a list of 1."),
        ({"op": "edit", "id": "1", "uid": UID}, "this one nothing."),
        ({**EDIT, "name": ""}, "name is a text of 1 to 1000 characters, not ''."),
        ({**EDIT, "notes": None}, "notes is a text of 0 to 100000 characters, not None."),
        ({**EDIT, "tags": "best"}, "tags is a list of at most 100, not 'best'."),
        ({**EDIT, "tags": [""]}, "tag is a text of 1 to 128 characters, not ''."),
        ({**EDIT, "tags": ["a"] * 101}, "not a list of 101."),
        ({**LINES, "spans": []}, "spans is a list of 1 to 2000 pairs, not a list of 0."),
        ({**LINES, "spans": [7]}, "a span is a line's number and how many lines, not 7."),
        ({**LINES, "spans": [[-1, 5]]}, "span is a whole number from 0 to"),
        ({**LINES, "spans": [[0, 2_000], [9_000, 1]]}, "at most 2000 lines"),
        ({**FIND, "search": "a" * 1_001}, "search is a text of 0 to 1000 characters"),
        ({**FIND, "streams": ["stdout", {}]}, "streams are some of stdout, stderr, nbtrack"),
        ({**FIND, "level": "debug"}, "level is one of all, warning, error, not 'debug'."),
        ({**FIND, "first": 0.5}, "first is a whole number from 0 to"),
        ({**FILE, "name": None}, "name is a text of 1 to 4096 characters, not None."),
        ({**FILE, "offset": -1}, "offset is a whole number from 0 to"),
        ({**FILE, "length": 2**21}, "length is a whole number from 0 to 1048576, not 2097152."),
    ],
)
def test_what_is_wrong_with_an_intent_is_said(raw, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        parse_intent(raw)
