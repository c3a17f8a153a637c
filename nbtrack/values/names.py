"""Ids and names: what is allowed, and what a run gets when nobody chose.

Ids come from the operating system's randomness, so that seeding Python's generator
neither repeats an id nor is disturbed by one.
"""

import getpass
import secrets
import string
from datetime import UTC, datetime

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import UsageError
from nbtrack.values.texts import checked_text, shown

ID_LETTERS = string.ascii_lowercase + string.digits
ID_LENGTH = 8
LONGEST = 128
NOT_IN_PROJECT = "/\\#?%:"
NOT_IN_ID = ":;,#?/'"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ADJECTIVES = _words(
    "agile amber autumn bold brave breezy bright calm clear clever cosmic crisp curious "
    "dapper dawn deep eager earnest easy fair fast fine fleet fresh gentle glad golden grand "
    "happy hardy honest humble jolly keen kind light lively lucid lucky mellow merry misty "
    "neat nimble noble patient plucky polite prime proud quick quiet rapid royal serene sharp "
    "silent silver smart snowy solar steady still sunny swift tidy true vivid warm wild wise "
    "witty young zesty"
)
_NOUNS = _words(
    "acorn aspen badger beacon birch bison brook canyon cedar cliff comet condor coral crane "
    "creek dune eagle ember falcon fern field finch fjord forest fox glade grove harbor hawk "
    "heron hill island ivy jay lake lark leaf lily lynx maple marten meadow mesa moon moss "
    "oak ocean orchid osprey otter owl peak pebble pine planet plover pond puffin quail raven "
    "reef ridge river robin sage seal shore sky sparrow spruce star stone stream summit swan "
    "thistle tide trail tulip valley wave willow wind wolf wren"
)


def new_id() -> str:
    """Return a fresh run id: 8 characters of a-z and 0-9."""
    return "".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH))


def new_uid(time_us: int) -> str:
    """Return a fresh name for a run's folder: when it began, and 8 random characters."""
    began = datetime.fromtimestamp(time_us / MICROSECONDS, UTC)
    return f"{began:%Y%m%d-%H%M%S}-{new_id()}"


def new_name(number: int) -> str:
    """Return a readable name such as `brave-otter-7`."""
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}-{number}"


def login_name() -> str:
    """Return the name of the person at the machine, `local` where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user id in a container
        return "local"


def checked_project(name: object) -> str:
    r"""Return a project's name as given, or say what is wrong with it.

    Raises:
        UsageError: If it is not 1 to 128 characters, or holds one of `/ \ # ? % :`.
    """
    return _checked("project", name, NOT_IN_PROJECT)


def checked_entity(name: object) -> str:
    """Return whose run it is as given; the rules are those of projects.

    Raises:
        UsageError: If it breaks one of them.
    """
    return _checked("entity", name, NOT_IN_PROJECT)


def fitting(name: str) -> str:
    """Return a name that nobody chose, such as a folder's, so that it can name a project."""
    found = [letter for letter in name if letter in NOT_IN_PROJECT or not letter.isprintable()]
    return _without(name, found)[:LONGEST]


def checked_id(run_id: object) -> str:
    """Return a run id as given, or say what is wrong with it.

    Raises:
        UsageError: If it is not 1 to 128 characters, begins or ends with a blank, or
            holds one of `: ; , # ? / '`.
    """
    text = _checked("id", run_id, NOT_IN_ID)
    if text != text.strip():
        raise UsageError(f"id must not begin or end with a blank, not {shown(text)}.")
    return text


def _checked(argument: str, value: object, forbidden: str) -> str:
    text = checked_text(argument, value)
    found = sorted({letter for letter in text if letter in forbidden or not letter.isprintable()})
    if found:
        letters = " ".join(repr(letter)[1:-1] for letter in found)
        raise UsageError(
            f"{argument} must not contain {letters}: {shown(text)}. "
            f"Type {argument}={_without(text, found)[:LONGEST]!r}."
        )
    if not 1 <= len(text) <= LONGEST:
        raise UsageError(f"{argument} must have 1 to {LONGEST} characters, not {len(text)}.")
    return text


def _without(text: str, found: list[str]) -> str:
    return "".join("-" if letter in found else letter for letter in text)
