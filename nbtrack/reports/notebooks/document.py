"""A notebook as one page: its cells from top to bottom, a table of contents beside them."""

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any, Final

from nbtrack.panels import read_script
from nbtrack.plots import plotly_script
from nbtrack.reports.notebooks.figures import holds_figures
from nbtrack.reports.notebooks.foreign import tamed
from nbtrack.reports.notebooks.listing import listing
from nbtrack.reports.notebooks.outputs import Outputs
from nbtrack.reports.notebooks.prose import Heading, Prose
from nbtrack.reports.notebooks.widgets import Widgets
from nbtrack.reports.page import Page

_DEEPEST_LISTED: Final = 3
_TOOLS: Final = (
    '<div class="tools"><button type="button" data-fold="close">Fold code</button> '
    '<button type="button" data-fold="open">Show code</button></div>\n'
)
_HIDDEN_INPUT: Final = {"hide-input", "hide_input", "hide-cell", "hide_cell"}
_HIDDEN_OUTPUT: Final = {"hide-output", "hide_output", "hide-cell", "hide_cell"}


def document(
    notebook: Mapping[str, Any],
    *,
    name: str = "",
    folder: Path | None = None,
    root: Path | None = None,
    code: bool = True,
) -> str:
    """Return a notebook as a page of HTML that needs nothing else.

    Args:
        notebook: Of version 4, as nbformat reads it.
        name: Its title where it has no heading of the first level.
        folder: Where it lies: pictures that its texts name are looked for there.
        root: The workspace that may have more points of its runs than it has kept.
        code: Whether the code of cells is shown.
    """
    return _Document(notebook, name, folder, root, has_code=code).written()


class _Document:
    """A page that is put together from the cells of a notebook."""

    def __init__(
        self,
        notebook: Mapping[str, Any],
        name: str,
        folder: Path | None,
        root: Path | None,
        *,
        has_code: bool,
    ) -> None:
        metadata = notebook.get("metadata") or {}
        self.cells: Sequence[Mapping[str, Any]] = notebook.get("cells") or []
        self.language = str((metadata.get("language_info") or {}).get("name") or "python")
        self.title = str(metadata.get("title") or "")
        self.has_code = has_code
        self.name = name
        self.prose = Prose(folder)
        plotly = [plotly_script()] if holds_figures(self.cells) else []
        self.page = Page(
            name or "Notebook",
            styles=[read_script(name="notebook.css")],
            scripts=[*plotly, read_script(name="notebook.js")],
            inline_styles=True,
        )
        self.outputs = Outputs(self.page, self.prose, Widgets(metadata), root)

    def written(self) -> str:
        told = [self._cell(cell, number) for number, cell in enumerate(self.cells, 1)]
        headings = [one for one in self.prose.headings if one.level <= _DEEPEST_LISTED]
        first = next((one for one in headings if one.level == 1), None)
        own = _plain(first.text) if first else ""
        self.page.title = self.title or own or self.name or "Notebook"
        has_code = self.has_code and any(cell.get("cell_type") == "code" for cell in self.cells)
        # A page has one heading of the first level, whether or not the notebook has.
        title = "" if first else f"<h1>{escape(self.page.title)}</h1>\n"
        side = _contents(headings) + (_TOOLS if has_code else "")
        aside = f'<div class="side">\n{side}</div>\n' if side else ""
        skip = '<a class="skip" href="#notebook">To the notebook</a>\n' if side else ""
        body = f'{skip}{aside}<main id="notebook">\n{title}{"".join(told)}</main>\n'
        return self.page.written(body, classes="nbn")

    def _cell(self, cell: Mapping[str, Any], number: int) -> str:
        kind, source = cell.get("cell_type"), _source(cell)
        if kind == "markdown":
            told = self.prose.html(source, cell.get("attachments"))
            return f'<section class="prose">\n{told}</section>\n' if told else ""
        if kind == "code":
            return self._code_cell(cell, source, number)
        return f'<section class="raw"><pre tabindex="0">{escape(source)}</pre></section>\n'

    def _code_cell(self, cell: Mapping[str, Any], source: str, number: int) -> str:
        metadata = cell.get("metadata") or {}
        jupyter, tags = metadata.get("jupyter") or {}, set(metadata.get("tags") or ())
        count = cell.get("execution_count")
        label = f"cell {number}" if count is None else f"output of cell [{count}]"
        told = self.outputs.html(cell.get("outputs") or [], label)
        if (jupyter.get("outputs_hidden") or tags & _HIDDEN_OUTPUT) and told:
            told = f"<details><summary>Output</summary>\n{told}</details>\n"
        code = ""
        if self.has_code and source.strip():
            is_shown = not (jupyter.get("source_hidden") or tags & _HIDDEN_INPUT)
            code = self._code(source, count, is_open=is_shown)
        outputs = f'<div class="outputs">\n{told}</div>\n' if told else ""
        return f'<section class="code">\n{code}{outputs}</section>\n' if code or outputs else ""

    def _code(self, source: str, count: object, *, is_open: bool) -> str:
        prompt = " " if count is None else escape(str(count))
        first = next((line for line in source.splitlines() if line.strip()), "")
        return (
            f'<details class="source"{" open" if is_open else ""}>'
            f'<summary><span class="prompt">[{prompt}]</span> '
            f'<code class="first">{escape(first[:120])}</code></summary>\n'
            f"{listing(source, self.language)}</details>\n"
        )


def _contents(headings: Sequence[Heading]) -> str:
    if len(headings) < 2:  # noqa: PLR2004 - one place is no choice
        return ""
    items = "".join(map(_listed, headings))
    return (
        '<nav aria-label="Contents"><details class="contents" open><summary>Contents</summary>'
        f"\n<ol>\n{items}</ol></details></nav>\n"
    )


def _listed(one: Heading) -> str:
    link = f'<a href="#{one.anchor}">{tamed(one.text, links=False)}</a>'
    return f'<li class="level-{one.level}">{link}</li>\n'


def _plain(html: str) -> str:
    """Return the text of a heading."""
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
