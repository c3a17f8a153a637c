"""Which workspace is meant, and which run."""

from argparse import Namespace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrack.errors import RunNotFoundError, StoreError, UsageError
from nbtrack.query import address_in
from nbtrack.settings import Place, find_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrack.store import RunFacts

MOST_NAMED = 10


def workspace(arguments: Namespace) -> Path:
    """Return the workspace that is meant.

    Raises:
        StoreError: If there is none.
    """
    root = find_workspace(arguments.dir, Place())
    if root.is_dir():
        return root
    raise StoreError(
        f"there is no workspace {root}. Name the folder that holds one: nbtrack --dir DIR …, "
        "or set NBTRACK_DIR."
    )


def chosen(runs: "Sequence[RunFacts]", given: str) -> "RunFacts":
    """Return the one run that a text means.

    Args:
        runs: All there are.
        given: A uid, an id, a name, one of them after `project/` or `entity/project/`, or
            an address of the run.

    Raises:
        RunNotFoundError: If no run is called so.
        UsageError: If more than one is; the message names them.
    """
    path = address_in(given).path
    same = [facts for facts in runs if facts.opened.uid == path]
    found = same or [facts for facts in runs if path in _names(facts)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RunNotFoundError(f"no run is called {given!r} ({_count(runs)}).{_hint(runs, given)}")
    named = ", ".join(
        f"{facts.opened.uid} ({_path(facts)}, {facts.state})" for facts in found[:MOST_NAMED]
    )
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    raise UsageError(f"{given!r} may be {named}{more}. Type the uid of the one that you mean.")


def _names(facts: "RunFacts") -> set[str]:
    opened = facts.opened
    short = {opened.uid, opened.id, opened.name}
    return {
        *short,
        *(f"{opened.project}/{one}" for one in short),
        *(f"{opened.entity}/{opened.project}/{one}" for one in short),
        f"{opened.entity}/{opened.project}/runs/{opened.id}",
    }


def _path(facts: "RunFacts") -> str:
    return f"{facts.opened.entity}/{facts.opened.project}/{facts.opened.name}"


def _count(runs: "Sequence[RunFacts]") -> str:
    return f"{len(runs)} run" + ("" if len(runs) == 1 else "s")


def _hint(runs: "Sequence[RunFacts]", given: str) -> str:
    names = [name for facts in runs for name in (facts.opened.name, facts.opened.uid)]
    close = get_close_matches(given, names, n=1)
    return f" Did you mean {close[0]!r}?" if close else " To see them: nbtrack ls"
