"""Runs beside each other as text, for terminals: what differs, and what came of it."""

from collections.abc import Sequence
from typing import TypeAlias

from nbtrack.metrics import OPERATIONS
from nbtrack.query.comparing.differing import Leaves, differences, leaves, plain_text
from nbtrack.query.comparing.ranking import best_defined, common_metrics
from nbtrack.records import Json
from nbtrack.store import RunFacts
from nbtrack.values import one_line

Column: TypeAlias = tuple[str, list[str]]

MOST_RUNS = 20
MOST_CONFIG = 4
MOST_METRICS = 4
_WIDEST = 24
_BEST = "*"
_NUMERIC = frozenset("0123456789.-+einfa* ")


def table_text(runs: Sequence[RunFacts]) -> str:
    """Return a table of runs: name, state, what differs in their configs, last values.

    The best value of a metric whose goal is defined has a star. Text of the runs is on one
    line each, without control characters.
    """
    shown = runs[:MOST_RUNS]
    found = differences([leaves(facts.config) for facts in runs])
    columns: list[Column] = [
        ("name", [facts.opened.name for facts in shown]),
        ("state", [str(facts.state) for facts in shown]),
        *_config(shown, found.differing[:MOST_CONFIG]),
        *(_metric(shown, runs, key) for key in common_metrics(runs)[:MOST_METRICS]),
    ]
    lines = _aligned(columns)
    if len(runs) > len(shown):
        lines.append(f"… and {len(runs) - len(shown):,} more runs")
    return "\n".join([*lines, _same(len(runs), found.same, found.differing)])


def _config(shown: Sequence[RunFacts], keys: Sequence[str]) -> list[Column]:
    configs = [leaves(facts.config) for facts in shown]
    return [(key, [_cell(config, key) for config in configs]) for key in keys]


def _cell(config: Leaves, key: str) -> str:
    return _text(config[key]) if key in config else ""


def _metric(shown: Sequence[RunFacts], runs: Sequence[RunFacts], key: str) -> Column:
    metric, _, operation = key.rpartition(".")
    best = best_defined(runs, metric if metric and operation in OPERATIONS else key)
    cells = []
    for facts in shown:
        summary = leaves(facts.summary)
        star = _BEST if facts is best else ""
        cells.append(_cell(summary, key) + star)
    return key, cells


def _text(value: Json) -> str:
    return f"{value:.4g}" if isinstance(value, float) else plain_text(value)


def _aligned(columns: Sequence[Column]) -> list[str]:
    """Return lines; numbers stand to the right."""
    texts = [[one_line(cell, _WIDEST) for cell in (name, *cells)] for name, cells in columns]
    widths = [max(map(len, column)) for column in texts]
    to_right = [all(set(cell) <= _NUMERIC for cell in column[1:]) for column in texts]
    rows = []
    for row in zip(*texts, strict=True):
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, to_right, strict=True)
        ]
        rows.append("  ".join(cells).rstrip())
    return rows


def _same(count: int, same: Sequence[str], differing: Sequence[str]) -> str:
    runs = "1 run" if count == 1 else f"{count:,} runs"
    more = len(differing) - MOST_CONFIG
    left = f", {more} more not shown" if more > 0 else ""
    return f"{runs}; {len(differing)} config keys differ{left}, {len(same)} are the same"
