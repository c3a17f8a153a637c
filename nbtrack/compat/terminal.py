"""`termlog` and its like: what libraries say in the tracker's name."""

from threading import Lock

from nbtrack import runs

_said: set[tuple[str, str]] = set()
_saying = Lock()


def termlog(text: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002 - the field's signature
    """Say some news.

    Args:
        text: What there is to say.
        newline: Taken for compatibility.
        repeat: Whether the same text is said again; False says it once.
        prefix: Taken for compatibility.
    """
    _say("info", text, repeat=repeat)


def termwarn(text: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002 - the field's signature
    """Say a warning; see `termlog`."""
    _say("warning", text, repeat=repeat)


def termerror(text: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002 - the field's signature
    """Say an error; see `termlog`."""
    _say("error", text, repeat=repeat)


def termsetup(settings: object, logger: object = None) -> None:
    """Take how to say things; nbtrack says them below the cell or on stderr."""


def _say(level: str, text: str, *, repeat: bool) -> None:
    with _saying:
        if not repeat and (level, text) in _said:
            return
        _said.add((level, text))
    here = runs.session()
    if here.active is None or not here.active.settings.silent:
        here.voice(level, str(text))
