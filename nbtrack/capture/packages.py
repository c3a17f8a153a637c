"""Which packages are installed: the lines of a `requirements.txt`.

Read from the folders that `importlib.metadata` would read, but only the head of each
file: 8 ms for 140 packages instead of 60.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbtrack.capture.redaction import address_without_secrets

HEAD_BYTES = 4_096
"""Names and versions stand at the beginning of a package's metadata."""

_FIELD = re.compile(r"^(Name|Version):[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)
_FILES = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}


def installed_packages(folders: Sequence[str] | None = None) -> list[str]:
    """Return a line for every installed package, by name: `numpy==2.1.0`.

    A package that came from elsewhere than an index says from where, without
    credentials: `digits @ git+https://github.com/ada/digits.git@0a1b2c3`.

    Args:
        folders: Where packages lie; by default `sys.path`. Of two packages of one name
            the first is the one that Python would import.
    """
    found: dict[str, str] = {}
    for folder in sys.path if folders is None else folders:
        for path in _descriptions(folder):
            name, line = _line(path)
            if name:
                found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), line)
    return [found[name] for name in sorted(found)]


def _descriptions(folder: str) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder or "."))  # noqa: PTH208 - ten times faster
    except OSError:  # not there, not readable, or an archive
        return
    yield from (Path(folder or ".", name) for name in names if name.endswith(tuple(_FILES)))


def _line(path: Path) -> tuple[str, str]:
    """Return a package's name and its line; two empty texts where nothing tells them."""
    head = _read(path / _FILES[path.suffix]) or _read(path)
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(head):
        fields.setdefault(name, value)
    if len(fields) != len(("Name", "Version")):
        return "", ""
    origin = _origin(_read(path / "direct_url.json"))
    line = f"{fields['Name']} @ {origin}" if origin else f"{fields['Name']}=={fields['Version']}"
    return fields["Name"], " ".join(line.split())


def _read(path: Path) -> str:
    """Return the head of a file in three calls: each waits 5 ms for a thread that computes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return os.read(descriptor, HEAD_BYTES).decode(errors="replace")
        finally:
            os.close(descriptor)
    except OSError:  # a folder can be opened, too, and not be read
        return ""


def _origin(text: str) -> str:
    """Return where a package was installed from, as `direct_url.json` says it, or ""."""
    try:
        told = json.loads(text) if text else {}
        address = address_without_secrets(told.get("url", ""))
        vcs = told.get("vcs_info", {})
        commit = vcs.get("commit_id", "")
        return f"{vcs['vcs']}+{address}@{commit}" if vcs else address
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
