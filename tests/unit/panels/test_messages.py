import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbtrack.panels import append_message, pack_series, run_head, run_row, snapshot_message
from nbtrack.query import RunNews
from nbtrack.records import MetricDefined, Notice, Owner, RunState, Stream
from nbtrack.store import ConsoleLine, RowBlock, Series
from tests.unit.panels.making import (
    HOSTILE,
    START_US,
    facts,
    line,
    opened,
    series,
    view,
)

GOLDEN = Path(__file__).parents[2] / "golden"


def floats(buffer: bytes, dtype: str = "<f8") -> list[float]:
    return np.frombuffer(buffer, dtype).tolist()


def golden(name: str) -> tuple[dict[str, Any], bytes]:
    head = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))["head"]
    return head, (GOLDEN / f"{name}.bin").read_bytes()


def test_a_series_is_its_steps_then_its_times_then_its_values():
    heads, buffer = pack_series(
        [series("loss", [3.0, 2.0]), series("cpu", [50.0], "system")], started_us=START_US
    )

    assert heads == [
        {"key": "loss", "stream": "metric", "points": 2, "count": 2},
        {"key": "cpu", "stream": "system", "points": 1, "count": 1},
    ]
    assert floats(buffer[:48]) == [0.0, 1.0, 0.0, 1.0, 3.0, 2.0]
    assert math.isnan(floats(buffer)[6])
    assert floats(buffer)[7:] == [0.0, 50.0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=["nan", "inf", "minus-inf"])
def test_a_value_that_is_not_finite_is_sent_as_it_is(value):
    _, buffer = pack_series([series("loss", [value])], started_us=START_US)

    assert np.array_equal(floats(buffer)[2:], [value], equal_nan=True)


def test_four_byte_numbers_are_sent_when_they_are_asked_for():
    head, buffer = snapshot_message(view(series=[series("loss", [0.5, 0.25])]), 3, precision=4)

    assert head["precision"] == 4
    assert floats(buffer, "<f4") == [0.0, 1.0, 0.0, 1.0, 0.5, 0.25]


def test_a_block_is_one_run_of_numbers_per_key():
    block = RowBlock(
        stream="metric",
        keys=("a", "b"),
        steps=np.array([4.0, 5.0]),
        times_us=np.array([START_US, START_US + 500_000]),
        values=np.array([[1.0, 10.0], [2.0, 20.0]]),
    )

    head, buffer = append_message(RunNews(None, [block], []), "u", 8, started_us=START_US)

    assert head["blocks"] == [{"stream": "metric", "keys": ["a", "b"], "rows": 2}]
    assert head["run"] is None
    assert floats(buffer) == [4.0, 5.0, 0.0, 0.5, 1.0, 2.0, 10.0, 20.0]


def test_the_golden_snapshot_is_what_a_run_like_it_becomes():
    """The browser's tests read the golden files: they must be what is really sent."""
    head, buffer = golden("snapshot")
    started_us = 1_795_198_500_250_000
    who = opened(
        uid=head["run"]["uid"],
        name="brave-otter-1",
        time_us=started_us,
        tags=("baseline",),
        notebook="01-quickstart.ipynb",
        user="ada",
        owner=Owner("workstation", "", 1, 1.0),
    )
    run = facts(
        opened=who,
        seen_us=started_us + 12_250_000,
        config=head["run"]["config"],
        summary={"train/loss": 0.25, "broken": math.nan},
        environment=head["run"]["environment"],
        metrics=(
            MetricDefined(0, "train/*", "epoch"),
            MetricDefined(0, "train/loss", "epoch", summary=("min",), goal="minimize"),
        ),
        pinned=("lr",),
    )
    loss = series("train/loss", [2.5, 1.0, math.nan, 0.25])
    cpu = series("cpu", [12.5, 99.0], "system")
    lines = [
        ConsoleLine(41, 1_795_198_542_000_000, Stream.STDOUT, "epoch 1"),
        ConsoleLine(42, 1_795_198_543_000_000, Stream.STDERR, "careful"),
    ]
    half_seconds = started_us + np.arange(1, 5) * 500_000
    seconds = started_us + np.arange(2) * 1_000_000
    seen = view(
        run=run,
        series=[
            Series(loss.key, "metric", loss.steps, half_seconds, loss.values, 4000),
            Series(cpu.key, "system", cpu.steps, seconds, cpu.values, 2),
        ],
        lines=lines,
        line_count=43,
    )

    made, packed = snapshot_message(seen, 7)

    assert made == head
    assert packed == buffer


def test_a_metric_is_told_by_the_key_of_its_series():
    """Definitions escape dots; the names of series do not."""
    nested = MetricDefined(0, "val.loss", step_metric="top\\.1", hidden=True)

    (told,) = run_head(facts(metrics=(nested,)))["metrics"]

    assert told == {
        "key": "val.loss",
        "step_metric": "top.1",
        "hidden": True,
        "summary": [],
        "goal": None,
    }


def test_config_and_summary_say_in_words_what_json_cannot_say():
    head = run_head(
        facts(
            config={"a": math.nan, "b": {"c": [math.inf, -math.inf]}, "seed": 2**63, "n": 2**53},
            summary={"x": True, "y": None},
        )
    )

    assert head["config"] == {
        "a": "NaN",
        "b": {"c": ["Infinity", "-Infinity"]},
        "seed": "9223372036854775808",
        "n": 2**53,
    }
    assert head["summary"] == {"x": True, "y": None}
    json.dumps(head, allow_nan=False)


def test_config_nested_beyond_reason_ends_in_an_ellipsis():
    """A journal may come from anywhere: its nesting must not exhaust anybody's stack."""
    deep: Any = 1
    for _ in range(500):
        deep = {"k": [deep]}

    assert "…" in json.dumps(run_head(facts(config={"k": deep})), ensure_ascii=False)


def test_a_number_with_more_digits_than_python_writes_is_still_a_text():
    assert isinstance(run_head(facts(config={"n": 10**5_000}))["config"]["n"], str)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_passed_on_as_text_that_utf8_can_say(text):
    who = opened(name=text, project=text, notes=text, tags=(text,))
    run = facts(opened=who, config={text: text}, notices=(Notice(0, "error", text, text),))
    seen = view(run=run, series=[series(text, [1.0])], lines=[line(0, text)], line_count=1)

    head, _ = snapshot_message(seen, 1)

    json.dumps(head, ensure_ascii=False).encode("utf-8")
    if text.isprintable():
        assert head["run"]["name"] == text


def test_both_halves_of_a_surrogate_pair_become_the_character_they_mean():
    assert run_head(facts(opened=opened(name="\ud83e\uddea")))["name"] == "🧪"


def test_a_line_of_a_megabyte_is_cut_and_says_so():
    seen = view(lines=[line(0, "x" * 1_000_000)], line_count=1)

    (sent,) = snapshot_message(seen, 1)[0]["lines"]

    assert len(sent["text"]) < 4_100
    assert sent["text"].endswith("(996000 more characters)")


def test_a_row_of_the_list_has_no_number_that_json_cannot_say():
    crashed = facts(
        state=RunState.CRASHED,
        ended_us=START_US,
        spark_key="loss",
        spark=(1.0, math.nan, -math.inf, math.inf),
    )

    row = run_row(crashed, "ws")

    assert row["spark"] == [1.0, None, None, None]
    assert (row["state"], row["workspace"], row["spark_key"]) == ("crashed", "ws", "loss")
    assert row["ended"] == START_US / 1e6


def test_the_same_run_gives_the_same_bytes():
    seen = view(series=[series("a", [1.0, 2.0])], lines=[line(0, "x")], line_count=1)

    assert snapshot_message(seen, 1) == snapshot_message(seen, 1)


def test_an_alert_is_told_apart_from_what_the_tracker_says():
    said = (Notice(0, "warning", "gpu", "not recorded"), Notice(0, "error", "alert: <b>", "NaN"))

    head = run_head(facts(notices=said))

    assert [(one["kind"], one["title"]) for one in head["notices"]] == [
        ("notice", ""),
        ("alert", "<b>"),
    ]
