"""`Api()`: the runs of a workspace, for code.

Everything is read from the local store, at once, also of runs that are being written;
what this very process has not written yet is written first.
"""

import os
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.query.addresses import Address, address_in
from nbtrack.query.apirun import ApiRun
from nbtrack.query.contrasting import Difference, contrast
from nbtrack.query.filters import parse_filters
from nbtrack.query.flushing import flush_all
from nbtrack.query.ordering import Order
from nbtrack.query.paths import RunPath
from nbtrack.query.projects import ApiProject, project_path, projects_of
from nbtrack.query.reserving import reserve
from nbtrack.query.runs import Runs
from nbtrack.query.table import Table
from nbtrack.settings import FOLDER, Place, find_workspace
from nbtrack.store import Reader, answer

PER_PAGE = 50
TIMEOUT_S = 30.0
LONGEST_TIMEOUT_S = 3_600.0


class Api:
    """Reads the runs of one workspace.

    Examples:
        >>> import nbtrack
        >>> api = nbtrack.Api()
        >>> [run.name for run in api.runs("digits")]
        ['brave-otter-1']
        >>> api.run("digits/1f3k9x2a").summary["loss"]
        0.3
    """

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        """Choose the workspace.

        Args:
            root: The `.nbtrack` folder, or the folder in which it lies. By default the
                one where `init()` would keep a run that is begun here.
        """
        if root is None:
            self._root = find_workspace(None, Place())
        else:
            given = Path(root).expanduser().absolute()
            self._root = given / FOLDER if (given / FOLDER).is_dir() else given
        self._reader = Reader(self._root)

    @property
    def root(self) -> Path:
        """The `.nbtrack` folder that is read."""
        return self._root

    def runs(  # noqa: PLR0913, PLR0917 - the field's signature
        self,
        path: str | None = None,
        filters: Mapping[str, Any] | str | None = None,
        order: str = "+created_at",
        per_page: int = PER_PAGE,
        include_sweeps: bool = True,  # noqa: ARG002, FBT001, FBT002 - the field's signature
        lazy: bool = True,  # noqa: ARG002, FBT001, FBT002 - the field's signature
    ) -> Runs:
        """Return the runs of a project, or of all.

        Args:
            path: `entity/project`, `project`, or None for all.
            filters: What the runs must meet, as MongoDB writes it: a field and its value,
                or `{"$gt": 3}` and the like; `$and`, `$or` and `$nor` join filters. Fields
                are `state`, `tags`, `name`, `group`, `created_at`, `config.lr`,
                `summary_metrics.loss` and others; a wrong one is told all of them. Or an
                expression such as `"config.lr < 0.1 and tag = best and not name ~ '^old'"`.
            order: A field with `+` for the least first or `-` for the greatest. Runs
                without a value come last.
            per_page: Taken for compatibility; all runs are there at once.
            include_sweeps: Taken for compatibility.
            lazy: Taken for compatibility.

        Raises:
            UsageError: If an argument cannot be understood.
            StoreError: If the workspace cannot be read.

        Examples:
            >>> good = {"state": "finished", "summary_metrics.loss": {"$lt": 0.5}}
            >>> [run.name for run in api.runs("digits", good, order="-config.lr")]
            ['brave-otter-1']
        """
        entity, project = project_path(path)
        condition, wanted = parse_filters(filters), Order.parse(order)
        if not isinstance(per_page, int) or per_page < 1:
            raise UsageError(f"per_page must be a whole number above 0, not {per_page!r}.")
        flush_all()
        there = [
            facts
            for facts in self._reader.runs()
            if project in (None, facts.opened.project) and entity in (None, facts.opened.entity)
        ]
        met = zip(there, condition.answers(there), strict=True)
        found = wanted.sorted([facts for facts, is_met in met if is_met])
        return Runs(self._root, self._reader, found)

    def run(self, path: str) -> ApiRun:
        """Return one run; where several have its id, the newest.

        Args:
            path: `entity/project/id`, `project/id` or `id`. In place of the id there may
                be the run's uid, or its name where no other run is called so.

        Raises:
            UsageError: If `path` is malformed, or a name that several runs have.
            RunNotFoundError: If there is no such run; the message says what there is.
            StoreError: If the workspace cannot be read.

        Examples:
            >>> api.run("digits/1f3k9x2a").state
            'finished'
        """
        wanted = RunPath.parse(path)
        flush_all()
        return ApiRun(self._root, self._reader, wanted.find(self._reader.runs()))

    def create_run(
        self, *, run_id: str | None = None, project: str | None = None, entity: str | None = None
    ) -> ApiRun:
        """Make a run that is `pending`, for somebody else to fill.

        `nbtrack.init(id=..., resume="must")` takes it up, and then it runs.

        Args:
            run_id: Its id; by default a fresh one.
            project: By default the one that `init()` would choose here.
            entity: Whose it is; by default the person's at the machine.

        Raises:
            UsageError: If an argument cannot be taken, or the project has a run of that id.
            StoreError: If it cannot be stored.

        Examples:
            >>> api.create_run(project="digits").state
            'pending'
        """
        flush_all()
        return ApiRun(
            self._root,
            self._reader,
            self._reader.run(reserve(self._root, run_id, project, entity)),
        )

    def diff(self, first: str, second: str, tolerance: float = 0.0) -> Difference:
        """Return how a second run differs from a first: config, metrics, code, packages, results.

        For each metric it says at which step the two part: where both have a value and the
        values are not the same.

        Args:
            first: Path of a run, as `run` takes it.
            second: Path of another.
            tolerance: By how much of the greater one two values of a metric may differ and
                count as the same; 0 for exactly. NaN is the same as NaN.

        Raises:
            UsageError: If a path is malformed, or a name that several runs have, or the
                tolerance is none.
            RunNotFoundError: If there is no such run.
            StoreError: If one cannot be read.

        Examples:
            >>> alike = api.diff("digits/1f3k9x2a", "brave-otter-1")  # a run and itself
            >>> alike.config.changed, bool(alike)
            ({}, False)
            >>> [(one.key, one.step, one.common) for one in alike.metrics]
            [('loss', None, 2)]
        """
        wanted = [RunPath.parse(path) for path in (first, second)]
        flush_all()
        there = self._reader.runs()
        one, other = (path.find(there) for path in wanted)
        return contrast(self._root, self._reader, one, other, tolerance=tolerance)

    def projects(self, entity: str | None = None, per_page: int = PER_PAGE) -> list[ApiProject]:  # noqa: ARG002 - the field's signature
        """Return the projects that have runs, by name.

        Args:
            entity: Only its projects.
            per_page: Taken for compatibility.

        Raises:
            StoreError: If the workspace cannot be read.

        Examples:
            >>> [(project.name, project.run_count) for project in api.projects()]
            [('digits', 1)]
        """
        flush_all()
        return projects_of(self._reader.runs(), entity)

    def project(self, name: str, entity: str | None = None) -> ApiProject:
        """Return one project; where several entities have it, the first of them.

        Raises:
            RunNotFoundError: If no run is in it.
            StoreError: If the workspace cannot be read.

        Examples:
            >>> api.project("digits").last_run_at
            '2026-01-02T03:04:05Z'
        """
        there = self.projects(entity)
        for project in there:
            if project.name == name:
                return project
        known = ", ".join(repr(project.name) for project in there) or "none"
        raise RunNotFoundError(f"no project {name!r}; there are {known}.")

    def from_path(self, path: str) -> ApiRun | ApiProject:
        """Return what a path means: a run or a project.

        Args:
            path: `project`, `entity/project`, a path of a run as `run` takes it, or an
                address: `run.url`, `run.project_url`, one of a page on disk.

        Raises:
            UsageError: If it is malformed.
            RunNotFoundError: If there is neither.
            StoreError: If the workspace cannot be read.

        Examples:
            >>> api.from_path("digits").run_count
            1
            >>> api.from_path("ada/digits/runs/1f3k9x2a").name
            'brave-otter-1'
        """
        said = address_in(path) if isinstance(path, str) else Address(path)
        if said.root is not None and said.root != self._root:
            return Api(said.root).from_path(said.path)
        RunPath.parse(said.path)
        parts = said.path.strip("/").split("/")
        for project in self.projects():
            if parts in ([project.name], project.path):
                return project
        return self.run(said.path)

    def sql(
        self,
        query: str,
        parameters: Sequence[object] = (),
        timeout_s: float = TIMEOUT_S,
    ) -> Table:
        """Ask all runs something in SQL (DuckDB's), rows of this moment included.

        Tables, all joined by `run`, the run's uid; times are UTC:

            runs     run, id, entity, project, name, state, created_at, ended_at,
                     heartbeat_at, duration_s, notes, tags, run_group, job_type, username,
                     host, notebook, step, row_count, line_count, exit_code, reason
            metrics  run, key, step, timestamp, value       numbers that were logged
            objects  run, key, step, timestamp, value       what else was logged, as JSON
            history  run, step, timestamp                   a row per `log()`
            system   run, key, timestamp, value             readings of the machine
            config   run, key, value, number                `number` where it is one
            summary  run, key, value, number                last values
            logs     run, number, timestamp, stream, text, cell, level, label
            cells    run, number, timestamp, cell, execution_count, source, started_at,
                     duration_s, status, error              executions of cells
            environment  run, key, value, number            program and machine
            tags     run, number, tag

        A query can read these and nothing else: no files, no settings, no variables.
        NaN counts as the greatest number; leave it out with `NOT isnan(value)`.

        Args:
            query: One SELECT.
            parameters: For its question marks.
            timeout_s: When to give up, seconds. While a query works, new rows wait in
                their journals to be let into the database; logging goes on.

        Returns:
            All of the answer, at most a million rows, with `rows`, `columns`, `df()`,
            `pl()` and `arrow()`.

        Raises:
            UsageError: If the query cannot be understood, or is no single SELECT.
            CommError: If the answer takes too long, too much memory or too many rows.
            StoreError: If the database cannot be read now.

        Examples:
            >>> best = api.sql(
            ...     "SELECT name, min(value) AS loss FROM metrics JOIN runs USING (run) "
            ...     "WHERE key = ? GROUP BY name",
            ...     ["loss"],
            ... )
            >>> best.rows
            [('brave-otter-1', 0.3)]
        """
        if not isinstance(parameters, list | tuple):
            raise UsageError(f"parameters are a list of values, not {parameters!r}.")
        if not isinstance(timeout_s, int | float) or not (
            isfinite(timeout_s) and 0 < timeout_s <= LONGEST_TIMEOUT_S
        ):
            raise UsageError(
                f"timeout_s must be above 0 and at most {LONGEST_TIMEOUT_S:g} seconds, "
                f"not {timeout_s!r}."
            )
        flush_all()
        return Table(answer(self._root, self._reader.runs, query, parameters, timeout_s))

    def flush(self) -> None:
        """Forget nothing and fetch nothing: reads are never cached. It is there for habit."""
        flush_all()

    def __repr__(self) -> str:
        """Say which workspace is read."""
        return f"<Api {str(self._root)!r}>"
