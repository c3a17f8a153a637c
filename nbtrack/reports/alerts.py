"""What runs alerted somebody to, oldest first."""

from typing import TYPE_CHECKING

from nbtrack.panels import date, one_line
from nbtrack.reports.desk import Desk, note
from nbtrack.reports.markup import Child, Html, h, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrack.records import Notice
    from nbtrack.reports.sections import Section
    from nbtrack.store import RunFacts

_MOST_ROWS = 200
_LONGEST_TEXT = 4_000
_LEVELS = frozenset({"info", "warning", "error"})


def alerts(desk: Desk, section: "Section") -> Html:
    """Return the alerts of runs as a table."""
    runs = desk.subject.of(section)
    found = sorted(
        ((facts, one) for facts in runs for one in alerts_of(facts)), key=lambda it: it[1].time_us
    )
    if not found:
        return note(
            "There were no alerts. ",
            h("code", 'run.alert("The loss is NaN", "Since step 1,200.")'),
            " writes one.",
        )
    shown, is_one = found[-_MOST_ROWS:], len(runs) == 1
    heads = ("Time", *(() if is_one else ("Run",)), "Level", "Alert", "What it says")
    rows = [_row(facts, one, names_run=not is_one) for facts, one in shown]
    of_whom = joined(" of ", h("i", runs[0].opened.name)) if is_one else " of these runs"
    rest = len(found) - len(shown)
    what = f"The {len(shown):,} newest alerts" if rest else "The alerts"
    left = f"; {rest:,} older ones are left out" if rest else ""
    said = joined(what, of_whom, f", oldest first{left}.")
    return desk.table(heads, rows, said, class_="nbr-alerts")


def alerts_of(facts: "RunFacts") -> "list[Notice]":
    """Return the alerts among what is noted of a run, oldest first."""
    return [one for one in facts.notices if one.title is not None]


def _row(facts: "RunFacts", one: "Notice", *, names_run: bool) -> "Sequence[Child]":
    text = one.text if len(one.text) <= _LONGEST_TEXT else f"{one.text[:_LONGEST_TEXT]}…"
    times = h("span", f" {one.count:,} times", class_="nbr-times") if one.count > 1 else None
    level = one.level if one.level in _LEVELS else "other"
    return (
        date(one.time_us),
        *((one_line(facts.opened.name),) if names_run else ()),
        h("span", one_line(one.level, 20), class_="nbr-level", data_level=level),
        joined(h("b", one_line(one.title or "Alert")), times),
        h("span", text.strip(), class_="nbr-lines"),
    )
