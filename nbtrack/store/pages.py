"""The page of a run: one file that a browser opens where no server shows the run."""

import contextlib
import os
import tempfile
from pathlib import Path

from nbtrack.errors import StoreError
from nbtrack.store.layout import run_folder

PAGE = "report.html"


def page_path(root: Path, uid: str) -> Path:
    """Return where the page of a run lies; it need not exist.

    Raises:
        UsageError: If `uid` is malformed.
    """
    return run_folder(root, uid) / PAGE


def write_page(root: Path, uid: str, text: str) -> None:
    """Put a page in its place, whole or not at all; a link there is replaced, not followed.

    Raises:
        UsageError: If `uid` is malformed.
        StoreError: If it cannot be written.
    """
    target = page_path(root, uid)
    part = None
    try:
        descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=".page-")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.replace(part, target)  # noqa: PTH105 - a name of a temporary file is text
    except OSError as error:
        if part is not None:
            with contextlib.suppress(OSError):
                os.unlink(part)  # noqa: PTH108 - as above
        raise StoreError(f"cannot write the page {str(target)!r}: {error}.") from error
