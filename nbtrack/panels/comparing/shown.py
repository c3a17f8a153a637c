"""Runs beside each other in one output: a live panel and, below it, the picture that stays."""

import uuid
from typing import TYPE_CHECKING

from nbtrack.panels.comparing.bundle import Picture, frozen_bundle
from nbtrack.panels.comparing.channel import CompareChannel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbtrack import query
    from nbtrack.panels.panel import RunPanel
    from nbtrack.panels.stage import Stage

WIDGET_MIME_TYPE = "application/vnd.jupyter.widget-view+json"


class ShownComparison:
    """Several runs in one output.

    The panel stays live while the kernel lives, also when all runs have ended: other
    metrics, groups and windows are asked of the kernel.

    Attributes:
        uid: Of this showing of the comparison: its identity, and digits of its own.
        display_id: Of the output.
        frozen: Whether the output is a picture for good.
    """

    def __init__(self, stage: "Stage", comparison: "query.Comparison") -> None:
        """Keep what is to be shown.

        Args:
            stage: Where.
            comparison: The runs, just looked up.
        """
        self.uid = f"compare-{comparison.identity}-{uuid.uuid4().hex[:8]}"
        self.display_id = uuid.uuid4().hex
        self.frozen = False
        self._stage = stage
        self._comparison = comparison
        self._panel: RunPanel | None = None
        self._shown: list[int] = []

    def show(self, panel: "Callable[[CompareChannel], RunPanel] | None") -> None:
        """Put the runs into the output of the cell that runs.

        Args:
            panel: Gives the live panel; None where nobody could be live.

        Raises:
            Error: If the runs cannot be read, or the panel was never built.
        """
        picture = self._picture()
        if panel is not None:
            # While the page makes ready what it needs for the widget, the rest is made here.
            self._panel = panel(CompareChannel(self._comparison, self.uid, picture))
        self._publish(picture, update=False)

    @property
    def is_picture(self) -> bool:
        """Whether this is to be looked up after a cell: always, and seldom changed."""
        return True

    def refresh(self) -> None:
        """Bring the picture up to date, where runs have moved and nobody would see it jump."""
        self._stage.guarded("refresh", self._refresh)

    def freeze(self) -> None:
        """Replace what is shown by the picture that the notebook keeps; never raises."""
        if not self.frozen:
            self.frozen = True
            self._stage.guarded("freeze", self._freeze)

    def _refresh(self) -> None:
        self._comparison.load()
        going = any(facts.state.goes_on for facts in self._comparison.facts)
        # A live panel begins anew with its output: once, when the last run has ended.
        is_due = self._panel is None or not going
        if not self.frozen and is_due and self._positions() != self._shown:
            self._publish(self._picture(), update=True)

    def _freeze(self) -> None:
        self._comparison.load()
        self._publish(self._picture(), update=True)

    def _publish(self, picture: Picture, *, update: bool) -> None:
        self._shown = self._positions()
        bundle = frozen_bundle(picture)
        if self._panel is not None and not self.frozen:
            bundle = {WIDGET_MIME_TYPE: self._panel.widget_view(), **bundle}
        self._stage.publish(bundle, self.display_id, update)

    def _picture(self) -> Picture:
        return Picture.take(self._comparison, self.uid)

    def _positions(self) -> list[int]:
        return [facts.position for facts in self._comparison.facts]
