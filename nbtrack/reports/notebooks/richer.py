"""Runs of a notebook with more points than it has kept, where their store is at hand.

A notebook keeps 400 points of a series. The page gets those of the store, if that still
knows the run as the notebook shows it; what has gone on since then is no part of the page.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbtrack.errors import Error
from nbtrack.panels import MIME_TYPE, snapshot_message
from nbtrack.panels.protocol import PROTOCOL_VERSION
from nbtrack.reports.exhibits import Whole
from nbtrack.reports.parcel import Parcel

if TYPE_CHECKING:
    from nbtrack.query import RunView

MOST_POINTS: Final = 60_000
"""Of one panel: 0.9 MB where nothing in them repeats."""

_LINES: Final = 1_000


def richer_parcel(bundle: Mapping[str, Any], root: Path | None, height: int) -> Parcel | None:
    """Return the live view of a run with the points of its store; None if it is not there.

    Args:
        bundle: What the notebook has kept of it; untrusted.
        root: The workspace in which it may be, None for none.
        height: Of the view, pixels.
    """
    run = _run_of(bundle)
    if root is None or not root.is_dir() or not isinstance(run.get("uid"), str):
        return None
    try:
        view = Whole.read(root, run["uid"], lines=_LINES, most=MOST_POINTS).view
    except Error:
        return None
    if not _is_as_shown(view, run):
        return None
    head, buffer = snapshot_message(view, 0)
    runs = [len(one.values) for one in view.series for _ in range(3)]
    told = {"version": PROTOCOL_VERSION, "snapshot": head}
    return Parcel(MIME_TYPE, told, buffer, runs, {"height": height})


def _run_of(bundle: Mapping[str, Any]) -> Mapping[str, Any]:
    snapshot = bundle.get("snapshot")
    run = snapshot.get("run") if isinstance(snapshot, Mapping) else None
    return run if isinstance(run, Mapping) else {}


def _is_as_shown(view: "RunView", run: Mapping[str, Any]) -> bool:
    """Tell whether a run is the one of the notebook, and nothing came to it since then."""
    facts = view.run
    told = (run.get("state"), run.get("rows"), run.get("name"))
    return told == (facts.state.value, facts.rows, facts.opened.name)
