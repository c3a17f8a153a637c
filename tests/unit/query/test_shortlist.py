"""Runs that meet a choice stay in order while others come, change and go."""

import random
from dataclasses import replace

import pytest

from nbtrack.errors import UsageError
from nbtrack.query import Choice, Facets, Shortlist
from nbtrack.query.searching import Holding, narrows
from nbtrack.query.shortlist import Group
from nbtrack.records import Owner, RunState
from nbtrack.store import RunFacts
from tests.unit.panels.making import facts, opened

ENDED = RunState.FINISHED


def run(number: int, *, state: RunState = ENDED, config=None, **fields) -> RunFacts:
    who = opened(uid=f"u{number:04}", name=f"otter-{number}", time_us=number, **fields)
    return facts(opened=who, state=state, config=config or {})


def listed(choice: Choice, runs: dict[int, RunFacts], **cut) -> list[int]:
    shortlist: Shortlist[int] = Shortlist(choice)
    shortlist.update(runs)
    return shortlist.cut(**{"offset": 0, "limit": 1_000, **cut})


def test_the_newest_run_comes_first():
    assert listed(Choice.parse(), {n: run(n) for n in range(4)}) == [3, 2, 1, 0]


def test_runs_without_a_value_come_last_either_way():
    runs = {n: run(n, config={"lr": lr}) for n, lr in enumerate([0.1, None, 0.3, 0.2])}

    assert listed(Choice.parse(order="config.lr"), runs) == [0, 3, 2, 1]
    assert listed(Choice.parse(order="-config.lr"), runs) == [2, 3, 0, 1]


def test_chips_of_one_field_widen_and_of_several_narrow():
    runs = {
        0: run(0, tags=("a",), group="g"),
        1: run(1, tags=("b", "c"), group="g"),
        2: run(2, tags=("c",)),
        3: run(3),
    }

    assert listed(Choice.parse(only={"tags": ["a", "b"]}), runs) == [1, 0]
    assert listed(Choice.parse(only={"tags": ["c"], "group": ["g"]}), runs) == [1]
    assert listed(Choice.parse(only={"tags": [""]}), runs) == [3]


def test_a_notebook_is_known_by_its_names_and_by_its_kernel():
    """A kernel keeps the name that its notebook had when it began."""
    made_by = [("old.ipynb", "k1"), ("new.ipynb", "k2"), ("other.ipynb", "k3"), (None, None)]
    runs = {
        n: run(n, notebook=notebook, owner=Owner("here", "", 1, 0.0, kernel))
        for n, (notebook, kernel) in enumerate(made_by)
    }

    only = {"notebook": ["new.ipynb"], "kernel": ["k1"], "state": [str(ENDED)]}
    assert listed(Choice.parse(only=only), runs) == [1, 0]
    assert listed(Choice.parse(only={"kernel": ["k3"]}), runs) == [2]


def test_all_filters_must_hold():
    runs = {n: run(n, config={"n": n}) for n in range(6)}
    choice = Choice.parse(search="otter-[0-4]", where=["config.n > 1", "config.n != 3"])

    assert listed(choice, runs) == [4, 2]


@pytest.mark.parametrize(
    ("groups", "order", "names"),
    [
        ("newest", "-created_at", ["10", "9", "(none)", "x"]),
        ("name", "-created_at", ["9", "10", "x", "(none)"]),
        ("count", "-created_at", ["x", "10", "9", "(none)"]),
        ("best", "+config.loss", ["9", "x", "10", "(none)"]),
        ("best", "-config.loss", ["10", "x", "9", "(none)"]),
    ],
)
def test_groups_stand_in_the_order_that_is_wanted(groups, order, names):
    lrs, losses = ["x", "x", None, 9, 10], [0.5, 0.4, None, 0.1, 0.9]
    configs = [{"lr": lr, "loss": loss} for lr, loss in zip(lrs, losses, strict=True)]
    runs = {n: run(n, config=config) for n, config in enumerate(configs)}
    choice = replace(Choice.parse(group_by=["config.lr"], order=order), groups=groups)

    shortlist: Shortlist[int] = Shortlist(choice)
    shortlist.update(runs)

    assert [group.name for group in shortlist.groups] == names


def test_groups_come_with_their_newest_run_and_say_how_many_are_open():
    runs = {
        0: run(0, project="old"),
        1: run(1, project="new"),
        2: run(2, project="old", state=RunState.RUNNING),
        3: run(3, project="new"),
    }
    shortlist: Shortlist[int] = Shortlist(Choice.parse(group_by=["project"]))

    shortlist.update(runs)

    assert shortlist.groups == [Group("new", 2, 0), Group("old", 2, 1)]
    assert (shortlist.total, shortlist.open_count) == (4, 1)
    assert shortlist.cut(0, 10) == [3, 1, 2, 0]
    assert shortlist.cut(1, 2) == [1, 2]
    assert shortlist.cut(0, 10, folded={"new"}) == [2, 0]
    assert shortlist.cut(3, 10) == [0]
    assert shortlist.cut(4, 10) == []
    assert shortlist.cut(0, 0) == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_kept_equals_what_is_chosen_anew(seed):
    """A list that lives for days must not drift from the truth."""
    rng = random.Random(seed)
    choice = Choice.parse(search="config.x < 50", order="config.x", group_by=["project"])
    kept: Shortlist[int] = Shortlist(choice)
    runs: dict[int, RunFacts] = {}
    for _ in range(40):
        runs = dict(runs)
        for _ in range(rng.randrange(6)):
            n = rng.randrange(30)
            if rng.random() < 0.3:
                runs.pop(n, None)
            else:
                runs[n] = run(n, project=f"p{rng.randrange(3)}", config={"x": rng.randrange(99)})

        kept.update(runs)
        anew: Shortlist[int] = Shortlist(choice)
        anew.update(runs)

        assert kept.cut(0, 99) == anew.cut(0, 99)
        assert (kept.groups, len(kept), kept.total) == (anew.groups, len(anew), len(runs))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"order": "-lr"}, "no field 'lr'"),
        ({"group_by": ["nothing"]}, "no field 'nothing'"),
        ({"where": ["config.lr <"]}, "expected a value"),
        ({"only": {"colour": ["red"]}}, "no field 'colour'"),
    ],
)
def test_a_choice_that_cannot_be_understood_says_why(asked, said):
    with pytest.raises(UsageError, match=said):
        Choice.parse(**asked)


def test_facets_count_what_there_is_to_choose_from():
    seen: Facets[int] = Facets()
    seen.update(
        {
            0: run(0, tags=("a", "b"), config={"lr": 0.1, "net": {"depth": 3}}),
            1: run(1, tags=("a",), config={"lr": "auto"}),
            2: run(2, config={"lr": 0.2}),
        }
    )

    tags = next(one for one in seen.facets() if one.field == "tags")
    fields = [(one.name, one.kind, one.runs) for one in seen.fields()]

    assert tags.values == [("a", 2), ("b", 1), ("", 1)]
    assert fields == [("config.lr", "number", 3), ("config.net.depth", "number", 1)]


def test_facets_forget_what_went():
    seen: Facets[int] = Facets()
    seen.update({0: run(0, config={"old": 1}), 1: run(1)})

    seen.update({1: run(1, config={"new": True})})

    assert [(one.name, one.kind) for one in seen.fields()] == [("config.new", "flag")]
    assert seen.facets()[0].values == [("finished", 1)]


def test_a_second_order_decides_among_equals():
    values = [(1, "b"), (0, "a"), (1, "a"), (0, None), (1, None)]
    runs = {n: run(n, config={"n": x, "s": s}) for n, (x, s) in enumerate(values)}

    assert listed(Choice.parse(order=["-config.n", "config.s"]), runs) == [2, 0, 4, 1, 3]
    assert listed(Choice.parse(order=["config.n", "-config.s"]), runs) == [1, 3, 0, 2, 4]


def test_runs_that_agree_in_all_orders_come_by_their_age():
    runs = {n: run(n, config={"n": 1, "s": "a"}) for n in range(4)}

    assert listed(Choice.parse(order=["-config.n", "config.s"]), runs) == [3, 2, 1, 0]


def test_another_search_of_the_same_order_takes_the_order_over():
    """Who types waits for the answers of all runs, and not for putting them in order again."""
    runs = {n: run(n, config={"lr": n % 3}) for n in range(30)}
    before: Shortlist[int] = Shortlist(Choice.parse(order="config.lr"))
    before.update(runs)

    after = Shortlist(Choice.parse(search="otter-1", order="config.lr"), before)
    after.update(runs)

    assert after.cut(0, 50) == listed(after.choice, runs)
    news = {n: facts for n, facts in runs.items() if n != 12}
    news[1] = run(1, config={"lr": 9})
    news[100] = run(100, config={"lr": -1})
    after.update(news)
    assert after.cut(0, 50) == listed(after.choice, news)
    assert (after.total, len(after)) == (30, len(listed(after.choice, news)))


@pytest.mark.parametrize("text", ["OTTER-1", "er-1", "otter_1", "n/a", "é", "a b"])
def test_plain_text_is_found_as_its_regular_expression_is(text):
    runs = {n: run(n) for n in range(12)} | {20: run(20, project="N/A é a b otter_1")}

    assert listed(Choice.parse(search=text), runs) == listed(
        Choice.parse(search=f"(?:{text})"), runs
    )


def test_typing_on_asks_only_the_runs_that_were_found(monkeypatch):
    """Of 100,000 runs a key looks at those that the key before left."""
    runs = {n: run(n) for n in range(200)}
    shortlist: Shortlist[int] = Shortlist(Choice.parse(search="otter-1"))
    shortlist.update(runs)
    asked = []
    holding = Holding.answers
    monkeypatch.setattr(
        Holding, "answers", lambda self, some: asked.append(len(some)) or holding(self, some)
    )

    for text in ("otter-19", "otter-199", "otter-19", ""):
        shortlist = Shortlist(Choice.parse(search=text), shortlist)
        shortlist.update(runs)

    assert asked == [200, 11, 200]
    assert len(shortlist) == 200


@pytest.mark.parametrize("order", ["-created_at", "created_at", "-config.lr"])
def test_groups_are_ordered_by_their_newest_run_whatever_the_order_within(order):
    runs = {n: run(n, project=f"p{n % 3}", config={"lr": n % 5}) for n in range(30)}
    shortlist: Shortlist[int] = Shortlist(Choice.parse(order=order, group_by=["project"]))

    shortlist.update(runs)

    assert [group.name for group in shortlist.groups] == ["p2", "p1", "p0"]


@pytest.mark.parametrize(
    ("condition", "former", "is_so"),
    [
        ("otter-1", "otter", True),
        ("otter", "otter-1", False),
        ("otter", "", True),
        ("", "otter", False),
        ("^otter-1", "^otter", False),
        ("^otter", "^otter", True),
        ("state = failed", "otter", False),
    ],
)
def test_only_a_longer_text_is_known_to_find_fewer_runs(condition, former, is_so):
    one, other = Choice.parse(search=condition).condition, Choice.parse(search=former).condition

    assert narrows(one, other) is is_so


def test_another_chip_keeps_what_is_known_of_the_text():
    one = Choice.parse(search="otter-1", only={"state": ["failed"]}).condition
    other = Choice.parse(search="otter").condition

    assert narrows(one, other)
    assert not narrows(other, one)
