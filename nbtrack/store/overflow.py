"""Where DuckDB puts what does not fit into its memory: a private folder of this process."""

import atexit
import os
import shutil
import tempfile

_FOLDERS: dict[int, str] = {}


def overflow_folder() -> str:
    """Return the folder, which goes with the process; "" (none) where it cannot be made."""
    owner = os.getpid()  # a forked child has one of its own
    if owner not in _FOLDERS:
        try:
            _FOLDERS[owner] = tempfile.mkdtemp(prefix="nbtrack-")
        except OSError:
            return ""
        atexit.register(_remove, owner)
    return _FOLDERS[owner]


def _remove(owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(_FOLDERS.pop(owner), ignore_errors=True)
