"""One look at a run: what a notebook keeps of it, and where news would go on from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nbtrack import query

if TYPE_CHECKING:
    from nbtrack.query import Follower, RunView

_POINTS = 400  # per series
_LINES = 200


@dataclass(slots=True)
class Look:
    """A run as it stood, and the follower that goes on from there.

    Attributes:
        root: Workspace of the run.
        uid: Of the run.
        view: The run, with as many points as a notebook keeps.
    """

    root: Path
    uid: str
    view: "RunView"
    _follower: "Follower | None"

    @classmethod
    def take(cls, root: Path, uid: str) -> Self:
        """Look at a run.

        Raises:
            Error: If it cannot be read.
        """
        follower = query.Follower(root, uid)
        return cls(root, uid, follower.snapshot(points=_POINTS, lines=_LINES), follower)

    def follow(self) -> "Follower":
        """Return the follower, once; from now on it belongs to the caller."""
        follower, self._follower = self._follower, None
        return follower or query.Follower(self.root, self.uid)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the follower, unless somebody took it."""
        if self._follower is not None:
            self._follower.close()
