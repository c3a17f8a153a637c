"""A run as it is looked at in a notebook: its live panel, its plots."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nbtrack.runs.keeper import Keeper

if TYPE_CHECKING:
    from nbtrack.runs.run import Run


class Answer(int):
    """A yes or no that a notebook does not print below the panel."""

    def __repr__(self) -> str:
        """Show it as the truth value that it is."""
        return repr(bool(self))

    def _ipython_display_(self) -> None:
        pass


class Shown:
    """The part of `Run` that shows it."""

    __slots__ = ()

    _keeper: Keeper
    _root: Path

    @property
    @abstractmethod
    def path(self) -> str:
        """`entity/project/id`."""

    def display(self, height: int = 420, hidden: bool = False) -> "Answer":  # noqa: ARG002, FBT001, FBT002 - the field's signature
        """Show the live panel of the run in the cell.

        Args:
            height: In pixels.
            hidden: Taken for compatibility.

        Returns:
            Whether there is a notebook to show it in; as a cell's last expression it
            shows nothing more.
        """
        return Answer(self._keeper.present(cast("Run", self), height))

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
