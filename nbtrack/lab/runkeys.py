"""By what runs of several workspaces are told apart."""

from collections.abc import Mapping
from typing import TypeAlias

from nbtrack.store import RunFacts

RunKey: TypeAlias = tuple[str, str]
"""Workspace id and uid."""

Runs: TypeAlias = Mapping[RunKey, RunFacts]


def runs_of(runs: Runs, workspace_id: str | None) -> Runs:
    """Return the runs of one workspace, or all of them for None."""
    if workspace_id is None:
        return runs
    return {key: facts for key, facts in runs.items() if key[0] == workspace_id}
