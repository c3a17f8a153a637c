"""All checks, one after the other.

What is found is told as it is found, so that a large workspace does not keep anybody
waiting in silence. Nothing is ever deleted that a user could want; one bad run hides
no other.
"""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nbtrack.store.checkup.database import examine_database
from nbtrack.store.checkup.finding import Finding, Level
from nbtrack.store.checkup.journals import examine_journals
from nbtrack.store.checkup.place import examine_place
from nbtrack.store.rebuilding import Progress


def examine(
    root: Path, *, repair: bool = False, progress: Progress | None = None
) -> Iterator[Finding]:
    """Look at everything in a workspace.

    As any reader does, it brings what a killed kernel left in its spill into the journal.

    Args:
        root: The workspace.
        repair: Whether to repair what can be repaired: permissions, damaged spills,
            journals that are not in the database, a database that is damaged or
            disagrees with the journals.
        progress: Told how many runs were looked at, and of how many; it begins anew for
            the comparison with the database.

    Yields:
        What is found, good and bad.
    """
    tell = progress or _silent
    yield from examine_place(root, repair=repair)
    if root.is_dir():
        yield from examine_journals(root, repair=repair, progress=tell)
        yield from examine_database(root, repair=repair, progress=tell)
    yield Finding(Level.OK, "versions", ", ".join(_versions()))


def _versions() -> Iterator[str]:
    yield f"Python {platform.python_version()}"
    for name in ("nbtrack", "duckdb", "numpy"):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} of unknown version"


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""
