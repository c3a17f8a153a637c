"""A report as a notebook that makes it anew: whoever runs it sees the runs as they stand then."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from nbtrack.panels import one_line
from nbtrack.reports.sections import Kind, Part, Section
from nbtrack.reports.subject import MOST_RUNS_EACH, Subject
from nbtrack.reports.tables import goals

_SYSTEM = """\
for uid in RUNS:
    run = api.run(uid)
    display(run.name, run.history(stream="system").tail())"""
_ALERTS = """\
for uid in RUNS:
    run = api.run(uid)
    for alert in run.alerts:
        print(run.name, alert["level"], alert["title"], alert["text"], sep=" | ")"""
_LOG = """\
for uid in RUNS:
    run = api.run(uid)
    print(run.name)
    for line in run.console_logs(last={lines}):
        print("   ", line["content"])"""
_CODE = """\
for uid in RUNS:
    run = api.run(uid)
    for cell in run.cells():
        print(f"# {run.name} [{cell['execution_count']}] {cell['status']}")
        print(cell["source"], end="\\n\\n")"""
_ENVIRONMENT = """\
for uid in RUNS:
    run = api.run(uid)
    display(run.name, run.metadata)"""

_LOOPS: dict[str, str] = {
    "alerts": _ALERTS,
    "system": _SYSTEM,
    "log": _LOG,
    "code": _CODE,
    "environment": _ENVIRONMENT,
}


def live_notebook(
    subject: Subject, parts: Sequence[Part], *, titles: dict[Kind, str], title: str, author: str
) -> str:
    """Return a notebook (nbformat 4) as JSON.

    Args:
        subject: The runs.
        parts: Of which the report is made.
        titles: What sections are called that have no title of their own.
        title: Above it; may come from a run.
        author: Below the title, "" for none.
    """
    by = f"\n\n{_words(author)}" if author else ""
    cells = [_text(f"# {_words(title)}{by}"), _code(_beginning(subject))]
    kinds = {part.kind for part in parts if isinstance(part, Section)}
    for part in parts:
        if isinstance(part, str):
            cells.append(_text(part))
            continue
        if part.kind == "changes" and "divergence" in kinds:
            continue  # the same diff says both
        cells.append(_text(f"## {_words(part.title or titles[part.kind])}"))
        cells += [_code(source) for source in _sources(subject, part)]
    for number, cell in enumerate(cells):
        cell["id"] = f"nbtrack-{number}"
    language = {"name": "python"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": language}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _beginning(subject: Subject) -> str:
    runs = subject.facts
    named = "\n".join(
        f"    {facts.opened.uid!r},  # {one_line(facts.opened.name, 60)}" for facts in runs
    )
    return (
        "import nbtrack\n\n"
        f"ROOT = {str(subject.root)!r}\n"
        "# In place of the list there may be a project's name or a filter: new runs come along.\n"
        f"RUNS = [\n{named}\n]\n"
        "api = nbtrack.Api(ROOT)\n"
        "comparison = nbtrack.compare(RUNS, root=ROOT, display=False)"
    )


def _sources(subject: Subject, section: Section) -> Iterator[str]:
    """Yield the code that shows what a section shows."""
    uids = [facts.opened.uid for facts in subject.of(section)]
    kind = section.kind
    if kind == "overview":
        yield "print(comparison)"
    elif kind == "best":
        metrics = [key for key in goals(subject.facts) if not section.keys or key in section.keys]
        yield "\n".join(f"display({key!r}, comparison.best({key!r}))" for key in metrics)
    elif kind == "comparison":
        yield _compared(section, uids)
    elif kind == "differences":
        yield 'comparison.config_diff("default")'
    elif kind in ("divergence", "changes"):
        yield _diff(subject, section)
    elif kind == "charts":
        yield from (f"api.run({uid!r}).display()" for uid in uids[:MOST_RUNS_EACH])
    else:
        told = _LOOPS[kind]
        told = told.replace("{lines}", str(section.lines))
        yield told.replace("in RUNS", f"in {uids!r}") if section.runs else told


def _compared(section: Section, uids: Sequence[str]) -> str:
    runs = repr(list(uids)) if section.runs else "RUNS"
    given = {
        "keys": list(section.keys) or None,
        "x": section.x if section.x != "step" else None,
        "group_by": list(section.group_by) or None,
        "band": section.band if section.group_by else None,
    }
    said = "".join(f", {name}={value!r}" for name, value in given.items() if value is not None)
    return f"nbtrack.compare({runs}{said}, root=ROOT)"


def _diff(subject: Subject, section: Section) -> str:
    pair = subject.from_the_first(section)
    uids = ", ".join(repr(facts.opened.uid) for facts in pair[:2])
    more = f", tolerance={section.tolerance:g}" if section.tolerance else ""
    return f"api.diff({uids}{more})" if len(pair) > 1 else "# a diff is of two runs"


def _words(text: str) -> str:
    """Return a text of a run as Markdown that says just that."""
    told = escape(one_line(text), quote=False)
    return "".join(f"\\{sign}" if sign in "\\`*_[]$|~" else sign for sign in told)


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
