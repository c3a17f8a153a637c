"""A run as it is looked at in a notebook: its live panel, its plots."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nbtrack.query import Answer, checked_height, the_artist
from nbtrack.runs.keeper import Keeper

if TYPE_CHECKING:
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
