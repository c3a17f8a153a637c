"""`nbtrack.compare()`: several runs beside each other, in the cell or as a table."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtrack import query
from nbtrack.runs.api import Api
from nbtrack.runs.session import session

if TYPE_CHECKING:
    from nbtrack.plots import ChartStyle

HEIGHT = 560


class Comparison(query.Comparison):
    """Several runs beside each other: what `nbtrack.compare()` gives.

    Examples:
        >>> comparison = nbtrack.compare("digits", display=False)
        >>> comparison.best("loss", "minimize").name
        'brave-otter-1'
        >>> comparison.config_diff("default")
        [{'name': 'brave-otter-1'}]
    """

    def display(self, height: int = HEIGHT) -> bool:
        """Show the live panel of the comparison in the cell; in a terminal, a table.

        Args:
            height: In pixels.

        Returns:
            Whether there is a notebook to show it in.

        Raises:
            UsageError: If `height` is no whole number above 0.
            StoreError: If the runs cannot be read.
        """
        presenter, pixels = session().presenter, query.checked_height(height)
        if presenter is not None:
            return presenter.compare(self, pixels, again=False)
        print(self)  # noqa: T201 - the answer to what was asked
        return False

    def save_chart(  # noqa: PLR0913 - what is written on a chart and how
        self,
        path: str | os.PathLike[str],
        *,
        smoothing: float = 0.0,
        log: bool = False,
        title: str = "",
        x_label: str | None = None,
        y_label: str | None = None,
        style: "ChartStyle | None" = None,
    ) -> Path:
        """Write the runs into a picture for print: a curve per run, or mean and band of groups.

        What is drawn is what the comparison was made for: its `keys`, `x`, `group_by` and
        `band`.

        Args:
            path: A file `.svg`, `.png` or `.pdf`; the last two are made by the installed
                Chromium or Chrome.
            smoothing: 0 (none) to below 1, as in the panel; bands are never smoothed.
            log: Whether the vertical axis is logarithmic.
            title: Above the chart.
            x_label: Below it; by default what stands there.
            y_label: Beside it; by default the metric, if it is one.
            style: Size, font, colours and so on.

        Returns:
            The path.

        Raises:
            UsageError: If an argument cannot be taken, or there is nothing to draw.
            StoreError: If runs cannot be read or the file cannot be written.
            MissingDependencyError: If it takes a Chromium and there is none.

        Examples:
            >>> seeds = nbtrack.compare("digits", keys="loss", group_by="lr", display=False)
            >>> seeds.save_chart("loss.svg", log=True)
            PosixPath('loss.svg')
        """
        from nbtrack.runs.chartsaving import save_chart

        return save_chart(
            self,
            path,
            smoothing=smoothing,
            log=log,
            title=title,
            x_label=x_label,
            y_label=y_label,
            style=style,
        )

    def _ipython_display_(self) -> None:
        presenter = session().presenter
        if presenter is not None:
            presenter.compare(self, HEIGHT, again=True)


def compare(  # noqa: PLR0913 - what can be chosen in the panel can be said here
    runs: str | Mapping[str, Any] | Iterable[Any] | Any = None,  # noqa: ANN401 - a run of either kind
    *,
    project: str | None = None,
    keys: str | Iterable[str] | None = None,
    x: str = "step",
    group_by: str | Iterable[str] | None = None,
    band: query.BandKind = "std",
    height: int = HEIGHT,
    display: bool = True,
    root: str | os.PathLike[str] | None = None,
) -> Comparison:
    """Show several runs beside each other: metrics overlaid, and in what the runs differ.

    In a notebook the cell gets a live panel: runs that go on move in it, and a project or a
    filter takes in runs that begin later. In a script a table is printed.

    Args:
        runs: A project's name; a filter as `Api().runs` takes it; a run, or a list of runs,
            names and paths; what `Api().runs(...)` gave. By default all runs of `project`,
            of the project of the open run, or of the workspace.
        project: Only its runs, where `runs` is a filter or left out.
        keys: Metrics that are shown; by default all.
        x: What stands below: `step`, `time` (since each run's start) or another metric.
        group_by: Show groups of runs, each with its mean and a band around it that are
            reckoned from all points: `group`, `job_type`, `tags`, `state`, a key of the
            config (`lr`), or a list of them.
        band: `std` (one standard deviation), `stderr`, `t95` (95 % t-interval of the mean)
            or `minmax`.
        height: Of the panel, pixels.
        display: Whether to show it now.
        root: The workspace, by default the one where `init()` would keep a run.

    Raises:
        UsageError: If an argument cannot be understood; the message says what there is.
        RunNotFoundError: If there is no such run; the message says what is similar.
        StoreError: If the workspace cannot be read.

    Examples:
        >>> comparison = nbtrack.compare({"config.lr": {"$gt": 0.01}}, display=False)
        >>> comparison
        <Comparison 1 run>
        >>> print(comparison)
        name           state     loss
        brave-otter-1  finished   0.3
        1 run; 0 config keys differ, 1 are the same
    """
    what = runs if isinstance(runs, str | Mapping) or hasattr(runs, "uid") else _listed(runs)
    outlook = query.Outlook.of(_listed(keys), x, _listed(group_by), band)
    comparison = Comparison(
        _root_of(what, root), what, project=_project_of(what, project), outlook=outlook
    )
    if display:
        comparison.display(height)
    return comparison


def _listed(given: Any) -> Any:  # noqa: ANN401 - checked where it is understood
    """Return what can be gone through once as a list."""
    is_many = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
    return list(given) if is_many else given


def _root_of(what: object, given: str | os.PathLike[str] | None) -> Path:
    root = query.workspace_of(what) if given is None else None
    return Api(given).root if root is None else root


def _project_of(what: object, given: str | None) -> str | None:
    """Return the project in which to look, where nothing else says it."""
    run = session().active
    return run.project if what is None and given is None and run is not None else given
