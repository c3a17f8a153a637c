"""The projects of a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbtrack.errors import UsageError
from nbtrack.query.times import iso
from nbtrack.store import RunFacts


@dataclass(frozen=True, slots=True)
class ApiProject:
    """A project that has runs.

    Attributes:
        entity: Whose runs they are.
        name: Of the project.
        run_count: How many runs it has.
        created_at: When its first run began, ISO 8601, UTC.
        last_run_at: When its newest run began, ISO 8601, UTC.
    """

    entity: str
    name: str
    run_count: int
    created_at: str
    last_run_at: str

    @property
    def path(self) -> list[str]:
        """Entity and name."""
        return [self.entity, self.name]


def projects_of(runs: Sequence[RunFacts], entity: str | None) -> list[ApiProject]:
    """Return the projects of some runs by name.

    Args:
        runs: Newest first.
        entity: Only its projects; None for all.
    """
    found: dict[tuple[str, str], list[RunFacts]] = {}
    for facts in runs:
        if entity in (None, facts.opened.entity):
            found.setdefault((facts.opened.entity, facts.opened.project), []).append(facts)
    return [
        ApiProject(
            entity=owner,
            name=name,
            run_count=len(of_it),
            created_at=iso(of_it[-1].opened.time_us),
            last_run_at=iso(of_it[0].opened.time_us),
        )
        for (owner, name), of_it in sorted(found.items(), key=lambda one: one[0][::-1])
    ]


def project_path(path: object) -> tuple[str | None, str | None]:
    """Return entity and project of a path; None where it says nothing.

    Raises:
        UsageError: If it is neither `entity/project` nor `project` nor None.
    """
    if path is None:
        return None, None
    parts = path.strip("/").split("/") if isinstance(path, str) else []
    if not parts or not all(parts) or len(parts) > 2:  # noqa: PLR2004 - entity/project
        raise UsageError(f"the path of a project is 'entity/project' or 'project', not {path!r}.")
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])
