"""What is written is made to outlive a loss of power. Slow: milliseconds to seconds."""

import os
import sys
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)


def sync_file(path: Path) -> None:
    """Return when the disk has what was written to a file until now.

    The file is opened for that: whoever writes it may close it meanwhile.

    Raises:
        OSError: If it cannot be known whether the disk has it.
    """
    descriptor = os.open(path, os.O_RDWR | _BINARY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def sync_entry(path: Path, root: Path) -> None:
    """Return when the disk has the names by which a file is found, from `root`'s own on.

    Raises:
        OSError: If it cannot be known whether the disk has them.
    """
    if sys.platform == "win32":
        return
    above = [one for one in path.parents if one.is_relative_to(root)]
    for folder in (*above, root.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


if sys.platform == "darwin":
    import fcntl

    def _sync(descriptor: int) -> None:
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync there does not reach the disk

elif hasattr(os, "fdatasync"):
    _sync = os.fdatasync
else:
    _sync = os.fsync
