"""`nbtrack report`."""

import contextlib
from argparse import Namespace
from pathlib import Path

from nbtrack.cli.choosing import asked, named_or_met
from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import plural
from nbtrack.cli.writing import expect_room
from nbtrack.errors import UsageError
from nbtrack.query import Comparison
from nbtrack.reports import Part, write_report
from nbtrack.store import Reader, size_text

_LONGEST_TEXT_BYTES = 1_000_000


def report(arguments: Namespace, screen: Screen) -> int:
    """Write runs as one HTML file."""
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        uids = [facts.opened.uid for facts in named_or_met(reader.runs(), arguments)]
    if not uids:
        screen.note(f"No run has {asked(arguments)}: nothing was written.")
        return 0
    expect_room([Path(arguments.out).expanduser()], is_forced=arguments.force)
    with screen.progress("writing the report") as tell:
        written = write_report(
            Comparison.of_uids(root, uids),
            arguments.out,
            title=arguments.title,
            author=arguments.author,
            sections=_parts(arguments.sections),
            tell=tell,
        )
    if arguments.json:
        told = {"path": str(written.path), "runs": uids, "bytes": written.size_bytes}
        screen.json({"workspace": str(root), **told})
    else:
        size = size_text(written.size_bytes)
        screen.line(f"{written.path}: {plural(len(uids), 'run')}, {size}.")
    return 0


def _parts(given: list[str] | None) -> list[Part] | None:
    """Return sections as they were named; what ends in `.md` is the text of that file.

    Raises:
        UsageError: If such a file cannot be read.
    """
    if given is None:
        return None
    return [_text(name) if name.endswith(".md") else name for name in given]


def _text(name: str) -> str:
    path = Path(name).expanduser()
    try:
        if path.stat().st_size > _LONGEST_TEXT_BYTES:
            raise UsageError(f"{name!r} is longer than a report's text may be, 1 MB.")
        found = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no file {name!r} whose text could stand in the report; the folder is "
            f"{str(Path.cwd())!r}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the text {name!r} cannot be read: {error}.") from error
    # A text of one word would be taken for the name of a section.
    return f"{found}\n"
