"""Texts that describe a run, checked."""

from collections.abc import Iterable

from nbtrack.errors import UsageError

LONGEST_TAG = 64


def checked_text(argument: str, value: object) -> str:
    """Return text as given.

    Raises:
        UsageError: If it is no text.
    """
    if not isinstance(value, str):
        raise UsageError(
            f"{argument} must be text, not {value!r} ({type(value).__name__}). "
            f"Type {argument}={str(value)!r}."
        )
    return str(value)


def checked_tags(tags: object) -> tuple[str, ...]:
    """Return tags as a tuple; one text is one tag.

    Raises:
        UsageError: If one is no text of 1 to 64 characters.
    """
    if tags is None:
        return ()
    given = (tags,) if isinstance(tags, str) else tags
    if not isinstance(given, Iterable):
        raise UsageError(f'tags must be a list of text, not {tags!r}. Type tags=["{tags}"].')
    for tag in (listed := tuple(given)):
        if not isinstance(tag, str) or not 1 <= len(tag) <= LONGEST_TAG:
            raise UsageError(f"a tag is text of 1 to {LONGEST_TAG} characters, not {tag!r}.")
    return tuple(dict.fromkeys(listed))
