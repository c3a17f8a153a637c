"""How a run looks is known floors above this one: whoever can draw registers here."""

from pathlib import Path
from typing import Any, Protocol

from nbtrack.errors import UsageError
from nbtrack.query.reporting import ReportFile
from nbtrack.store import RunFacts


class Artist(Protocol):
    """Somebody who can draw a run of a workspace.

    Every method raises `Error` if the run cannot be read.
    """

    def picture(self, root: Path, uid: str, height: int, *, hidden: bool) -> str:
        """Return HTML for a part of a page: what a notebook keeps of the run, no script."""
        ...

    def page(self, root: Path, uid: str) -> str:
        """Return a whole page of HTML."""
        ...

    def bundle(self, root: Path, uid: str) -> dict[str, Any]:
        """Return a MIME bundle."""
        ...

    def show(self, root: Path, uid: str, height: int) -> bool:
        """Show it in the cell that runs; return whether there is one."""
        ...

    def report(self, root: Path, uid: str, path: object, **said: Any) -> ReportFile:  # noqa: ANN401 - checked by who writes
        """Write its report: what `nbtrack.report` takes, for this run."""
        ...

    def save_chart(self, root: Path, uid: str, path: object, **said: Any) -> Path:  # noqa: ANN401 - checked by who draws
        """Write its metrics as a chart for print: what `Run.save_chart` takes."""
        ...

    def address(self, root: Path, facts: RunFacts) -> str:
        """Return where people can look at it."""
        ...


class Answer(int):
    """A yes or no that a notebook does not print below the panel."""

    @classmethod
    def of(cls, said: int) -> "Answer":
        """Return what was said as an answer; one that is of a kind of its own stays it."""
        return said if isinstance(said, cls) else cls(said)

    def __repr__(self) -> str:
        """Show it as the truth value that it is."""
        return repr(bool(self))

    def _ipython_display_(self) -> None:
        pass


_ARTISTS: list[Artist] = []


def on_draw(artist: Artist) -> None:
    """Have runs drawn by `artist` from now on."""
    _ARTISTS[:] = [artist]


def the_artist() -> Artist:
    """Return who draws.

    Raises:
        UsageError: If nobody registered: `nbtrack.Api` and `nbtrack.init` bring one.
    """
    if not _ARTISTS:
        raise UsageError("nobody is here to draw a run. Type nbtrack.Api() to look runs up.")
    return _ARTISTS[0]


def checked_height(height: object) -> int:
    """Return a height in pixels.

    Raises:
        UsageError: If it is no whole number above 0.
    """
    if isinstance(height, bool) or not isinstance(height, int) or height < 1:
        raise UsageError(f"height is a whole number of pixels above 0, not {height!r}.")
    return height
