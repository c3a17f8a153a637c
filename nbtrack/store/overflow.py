"""Where DuckDB puts what does not fit into its memory: a private folder of this process.

DuckDB makes it when something overflows and removes it when it is closed, so that a
killed kernel leaves nothing behind unless it was killed in the midst of that.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from nbtrack.store.footing import private_temporary_folder

_PREFIX = "overflow-"
_FOLDERS: dict[int, str] = {}


def overflow_folder() -> str:
    """Return the folder, not made yet; "" (none) where there is no private place for it."""
    owner = os.getpid()  # a forked child has one of its own
    if owner not in _FOLDERS:
        home = private_temporary_folder()
        for left in _left_behind(home) if home else ():
            shutil.rmtree(left, ignore_errors=True)
        name = f"{_PREFIX}{owner}-{secrets.token_hex(4)}"
        _FOLDERS[owner] = str(home / name) if home else ""
    return _FOLDERS[owner]


def _left_behind(home: Path) -> Iterator[Path]:
    for folder in home.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            yield folder
