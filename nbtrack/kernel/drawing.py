"""Who draws runs for `run.to_html()`, `Api().run().display()` and the pages on disk."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtrack import panels, runs
from nbtrack.errors import StoreError
from nbtrack.query import ReportFile
from nbtrack.runs import Session, page_of, run_link
from nbtrack.store import page_path, write_file

if TYPE_CHECKING:
    from nbtrack.query import RunView
    from nbtrack.store import RunFacts

Show = Callable[[Path, str, int], bool]
"""Shows a run of a workspace in the cell that runs; returns whether there is one."""


class Draughtsman:
    """Draws runs of any workspace with what the panels know."""

    def __init__(self, session: Session, show: Show) -> None:
        """Keep who shows.

        Args:
            session: Knows where the code runs.
            show: Puts a run into the output of a cell.
        """
        self.show = show
        self._session = session

    def picture(self, root: Path, uid: str, height: int, *, hidden: bool) -> str:
        """Return HTML for a part of a page."""
        return panels.fragment(_view(root, uid), height, hidden=hidden)

    def page(self, root: Path, uid: str) -> str:
        """Return a whole page."""
        from nbtrack import reports

        return reports.run_page(root, uid)

    def report(self, root: Path, uid: str, path: object, **said: Any) -> ReportFile:  # noqa: ANN401 - checked by who writes
        """Write a report of it."""
        from nbtrack import reports

        return reports.report_of_run(root, uid, path, **said)

    def save_chart(self, root: Path, uid: str, path: object, **said: Any) -> Path:  # noqa: ANN401 - checked by who draws
        """Write its metrics as a chart for print."""
        return runs.save_chart_of_run(root, uid, path, **said)  # brings numpy along

    def bundle(self, root: Path, uid: str) -> dict[str, Any]:
        """Return a MIME bundle."""
        return panels.frozen_bundle(_view(root, uid))

    def address(self, root: Path, facts: "RunFacts") -> str:
        """Return where people can look at a run; without a server, a run that ended is drawn."""
        server = page_of(self._session.place)
        uid = facts.opened.uid
        if server is None and _is_to_be_drawn(root, facts):
            with suppress(StoreError):  # then it is the page that is there, or the folder
                write_file(page_path(root, uid), self.page(root, uid))
        return run_link(server, facts.opened, root)


def _is_to_be_drawn(root: Path, facts: "RunFacts") -> bool:
    """Tell whether a run has ended and its page was not written since then."""
    if facts.ended_us is None:
        return False
    try:
        written_us = page_path(root, facts.opened.uid).stat().st_mtime_ns // 1_000
    except OSError:
        return True
    return written_us < facts.ended_us


def _view(root: Path, uid: str) -> "RunView":
    with panels.Look.take(root, uid) as look:
        return look.view
