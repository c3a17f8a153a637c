"""What is read of runs for a page: all points where they are few, exact extremes beyond."""

import base64
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nbtrack.panels import MIME_TYPE, snapshot_message
from nbtrack.panels.protocol import COMPARE_MIME_TYPE, PROTOCOL_VERSION
from nbtrack.query import Follower
from nbtrack.reports.parcel import Parcel

if TYPE_CHECKING:
    from nbtrack.query import RunView
    from nbtrack.store import Series

MOST_POINTS = 300_000
"""Points of one run that a page carries: 4.5 MB where nothing in them repeats."""

MOST_SERIES = 2_000
"""Series of one figure: each has a chart, and a head of 100 bytes."""

_FIRST_LOOK = 2_000  # points per series: most runs have no more
_FEWEST = 16  # of a series, however many there are
_SPARED: dict[str, Any] = {"config": {}, "summary": {}, "environment": {}, "notes": None}


@dataclass(frozen=True, slots=True)
class Whole:
    """A run with as many of its points as a page carries.

    Attributes:
        view: The run.
    """

    view: "RunView"

    @classmethod
    def read(cls, root: Path, uid: str, *, lines: int = 0, most: int = MOST_POINTS) -> Self:
        """Read a run.

        Args:
            root: The workspace.
            uid: Of the run.
            lines: At most so many last lines of its console.
            most: Points of all series together, about.

        Raises:
            Error: If it cannot be read.
        """
        follower = Follower(root, uid)
        try:
            view = follower.snapshot(points=_FIRST_LOOK, lines=lines)
            share = share_of([one.count for one in view.series], most)
            is_all = all(one.count <= len(one.values) for one in view.series)
            is_more = any(len(one.values) > share for one in view.series)
            if is_more or not is_all:
                view = follower.snapshot(points=share, lines=lines)
            return cls(view)
        finally:
            follower.close()

    def series(self, stream: str, keys: Sequence[str] = ()) -> "list[Series]":
        """Return the series of a stream, those whose keys match if there are any."""
        return [
            one
            for one in self.view.series
            if one.stream == stream and (not keys or matches(one.key, keys))
        ]

    def parcel(self, series: "Sequence[Series]") -> Parcel:
        """Return what a live view of series of one stream is made of."""
        stream = series[0].stream
        shown = replace(self.view, series=list(series), lines=[])
        head, buffer = snapshot_message(shown, 0)
        head["run"] = {**head["run"], **_SPARED, "notices": []}  # type: ignore[typeddict-item]
        bundle = {"version": PROTOCOL_VERSION, "snapshot": head}
        runs = [len(one.values) for one in series for _ in range(3)]
        tab = "charts" if stream == "metric" else "system"
        return Parcel(MIME_TYPE, bundle, buffer, runs, {"tabs": [tab]})


def share_of(counts: Sequence[int], most: int) -> int:
    """Return how many points each series may have so that all together have about `most`.

    Short ones stay whole, and what they leave goes to the others.

    Examples:
        >>> share_of([10, 1_000_000, 1_000_000], 100_010)
        50000
    """
    room = most
    for place, count in enumerate(sorted(counts)):
        share = room // (len(counts) - place)
        if count > share:
            return max(_FEWEST, share)
        room -= count
    return max([_FEWEST, *counts])


def matches(key: str, patterns: Sequence[str]) -> bool:
    """Tell whether a key is one of some, or begins as a pattern such as `val/*` says."""
    return any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns)


def saved_parcel(mime_type: str, bundle: Mapping[str, Any], *, height: int | None = None) -> Parcel:
    """Return what a live view is made of that stands in a notebook's output.

    Args:
        mime_type: A run's or a comparison's.
        bundle: What the output has under that type.
        height: Of the view, pixels; None for the usual one.

    Raises:
        ValueError: If its buffer is no base64.
    """
    if mime_type not in (MIME_TYPE, COMPARE_MIME_TYPE):
        raise ValueError(f"nobody can draw {mime_type!r}")
    buffer = base64.b64decode(str(bundle.get("buffer", "")))
    head = {key: value for key, value in bundle.items() if key != "buffer"}
    return Parcel(mime_type, head, buffer, (), {} if height is None else {"height": height})
