"""Filters as people type them: `config.lr < 0.1 and summary.acc > 0.9`.

An expression is read token by token into the MongoDB form that `filters` understands;
nothing of it is ever evaluated. Grammar, weakest first:

    either  : both ("or" both)*
    both    : one ("and" one)*
    one     : "not" one | "(" either ")" | field [test]
    test    : ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~") value
            | ["not"] "in" "[" value ("," value)* "]"
    field   : letters, digits, `.`, `/` and the like; other characters in backticks: config.`my key`
    value   : number, true, false, none, "text", 'text' or a bare word

`~` asks for a text that a regular expression (RE2) describes; a field without a test
asks whether it is there.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from nbtrack.errors import UsageError
from nbtrack.query.fields import Field

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<sign><=|>=|==|!=|!~|[=<>~()\[\],])
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<word>(?:[^\s<>=!~()\[\],"'`]|`[^`]+`)+)""",
    re.VERBOSE,
)
_STRAY = re.compile(r"[`'\"]|!(?![=~])")
_INSIDE = re.compile(r"(config|summary)\.[^.*+?\\]")
_TESTS = {
    "=": "$eq",
    "==": "$eq",
    "!=": "$ne",
    "<": "$lt",
    "<=": "$lte",
    ">": "$gt",
    ">=": "$gte",
    "~": "$regex",
    "!~": "$regex",
}
_CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
_ALIASES = {"tag": "tags", "created": "created_at"}
_EXAMPLE = "Type something like: config.lr < 0.1 and summary.acc > 0.9"
DEEPEST = 30
MOST_CHARACTERS = 10_000


class _Token(NamedTuple):
    """A piece of an expression.

    Attributes:
        kind: `sign`, `text`, `word` or `end`.
        text: As it stands there.
        at: Where it begins, characters from 0.
    """

    kind: str
    text: str
    at: int


def parse_expression(text: str) -> dict[str, Any]:
    """Return what an expression means, as a MongoDB filter; of no words, `{}`.

    Args:
        text: At most 10,000 characters.

    Raises:
        UsageError: If it cannot be read; it says where and what to type.

    Examples:
        >>> parse_expression("state = finished and config.lr < 0.1")
        {'$and': [{'state': {'$eq': 'finished'}}, {'config.lr': {'$lt': 0.1}}]}
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"a filter has at most {MOST_CHARACTERS:,} characters, not {len(text):,}.")
    if not text.strip():
        return {}
    return _Expression(text).whole()


def names_a_test(text: str) -> bool:
    """Tell whether a text is meant as an expression and not as part of a name.

    Examples:
        >>> names_a_test("config.lr=0.1"), names_a_test("lr=0.1"), names_a_test("^brave|calm")
        (True, False, False)
    """
    try:
        tokens = list(_tokens(text))
    except UsageError:  # half of a text in quotes, as while it is typed
        tokens = list(_tokens(_STRAY.sub(" ", text)))
    return any(map(_is_tested, tokens, tokens[1:]))


def _is_tested(word: _Token, after: _Token) -> bool:
    if word.kind != "word":
        return False
    if after.text in _TESTS and after.text != "=":
        return True
    if after.text == "=" or after.text.lower() in ("in", "not"):  # names hold `lr=0.1`
        return Field.is_known(_field_name(word))
    # Alone it asks whether it is there; `state` alone is more likely part of a name.
    return bool(_INSIDE.match(word.text))


def _field_name(token: _Token) -> str:
    name = token.text.replace("`", "")
    return _ALIASES.get(name, name)


class _Expression:
    """Reads one expression from its front to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> dict[str, Any]:
        found = self._either()
        if self._token.kind != "end":
            self._fail("expected `and`, `or` or the end")
        return found

    def _either(self) -> dict[str, Any]:
        parts = [self._both()]
        while self._took_word("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else {"$or": parts}

    def _both(self) -> dict[str, Any]:
        parts = [self._one()]
        while self._took_word("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else {"$and": parts}

    def _one(self) -> dict[str, Any]:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(f"a filter is at most {DEEPEST} levels deep")
        found = self._inner()
        self._depth -= 1
        return found

    def _inner(self) -> dict[str, Any]:
        if self._took_word("not"):
            return {"$not": self._one()}
        if self._took_sign("("):
            found = self._either()
            if not self._took_sign(")"):
                self._fail("expected `)`")
            return found
        return self._about(self._field())

    def _field(self) -> str:
        token = self._token
        if token.kind != "word":
            self._fail("expected a field such as `state` or `config.lr`")
        self._next += 1
        return _field_name(token)

    def _about(self, field: str) -> dict[str, Any]:
        token = self._token
        if token.kind == "sign" and token.text in _TESTS:
            self._next += 1
            test = {field: {_TESTS[token.text]: self._value(as_text="~" in token.text)}}
            return {"$not": test} if token.text == "!~" else test
        if self._took_word("in"):
            return {field: {"$in": self._list()}}
        if self._took_word("not"):
            if not self._took_word("in"):
                self._fail("expected `in`")
            return {field: {"$nin": self._list()}}
        return {field: {"$exists": True}}

    def _list(self) -> list[Any]:
        if not self._took_sign("["):
            self._fail("expected a list such as [1, 2]")
        values = [self._value()]
        while self._took_sign(","):
            values.append(self._value())
        if not self._took_sign("]"):
            self._fail("expected `,` or `]`")
        return values

    def _value(self, *, as_text: bool = False) -> Any:  # noqa: ANN401 - a JSON value
        token = self._token
        if token.kind not in ("word", "text"):
            self._fail("expected a value: a number, a word or a text in quotes")
        self._next += 1
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1]) if not as_text else token.text[1:-1]
        word = token.text.replace("`", "")
        return word if as_text else _meaning(word)

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _took_word(self, word: str) -> bool:
        is_there = self._token.kind == "word" and self._token.text.lower() == word
        self._next += is_there
        return is_there

    def _took_sign(self, sign: str) -> bool:
        is_there = self._token == ("sign", sign, self._token.at)
        self._next += is_there
        return is_there

    def _fail(self, why: str) -> NoReturn:
        _fail(self._text, self._token, why)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _fail(text, _Token("sign", text[at], at), "this begins nothing that can be read")
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found.group(), at)
        at = found.end()
    yield _Token("end", "", at)


def _meaning(word: str) -> Any:  # noqa: ANN401 - a JSON value
    if word.lower() in _CONSTANTS:
        return _CONSTANTS[word.lower()]
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            continue
    return word


def _fail(text: str, token: _Token, why: str) -> NoReturn:
    there = (
        "at its end" if token.kind == "end" else f"at {token.text[:40]!r} (character {token.at})"
    )
    shown = text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line
    raise UsageError(f"the filter {shown!r} cannot be read {there}: {why}. {_EXAMPLE}")
