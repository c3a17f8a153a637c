"""A run as it is looked at in a notebook: its live panel, its plots."""

import os
from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nbtrack.errors import UsageError
from nbtrack.query import Answer, ReportFile, checked_height, the_artist
from nbtrack.runs.keeper import Keeper

if TYPE_CHECKING:
    from nbtrack.plots import ChartStyle
    from nbtrack.runs.run import Run


class Shown:
    """The part of `Run` that shows it."""

    __slots__ = ()

    _keeper: Keeper
    _root: Path

    @property
    @abstractmethod
    def path(self) -> str:
        """`entity/project/id`."""

    @property
    @abstractmethod
    def uid(self) -> str:
        """The name of the run's folder."""

    @property
    @abstractmethod
    def disabled(self) -> bool:
        """Whether nothing is kept."""

    def display(
        self,
        height: int = 420,
        hidden: bool = False,  # noqa: ARG002, FBT001, FBT002 - the field's signature
        *,
        with_: Iterable[Any] | str | None = None,
    ) -> Answer:
        """Show the live panel of the run in the cell, or one of it and others.

        Args:
            height: In pixels.
            hidden: Taken for compatibility.
            with_: Runs, names or paths, or a project's name: show the run beside these, as
                `nbtrack.compare` does.

        Returns:
            Whether there is a notebook to show it in; as a cell's last expression it
            shows nothing more.

        Raises:
            UsageError: If `height` is no whole number above 0.
        """
        pixels = checked_height(height)
        if with_ is None or self.disabled:
            return Answer.of(self._keeper.present(cast("Run", self), pixels))
        from nbtrack.runs.comparing import compare

        others = [with_] if isinstance(with_, str) or hasattr(with_, "uid") else list(with_)
        beside = compare([self, *others], display=False, root=self._root)
        return Answer(beside.display(pixels))

    def to_html(self, height: int = 420, hidden: bool = False) -> str:  # noqa: FBT001, FBT002 - the field's signature
        """Return the run as it stands as HTML: a picture without script, for any page.

        Args:
            height: At most so many pixels; what is longer can be scrolled.
            hidden: Whether it is folded behind its name.

        Raises:
            UsageError: If `height` is no whole number above 0.
            StoreError: If the run cannot be read.

        Examples:
            >>> from IPython.display import HTML
            >>> HTML(run.to_html(hidden=True))
            <IPython.core.display.HTML object>
        """
        pixels = checked_height(height)
        if self.disabled:
            return "<div>This run is disabled: nothing of it is kept.</div>"
        self._keeper.flush()
        return the_artist().picture(self._root, self.uid, pixels, hidden=hidden)

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
        if self.disabled:
            raise UsageError("this run is disabled: nothing of it is kept, so nothing to report.")
        said = {"title": title, "author": author, "sections": sections}
        return the_artist().report(self._root, self.uid, path, **said)

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, Any]:
        if self.disabled:
            return {"text/plain": repr(self), "text/html": self.to_html()}
        self._keeper.flush()
        return the_artist().bundle(self._root, self.uid)

    def plot(self, keys: str | Iterable[str] | None = None, x: str = "_step") -> Any:  # noqa: ANN401 - a plotly figure
        """Plot metrics of the run, every logged point, as a plotly figure.

        Args:
            keys: Metrics; by default all numeric ones.
            x: What stands below: `_step`, `_runtime`, `_timestamp` or another metric.

        Returns:
            A `plotly.graph_objects.Figure` that also shows where plotly.js is missing.
        """
        from nbtrack import plots, query

        rows = list(query.Api(self._root).run(self.path).scan_history())
        named = [keys] if isinstance(keys, str) else None if keys is None else list(keys)
        return plots.curves(rows, named, x=x)

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
        style: "ChartStyle | None" = None,
    ) -> Path:
        """Write metrics of the run into a picture for print, each a curve of one chart.

        Curves have the exact extremes of all points. NaN is marked by a cross, infinities
        by triangles at the edge. Several runs in one chart, and bands around means, are
        drawn by `nbtrack.compare(..., display=False).save_chart(...)`.

        Args:
            path: A file `.svg`, `.png` or `.pdf`; the last two are made by the installed
                Chromium or Chrome.
            keys: Metrics; by default all, if there are no more than 8.
            x: What stands below: `step`, `time` (since the run's start) or another metric.
            smoothing: 0 (none) to below 1, as in the panel; the line itself stays, faintly.
            log: Whether the vertical axis is logarithmic.
            title: Above the chart.
            x_label: Below it; by default what stands there.
            y_label: Beside it; by default the metric, if it is one.
            style: Size, font, colours and so on.

        Returns:
            The path.

        Raises:
            UsageError: If an argument cannot be taken, or there is nothing to draw.
            StoreError: If the run cannot be read or the file cannot be written.
            MissingDependencyError: If it takes a Chromium and there is none.

        Examples:
            >>> run.log({"loss": 0.3})
            >>> run.save_chart("loss.svg", ["loss"], smoothing=0.6, y_label="cross-entropy")
            PosixPath('loss.svg')
        """
        if self.disabled:
            raise UsageError("this run is disabled: nothing of it is kept, so nothing to draw.")
        self._keeper.flush()
        from nbtrack.runs.chartsaving import save_chart_of_run

        return save_chart_of_run(
            self._root,
            self.uid,
            path,
            keys=keys,
            x=x,
            smoothing=smoothing,
            log=log,
            title=title,
            x_label=x_label,
            y_label=y_label,
            style=style,
        )
