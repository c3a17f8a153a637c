"""What people type into a filter becomes a filter; what cannot be read says where and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtrack.errors import UsageError
from nbtrack.query.expressions import MOST_CHARACTERS, parse_expression
from nbtrack.query.filters import parse_filters


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", {}),
        ("state = finished", {"state": {"$eq": "finished"}}),
        ("config.lr<0.1", {"config.lr": {"$lt": 0.1}}),
        ("config.lr <= 1e-3", {"config.lr": {"$lte": 1e-3}}),
        ("config.lr = .5", {"config.lr": {"$eq": 0.5}}),
        ("summary.train/loss >= -2", {"summary.train/loss": {"$gte": -2}}),
        ("summary.`my key` > 3", {"summary.my key": {"$gt": 3}}),
        ("`summary.my key` > 3", {"summary.my key": {"$gt": 3}}),
        ("tag != best", {"tags": {"$ne": "best"}}),
        ("name ~ '^otter'", {"name": {"$regex": "^otter"}}),
        (r"name ~ '\d+$'", {"name": {"$regex": r"\d+$"}}),
        ("name !~ otter", {"$not": {"name": {"$regex": "otter"}}}),
        (r'notes = "say \"hi\""', {"notes": {"$eq": 'say "hi"'}}),
        ("config.model in [resnet, 'vit b', 3]", {"config.model": {"$in": ["resnet", "vit b", 3]}}),
        ("state not in [failed]", {"state": {"$nin": ["failed"]}}),
        ("config.seed", {"config.seed": {"$exists": True}}),
        ("not config.seed", {"$not": {"config.seed": {"$exists": True}}}),
        ("config.amp = true", {"config.amp": {"$eq": True}}),
        ("config.amp = 'true'", {"config.amp": {"$eq": "true"}}),
        ("group = none", {"group": {"$eq": None}}),
        ("created > 2026-01-31", {"created_at": {"$gt": "2026-01-31"}}),
        (
            "id = a or id = b and id = c",
            {"$or": [{"id": {"$eq": "a"}}, {"$and": [{"id": {"$eq": "b"}}, {"id": {"$eq": "c"}}]}]},
        ),
        (
            "(id = a OR id = b) AND NOT id = c",
            {
                "$and": [
                    {"$or": [{"id": {"$eq": "a"}}, {"id": {"$eq": "b"}}]},
                    {"$not": {"id": {"$eq": "c"}}},
                ]
            },
        ),
    ],
)
def test_an_expression_is_a_filter(text, meaning):
    assert parse_expression(text) == meaning
    parse_filters(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("config.lr <", "at its end: expected a value"),
        ("config.lr < 0.1 config", r"at 'config' \(character 16\): expected `and`"),
        ("(state = finished", r"at its end: expected `\)`"),
        ("< 3", r"at '<' \(character 0\): expected a field"),
        ("state in finished", "expected a list"),
        ("state in [a b]", r"expected `,` or `\]`"),
        ("state not finished", "expected `in`"),
        ('name = "otter', "begins nothing that can be read"),
        ("(" * 40 + "id = 1", "at most 30 levels"),
        ("not " * 40 + "id = 1", "at most 30 levels"),
        ("x" * (MOST_CHARACTERS + 1), "at most 10,000 characters"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_type(text, why):
    with pytest.raises(UsageError, match=why):
        parse_expression(text)


def test_a_wrong_field_is_told_the_right_one():
    with pytest.raises(UsageError, match="Did you mean 'state'"):
        parse_filters("stat = finished")


@given(st.text(alphabet="ab. <>=!~()[],'\"`not and or in 1.5e\\", max_size=60))
def test_whatever_is_typed_is_read_or_refused(text):
    try:
        parse_filters(text)
    except UsageError:
        return
