"""What runs alerted somebody to, oldest first."""

from typing import TYPE_CHECKING

from nbtrack.panels import date, one_line
from nbtrack.reports.desk import Desk, note
from nbtrack.reports.markup import Html, h, joined

if TYPE_CHECKING:
    from nbtrack.records import Notice
    from nbtrack.reports.sections import Section
    from nbtrack.store import RunFacts

_MOST = 200
_LONGEST_TEXT = 4_000
_LEVELS = frozenset({"info", "warning", "error"})


def alerts(desk: Desk, section: "Section") -> Html:
    """Return the alerts of runs, one below the other."""
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
    shown = found[-_MOST:]
    rest = len(found) - len(shown)
    items = [_item(one, facts if len(runs) > 1 else None) for facts, one in shown]
    older = note(f"{rest:,} older alerts are left out.") if rest else None
    return joined(older, h("ol", *items, class_="nbr-alerts"))


def alerts_of(facts: "RunFacts") -> "list[Notice]":
    """Return the alerts among what is noted of a run, oldest first."""
    return [one for one in facts.notices if one.title is not None]


def _item(one: "Notice", facts: "RunFacts | None") -> Html:
    """Return an alert, with the run that told it if that must be said."""
    text = one.text if len(one.text) <= _LONGEST_TEXT else f"{one.text[:_LONGEST_TEXT]}…"
    level = one.level if one.level in _LEVELS else "other"
    times = h("span", f"{one.count:,} times", class_="nbr-times") if one.count > 1 else None
    about = h(
        "div",
        h("span", date(one.time_us)),
        h("span", one_line(one.level, 20), class_="nbr-level", data_level=level),
        h("span", one_line(facts.opened.name, 80)) if facts else None,
        class_="nbr-about",
    )
    title = h("p", h("b", one_line(one.title or "Alert")), " ", times)
    said = h("p", text.strip(), class_="nbr-lines") if text.strip() else None
    return h("li", about, h("div", title, said))
