"""Whether a value can be that of a setting, and what a text means for it."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, Union, get_args, get_origin
from urllib.parse import urlsplit

from nbtrack.errors import UsageError

_YES = frozenset({"1", "true", "yes", "on", "y", "t"})
_NO = frozenset({"0", "false", "no", "off", "n", "f"})


def fitting(name: str, value: object, hint: Any) -> Any:  # noqa: ANN401, PLR0911 - one line per kind
    """Return a value as the setting `name` keeps it.

    Args:
        name: Of the setting.
        value: What was given for it.
        hint: Its type.

    Raises:
        UsageError: If it is of another type.
    """
    kinds = _kinds(hint)
    if value is None and NoneType in kinds:
        return None
    if Sequence in kinds:
        return _listed(name, value, hint)
    if dict in kinds and isinstance(value, Mapping):
        return dict(value)
    if Callable in kinds and callable(value):
        return value
    if isinstance(value, bool) or bool in kinds:
        found = _flag(value) if bool in kinds else None
        if found is not None:
            return found
    elif float in kinds and isinstance(value, int | float):
        return float(value)
    elif int in kinds and isinstance(value, int):
        return int(value)
    if str in kinds and isinstance(value, str | os.PathLike):
        return os.fspath(value)
    raise UsageError(f"{name} must be {_words(kinds)}, not {value!r} ({type(value).__name__}).")


def from_text(variable: str, text: str, hint: Any) -> Any:  # noqa: ANN401 - any setting's type
    """Return what the text of a variable means for a setting of this type.

    Raises:
        UsageError: If it means nothing.
    """
    kinds = _kinds(hint)
    try:
        if Sequence in kinds:
            parts = [part.strip() for part in text.split(",") if part.strip()]
            return fitting(variable, [_number_in(part, hint) for part in parts], hint)
        if dict in kinds:
            return fitting(variable, json.loads(text), hint)
        if float in kinds or int in kinds:
            return fitting(variable, _number(text), hint)
    except ValueError as error:
        raise UsageError(f"{variable} must be {_words(kinds)}, not {text!r}.") from error
    if bool in kinds:
        word = text.strip().lower()
        if word in _YES | _NO:
            return word in _YES
        if str not in kinds:
            raise UsageError(f"{variable} must be 1 (yes) or 0 (no), not {text!r}.")
    return fitting(variable, text, hint)


def expect_one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    """Refuse what is none of the known values.

    Raises:
        UsageError: If it is none of them.
    """
    if value not in known:
        raise UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}.")


def expect_web_address(name: str, value: str | None) -> None:
    """Refuse what is no address of a web server; it is not repeated, for it may be a secret.

    Raises:
        UsageError: If it is none, or carries a password.
    """
    if value is None:
        return
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")
    except ValueError:  # a port that is no number, a host with half a bracket
        is_one, parts = False, urlsplit("")
    if not is_one or not value.isprintable() or " " in value:
        raise UsageError(
            f"{name} must be an address that begins with https:// or http:// and names a host, "
            "such as https://hooks.example.org/team."
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{name} takes no user and password: leave out what stands before the @.")


def without_secrets(address: str) -> str:
    """Return where an address leads, without what only its owner is to know.

    Examples:
        >>> without_secrets("https://hooks.example.org/T0/B0/XyZ")
        'https://hooks.example.org/…'
    """
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}/…"


def _kinds(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type
    parts = get_args(hint) if get_origin(hint) is Union or "|" in str(hint) else (hint,)
    return tuple(_plain(part) for part in parts)


def _plain(part: Any) -> Any:  # noqa: ANN401 - a type
    origin = get_origin(part) or part
    if origin in (Mapping, dict):
        return dict
    return Callable if "Callable" in str(origin) else origin


def _listed(name: str, value: object, hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type
    (listed,) = [part for part in (hint, *get_args(hint)) if get_origin(part) is Sequence]
    inner = get_args(listed)[0]
    given = [value] if isinstance(value, str | int) else value
    if not isinstance(given, list | tuple | set | frozenset) or not all(
        isinstance(one, inner) for one in given
    ):
        raise UsageError(f"{name} must be a list of {inner.__name__}, not {value!r}.")
    return tuple(given)


def _number_in(part: str, hint: Any) -> object:  # noqa: ANN401 - a type
    return int(part) if "int" in str(hint) else part


def _number(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _flag(value: object) -> bool | None:
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


_WORDS: dict[Any, str] = {
    bool: "True, False",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "a dict",
    Callable: "a function",
    NoneType: "None",
}


def _words(kinds: tuple[Any, ...]) -> str:
    words = ", ".join(_WORDS.get(kind, "a list") for kind in kinds).split(", ")
    said = ", ".join(words[:-1])
    return f"{said} or {words[-1]}" if said else words[0]
