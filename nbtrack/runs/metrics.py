"""`define_metric`: what was said of metrics, and what follows for rows and summary.

A definition with a `*` at its end is a pattern. It counts for a metric from the first
row that has it, and is kept under the metric's own name from then on, so that whoever
reads the journal needs no patterns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nbtrack.errors import UsageError
from nbtrack.metrics import MAXIMIZE, OPERATIONS, Aggregate, escaped_name, is_number, path_of
from nbtrack.records import Json, MetricDefined, Path
from nbtrack.store import RunFacts
from nbtrack.values import encode

_GOALS = {"minimize": "minimize", "min": "minimize", "maximize": MAXIMIZE, "max": MAXIMIZE}
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as it is defined.

    Attributes:
        name: As it was given: a metric, or with a `*` at its end all that begin so.
        step_metric: The metric below its chart, None for the step.
        step_sync: Whether rows without the step metric get its last value.
        hidden: Whether it is left out of automatic charts.
        summary: What the summary keeps of it; empty for the last value.
        goal: `minimize`, `maximize`, or None.
    """

    name: str
    step_metric: str | None = None
    step_sync: bool = False
    hidden: bool = False
    summary: tuple[str, ...] = ()
    goal: str | None = None

    def merged(self, later: "Metric") -> "Metric":
        """Return both definitions in one: what is on stays on, what is kept adds up."""
        return Metric(
            name=self.name,
            step_metric=later.step_metric or self.step_metric,
            step_sync=self.step_sync or later.step_sync,
            hidden=self.hidden or later.hidden,
            summary=tuple(dict.fromkeys((*self.summary, *later.summary))),
            goal=later.goal or self.goal,
        )


class Metrics:
    """The metrics of one run. Its caller holds the run's lock."""

    def __init__(self, defined: Callable[[Metric], None]) -> None:
        """Begin without definitions.

        Args:
            defined: Told each definition, before the first row that it counts for.
        """
        self._defined = defined
        self._patterns: dict[str, Metric] = {}
        self._named: dict[Path, Metric] = {}
        self._known: dict[Path, Metric | None] = {}
        self._aggregates: dict[Path, Aggregate] = {}
        self._steps: set[Path] = set()
        self._last: dict[Path, Json] = {}

    @classmethod
    def restored(cls, defined: Callable[[Metric], None], former: RunFacts) -> "Metrics":
        """Go on with the metrics of a run that is resumed.

        Args:
            defined: As above; not told again what the store has.
            former: What the store knows of the run.
        """
        metrics = cls(lambda _metric: None)
        for one in former.metrics:
            metric = Metric(
                one.name, one.step_metric, one.step_sync, one.hidden, one.summary, one.goal
            )
            metrics.define(metric, overwrite=True)
        for name, aggregate in former.aggregates.items():
            metrics._aggregates[path_of(name)] = replace(aggregate)
        known = encode(former.summary)[0]
        metrics._last = {path: known[path] for path in metrics._steps if path in known}
        metrics._defined = defined
        return metrics

    def define(self, metric: Metric, *, overwrite: bool) -> Metric:
        """Take a definition; return what holds now."""
        is_pattern = metric.name.endswith("*")
        path = path_of(metric.name)
        before = self._patterns.get(metric.name) if is_pattern else self._named.get(path)
        now = metric if overwrite or before is None else before.merged(metric)
        if is_pattern:
            self._patterns[metric.name] = now
        else:
            self._named[path] = now
        self._known.clear()
        if now.step_metric:
            self._steps.add(path_of(now.step_metric))
        self._defined(now)
        return now

    def goal_of(self, path: Path) -> str | None:
        """Return what a logged metric is to be, `minimize` or `maximize`, if that was said."""
        metric = self._named.get(path)
        return None if metric is None else metric.goal

    def complete(self, values: dict[Path, Json]) -> dict[Path, Json]:
        """Return the values of a row with the step metrics that go with them."""
        steps = [path_of(step) for one in map(self._of, values) if (step := _synced(one))]
        missing = {step: self._last.get(step, 0) for step in steps if step not in values}
        whole = {**values, **missing}
        self._last.update({step: whole[step] for step in self._steps if step in whole})
        return whole

    def summarised(self, values: Mapping[Path, Json]) -> dict[Path, Json]:
        """Return what the summary takes from a row."""
        said: dict[Path, Json] = {}
        for path, value in values.items():
            metric = self._of(path)
            if metric is None or not metric.summary or not is_number(value):
                said[path] = value
                continue
            aggregate = self._aggregates.setdefault(path, Aggregate())
            aggregate.add(value)  # type: ignore[arg-type]
            parts = (path,) if isinstance(path, str) else path
            kept = aggregate.summary(definition(metric, 0)).items()
            said.update({(*parts, operation): one for operation, one in kept})
        return said

    def _of(self, path: Path) -> Metric | None:
        try:
            return self._known[path]
        except KeyError:
            found = self._known[path] = self._named.get(path) or self._resolved(path)
            return found

    def _resolved(self, path: Path) -> Metric | None:
        """Make the definition of a pattern that of a metric; the longest pattern counts."""
        name = escaped_name(path)
        fitting = [one for one in self._patterns.values() if name.startswith(one.name[:-1])]
        if name.startswith("_") or not fitting:
            return None
        metric = replace(max(fitting, key=lambda one: len(one.name)), name=name)
        self._named[path] = metric
        self._defined(metric)
        return metric


def definition(metric: Metric, time_us: int) -> MetricDefined:
    """Return a metric as the journal keeps it."""
    return MetricDefined(
        time_us=time_us,
        name=metric.name,
        step_metric=metric.step_metric,
        step_sync=metric.step_sync,
        hidden=metric.hidden,
        summary=metric.summary,
        goal=metric.goal,
    )


def checked_metric(  # noqa: PLR0913, PLR0917 - the field's signature
    name: object,
    step_metric: object,
    step_sync: object,
    hidden: object,
    summary: object,
    goal: object,
) -> Metric:
    """Return the metric that the arguments of `define_metric` mean.

    Raises:
        UsageError: If one of them cannot be taken.
    """
    if isinstance(step_metric, Metric):
        step_metric = step_metric.name
    if step_metric is not None and (not isinstance(step_metric, str) or not step_metric):
        raise UsageError(
            f"step_metric must be the name of a metric, not {step_metric!r}. Type "
            'run.define_metric("val/*", step_metric="epoch").'
        )
    return Metric(
        name=_checked_name(name),
        step_metric=step_metric,
        step_sync=step_metric is not None if step_sync is None else bool(step_sync),
        hidden=bool(hidden),
        summary=_checked_operations(summary),
        goal=_checked_goal(goal),
    )


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise UsageError(
            f"a metric is defined by its name, not by {name!r}. Type "
            'run.define_metric("val/loss", summary="min").'
        )
    if "*" in name[:-1]:
        raise UsageError(
            f"in {name!r} a '*' stands before the end. It may only end a name: "
            f"{name[: name.index('*') + 1]!r} means all metrics that begin so."
        )
    return name


def _checked_operations(summary: object) -> tuple[str, ...]:
    if summary is None:
        return ()
    given = summary.split(",") if isinstance(summary, str) else summary
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise UsageError(f'summary must be a text such as "min,max", not {summary!r}.')
    said = tuple(dict.fromkeys(one.strip().lower() for one in given if one.strip()))
    unknown = [one for one in said if one not in OPERATIONS]
    if unknown:
        raise UsageError(
            f"summary cannot keep {unknown[0]!r} of a metric. Known are: {', '.join(OPERATIONS)}."
        )
    return said


def _checked_goal(goal: object) -> str | None:
    if goal is None:
        return None
    if goal not in _GOALS:
        raise UsageError(f'goal must be "minimize" or "maximize", not {goal!r}.')
    return _GOALS[str(goal)]


def _synced(metric: Metric | None) -> str | None:
    """Return the step metric that rows must have; the tracker's own columns they have."""
    if metric is None or not metric.step_sync or not metric.step_metric:
        return None
    return None if metric.step_metric.startswith("_") else metric.step_metric
