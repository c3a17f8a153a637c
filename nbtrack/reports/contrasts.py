"""Two runs on a page: where their metrics part, and what else is not the same."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nbtrack.panels import one_line, value_text
from nbtrack.query import contrast, divergences
from nbtrack.reports.desk import Desk, folded, note
from nbtrack.reports.markup import Html, h, joined

if TYPE_CHECKING:
    from nbtrack.query import Divergence
    from nbtrack.reports.sections import Section
    from nbtrack.store import RunFacts

_MOST_ROWS = 200
_MOST_LINES = 400
_OPEN_LINES = 60
_TOLD_ELSEWHERE = frozenset({"config", "summary", "metrics"})
_KINDS = {"+": "add", "-": "del", "~": "change", "@": "place"}


def divergence(desk: Desk, section: "Section") -> Html:
    """Return at which step each metric of two runs parts."""
    pair = _pair(desk, section)
    if pair is None:
        return _TWO
    found = list(divergences(desk.subject.reader, *pair, section.tolerance))
    if section.keys:
        found = [one for one in found if one.key in section.keys]
    parted = sorted((one for one in found if one), key=_first_step)
    names = [one_line(facts.opened.name, 60) for facts in pair]
    how = f" beyond a tolerance of {section.tolerance:g}" if section.tolerance else ""
    same = len(found) - len(parted)
    alike = f" {same:,} of {len(found):,} metrics are the same all the way." if same else ""
    if not parted:
        return note(f"All {len(found):,} metrics have the same values at the same steps{how}.")
    said = joined(
        f"The first step at which values differ{how}. First run: ",
        *(h("i", names[0]), ", second: ", h("i", names[1]), f".{alike}"),
    )
    heads = ["Metric", "Part at step", "First", "Second", "Common steps", "Missing"]
    rows = [_row(one) for one in parted[:_MOST_ROWS]]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    rest = len(parted) - len(rows)
    more = note(f"And {rest:,} more metrics.") if rest > 0 else None
    return joined(desk.table(heads, rows, said, class_="nbr-short"), more)


def other_changes(desk: Desk, section: "Section") -> Html:
    """Return what else differs between two runs: repository, packages, machine, cells, code."""
    pair = _pair(desk, section)
    if pair is None:
        return _TWO
    found = contrast(desk.subject.root, desk.subject.reader, *pair, with_metrics=False)
    parts = [
        folded(f"{name} ({len(lines):,} lines)", _diff(lines), is_open=len(lines) <= _OPEN_LINES)
        for name, lines in found.sections()
        if name not in _TOLD_ELSEWHERE
    ]
    return joined(*parts) if parts else note("Repository, packages, machine and code are alike.")


def _pair(desk: Desk, section: "Section") -> "tuple[RunFacts, RunFacts] | None":
    """Return two runs, the one that began first first; None if they are not two."""
    runs = desk.subject.from_the_first(section)
    return (runs[0], runs[1]) if len(runs) == 2 else None  # noqa: PLR2004 - a pair


_TWO = note(
    "This section is about two runs: ",
    h("code", 'Section("divergence", runs=["first", "second"])'),
    " says which.",
)


def _first_step(one: "Divergence") -> tuple[bool, int]:
    steps = [step for step in (one.step, one.missing_from) if step is not None]
    return one.step is None, min(steps, default=0)


def _row(one: "Divergence") -> list[str]:
    step = "–" if one.step is None else f"{one.step:,}"  # noqa: RUF001 - nothing
    missing = [
        f"{count:,} only in the {who}"
        for count, who in ((one.only_first, "first"), (one.only_second, "second"))
        if count
    ]
    since = f", from step {one.missing_from:,}" if one.missing_from is not None else ""
    values = ("" if value is None else value_text(value) for value in (one.first, one.second))
    return [one_line(one.key), step, *values, f"{one.common:,}", "; ".join(missing) + since]


def _diff(lines: Iterable[str]) -> Html:
    shown = list(lines)
    told = [
        joined(h("span", one or " ", data_line=_KINDS.get(one[:1])), "\n")
        for one in shown[:_MOST_LINES]
    ]
    rest = len(shown) - _MOST_LINES
    more = note(f"And {rest:,} more lines.") if rest > 0 else None
    return joined(h("pre", *told, class_="nbr-diff", tabindex=0), more)
