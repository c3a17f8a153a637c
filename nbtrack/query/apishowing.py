"""A run of `Api()` as people look at it: shown in a cell, as HTML, its address, its alerts."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbtrack.clock import MICROSECONDS
from nbtrack.query.drawing import Answer, checked_height, the_artist
from nbtrack.query.flushing import flush_all
from nbtrack.query.reporting import ReportFile
from nbtrack.store import Reader, RunFacts

_LEVELS = {"info": "INFO", "warning": "WARN", "error": "ERROR"}


class ApiShown:
    """The part of `ApiRun` that shows it."""

    _root: Path
    _reader: Reader
    _facts: RunFacts

    @property
    def url(self) -> str:
        """Where it can be looked at: in the JupyterLab of this kernel, else a page on disk."""
        flush_all()
        return the_artist().address(self._root, self._facts)

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """What `run.alert()` told, as it stands now, oldest first.

        For each title `number` (from 0), `time` (when it came first, seconds since the
        epoch), `level` (`INFO`, `WARN` or `ERROR`), `title`, `text` (of the last one that
        was told) and `count` (how often it came). At most the last 200 are kept.

        Examples:
            >>> [(one["level"], one["title"]) for one in run.alerts]
            [('ERROR', 'loss is NaN')]
        """
        flush_all()
        told = [one for one in self._reader.run(self._facts.opened.uid).notices if one.title]
        return [
            {
                "number": number,
                "time": one.time_us / MICROSECONDS,
                "level": _LEVELS.get(one.level, one.level),
                "title": one.title,
                "text": one.text,
                "count": one.count,
            }
            for number, one in enumerate(told)
        ]

    def display(self, height: int = 420, hidden: bool = False) -> Answer:  # noqa: ARG002, FBT001, FBT002 - the field's signature
        """Show the run in the cell: a live panel while it goes on, else its picture.

        Args:
            height: Of the panel, in pixels.
            hidden: Taken for compatibility.

        Returns:
            Whether there is a notebook to show it in; as a cell's last expression it
            shows nothing more.

        Raises:
            UsageError: If `height` is no whole number above 0.
            StoreError: If the run cannot be read.
        """
        flush_all()
        uid = self._facts.opened.uid
        return Answer.of(the_artist().show(self._root, uid, checked_height(height)))

    def to_html(self, height: int = 420, hidden: bool = False) -> str:  # noqa: FBT001, FBT002 - the field's signature
        """Return the run as it stands as HTML: a picture without script, for any page.

        Args:
            height: At most so many pixels; what is longer can be scrolled.
            hidden: Whether it is folded behind its name.

        Raises:
            UsageError: If `height` is no whole number above 0.
            StoreError: If the run cannot be read.

        Examples:
            >>> "brave-otter-1" in run.to_html()
            True
        """
        flush_all()
        uid = self._facts.opened.uid
        return the_artist().picture(self._root, uid, checked_height(height), hidden=hidden)

    def report(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        title: str | None = None,
        author: str | None = None,
        sections: Any = None,  # noqa: ANN401 - names, sections and texts; checked where they count
    ) -> ReportFile:
        """Write a report of the run: one HTML file with live charts that needs nothing else.

        Args:
            path: Where; by default a file in the working directory, called like the run.
            title: Above it; by default the run's name.
            author: Below the title.
            sections: What it is made of, as `nbtrack.report` takes them.

        Returns:
            The file; a notebook shows it as a link.

        Raises:
            UsageError: If an argument cannot be understood.
            StoreError: If the run cannot be read, or the file cannot be written.

        Examples:
            >>> run.report("run.html", sections=["overview", "charts"]).path.name
            'run.html'
        """
        said = {"title": title, "author": author, "sections": sections}
        return the_artist().report(self._root, self._facts.opened.uid, path, **said)

    def save_chart(  # noqa: PLR0913 - what is written on a chart and how
        self,
        path: str | os.PathLike[str],
        keys: str | Iterable[str] | None = None,
        *,
        x: str = "step",
        smoothing: float = 0.0,
        log: bool = False,
        title: str = "",
        x_label: str | None = None,
        y_label: str | None = None,
        style: Any = None,  # noqa: ANN401 - a nbtrack.ChartStyle
    ) -> Path:
        """Write metrics of the run into a picture for print; see `Run.save_chart`.

        Args:
            path: A file `.svg`, `.png` or `.pdf`.
            keys: Metrics; by default all, if there are no more than 8.
            x: What stands below: `step`, `time` or another metric.
            smoothing: 0 (none) to below 1, as in the panel.
            log: Whether the vertical axis is logarithmic.
            title: Above the chart.
            x_label: Below it.
            y_label: Beside it.
            style: A `nbtrack.ChartStyle`.

        Returns:
            The path.

        Raises:
            UsageError: If an argument cannot be taken, or there is nothing to draw.
            StoreError: If the run cannot be read or the file cannot be written.
            MissingDependencyError: If it takes a Chromium and there is none.

        Examples:
            >>> run.save_chart("loss.svg", ["loss"]).name
            'loss.svg'
        """
        said = {"title": title, "x_label": x_label, "y_label": y_label, "style": style}
        how = {"keys": keys, "x": x, "smoothing": smoothing, "log": log}
        flush_all()
        uid = self._facts.opened.uid
        return the_artist().save_chart(self._root, uid, path, **how, **said)

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, Any]:
        flush_all()
        return the_artist().bundle(self._root, self._facts.opened.uid)
