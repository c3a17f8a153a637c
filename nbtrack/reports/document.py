"""A whole report: title, contents, sections in their order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final

from nbtrack.errors import Error
from nbtrack.reports.alerts import alerts, alerts_of
from nbtrack.reports.contrasts import divergence, other_changes
from nbtrack.reports.desk import Desk, note
from nbtrack.reports.figures import charts, comparison, system
from nbtrack.reports.identity import environment
from nbtrack.reports.listings import code, log
from nbtrack.reports.markdown import markdown
from nbtrack.reports.markup import Html, h, joined
from nbtrack.reports.page import Page
from nbtrack.reports.sections import OF_MANY, OF_ONE, OF_TWO, Kind, Part, Section
from nbtrack.reports.subject import Subject
from nbtrack.reports.tables import best, config_differences, goals, runs_or_overview

Tell = Callable[[int, int], None]
"""Told how many sections are done, and of how many."""

_WRITERS: Final[dict[Kind, Callable[[Desk, Section], Html]]] = {
    "overview": runs_or_overview,
    "alerts": alerts,
    "best": best,
    "comparison": comparison,
    "divergence": divergence,
    "differences": config_differences,
    "changes": other_changes,
    "charts": charts,
    "system": system,
    "log": log,
    "code": code,
    "environment": environment,
}
TITLES: Final[dict[Kind, str]] = {
    "overview": "Overview",
    "alerts": "Alerts",
    "best": "Best runs",
    "comparison": "Comparison",
    "divergence": "Where metrics part",
    "differences": "Differences of the configs",
    "changes": "What else changed",
    "charts": "Metrics",
    "system": "The machine",
    "log": "Log",
    "code": "Code",
    "environment": "Environment",
}
_HEADING = re.compile(r"#\s+(.*?)\s*#*\s*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of a report as it stands on the page.

    Attributes:
        title: In the contents and above it; "" for text without a heading.
        body: What it says.
    """

    title: str
    body: Html


def compose(
    subject: Subject, parts: Sequence[Part], *, title: str, author: str, tell: Tell | None = None
) -> str:
    """Return a report as a page.

    Args:
        subject: The runs.
        parts: Of which it is made.
        title: Above it.
        author: Below the title, "" for none.
        tell: Told how far it is.

    Raises:
        UsageError: If a section asks for what there is not.
        RunNotFoundError: If a section is about a run that the report is not about.
    """
    page = Page(title, author=author)
    desk = Desk(subject, page)
    chapters = []
    for number, part in enumerate(parts):
        if tell is not None:
            tell(number, len(parts))
        chapters.append(_chapter(desk, part))
    body = h(
        "main",
        _head(subject, title, author),
        _contents(chapters),
        *_placed(chapters),
        _foot(),
    )
    return page.written(body)


def _chapter(desk: Desk, part: Part) -> Chapter:
    if isinstance(part, str):
        found = _HEADING.match(part.lstrip())
        rest = part.lstrip()[found.end() :] if found else part
        return Chapter(found[1] if found else "", markdown(rest, top=2))
    try:
        body = _WRITERS[part.kind](desk, part)
    except Error as error:
        if part.runs or part.keys or part.group_by:
            raise
        # A run that cannot be read costs its section, not the report.
        body = note(f"This section could not be written: {error}")
    return Chapter(part.title or TITLES[part.kind], body)


def usual_parts(subject: Subject) -> list[Part]:
    """Return the sections that suit the runs, without those that would have nothing to say."""
    runs = subject.facts
    kinds = {1: OF_ONE, 2: OF_TWO}.get(len(runs), OF_MANY)
    one = runs[0] if len(runs) == 1 else None
    empty: dict[str, bool] = {
        "alerts": not any(map(alerts_of, runs)),
        "best": not goals(runs),
        "log": one is not None and not one.line_count,
        "code": one is not None and not one.cell_count,
        "system": one is not None and not subject.whole(one).series("system"),
    }
    return [Section(kind) for kind in kinds if not empty.get(kind)]


def _placed(chapters: Sequence[Chapter]) -> list[Html]:
    numbers = count(1)
    return [
        _numbered(next(numbers), chapter)
        if chapter.title
        else h("section", chapter.body, class_="nbr-text")
        for chapter in chapters
    ]


def _numbered(number: int, chapter: Chapter) -> Html:
    name = f"section-{number}"
    place = h("span", str(number), class_="nbr-number")
    heading = h("h2", place, chapter.title, id=f"{name}-title")
    return h("section", heading, chapter.body, id=name, aria_labelledby=f"{name}-title")


def _contents(chapters: Sequence[Chapter]) -> Html:
    titles = [chapter.title for chapter in chapters if chapter.title]
    if len(titles) < 2:  # noqa: PLR2004 - one heading needs no contents
        return joined()
    links = [
        h("li", h("a", title, href=f"#section-{number}")) for number, title in enumerate(titles, 1)
    ]
    return h(
        "nav", h("h2", "Contents"), h("ol", *links), class_="nbr-contents", aria_label="Contents"
    )


def _head(subject: Subject, title: str, author: str) -> Html:
    facts = subject.facts
    projects = sorted({one.opened.project for one in facts})
    runs = facts[0].opened.name if len(facts) == 1 else f"{len(facts):,} runs"
    about = f"{runs} of {', '.join(projects[:3])}{' and others' if len(projects) > 3 else ''}"  # noqa: PLR2004
    going = sum(one.state.goes_on for one in facts)
    live = f"{going:,} still going on" if going > 1 else "still going on" if going else None
    now = datetime.now(UTC)
    said = [author or None, f"{now.day} {now:%B %Y, %H:%M} UTC", about, live]
    byline = h("p", *(h("span", one) for one in said if one), class_="nbr-byline")
    return h("header", h("h1", title), byline, class_="nbr-head")


def _foot() -> Html:
    return h(
        "footer",
        "Written by nbtrack. This file holds all that it shows; nothing is loaded from elsewhere.",
        class_="nbr-foot",
    )
