"""Where the page of a run lies: one file that a browser opens where no server shows the run."""

from pathlib import Path

from nbtrack.store.layout import run_folder

PAGE = "report.html"


def page_path(root: Path, uid: str) -> Path:
    """Return where the page of a run lies; it need not exist.

    Raises:
        UsageError: If `uid` is malformed.
    """
    return run_folder(root, uid) / PAGE
