"""What a run printed, and the code that made it."""

import io
import keyword
import tokenize
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from nbtrack.reports.desk import Desk, note
from nbtrack.reports.markup import Html, h, joined
from nbtrack.reports.subject import MOST_RUNS_EACH
from nbtrack.values import duration, without_ansi

if TYPE_CHECKING:
    from nbtrack.records import CellRun
    from nbtrack.reports.sections import Section
    from nbtrack.store import ConsoleLine, RunFacts

_LONGEST_LINE = 2_000  # characters
_LONGEST_SOURCE = 40_000
_MOST_CELLS = 500
_KINDS = {
    tokenize.COMMENT: "c",
    tokenize.STRING: "s",
    tokenize.NUMBER: "n",
}


def log(desk: Desk, section: "Section") -> Html:
    """Return the last lines that runs printed."""
    return _each(desk, section, lambda facts: _log(desk, facts, section.lines))


def code(desk: Desk, section: "Section") -> Html:
    """Return the cells that were executed while runs were open, in their order."""
    return _each(desk, section, lambda facts: _code(desk.subject.cells(facts)))


def _each(desk: Desk, section: "Section", of_run: "Callable[[RunFacts], Html]") -> Html:
    """Return something of every run, below its name where there are several."""
    runs = desk.subject.of(section)
    parts: list[Html] = []
    for facts in runs[:MOST_RUNS_EACH]:
        if len(runs) > 1:
            parts.append(h("h3", facts.opened.name))
        parts.append(of_run(facts))
    if len(runs) > MOST_RUNS_EACH:
        parts.append(note(f"And {len(runs) - MOST_RUNS_EACH:,} more runs."))
    return joined(*parts)


def _log(desk: Desk, facts: "RunFacts", most: int) -> Html:
    view = desk.subject.whole(facts).view
    lines = view.lines[-most:]
    if not lines:
        return note("Nothing was printed.")
    shown = h("pre", *_lines(lines), class_="nbr-log", tabindex=0)
    if len(lines) == view.line_count:
        return shown
    return joined(note(f"The last {len(lines):,} of {view.line_count:,} lines."), shown)


def _lines(lines: "Sequence[ConsoleLine]") -> Iterator[Html]:
    for line in lines:
        text = without_ansi(line.text[: 2 * _LONGEST_LINE])
        if len(text) > _LONGEST_LINE:
            text = f"{text[:_LONGEST_LINE]}…"
        # A line is a line: carriage returns and form feeds must not make others of it.
        flat = " ".join(text.splitlines()) or " "
        yield joined(h("span", flat, data_stream=line.stream.value), Html("\n"))


def _code(cells: "Sequence[CellRun]") -> Html:
    if not cells:
        return note("No cells are known: a script made this run, or its cells were not followed.")
    shown = [_cell(cell) for cell in cells[:_MOST_CELLS]]
    rest = len(cells) - len(shown)
    return joined(*shown, note(f"And {rest:,} more executions.") if rest > 0 else None)


def _cell(cell: "CellRun") -> Html:
    source = cell.source
    if len(source) > _LONGEST_SOURCE:
        source = f"{source[:_LONGEST_SOURCE]}\n… ({len(cell.source) - _LONGEST_SOURCE:,} more)"
    status = "" if cell.status == "ok" else f" · {cell.status}"
    head = h("summary", f"[{cell.execution_count or ' '}] {duration(cell.duration_us)}{status}")
    error = h("p", without_ansi(cell.error), class_="nbr-error") if cell.error else None
    shown = h("pre", h("code", *_coloured(source)), tabindex=0)
    return h("details", head, shown, error, class_="nbr-cell", open=True)


def _coloured(source: str) -> Iterator[str]:
    """Yield Python with its comments, texts, numbers and words of the language marked."""
    lines = io.StringIO(source).readlines()  # as the tokens count them
    row, column = 1, 0
    for token in _tokens(source):
        kind = _KINDS.get(token.type, "k" if _is_word(token) else "")
        if not kind:
            continue
        (begin_row, begin), (end_row, end) = token.start, token.end
        yield _between(lines, (row, column), (begin_row, begin))
        yield h("span", _between(lines, token.start, token.end), class_=f"nbr-{kind}")
        row, column = end_row, end
    yield _between(lines, (row, column), (len(lines) + 1, 0))


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Yield what can be understood; magics and what follows a mistake stay plain."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def _is_word(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.NAME and keyword.iskeyword(token.string)


def _between(lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]] if start[0] <= len(lines) else ""
    first = lines[start[0] - 1][start[1] :] if start[0] <= len(lines) else ""
    middle = "".join(lines[start[0] : end[0] - 1])
    last = lines[end[0] - 1][: end[1]] if end[0] <= len(lines) else ""
    return first + middle + last
