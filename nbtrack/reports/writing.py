"""`nbtrack.report()`: runs as one file that can be sent, attached and kept."""

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbtrack import runs as tracked
from nbtrack.errors import UsageError
from nbtrack.plots import find_chromium
from nbtrack.query import Comparison, ReportFile
from nbtrack.reports.document import TITLES, Tell, compose, usual_parts
from nbtrack.reports.exhibits import MOST_POINTS
from nbtrack.reports.livebook import live_notebook
from nbtrack.reports.page import GENERATOR
from nbtrack.reports.paper import printed
from nbtrack.reports.sections import Part, parts_of
from nbtrack.reports.subject import Subject
from nbtrack.store import write_file

_FORMS = (".html", ".pdf", ".ipynb")
_PATIENCE_S = 2.0
_HEAD_BYTES = 2_000
_UNFIT = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80
_RUN_PAGE_POINTS = 40_000
"""Of the page that a run leaves: it is written while a kernel ends, in tenths of a second."""


def report(  # noqa: PLR0913 - what a person may say of a report
    runs: str | Mapping[str, Any] | Iterable[Any] | Any = None,  # noqa: ANN401 - a run of either kind
    path: str | os.PathLike[str] | None = None,
    *,
    project: str | None = None,
    title: str | None = None,
    author: str | None = None,
    sections: Iterable[Part] | Part | None = None,
    root: str | os.PathLike[str] | None = None,
) -> ReportFile:
    r"""Write runs as a report: one HTML file with charts that can be zoomed, and nothing else.

    It needs no server, no account and no network, now or in five years. All points of a run
    are in it while they are few, exact extremes of neighbours beyond.

    Args:
        runs: As `nbtrack.compare` takes them: a project, a filter, a run, a list of runs,
            names and paths. By default the runs of `project`, or of the open run's project.
        path: Where to write it; by default a file in the working directory that is called
            like the report. `.pdf` is printed by the installed Chromium or Chrome; `.ipynb`
            is a notebook that makes the report anew from the store.
        project: Only its runs, where `runs` is a filter or left out.
        title: Above it; by default the run's name, or the project's.
        author: Below the title.
        sections: What it is made of, in order: names of kinds (`overview`, `alerts`,
            `best`, `comparison`, `differences`, `charts`, `system`, `log`, `code`,
            `environment`; of two runs `divergence`, the steps at which metrics part, and
            `changes`), `nbtrack.Section(...)` where there is more to say, and Markdown
            that is written between them. By default what suits one run, or several.
        root: The workspace, by default the one where `init()` would keep a run.

    Returns:
        The file; a notebook shows it as a link.

    Raises:
        UsageError: If an argument cannot be understood; the message says what there is.
        RunNotFoundError: If there is no such run; the message says what is similar.
        StoreError: If runs cannot be read, or the file cannot be written.

    Examples:
        >>> told = "# What I saw\n\nA *smaller* rate is **better**."
        >>> written = nbtrack.report("digits", "digits.html", sections=["overview", told])
        >>> written.path.name
        'digits.html'
    """
    comparison = tracked.compare(runs, project=project, root=root, display=False)
    return write_report(
        comparison, path, title=title, author=author, sections=sections, tell=Progress().tell
    )


def write_report(  # noqa: PLR0913 - keywords
    comparison: Comparison,
    path: str | os.PathLike[str] | None = None,
    *,
    title: str | None = None,
    author: str | None = None,
    sections: Iterable[Part] | Part | None = None,
    tell: Tell | None = None,
) -> ReportFile:
    """Write the report of runs that were looked up; see `report`.

    Raises:
        UsageError: If an argument cannot be understood.
        StoreError: If runs cannot be read, or the file cannot be written.
    """
    place = None if path is None else _checked(Path(path).expanduser())
    if place is not None and place.suffix.lower() == ".ipynb":
        content: str | bytes = _notebook(comparison, title, author, sections)
    else:
        content, name = report_page(
            comparison, title=title, author=author, sections=sections, tell=tell
        )
        place = _free(name) if place is None else place
        if place.suffix.lower() == ".pdf":
            content = printed(content)
    write_file(place, content)
    if tell is not None:
        tell(1, 1)
    return ReportFile(place.absolute(), place.stat().st_size)


def _notebook(
    comparison: Comparison,
    title: str | None,
    author: str | None,
    sections: Iterable[Part] | Part | None,
) -> str:
    subject = Subject(comparison, most_points=MOST_POINTS)
    return live_notebook(
        subject,
        usual_parts(subject) if sections is None else parts_of(sections),
        titles=TITLES,
        title=_title(comparison) if title is None else _text("title", title),
        author="" if author is None else _text("author", author),
    )


def report_of_run(
    root: Path,
    uid: str,
    path: object,
    **said: Any,  # noqa: ANN401 - title, author, sections
) -> ReportFile:
    """Write the report of one run; see `report`.

    Raises:
        UsageError: If an argument cannot be understood.
        StoreError: If the run cannot be read, or the file cannot be written.
    """
    if path is not None and not isinstance(path, str | os.PathLike):
        raise UsageError(f"path is the name of a file, not {path!r}.")
    return write_report(Comparison.of_uids(root, [uid]), path, tell=Progress().tell, **said)


def report_page(
    comparison: Comparison,
    *,
    title: str | None = None,
    author: str | None = None,
    sections: Iterable[Part] | Part | None = None,
    tell: Tell | None = None,
) -> tuple[str, str]:
    """Return the report of runs as a page, and what its file may be called.

    Raises:
        UsageError: If an argument cannot be understood.
        StoreError: If runs cannot be read.
    """
    subject = Subject(comparison, most_points=MOST_POINTS)
    parts = usual_parts(subject) if sections is None else parts_of(sections)
    above = _title(comparison) if title is None else _text("title", title)
    by = "" if author is None else _text("author", author)
    return compose(subject, parts, title=above, author=by, tell=tell), file_name(above)


def run_page(root: Path, uid: str) -> str:
    """Return the page that a run leaves on the disk.

    Raises:
        Error: If it cannot be read.
    """
    comparison = Comparison.of_uids(root, [uid])
    subject = Subject(comparison, most_points=_RUN_PAGE_POINTS)
    return compose(subject, usual_parts(subject), title=_title(comparison), author="")


def file_name(title: str) -> str:
    """Return what the file of a report is called: a name that every system takes.

    Examples:
        >>> file_name("Digits: a / b"), file_name("../..")
        ('Digits-a-b.html', 'report.html')
    """
    stem = _UNFIT.sub("-", title).strip("-._")[:_LONGEST_NAME]
    return f"{stem or 'report'}.html"


class Progress:
    """Says what is being done, once it takes longer than two seconds."""

    def __init__(self) -> None:
        """Begin to wait."""
        self._began_s = time.monotonic()
        self._shown = 0

    def tell(self, done: int, total: int) -> None:
        """Say it on one line, which is written over and at the end empty."""
        is_late = time.monotonic() - self._began_s >= _PATIENCE_S
        if not self._shown and (done >= total or not is_late):
            return
        share = f"section {done + 1} of {total}"
        said = f"nbtrack: writing the report, {share} …" if done < total else ""
        sys.stdout.write(f"\r{said:<{self._shown}}" + ("" if said else "\r"))
        sys.stdout.flush()
        self._shown = len(said)


def _title(comparison: Comparison) -> str:
    facts = comparison.facts
    if len(facts) == 1:
        return facts[0].opened.name
    projects = {one.opened.project for one in facts}
    return projects.pop() if len(projects) == 1 else f"{len(facts):,} runs"


def _checked(path: Path) -> Path:
    """Refuse at once what could not be written after all the reading.

    Raises:
        UsageError: If a report has no such form.
        MissingDependencyError: If it is to be printed, and nothing is there that prints.
    """
    form = path.suffix.lower()
    if form not in (*_FORMS, ".htm"):
        instead = path.with_suffix(".html") if path.name else "report.html"
        raise UsageError(
            f"a report is written as {', '.join(_FORMS[:-1])} or {_FORMS[-1]}, not as "
            f"{path.name!r}. Type {str(instead)!r}."
        )
    if form == ".pdf":
        find_chromium()
    return path


def _free(name: str) -> Path:
    """Return a path in the working directory where nothing but an older report lies.

    Raises:
        UsageError: If something else does.
    """
    path = Path(name)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return path
    except OSError:
        head = b""
    if f'name="generator" content="{GENERATOR}"'.encode() not in head:
        raise UsageError(
            f"{str(path.absolute())!r} is no report of nbtrack and is not written over. "
            f'Say where it is to lie: report(..., path="other.html").'
        )
    return path


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} is a text, not {value!r}.")
    return value
