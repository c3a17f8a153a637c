"""Runs beside each other as tables: which there are, which are best, in what they differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nbtrack.panels import date, one_line, value_text
from nbtrack.query import defined_goal, differences, leaves, ranked_metrics, standing
from nbtrack.reports.desk import Desk, folded, note
from nbtrack.reports.identity import overview, state_badge
from nbtrack.reports.markup import Html, h, joined
from nbtrack.values import duration

if TYPE_CHECKING:
    from nbtrack.query import Leaves
    from nbtrack.reports.sections import Section
    from nbtrack.store import RunFacts

_MOST_ROWS = 200
_MOST_COLUMNS = 10
_MOST_METRICS = 5
_MANY_COLUMNS = 6
_BESIDE = 3  # of the best runs


def runs_or_overview(desk: Desk, section: "Section") -> Html:
    """Return the overview of one run, or a table of several."""
    runs = desk.subject.of(section)
    return overview(desk, section) if len(runs) == 1 else _table_of_runs(desk, runs)


def best(desk: Desk, section: "Section") -> Html:
    """Return the best runs by each metric that has a goal."""
    runs = desk.subject.of(section)
    metrics = [key for key in goals(runs) if not section.keys or key in section.keys]
    rows = [row for metric in metrics for row in _ranked(runs, metric)]
    if not rows:
        return note(
            "No metric of these runs has a goal. ",
            h("code", 'run.define_metric("val/loss", goal="minimize")'),
            " says what is better.",
        )
    heads = ("Metric", "Goal", "Place", "Run", "Value")
    said = "The best runs, by the goal of each metric."
    return desk.table(heads, rows, said, class_=_breadth(heads))


def config_differences(desk: Desk, section: "Section") -> Html:
    """Return in what the configs of runs differ, and what all of them have."""
    runs = desk.subject.of(section)
    configs = [leaves(facts.config) for facts in runs]
    found = differences(configs)
    same = [(name, configs[0][name]) for name in found.same]
    items = [h("li", h("code", name), " = ", value_text(value)) for name, value in same]
    return joined(
        _differing(desk, runs, configs, found.differing)
        if found.differing
        else note("The configs of these runs are the same."),
        folded(f"The same in all runs ({len(same):,})", h("ul", *items, class_="nbr-same"))
        if same
        else None,
    )


def goals(runs: "Sequence[RunFacts]") -> list[str]:
    """Return the metrics whose goal is defined."""
    named = dict.fromkeys(one.name for facts in runs for one in facts.metrics if one.goal)
    return [name for name in named if not name.endswith("*")]


def _breadth(heads: Sequence[object]) -> str:
    """Return the classes of a table of short values; many columns are small on paper."""
    return "nbr-short nbr-wide" if len(heads) > _MANY_COLUMNS else "nbr-short"


def _table_of_runs(desk: Desk, runs: "Sequence[RunFacts]") -> Html:
    metrics = ranked_metrics(runs)[:_MOST_METRICS]
    heads = ("Run", "State", "Started", "Duration", "Step", *map(one_line, metrics))
    rows = [_row(facts, metrics) for facts in runs[:_MOST_ROWS]]
    rest = len(runs) - len(rows)
    said = f"The {len(runs):,} runs, newest first." + (f" {rest:,} are left out." if rest else "")
    return desk.table(heads, rows, said, class_=_breadth(heads))


def _row(facts: "RunFacts", metrics: Sequence[str]) -> list[str]:
    summary = leaves(facts.summary)
    return [
        joined(facts.opened.name),
        state_badge(facts),
        date(facts.opened.time_us),
        duration(facts.active_us),
        "" if facts.step is None else f"{facts.step:,}",
        *(_cell(summary, name) for name in metrics),
    ]


def _ranked(runs: "Sequence[RunFacts]", metric: str) -> list[list[str]]:
    goal = defined_goal(runs, metric)
    if goal is None:
        return []
    valued = [(standing(facts, metric, goal), facts) for facts in runs]
    there = [(value, facts) for value, facts in valued if value is not None]
    there.sort(key=lambda one: one[0], reverse=goal == "maximize")
    return [
        [metric, goal, str(place), facts.opened.name, value_text(value)]
        for place, (value, facts) in enumerate(there[:_BESIDE], 1)
    ]


def _differing(
    desk: Desk, runs: "Sequence[RunFacts]", configs: "Sequence[Leaves]", names: Sequence[str]
) -> Html:
    shown = names[:_MOST_COLUMNS]
    rows = [
        [facts.opened.name, *(_cell(config, name) for name in shown)]
        for facts, config in zip(runs[:_MOST_ROWS], configs, strict=False)
    ]
    what = (
        "One key of the config differs"
        if len(names) == 1
        else f"{len(names):,} keys of the config differ"
    )
    said = [f"{what} between the {len(runs):,} runs."]
    if len(names) > len(shown):
        said.append(f"The {len(shown)} with the fewest kinds of values are shown.")
    if len(runs) > len(rows):
        said.append(f"{len(runs) - len(rows):,} runs are left out.")
    heads = ("Run", *(h("code", one_line(name)) for name in shown))
    return desk.table(heads, rows, " ".join(said), class_=_breadth(heads))


def _cell(values: "Leaves", name: str) -> str:
    return value_text(values[name], 80) if name in values else ""
