"""Which runs are meant: names, paths, runs, projects, filters."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.query.filters import parse_filters
from nbtrack.query.paths import RunPath
from nbtrack.store import RunFacts

Pick: TypeAlias = Callable[[Sequence[RunFacts]], list[RunFacts]]
"""Takes all runs of a workspace, newest first; gives those that are compared."""

_FORMS = (
    "runs are compared as a list of runs, names or paths, as a project's name, as a filter "
    "like {'config.lr': {'$lt': 0.1}}, or as what Api().runs(...) gives"
)


@dataclass(frozen=True, slots=True)
class Surviving:
    """Those of some runs that are still there."""

    uids: Sequence[str]

    def __call__(self, runs: Sequence[RunFacts]) -> list[RunFacts]:
        """Return them, as a `Pick` does."""
        wanted = set(self.uids)
        found = [facts for facts in runs if facts.opened.uid in wanted]
        if not found:
            raise RunNotFoundError(f"no run of {len(wanted)} is in this workspace any more.")
        return found


def pick_of(what: object, project: str | None = None) -> Pick:
    """Return which runs are meant; a filter or a project also means those still to come.

    Args:
        what: A project, a run, a filter, a list of runs, names and paths; None for all.
        project: Only its runs, where `what` is a filter or None.

    Raises:
        UsageError: If it cannot be understood.
    """
    if isinstance(what, Surviving):
        return what
    if what is None or isinstance(what, Mapping):
        return _meeting(what, project)
    if isinstance(what, str):
        return lambda runs: _named(what, runs)
    items = [what] if hasattr(what, "uid") else what
    if not isinstance(items, Iterable):
        raise UsageError(f"{_FORMS}, not {what!r}.")
    names = [_name_of(item) for item in items]
    if not names:
        raise UsageError(f"there is nothing to compare: {_FORMS}.")
    return lambda runs: _listed(names, runs)


def meaning_of(what: object, project: str | None, runs: Sequence[RunFacts]) -> str:
    """Return a text that is the same whenever the same is asked for.

    Args:
        what: As in `pick_of`.
        project: As in `pick_of`.
        runs: That were found: where they were named one by one, they are what is meant.
    """
    if what is None or isinstance(what, str | Mapping):
        return json.dumps([project, what], sort_keys=True, default=repr)
    return json.dumps(sorted(facts.opened.uid for facts in runs))


def workspace_of(what: object) -> Path | None:
    """Return the workspace of runs that are given as objects; None if none are.

    Raises:
        UsageError: If they are of two workspaces.
    """
    single = isinstance(what, str | Mapping) or hasattr(what, "uid")
    items: Iterable[Any] = what if isinstance(what, Iterable) and not single else [what]
    roots = {Path(item.root) for item in items if hasattr(item, "uid") and hasattr(item, "root")}
    if len(roots) > 1:
        shown = " and ".join(sorted(repr(str(root)) for root in roots))
        raise UsageError(f"runs of one workspace can be compared, not of {shown}.")
    return next(iter(roots), None)


def _meeting(filters: object, project: str | None) -> Pick:
    condition = parse_filters(filters)

    def pick(runs: Sequence[RunFacts]) -> list[RunFacts]:
        there = [one for one in runs if project in (None, one.opened.project)]
        met = zip(there, condition.answers(there), strict=True)
        found = [facts for facts, is_met in met if is_met]
        if not found:
            raise RunNotFoundError(_none(filters, project, len(there)))
        return found

    return pick


def _named(name: str, runs: Sequence[RunFacts]) -> list[RunFacts]:
    """Return the runs of a project, or else the one run of that name or path."""
    parts = name.strip("/").split("/")
    found = [one for one in runs if parts in ([one.opened.project], _project(one))]
    if found:
        return found
    try:
        return [RunPath.parse(name).find(runs)]
    except RunNotFoundError as error:
        projects = sorted({one.opened.project for one in runs})
        close = get_close_matches(name, projects, n=1)
        if not close:
            raise
        raise RunNotFoundError(
            f"no project and no run {name!r}. Did you mean project {close[0]!r}?"
        ) from error


def _listed(names: Sequence[tuple[str, bool]], runs: Sequence[RunFacts]) -> list[RunFacts]:
    by_uid = {facts.opened.uid: facts for facts in runs}
    found: dict[str, RunFacts] = {}
    for name, is_uid in names:
        if is_uid and name not in by_uid:
            raise RunNotFoundError(f"run {name!r} is not in this workspace any more.")
        some = [by_uid[name]] if is_uid else _named(name, runs)
        found |= {facts.opened.uid: facts for facts in some}
    return list(found.values())


def _name_of(item: object) -> tuple[str, bool]:
    """Return the uid of a run, or a name, and which of both it is."""
    uid = getattr(item, "uid", None)
    if isinstance(uid, str):
        return uid, True
    if isinstance(item, str) and item:
        return item, False
    raise UsageError(f"{_FORMS}; {item!r} is no run and no name of one.")


def _project(facts: RunFacts) -> list[str]:
    return [facts.opened.entity, facts.opened.project]


def _none(filters: object, project: str | None, count: int) -> str:
    place = "the workspace" if project is None else f"project {project!r}"
    if not count:
        return f"there are no runs in {place} yet: nbtrack.init() begins one."
    return f"none of the {count} runs in {place} meets {filters!r}."
