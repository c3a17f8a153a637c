"""The best of some runs by a metric and what it is for."""

import sys
from collections.abc import Sequence
from typing import Literal, TypeAlias

from nbtrack.errors import UsageError
from nbtrack.metrics import MAXIMIZE
from nbtrack.query.comparing.differing import leaves
from nbtrack.query.fields import Field
from nbtrack.store import RunFacts

Goal: TypeAlias = Literal["minimize", "maximize"]

_LARGEST = sys.float_info.max
_GOALS: dict[str, Goal] = {
    **dict.fromkeys(("minimize", "min"), "minimize"),
    **dict.fromkeys(("maximize", "max"), "maximize"),
}


def goal_of(runs: Sequence[RunFacts], metric: object, goal: object = None) -> Goal:
    """Return what a metric is for: as it is given, or else as the runs define it.

    Raises:
        UsageError: If neither says it.
    """
    if not isinstance(metric, str) or not metric:
        raise UsageError(f"metric is the name of one, like 'val/loss', not {metric!r}.")
    if goal is not None:
        if isinstance(goal, str) and goal in _GOALS:
            return _GOALS[goal]
        raise UsageError(f'goal must be "minimize" or "maximize", not {goal!r}.')
    defined = defined_goal(runs, metric)
    if defined is None:
        raise UsageError(
            f"whether less or more of {metric!r} is better is not known. Say it here,\n"
            f'    best({metric!r}, "minimize")\n'
            f'or in the run: run.define_metric({metric!r}, goal="minimize").'
        )
    return defined


def defined_goal(runs: Sequence[RunFacts], metric: str) -> Goal | None:
    """Return the goal that the first of some runs that has one gives to a metric."""
    for facts in runs:
        for defined in facts.metrics:
            if defined.name == metric and defined.goal:
                return "maximize" if defined.goal == MAXIMIZE else "minimize"
    return None


def ranked_metrics(runs: Sequence[RunFacts]) -> list[str]:
    """Return numbers in summaries: those with a goal first, then those of most runs."""
    # Stable: among those with a goal and among the others, the order stays.
    return sorted(common_metrics(runs), key=lambda key: defined_goal(runs, key) is None)


def common_metrics(runs: Sequence[RunFacts]) -> list[str]:
    """Return numbers in summaries, those of most runs first."""
    counts: dict[str, int] = {}
    for facts in runs:
        for key, value in leaves(facts.summary).items():
            if isinstance(value, int | float) and not key.startswith("_"):
                counts[key] = counts.get(key, 0) + 1
    return sorted(counts, key=lambda key: -counts[key])


def best_of(runs: Sequence[RunFacts], metric: str, goal: Goal) -> RunFacts:
    """Return the run with the best value; the first of equals.

    Raises:
        UsageError: If no run has a finite value.
    """
    sign = -1.0 if goal == "maximize" else 1.0
    standings = [(standing(facts, metric, goal), facts) for facts in runs]
    ranked = [(sign * value, facts) for value, facts in standings if value is not None]
    found = min(ranked, key=lambda one: one[0], default=None)
    if found is None:
        raise UsageError(f"none of the {len(runs)} runs has a number for {metric!r}.")
    return found[1]


def best_defined(runs: Sequence[RunFacts], metric: str) -> RunFacts | None:
    """Return the best run by a metric whose goal is defined; None where there is none."""
    goal = defined_goal(runs, metric)
    if goal is None or all(standing(facts, metric, goal) is None for facts in runs):
        return None
    return best_of(runs, metric, goal)


def standing(facts: RunFacts, metric: str, goal: Goal) -> float | None:
    """Return the value of a metric by which a run is judged; None where there is none.

    Where the summary keeps an extremum (`define_metric(..., summary="best")`), that counts.
    """
    extremum = "max" if goal == "maximize" else "min"
    for name in (f"{metric}.best", f"{metric}.{extremum}", f"{metric}.last", metric):
        values = Field.parse(f"summary.{name}").read(facts)
        value = values[0] if values else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) if -_LARGEST <= value <= _LARGEST else None
    return None
