"""A script or a notebook as a run keeps it: its code, without outputs and without secrets."""

import json
from pathlib import Path
from typing import Any

from nbtrack.capture.redaction import without_secrets

NOTEBOOK = ".ipynb"
LONGEST_SCRIPT_BYTES = 2_000_000
LONGEST_NOTEBOOK_BYTES = 50_000_000
"""With its outputs; they are read and not kept."""

_OF_A_CELL = ("id", "cell_type", "execution_count", "metadata", "source")
_NOT_KEPT = frozenset({"widgets"})
"""Metadata with the state of what was shown: an output as well."""


def source_of(path: Path) -> str | None:
    """Return what is kept of a script or a notebook.

    Args:
        path: A file.

    Returns:
        Its text; None if it cannot be read, is no text, or is longer than a person writes.
    """
    is_notebook = path.suffix == NOTEBOOK
    longest = LONGEST_NOTEBOOK_BYTES if is_notebook else LONGEST_SCRIPT_BYTES
    try:
        with path.open("rb") as file:
            content = file.read(longest + 1)
        text = content.decode()
        if len(content) > longest:
            return None
        return _notebook(json.loads(text)) if is_notebook else without_secrets(text)
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None


def _notebook(content: dict[str, Any]) -> str:
    metadata = content.get("metadata", {})
    kept = {
        **content,
        "metadata": {name: one for name, one in metadata.items() if name not in _NOT_KEPT},
        "cells": [_cell(cell) for cell in content["cells"]],
    }
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    kept = {name: cell[name] for name in _OF_A_CELL if name in cell}
    source = cell["source"]
    whole = without_secrets(source if isinstance(source, str) else "".join(source))
    kept["source"] = whole.splitlines(keepends=True)
    return {**kept, "outputs": []} if cell["cell_type"] == "code" else kept
