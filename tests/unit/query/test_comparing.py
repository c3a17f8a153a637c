"""Runs beside each other: which are meant, in what they differ, what their metrics come to."""

import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from storekit import START_US, opened_run, row

import nbtrack
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.query import Api, Comparison, Outlook
from nbtrack.query.comparing import (
    BANDS,
    Question,
    differences,
    interval,
    t_quantile,
    table_text,
)
from nbtrack.records import Closed, ConfigChanged, MetricDefined, RunState
from nbtrack.store import Ingester, Journal, RunFacts, Spread

# NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper critical values.
TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 19: 2.093}
TABLE |= {30: 2.042, 40: 2.021, 60: 2.000, 99: 1.984, 100: 1.984}
DIGITS = {2: 4.302652729696, 7: 2.364624251593, 120: 1.979930405052, 1_000: 1.962339080825}


def write(root: Path, number: int, losses: Sequence[float], **fields: Any) -> str:  # noqa: ANN401 - of Opened
    """Write a run that has ended; return its uid."""
    config = fields.pop("config", {})
    uid = f"20260102-030405-{number:08x}"
    name = fields.pop("name", f"run-{number}")
    opened = opened_run(uid, name=name, time_us=START_US + number, **fields)
    with closing(Journal.create(root, opened)) as journal:
        journal.append([ConfigChanged(START_US, config)])
        journal.append([row(step, {"loss": loss}) for step, loss in enumerate(losses)])
        journal.append([Closed(START_US + 99, RunState.FINISHED, 0, 1)])
    Ingester(root).ingest(uid)
    return uid


@pytest.fixture
def root(tmp_path) -> Path:
    """Four runs: two learning rates, two seeds each; the last run is of another project."""
    root = tmp_path / ".nbtrack"
    for number in range(4):
        lr = (0.1, 0.2)[number // 2]
        write(
            root,
            number,
            [lr + number, lr - number],
            config={"lr": lr, "net": {"depth": 3}, "seed": number % 2},
            group=("one", "two")[number // 2],
            tags=("a",) if number == 1 else (),
            project="letters" if number == 3 else "digits",
        )
    return root


def names(comparison: Comparison) -> list[str]:
    return [run.name for run in comparison.runs]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (None, ["run-3", "run-2", "run-1", "run-0"]),
        ("digits", ["run-2", "run-1", "run-0"]),
        ("ada/digits", ["run-2", "run-1", "run-0"]),
        ("run-1", ["run-1"]),
        ({"config.lr": {"$lt": 0.15}}, ["run-1", "run-0"]),
        (["run-0", "letters", "digits/run-0"], ["run-0", "run-3"]),
    ],
    ids=["all", "project", "path of a project", "name", "filter", "list"],
)
def test_runs_are_meant_in_many_ways(root, what, expected) -> None:
    assert names(Comparison(root, what)) == expected


def test_runs_of_an_api_are_meant_with_their_workspace(root) -> None:
    found = Api(root).runs("digits", order="+created_at")

    assert names(nbtrack.compare(found, display=False)) == ["run-0", "run-1", "run-2"]
    assert names(nbtrack.compare(found[1], display=False)) == ["run-1"]


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("digist", RunNotFoundError, "no project and no run 'digist'. Did you mean project 'digi"),
        (["run-9"], RunNotFoundError, r"no run 'run-9' .*Did you mean"),
        ({"config.lr": 7}, RunNotFoundError, r"none of the 4 runs in the workspace meets \{'conf"),
        ([], UsageError, "there is nothing to compare"),
        (7, UsageError, "runs are compared as a list of runs, names or paths.*, not 7"),
        ([7], UsageError, "7 is no run and no name of one"),
    ],
)
def test_what_cannot_be_meant_says_what_can(root, what, error, message) -> None:
    with pytest.raises(error, match=message):
        Comparison(root, what)


def test_an_empty_workspace_says_how_to_begin(tmp_path) -> None:
    with pytest.raises(RunNotFoundError, match=r"nbtrack.init\(\) begins one"):
        Comparison(tmp_path, None)


@pytest.mark.parametrize(
    ("outlook", "message"),
    [
        ({"keys": "los"}, "none of the 4 runs has the metric 'los'. Did you mean 'loss'"),
        ({"x": "epoch"}, "none of the 4 runs has the metric 'epoch'"),
        ({"group_by": "lrr"}, "none of the 4 runs has 'lrr' to group by. Did you mean 'config.lr'"),
        ({"band": "iqr"}, "band is one of 'std', 'stderr', 'minmax', 't95', not 'iqr'"),
        ({"keys": [1]}, r"keys is a name or a list of names, not \[1\]"),
        ({"x": 3}, "x is 'step', 'time' or the name of a metric, not 3"),
    ],
)
def test_a_wrong_outlook_says_what_there_is(root, outlook, message) -> None:
    given = {"keys": None, "x": "step", "group_by": None, "band": "std", **outlook}

    with pytest.raises(UsageError, match=message):
        Comparison(root, None, outlook=Outlook.of(**given))


def test_the_same_question_is_the_same_comparison(root, tmp_path) -> None:
    """A cell that runs again is looked at as before; another question is not."""
    lr = {"config.lr": {"$gt": 0}}
    first = Comparison(root, lr).identity
    uids = [facts.opened.uid for facts in Comparison(root, None).facts]

    write(root, 9, [1.0], config={"lr": 0.5})

    assert Comparison(root, dict(lr)).identity == first
    assert Comparison(root, uids[:2]).identity == Comparison(root, uids[1::-1]).identity
    others = [Comparison(root, None), Comparison(root, uids[:2]), Comparison(root, uids[:1])]
    others.append(Comparison(root, lr, outlook=Outlook(x="time")))
    assert len({first, *(one.identity for one in others)}) == 5


def test_a_filter_takes_in_runs_that_begin_later(root) -> None:
    comparison = Comparison(root, "digits")
    write(root, 7, [1.0])

    comparison.load()

    assert names(comparison)[0] == "run-7"


def test_who_knows_the_runs_anyway_is_asked_before_the_workspace(root) -> None:
    known = {facts.opened.uid: facts for facts in Comparison(root, "digits").facts}
    uids = list(known)

    def roll(asked: Sequence[str]) -> list[RunFacts]:
        return [known[uid] for uid in asked]

    comparison = Comparison.of_uids(root, uids[:2], roll=roll)
    first = known[uids[0]]

    known[uids[0]] = replace(first, step=99)

    assert comparison.facts[0] is first
    assert comparison.glance() == [known[uids[0]]]
    comparison.turn_to(uids[1:])
    assert [facts.opened.uid for facts in comparison.facts] == uids[1:]


@pytest.mark.parametrize("roll", [lambda _: None, lambda _: []], ids=["not-now", "not-yet"])
def test_who_does_not_know_all_runs_leaves_them_to_the_workspace(root, roll) -> None:
    uid = Comparison(root, "run-1").facts[0].opened.uid

    assert names(Comparison.of_uids(root, [uid], roll=roll)) == ["run-1"]


def test_the_differences_of_configs_come_with_those_that_part_runs_best_first() -> None:
    found = differences(
        [
            {"lr": 0.1, "seed": 1, "depth": 3, "flag": 1},
            {"lr": 0.1, "seed": 2, "depth": 3.0, "flag": True},
            {"lr": 0.2, "seed": 3, "depth": 3, "flag": 1, "extra": None},
        ]
    )

    assert found.differing == ("lr", "flag", "extra", "seed")
    assert found.same == ("depth",)


def test_the_differences_are_a_row_per_run(root) -> None:
    frame = Comparison(root, "digits").config_diff()

    assert sorted(frame.columns) == ["lr", "name", "seed"]
    assert frame["lr"].tolist() == [0.2, 0.1, 0.1]


@pytest.mark.parametrize(("degrees", "expected"), TABLE.items())
def test_quantiles_of_t_are_those_of_the_published_table(degrees, expected) -> None:
    assert round(t_quantile(0.975, degrees), 3) == expected


@pytest.mark.parametrize(("degrees", "expected"), DIGITS.items())
def test_quantiles_of_t_are_exact_to_ten_digits(degrees, expected) -> None:
    assert math.isclose(t_quantile(0.975, degrees), expected, rel_tol=1e-10)


def test_both_ways_to_a_quantile_meet() -> None:
    """The closed form is left for an expansion at 1,000 degrees of freedom."""
    assert math.isclose(t_quantile(0.975, 999), t_quantile(0.975, 1_001), rel_tol=1e-5)
    assert t_quantile(0.975, 999) > t_quantile(0.975, 1_000) > t_quantile(0.975, 1_001)


def test_bands_of_known_values() -> None:
    """2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squared distances 32."""
    values = np.array([2.0, 4, 4, 4, 5, 5, 7, 9])
    one = np.ones(1)
    spread = Spread(0 * one, np.array([8]), 5 * one, np.array([values.var()]), 2 * one, 9 * one)
    deviation = math.sqrt(32 / 7)
    expected = {
        "std": deviation,
        "stderr": deviation / math.sqrt(8),
        "t95": DIGITS[7] * deviation / math.sqrt(8),
    }

    found = {kind: interval(spread, kind) for kind in BANDS}

    assert found["minmax"] == ([2.0], [9.0])
    for kind, half in expected.items():
        assert np.allclose(found[kind], ([5 - half], [5 + half]), rtol=1e-10)


def test_one_value_alone_has_no_deviation(root) -> None:
    rows = Comparison(root, "run-1").bands("loss", format="default")

    assert [(row["n"], row["mean"]) for row in rows] == [(1, 1.1), (1, -0.9)]
    assert all(math.isnan(row["low"]) and math.isnan(row["high"]) for row in rows)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("lr", ["0.1", "0.2"]),
        ("group", ["one", "two"]),
        ("tags", ["a", "(none)"]),
        (["config.lr", "seed"], ["lr=0.1, seed=0", "lr=0.1, seed=1", "lr=0.2, seed=0"]),
        (None, [""]),
    ],
    ids=["config", "field", "tags", "two", "none"],
)
def test_groups_come_in_the_order_of_their_values(root, by, expected) -> None:
    rows = Comparison(root, "digits").bands("loss", by, "minmax", format="default")

    assert list(dict.fromkeys(row["group"] for row in rows)) == expected


def test_bands_are_of_the_runs_that_have_a_value_at_a_step(tmp_path) -> None:
    """Runs of different lengths: nothing is filled in, and `n` says how many there are."""
    for number, losses in enumerate([[1.0, 2.0, 3.0], [3.0, math.nan], [5.0]]):
        write(tmp_path, number, losses)

    rows = Comparison(tmp_path, None).bands("loss", band="minmax", format="default")

    assert [(one["n"], one["mean"], one["low"], one["high"]) for one in rows] == [
        (3, 3.0, 1.0, 5.0),
        (1, 2.0, 2.0, 2.0),
        (1, 3.0, 3.0, 3.0),
    ]


def test_a_metric_that_nobody_has_is_named(root) -> None:
    with pytest.raises(UsageError, match="none of the 4 runs has numbers of 'acc'"):
        Comparison(root, None).bands("acc")


def test_a_drawing_leaves_lines_out_and_bands_whole(root) -> None:
    """What is drawn is bounded; what a band says is of all runs."""
    question = Question(("loss",), group_by=("lr",), band="minmax", lines=1)

    (chart,) = Comparison(root, None).draw(question).charts

    assert (chart.runs, list(chart.lines)) == (4, ["20260102-030405-00000003"])
    assert chart.bands[0].counts.tolist() == chart.bands[1].counts.tolist() == [2, 2]


def test_a_drawing_of_what_changed_holds_no_other_lines(root) -> None:
    changed = "20260102-030405-00000001"
    question = Question(("loss",), group_by=("lr",))

    (chart,) = Comparison(root, None).draw(question, [changed]).charts

    assert (list(chart.lines), list(chart.bands)) == ([changed], [0])


def test_bands_that_are_left_out_are_said(tmp_path) -> None:
    for number in range(26):
        write(tmp_path, number, [1.0], config={"lr": number})

    (chart,) = Comparison(tmp_path, None).draw(Question(("loss",), group_by=("lr",))).charts

    assert len(chart.bands) == 24
    assert chart.trouble == "Bands are drawn of 24 of 26 groups."


def test_long_bands_keep_the_extrema_of_each_column(tmp_path) -> None:
    """A spike one step wide in one of the runs must stay."""
    values = np.sin(np.arange(3_000) / 100)
    spiked = values.copy()
    spiked[1_234] = 50.0
    for number, losses in enumerate([values.tolist(), spiked.tolist()]):
        write(tmp_path, number, losses, group="all")

    question = Question(("loss",), group_by=("group",), band="minmax")
    (chart,) = Comparison(tmp_path, None).draw(question).charts

    band = chart.bands[0]
    assert len(band.steps) < 3_000
    at = int(band.highs.argmax())
    assert (band.steps[at], band.highs[at]) == (1_234, 50.0)
    assert band.means[at] == (values[1_234] + 50.0) / 2


def test_the_best_run_is_the_one_with_the_best_value(root) -> None:
    comparison = Comparison(root, None)

    assert comparison.best("loss", "minimize").name == "run-3"
    assert comparison.best("loss", "max").name == "run-0"


def test_the_best_run_needs_a_goal(root) -> None:
    with pytest.raises(UsageError, match=r'run.define_metric\(.loss., goal="minimize"\)'):
        Comparison(root, None).best("loss")
    with pytest.raises(UsageError, match="none of the 4 runs has a number for 'acc'"):
        Comparison(root, None).best("acc", "min")
    with pytest.raises(UsageError, match='goal must be "minimize" or "maximize", not 3'):
        Comparison(root, None).best("loss", 3)  # type: ignore[arg-type]


def test_a_goal_may_be_defined_and_an_extremum_counts(tmp_path) -> None:
    defined = MetricDefined(START_US, "loss", summary=("min",), goal="minimize")
    for number, losses in enumerate([[1.0, 5.0], [2.0, 2.0]]):
        uid = f"20260102-030405-{number:08x}"
        with closing(Journal.create(tmp_path, opened_run(uid, name=f"run-{number}"))) as journal:
            journal.append([defined, *(row(s, {"loss": loss}) for s, loss in enumerate(losses))])

    assert Comparison(tmp_path, None).best("loss").name == "run-0"


def test_the_table_is_of_one_line_per_run_whatever_its_name(root) -> None:
    write(root, 9, [1.0], name="evil\x1b[2J\nname \u202etxt.exe")

    text = table_text(Comparison(root, None).facts)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 1 + 5 + 1


def test_a_script_gets_a_table(root, capsys) -> None:
    nbtrack.compare("digits", root=root)

    printed = capsys.readouterr().out
    assert "run-2  finished  0.2" in printed
    assert "3 runs; 2 config keys differ, 1 are the same" in printed


def test_an_open_run_is_shown_beside_others(root, monkeypatch, capsys) -> None:
    monkeypatch.chdir(root.parent)
    with nbtrack.init(project="digits", name="open", settings={"silent": True}) as run:
        run.log({"loss": 1.0})
        assert not run.display(with_=["run-0", "run-1"])
    with nbtrack.init(mode="disabled") as disabled:
        assert not disabled.display(with_="digits")

    printed = capsys.readouterr().out
    assert [name in printed for name in ("open", "run-0", "run-1", "run-2")] == [True] * 3 + [False]
