"""The widget: one per run and height. Its views are all that people see of it.

It keeps no numbers: what a view paints first is built when a browser asks for the
widget's state, everything later comes as custom messages from the pump.
"""

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from nbtrack.panels.audience import Audience


def _built(_value: None, panel: "RunPanel") -> dict[str, Any] | None:
    return panel.snapshot()


class RunPanel(anywidget.AnyWidget):
    """The kernel's end of the views of one run.

    Attributes:
        audience: Who looks.
        snapshot: Builds what a new view paints first.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Unicode("run").tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(420).tag(sync=True)
    _snap = traitlets.Any(None, allow_none=True).tag(sync=True, to_json=_built)

    def __init__(
        self,
        *,
        uid: str,
        height: int,
        script: str,
        snapshot: Callable[[], dict[str, Any] | None],
        hear: Callable[["RunPanel", object], None],
    ) -> None:
        """Open the comm, with a first snapshot.

        Args:
            uid: Of the run, or of the comparison.
            height: Of each view, pixels.
            script: Text of the ES module that draws.
            snapshot: Builds `{"head": Snapshot or Comparison, "buf": bytes}`, or None; called
                on any thread, must not raise.
            hear: Takes what a view says, on whatever thread it comes.
        """
        self.audience = Audience()
        self.snapshot = snapshot
        super().__init__(_esm=script, uid=uid, height=height)
        self.on_msg(lambda _panel, content, _buffers: hear(self, content))

    def widget_view(self) -> dict[str, object]:
        """Return what stands in an output for a view of this panel."""
        return {"version_major": 2, "version_minor": 0, "model_id": self.model_id}


class ComparisonPanel(RunPanel):
    """The kernel's end of the views of one comparison."""

    kind = traitlets.Unicode("comparison").tag(sync=True)
