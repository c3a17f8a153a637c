"""What is different between two runs: config, metrics, code, packages, surroundings, results."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from nbtrack.query.comparing.differing import leaves
from nbtrack.query.divergence import Divergence, divergences
from nbtrack.query.files import files_in
from nbtrack.query.replay import packages_of
from nbtrack.records import CellRun, Json
from nbtrack.store import Reader, RunFacts, files_folder

LONGEST_CODE_LINES = 20_000
"""Longer code is not compared line by line: that takes time with the square of its length."""
LONGEST_FILE_BYTES = 2_000_000
CODE = "code/"

_LONGEST_VALUE = 100
_PRE = (
    "margin:2px 0 8px;overflow-x:auto;white-space:pre;"
    "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)"
)
_OF_THEIR_OWN = frozenset({"git", "codePath", "codePathLocal", "disk", "startedAt", "cell"})
"""Facts that are told elsewhere, or are different each time."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How named values of one run differ from those of another.

    Attributes:
        added: Only the second one has them.
        removed: Only the first one has them.
        changed: Both have them, the first and the second one's value.
    """

    added: Mapping[str, Json] = field(default_factory=dict)
    removed: Mapping[str, Json] = field(default_factory=dict)
    changed: Mapping[str, tuple[Json, Json]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.added or self.removed or self.changed)

    def lines(self) -> Iterator[str]:
        """Yield what differs, by name: `-` only the first, `+` only the second, `~` both."""
        for name in sorted({*self.added, *self.removed, *self.changed}):
            if name in self.changed:
                first, second = self.changed[name]
                yield f"~ {name}: {_said(first)} -> {_said(second)}"
            elif name in self.added:
                yield f"+ {name}: {_said(self.added[name])}"
            else:
                yield f"- {name}: {_said(self.removed[name])}"


@dataclass(frozen=True, slots=True)
class Difference:
    """How a second run differs from a first.

    Attributes:
        first: Path of the first run, `entity/project/id`.
        second: Path of the second.
        names: What the two are called.
        config: Of the configuration, nested keys joined by dots.
        summary: Of the last values.
        metrics: Where each metric parts, those that do not among them.
        git: Of the repository: `commit`, `branch`, `dirty`, ….
        packages: Of the versions of installed packages.
        environment: Of the program and the machine.
        cells: A unified diff of the cells that made them; no lines where they are the same.
        code: By file (`code/train.py`, `diff.patch`) a unified diff.
    """

    first: str
    second: str
    names: tuple[str, str]
    config: Changes
    summary: Changes
    git: Changes
    packages: Changes
    environment: Changes
    cells: Sequence[str]
    code: Mapping[str, Sequence[str]]
    metrics: Sequence[Divergence] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return any(lines for _, lines in self.sections())

    def title(self) -> str:
        """Say which runs these are, and whether nothing differs."""
        first, second = self.names
        said = f"{first} ({self.first}) and {second} ({self.second})"
        return said if self else f"{said} are alike"

    def sections(self) -> list[tuple[str, list[str]]]:
        """Return what differs as lines of text, in sections that have any."""
        named = [
            (name, list(getattr(self, name).lines()))
            for name in ("config", "summary", "git", "packages", "environment")
        ]
        named.insert(2, ("metrics", [str(one) for one in self.metrics if one]))
        code = [(name, list(lines)) for name, lines in self.code.items()]
        return [
            (name, lines) for name, lines in [*named, ("cells", list(self.cells)), *code] if lines
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON knows it."""
        changes = {
            name: {
                "added": dict(one.added),
                "removed": dict(one.removed),
                "changed": {key: list(pair) for key, pair in one.changed.items()},
            }
            for name in ("config", "summary", "git", "packages", "environment")
            for one in [getattr(self, name)]
        }
        code = {name: list(lines) for name, lines in self.code.items()}
        runs = {"first": self.first, "second": self.second}
        metrics = [one.as_dict() for one in self.metrics]
        return {**runs, **changes, "metrics": metrics, "cells": list(self.cells), "code": code}

    def __str__(self) -> str:
        """Say what differs."""
        lines = [self.title()]
        for name, found in self.sections():
            lines += ["", name.upper(), *found]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.title())}</p>"]
        for name, lines in self.sections():
            text = escape("\n".join(lines))
            is_open = " open" if name in ("config", "summary", "metrics", "cells") else ""
            parts.append(
                f"<details{is_open}><summary>{escape(name)}</summary>"
                f'<pre style="{_PRE}">{text}</pre></details>'
            )
        return "".join(parts)


def contrast(  # noqa: PLR0913 - keywords
    root: Path,
    reader: Reader,
    first: RunFacts,
    second: RunFacts,
    *,
    tolerance: float = 0.0,
    with_metrics: bool = True,
) -> Difference:
    """Return how a second run of a workspace differs from a first.

    Args:
        root: The workspace.
        reader: Of it.
        first: A run.
        second: Another.
        tolerance: By how much of the greater one two values of a metric may differ and
            count as the same.
        with_metrics: Whether metrics are compared, which reads all their points.

    Raises:
        UsageError: If the tolerance is none.
        StoreError: If one cannot be read.
    """
    metrics = divergences(reader, first, second, tolerance) if with_metrics else ()
    runs = (first, second)
    uids = [one.opened.uid for one in runs]
    packages = [dict(map(_package, packages_of(root, uid))) for uid in uids]
    gits = [one.environment.get("git") for one in runs]
    scripts = [_scripts(files_folder(root, uid)) for uid in uids]
    cells = [_script(reader.cells(uid)) for uid in uids]
    names = sorted({*scripts[0], *scripts[1]})
    files = {name: _diff(name, *(one.get(name, []) for one in scripts)) for name in names}
    return Difference(
        first=_path(first),
        second=_path(second),
        names=(first.opened.name, second.opened.name),
        config=changes(first.config, second.config),
        summary=changes(_results(first), _results(second)),
        git=changes(*(git if isinstance(git, dict) else {} for git in gits)),
        packages=changes(*packages),
        environment=changes(*(_surroundings(one) for one in runs)),
        cells=_diff("cells", *cells),
        code={name: lines for name, lines in files.items() if lines},
        metrics=list(metrics),
    )


def changes(first: Mapping[str, Json], second: Mapping[str, Json]) -> Changes:
    """Return how nested values differ, their keys joined by dots.

    Examples:
        >>> changes({"lr": 0.1, "net": {"layers": 2}}, {"lr": 0.2, "net": {"layers": 2}})
        Changes(added={}, removed={}, changed={'lr': (0.1, 0.2)})
    """
    one, other = leaves(first), leaves(second)
    both = one.keys() & other.keys()
    return Changes(
        added={name: other[name] for name in other if name not in one},
        removed={name: one[name] for name in one if name not in other},
        changed={
            name: (one[name], other[name])
            for name in one
            if name in both and not _same(one[name], other[name])
        },
    )


def _same(one: Json, other: Json) -> bool:
    return one == other or (one != one and other != other)  # noqa: PLR0124 - NaN


def _results(facts: RunFacts) -> dict[str, Json]:
    """Return the last values without the times at which they were logged."""
    return {
        name: value
        for name, value in facts.summary.items()
        if name not in ("_timestamp", "_runtime")
    }


def _surroundings(facts: RunFacts) -> dict[str, Json]:
    return {name: one for name, one in facts.environment.items() if name not in _OF_THEIR_OWN}


def _package(line: str) -> tuple[str, str]:
    """Split a line of a `requirements.txt` into name and version, or name and origin."""
    for sign in ("==", " @ "):
        name, found, version = line.partition(sign)
        if found:
            return name, version
    return line, ""


def _script(cells: Sequence[CellRun]) -> list[str]:
    """Return the lines of cells one after the other."""
    return [line for cell in cells for line in ("# %%", *cell.source.split("\n"))]


def _scripts(folder: Path) -> dict[str, list[str]]:
    """Return the lines of the code that a run keeps, by file; notebooks have their cells."""
    found: dict[str, list[str]] = {}
    for file in files_in(folder):
        is_code = file.name.startswith(CODE) or file.name.endswith(".patch")
        if is_code and not file.name.endswith(".ipynb") and file.size <= LONGEST_FILE_BYTES:
            found[file.name] = file.path.read_text("utf-8", errors="replace").splitlines()
    return found


def _diff(name: str, first: Sequence[str], second: Sequence[str]) -> list[str]:
    if first == second:
        return []
    if len(first) + len(second) > LONGEST_CODE_LINES:
        return [f"{len(first):,} and {len(second):,} lines: too long to be compared"]
    found = difflib.unified_diff(first, second, f"first/{name}", f"second/{name}", lineterm="")
    return list(islice(found, LONGEST_CODE_LINES))


def _path(facts: RunFacts) -> str:
    return f"{facts.opened.entity}/{facts.opened.project}/{facts.opened.id}"


def _said(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
