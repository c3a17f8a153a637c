"""`init(magic=)`: which frameworks are followed by themselves."""

from collections.abc import Mapping

from nbtrack.errors import UsageError

FRAMEWORKS = ("argparse", "keras", "lightgbm", "sklearn", "tensorboard", "xgboost")
"""What can be followed."""


def checked_magic(magic: object) -> frozenset[str]:
    """Return the frameworks that `init(magic=)` asks for.

    Args:
        magic: True for all, None or False for none, or a dict: all but those that are
            False, `{"argparse": False}`.

    Raises:
        UsageError: If it is something else, or names an unknown framework.

    Examples:
        >>> sorted(checked_magic({"argparse": False, "sklearn": True}))
        ['keras', 'lightgbm', 'sklearn', 'tensorboard', 'xgboost']
    """
    if magic is None or magic is False:
        return frozenset()
    if magic is True:
        return frozenset(FRAMEWORKS)
    if not isinstance(magic, Mapping):
        raise UsageError(
            f'magic must be True, False or a dict such as {{"keras": False}}, not {magic!r}.'
        )
    for name, is_wanted in magic.items():
        if name not in FRAMEWORKS:
            raise UsageError(_unknown(name))
        if not isinstance(is_wanted, bool):
            raise UsageError(f"magic[{name!r}] must be True or False, not {is_wanted!r}.")
    return frozenset(name for name in FRAMEWORKS if magic.get(name, True))


def _unknown(name: object) -> str:
    from difflib import get_close_matches

    close = get_close_matches(str(name), FRAMEWORKS, n=1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"magic knows no {name!r}. {hint}Known are: {', '.join(FRAMEWORKS)}."
