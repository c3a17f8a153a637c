"""What views ask for now and then: lines, files, cells, and that a run is changed or finished.

Each is answered from the store, bounded, by whoever is asked: a kernel or the server.
Nothing here knows a channel, and everything may take as long as reading the database may.
"""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, cast

from nbtrack import query, store
from nbtrack.clock import MICROSECONDS
from nbtrack.errors import UsageError
from nbtrack.panels.messages import clean, line_of, run_head
from nbtrack.panels.protocol import (
    CellHead,
    Cells,
    Draw,
    Edit,
    File,
    FileHead,
    Files,
    Find,
    Finish,
    Intent,
    Line,
    Lines,
    Reply,
)
from nbtrack.query import ApiFile
from nbtrack.records import CellRun, Stream
from nbtrack.store import ConsoleLine

Lookup: TypeAlias = Edit | Finish | Lines | Find | Files | File | Cells | Draw
Answer: TypeAlias = tuple[Reply, bytes]

CHANGES = frozenset({"edit", "finish"})
"""Those that need the right to change a run."""
OPS = CHANGES | {"lines", "find", "files", "file", "cells", "draw"}

_MOST_FILES = 5_000
_MOST_CELLS = 1_000
_MOST_SOURCE = 50_000  # characters
_MOST_FOUND = 100_000  # numbers of lines, 800 KB
_MOST_CHARACTERS = 1_000_000  # of the lines of one answer
_FILES_S = 2.0


def look_up(root: Path, intent: Lookup) -> Answer:
    """Return the answer to a question about a run, and its buffer.

    Args:
        root: The workspace of the run.
        intent: The question.

    Raises:
        Error: If it cannot be met.
    """
    return _ANSWERS[intent["op"]](root, intent)


def as_lookup(intent: Intent) -> Lookup | None:
    """Return an intent if it is answered here, else None."""
    return cast("Lookup", intent) if intent["op"] in OPS else None


def _edit(root: Path, intent: Edit) -> Answer:
    facts = query.edit_details(
        root,
        intent["uid"],
        name=intent.get("name"),
        notes=intent.get("notes"),
        tags=intent.get("tags"),
    )
    return Reply(op="reply", id=intent["id"], uid=intent["uid"], run=run_head(facts)), b""


def _finish(root: Path, intent: Finish) -> Answer:
    query.finish_run(root, intent["uid"])
    return Reply(op="reply", id=intent["id"], uid=intent["uid"]), b""


def _lines(root: Path, intent: Lines) -> Answer:
    numbers = [one for first, count in intent["spans"] for one in range(first, first + count)]
    lines = store.Reader(root).lines_at(intent["uid"], numbers)
    return Reply(op="reply", id=intent["id"], uid=intent["uid"], lines=_fitting(lines)), b""


def _fitting(lines: Sequence[ConsoleLine]) -> list[Line]:
    """Return as many lines as one answer may hold, at least one."""
    heads: list[Line] = []
    characters = 0
    for line in lines:
        head = line_of(line)
        characters += len(head["text"])
        if heads and characters > _MOST_CHARACTERS:
            break
        heads.append(head)
    return heads


def _find(root: Path, intent: Find) -> Answer:
    search = store.LineSearch(
        intent["search"], tuple(map(Stream, intent["streams"])), intent["level"]
    )
    numbers = store.Reader(root).line_numbers(intent["uid"], search, intent["first"])
    reply = Reply(op="reply", id=intent["id"], uid=intent["uid"], total=len(numbers))
    return reply, numbers[:_MOST_FOUND].astype("<f8").tobytes()


def _files(root: Path, intent: Files) -> Answer:
    store.Reader(root).run(intent["uid"])
    give_up_at_s = time.monotonic() + _FILES_S
    heads: list[FileHead] = []
    found = query.files_in(store.files_folder(root, intent["uid"]))
    for file in islice(found, _MOST_FILES):
        heads.append(_file_head(file))
        if time.monotonic() > give_up_at_s:
            break
    more = sum(1 for _ in islice(found, 1))
    total = len(heads) + more
    return Reply(op="reply", id=intent["id"], uid=intent["uid"], files=heads, total=total), b""


def _file_head(file: ApiFile) -> FileHead:
    return FileHead(name=clean(file.name), size=file.size, time=file.changed_s)


def _file(root: Path, intent: File) -> Answer:
    part, size = query.read_part(
        root, intent["uid"], intent["name"], offset=intent["offset"], length=intent["length"]
    )
    return Reply(op="reply", id=intent["id"], uid=intent["uid"], total=size), part


def _cells(root: Path, intent: Cells) -> Answer:
    cells = store.Reader(root).cells(intent["uid"])
    heads: list[CellHead] = []
    characters = 0
    for cell in cells[intent["first"] :][:_MOST_CELLS]:
        heads.append(_cell_head(cell))
        characters += len(heads[-1]["source"])
        if characters > _MOST_CHARACTERS:
            break
    reply = Reply(op="reply", id=intent["id"], uid=intent["uid"], cells=heads, total=len(cells))
    return reply, b""


def _cell_head(cell: CellRun) -> CellHead:
    source = cell.source
    if len(source) > _MOST_SOURCE:
        source = f"{source[:_MOST_SOURCE]}… ({len(source) - _MOST_SOURCE} more characters)"
    return CellHead(
        number=cell.number,
        cell=None if cell.cell_id is None else clean(cell.cell_id),
        count=cell.execution_count,
        source=clean(source),
        started=cell.started_us / MICROSECONDS if cell.started_us else None,
        duration=cell.duration_us / MICROSECONDS,
        status=clean(cell.status),
        error=clean(cell.error),
    )


def _draw(root: Path, intent: Draw) -> Answer:
    """Answer a view that nobody knows but by the runs that it names: a saved one."""
    if intent["runs"] is None:
        raise UsageError("which runs are to be drawn? Name their uids.")
    from nbtrack.panels.comparing.drawing import drawing_of

    return drawing_of(query.Comparison.of_uids(root, intent["runs"]), intent)


_ANSWERS: dict[str, Callable[[Path, Any], Answer]] = {
    "edit": _edit,
    "finish": _finish,
    "lines": _lines,
    "find": _find,
    "files": _files,
    "file": _file,
    "cells": _cells,
    "draw": _draw,
}
