"""Filters mean what they mean in MongoDB, end in time, and run nobody's code."""

import math
import os
from datetime import UTC, datetime

import numpy as np
import pytest
from storekit import START_US, opened_run, row

from nbtrack.errors import UsageError
from nbtrack.query import Api
from nbtrack.records import Closed, ConfigChanged, Notice, RunState
from nbtrack.store import Journal


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """Four runs: a good one, a bad one, one that goes wild, and one that says nothing."""
    root = tmp_path_factory.mktemp("workspace") / ".nbtrack"
    runs = {
        "good": ({"lr": 0.1, "net": {"depth": 3}, "a.b": 1, "on": True}, {"loss": 0.2}),
        "bad": ({"lr": 0.5, "net": {"depth": 9}, "opt": "sgd", "sizes": [8, 16]}, {"loss": 0.9}),
        "wild": ({"lr": "auto", "on": 1}, {"loss": math.nan, "deep": {"x": 2}}),
        "mute": ({}, {}),
    }
    for n, (name, (config, values)) in enumerate(runs.items()):
        tags = {"good": ("best", "paper"), "bad": ("old",)}.get(name, ())
        opened = opened_run(
            f"20260102-030405-{n:08d}", id=name[0], name=name, tags=tags, time_us=START_US + n
        )
        journal = Journal.create(root, opened)
        journal.append([ConfigChanged(START_US, config), row(n, values)])
        if name == "wild":
            journal.append([Notice(START_US, "info", "gpu", "no GPU is read")])
            journal.append([Notice(START_US, "error", "alert: NaN", "at 3", count=2)])
            journal.append([Notice(START_US + 1, "error", "alert: hot", "at 4")])
        if name != "mute":
            journal.append([Closed(START_US + n, RunState.FINISHED, 0, n)])
        journal.close()
    return Api(root)


def names(api, filters) -> str:
    return " ".join(run.name for run in api.runs(filters=filters))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, "good bad wild mute"),
        ({}, "good bad wild mute"),
        ({"state": "finished"}, "good bad wild"),
        ({"state": {"$ne": "finished"}}, "mute"),
        ({"config.lr": 0.1}, "good"),
        ({"config.lr.value": 0.1}, "good"),
        ({"config.lr": {"$gt": 0.1}}, "bad"),
        ({"config.lr": {"$gte": 0.1, "$lt": 0.5}}, "good"),
        ({"config.lr": {"$in": [0.5, "auto"]}}, "bad wild"),
        ({"config.lr": {"$nin": [0.5, "auto"]}}, "good mute"),
        ({"config.lr": {"$exists": False}}, "mute"),
        ({"config.lr": None}, "mute"),
        ({"config.lr": {"$ne": None}}, "good bad wild"),
        ({"config.lr": {"$not": {"$gt": 0.2}}}, "good wild mute"),
        ({"config.lr": np.float64(0.1)}, "good"),
        ({"config.net.depth": {"$gte": np.int64(4)}}, "bad"),
        ({"config.net": {"depth": 3}}, "good"),
        ({"config.a.b": 1}, "good"),
        ({"config.on": True}, "good"),
        ({"config.on": 1}, "wild"),
        ({"config.sizes": 8}, "bad"),
        ({"config.sizes": [8, 16]}, "bad"),
        ({"summary_metrics.loss": {"$lt": 0.5}}, "good"),
        ({"summary.loss": math.nan}, "wild"),
        ({"summary.deep.x": 2}, "wild"),
        ({"tags": "best"}, "good"),
        ({"tags": {"$in": ["best", "old"]}}, "good bad"),
        ({"tags": {"$nin": ["best", "old"]}}, "wild mute"),
        ({"tags": {"$ne": "best"}}, "bad wild mute"),
        ({"tags": {"$regex": "^pa"}}, "good"),
        ({"display_name": {"$regex": "d$"}}, "good bad wild"),
        ({"displayName": {"$regex": "^GO", "$options": "i"}}, "good"),
        ({"name": "good"}, "good"),
        ({"name": "g"}, "good"),
        ({"name": {"$ne": "g"}}, "bad wild mute"),
        ({"jobType": None, "group": {"$exists": False}}, "good bad wild mute"),
        ({"created_at": {"$gt": "2026-01-02T03:04:05Z"}}, "bad wild mute"),
        ({"createdAt": {"$lte": "2026-01-02T03:04:05"}}, "good"),
        ({"created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}, "good"),
        ({"created_at": {"$lt": START_US / 1e6 + 1}}, "good bad wild mute"),
        ({"$or": [{"name": "good"}, {"summary.loss": {"$gt": 0.5}}]}, "good bad"),
        ({"$and": [{"tags": "best"}, {"state": "crashed"}]}, ""),
        ({"$nor": [{"name": "good"}, {"name": "bad"}]}, "wild mute"),
        ({"$not": {"name": "good"}}, "bad wild mute"),
        ({"last_history_step": {"$gte": 2}}, "wild mute"),
        ({"sweep": None}, "good bad wild mute"),
        ({"alerts": {"$gt": 2}}, "wild"),
        ({"alerts": 0}, "good bad mute"),
        ({"alert": "NaN"}, "wild"),
    ],
    ids=str,
)
def test_filters_mean_what_they_mean_elsewhere(api, filters, expected):
    assert names(api, filters) == expected


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ([], "filters are a dict like {'state': 'finished'}"),
        ("stat = finished", "no field 'stat'. Did you mean 'state'?"),
        ({"stat": "finished"}, "no field 'stat'. Did you mean 'state'?"),
        ({3: 1}, "a field of a run is a text like 'config.lr', not 3"),
        ({"config": 1}, "no field 'config'"),
        ({"$where": "1"}, "there is no '$where' for whole filters"),
        ({"$or": {"a": 1}}, r"$or takes a list of filters, [{...}, {...}], not {'a': 1}"),
        ({"$or": []}, "$or takes a list"),
        ({"state": {"$like": "f%"}}, "state: there is no operator '$like'. There are $eq, $ne"),
        ({"state": {"$in": "finished"}}, "$in takes a list, ['finished'], not 'finished'"),
        ({"state": {"$exists": 1}}, "$exists takes True or False, not 1"),
        ({"config.lr": {"$gt": None}}, "$gt takes a number or a text, not None"),
        ({"config.lr": {"$gt": [1]}}, "$gt takes a number or a text, not [1]"),
        ({"config.lr": object}, "config.lr: $eq takes a number, text"),
        ({"created_at": "yesterday"}, "created_at: $eq: 'yesterday' is no time. Type '2026"),
        ({"created_at": {"$gt": math.inf}}, "inf is no time"),
        ({"created_at": {"$regex": "2026"}}, "created_at is a time, not a text. Compare it"),
        ({"state": {"$regex": 3}}, "$regex takes a text like '^lr', not 3"),
        ({"state": {"$regex": "("}}, "'(' is no regular expression that RE2 knows: missing )"),
        ({"state": {"$regex": "(?=a)"}}, "no regular expression that RE2 knows"),
        ({"state": {"$regex": "a" * 1_001}}, "at most 1000 characters, not 1001"),
        ({"state": {"$regex": "a", "$options": "x"}}, "$options are some of 'ims', not 'x'"),
        ({"state": {"$options": "i"}}, "$options belong to a $regex"),
    ],
    ids=str,
)
def test_what_cannot_be_understood_says_what_to_type(api, filters, said):
    with pytest.raises(UsageError) as error:
        api.runs(filters=filters)

    assert said in str(error.value)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", "^(([a-z])+.)+[A-Z]+$"])
def test_an_evil_pattern_takes_no_longer_than_another(root, pattern):
    """Python's own engine would need 2**40 steps for the first one, and cannot be interrupted."""
    Journal.create(root, opened_run(name="a" * 40 + "!", notes="a" * 100_000 + "!")).close()
    either = {"$or": [{"display_name": {"$regex": pattern}}, {"notes": {"$regex": pattern}}]}

    assert len(Api(root).runs(filters=either)) in (0, 1)


def test_filters_that_hold_themselves_end(api):
    endless = {}
    endless["$and"] = [endless, endless]

    with pytest.raises(UsageError, match="at most 1000 conditions, 32 levels deep"):
        api.runs(filters=endless)


def test_wide_filters_end_too(api):
    with pytest.raises(UsageError, match="at most 1000 conditions"):
        api.runs(filters={"$or": [{"state": "finished"}] * 1_000})


@pytest.mark.parametrize(
    "text", ["__import__('os').environ.update(EVIL='1')", "'; DROP TABLE runs; --", "\ud800\x00"]
)
def test_texts_of_filters_are_texts(api, text):
    for where in ("name", "tags", "config.lr", f"config.{text}"):
        assert len(api.runs(filters={where: text})) == 0
        assert len(api.runs(filters={where: {"$gt": text, "$in": [text]}})) == 0
    assert "EVIL" not in os.environ


@pytest.mark.parametrize("name", ["a\x00b", "<script>", "' OR 1=1", "x" * 9_999])
def test_names_of_runs_are_matched_whatever_they_are(root, name):
    Journal.create(root, opened_run(name=name)).close()
    api = Api(root)

    assert names(api, {"display_name": name}) == name
    assert len(api.runs(filters={"display_name": {"$regex": "."}})) == 1
    assert len(api.runs(filters={"display_name": {"$regex": r"\Aend\z"}})) == 0
