"""One field takes names, regular expressions and filters, and tells which it took."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.errors import UsageError
from nbtrack.query.searching import Search
from tests.unit.panels.making import facts, opened

RUNS = [
    facts(opened=opened(name="brave-otter-1", id="a1"), config={"lr": 0.1}),
    facts(opened=opened(name="calm-heron-2", id="b2", project="mnist"), config={"lr": 0.01}),
    facts(opened=opened(name="odd(name lr=0.1", id="c3"), summary={"acc": 0.9}),
]


def found(text: str) -> list[str]:
    answers = Search.parse(text).condition.answers(RUNS)
    return [run.opened.id for run, meets in zip(RUNS, answers, strict=True) if meets]


@pytest.mark.parametrize(
    ("text", "meaning", "ids"),
    [
        ("", "all", ["a1", "b2", "c3"]),
        ("  ", "all", ["a1", "b2", "c3"]),
        ("otter", "names", ["a1"]),
        ("OTTER|heron", "names", ["a1", "b2"]),
        ("^calm.*2$", "names", ["b2"]),
        ("mnist", "names", ["b2"]),
        ("^b2$", "names", ["b2"]),
        ("odd(", "text", ["c3"]),
        ("lr=0.1", "names", ["c3"]),
        ("state", "names", []),
        ("config.lr", "filter", ["a1", "b2"]),
        ("config.lr<0.1", "filter", ["b2"]),
        ("config.lr = 0.1 or summary.acc > 0.5", "filter", ["a1", "c3"]),
        ("name ~ otter", "filter", ["a1"]),
        ("not project = mnist", "filter", ["a1", "c3"]),
        ("state in [running]", "filter", ["a1", "b2", "c3"]),
    ],
)
def test_what_is_typed_is_understood(text, meaning, ids):
    assert (Search.parse(text).meaning, found(text)) == (meaning, ids)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config.lr <", "expected a value"),
        ("lr < 0.1", "no field 'lr'. Did you mean 'config.lr' or 'summary.lr'?"),
        ("sumary.val.acc > 0.9", "Did you mean 'summary.val.acc'?"),
        ("cfg.lr < 0.1", "Did you mean 'config.lr'?"),
        ("summary > 0.1", "Did you mean 'summary.loss'?"),
        ("config.name = 'half", "this begins nothing"),
        ("state = failed and", "expected a field"),
        ("name ~ '('", "no regular expression"),
    ],
)
def test_a_filter_that_cannot_be_read_says_why(text, said):
    """It is not looked for in names: nobody has a run of such a name."""
    with pytest.raises(UsageError, match=said):
        Search.parse(text)


@given(st.text(max_size=40))
def test_any_text_means_something_or_is_refused_in_words(text):
    with contextlib.suppress(UsageError):
        assert Search.parse(text).condition.answers(RUNS)
