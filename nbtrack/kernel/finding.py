"""From what a person types to a run of the workspace."""

from collections.abc import Sequence
from pathlib import Path

from nbtrack import store
from nbtrack.errors import RunNotFoundError
from nbtrack.records import Opened, RunState
from nbtrack.settings import Place
from nbtrack.store import RunFacts


def names_of(opened: Opened) -> tuple[str, ...]:
    """Return every text that means a run: name, id, uid and its paths."""
    short = f"{opened.project}/{opened.id}"
    return (
        opened.name,
        opened.id,
        opened.uid,
        short,
        f"{opened.entity}/{short}",
        f"{opened.entity}/{opened.project}/runs/{opened.id}",
    )


def find(root: Path, name: str) -> RunFacts:
    """Return the run that a name, an id or a path means.

    Of several runs of that name one that is running is meant, else the newest.

    Raises:
        RunNotFoundError: If there is none; it names similar ones.
    """
    facts = store.Reader(root).runs()
    found = [each for each in facts if name.strip("/") in names_of(each.opened)]
    if not found:
        raise RunNotFoundError(_not_found(root, name, facts))
    alive = [each for each in found if each.state is RunState.RUNNING]
    return (alive or found)[0]


def crashed_before(root: Path, place: Place) -> list[RunFacts]:
    """Return the crashed runs of this notebook that none has followed, newest first.

    A notebook is known by its path, or by its kernel's id, which a server keeps when it
    starts a kernel anew.
    """
    crashed = []
    for facts in store.Reader(root).runs():
        if not _is_of(facts.opened, place):
            continue
        if facts.state is not RunState.CRASHED:
            break
        crashed.append(facts)
    return crashed


def _is_of(opened: Opened, place: Place) -> bool:
    if place.notebook is not None and opened.notebook is not None:
        return opened.notebook == place.notebook
    return place.kernel_id is not None and opened.owner.kernel_id == place.kernel_id


def _not_found(root: Path, name: str, facts: Sequence[RunFacts]) -> str:
    from difflib import get_close_matches

    similar = get_close_matches(name, [each.opened.name for each in facts], n=1)
    hint = f"Did you mean {similar[0]!r}?" if similar else "%nbtrack list shows them."
    runs = "1 run" if len(facts) == 1 else f"{len(facts)} runs"
    return f"no run {name!r} in {root} ({runs}). {hint}"
