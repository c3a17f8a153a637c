"""Where runs are shown: what stands in which output, live or frozen.

The notebook door makes one `Stage` per kernel and tells it what happens. Nothing here
imports IPython: `publish` puts a bundle into an output or updates one. Widgets and the
pump come with the first live panel.
"""

import os
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from nbtrack.clock import Clock, SystemClock
from nbtrack.panels.look import Look
from nbtrack.panels.script import read_comparison_script, read_script
from nbtrack.records import Notice

if TYPE_CHECKING:
    from nbtrack import query
    from nbtrack.panels.comparing import ShownComparison
    from nbtrack.panels.panel import RunPanel
    from nbtrack.panels.pump import Pump
    from nbtrack.query import RunView

Bundle: TypeAlias = dict[str, Any]

Publish: TypeAlias = Callable[[Bundle, str, bool], None]
"""Shows a MIME bundle under a display id, or, with True, updates what stands under it."""

_UNHEARD_S = 3.0


class Shown:
    """A run in one output.

    Attributes:
        uid: Of the run.
        display_id: Of the output.
        frozen: Whether the output is a picture for good.
    """

    def __init__(self, stage: "Stage", root: Path, uid: str) -> None:
        """Keep what is to be shown.

        Args:
            stage: Where.
            root: Workspace of the run.
            uid: Of the run.
        """
        self.uid = uid
        self.display_id = uuid.uuid4().hex
        self.frozen = False
        self._stage = stage
        self._root = root
        self._panel: RunPanel | None = None
        self._position = -1
        self._shown_at_s = stage.clock.elapsed_s()

    def show(self, panel: "Callable[[Look], RunPanel] | None") -> None:
        """Put the run into the output of the cell that runs.

        Args:
            panel: Gives the live panel of a run that goes on; None where nobody could be
                live.

        Raises:
            Error: If the run cannot be read, or the panel was never built.
        """
        with Look.take(self._root, self.uid) as look:
            self.frozen = not look.view.run.state.goes_on
            if panel is not None and not self.frozen:
                self._panel = panel(look)
            self._publish(look.view, update=False)

    @property
    def is_picture(self) -> bool:
        """Whether this is a picture that changes with the run."""
        return not self.frozen and not self._may_be_live()

    def refresh(self) -> None:
        """Bring a picture up to date; a live panel is left alone; never raises."""
        if self.is_picture:
            self._stage.guarded("refresh", self._refresh)

    def freeze(self) -> None:
        """Replace what is shown by the picture that the notebook keeps; never raises."""
        if not self.frozen:
            self.frozen = True
            self._stage.guarded("freeze", self._freeze)

    def _refresh(self) -> None:
        with Look.take(self._root, self.uid) as look:
            if look.view.run.position != self._position:
                self._publish(look.view, update=True)

    def _freeze(self) -> None:
        with Look.take(self._root, self.uid) as look:
            self._publish(look.view, update=True)
        if self._panel is not None:
            self._stage.freshen(self._panel)

    def _publish(self, view: "RunView", *, update: bool) -> None:
        from nbtrack.panels.bundle import frozen_bundle, live_bundle

        self._position = view.run.position
        if self._panel is None or self.frozen:
            bundle = frozen_bundle(view)
        else:
            bundle = live_bundle(self._panel.widget_view(), view)
        self._stage.publish(bundle, self.display_id, update)

    def _may_be_live(self) -> bool:
        """Tell whether a view has answered, or may still be about to."""
        if self._panel is None:
            return False
        waited_s = self._stage.clock.elapsed_s() - self._shown_at_s
        return waited_s < _UNHEARD_S or self._panel.audience.was_heard


class Stage:
    """Everything that shows runs in one kernel.

    Attributes:
        publish: Puts bundles into outputs.
        clock: Where the time comes from.
    """

    def __init__(
        self,
        publish: Publish,
        emit: Callable[[Notice], None],
        *,
        kernel: object = None,
        clock: Clock | None = None,
        script: Callable[[], str] = read_script,
    ) -> None:
        """Begin with nothing shown; nothing heavy is loaded.

        Args:
            publish: Puts bundles into outputs.
            emit: Takes notices of trouble, from any thread; one per cause.
            kernel: ipykernel's kernel (`get_ipython().kernel`), from whose cells the
                panels' messages are detached; None outside of ipykernel.
            clock: Where the time comes from.
            script: Reads the ES module that draws panels.
        """
        self.publish = publish
        self.clock: Clock = clock or SystemClock()
        self._emit = emit
        self._kernel = kernel
        self._script = script
        self._shown: list[Shown | ShownComparison] = []
        self._panels: dict[tuple[Path, str, int], RunPanel] = {}
        self._pump: Pump | None = None
        self._told: set[str] = set()
        self._pid = os.getpid()

    def show(
        self,
        root: Path,
        uid: str,
        *,
        height: int,
        batch: bool,
        on_stop: Callable[[], None] | None = None,
    ) -> Shown:
        """Show a run in the output of the cell that runs.

        A run that has ended is shown as the picture that stays. In a forked child nothing
        is shown: the outputs are the parent's.

        Args:
            root: Workspace of the run.
            uid: Of the run.
            height: Of the panel, pixels.
            batch: No browser looks: a picture is shown, which `refresh` brings up to date.
            on_stop: Called on the pump's thread when somebody presses Stop; by default
                the store is told, and the process of the run sees it there.

        Raises:
            Error: If the run cannot be read, or the panel was never built.
        """
        self._forget_frozen()
        shown = Shown(self, root, uid)
        if os.getpid() != self._pid:
            shown.frozen = True
            return shown
        shown.show(None if batch else lambda look: self._panel(look, height, on_stop))
        if not shown.frozen:
            self._shown.append(shown)
        return shown

    def compare(
        self,
        comparison: "query.Comparison",
        *,
        height: int,
        batch: bool,
        script: Callable[[], str] = read_comparison_script,
    ) -> None:
        """Show several runs in the output of the cell that runs.

        Args:
            comparison: The runs, just looked up.
            height: Of the panel, pixels.
            batch: As in `show`.
            script: Reads the ES module that draws it.

        Raises:
            Error: If the runs cannot be read, or the panel was never built.
        """
        if os.getpid() != self._pid:
            return
        from nbtrack.panels.comparing import ShownComparison

        shown = ShownComparison(self, comparison)
        live = partial(self._ready_pump().open_comparison, height=height, script=script)
        shown.show(None if batch else live)
        self._shown.append(shown)

    def shows(self, uid: str) -> bool:
        """Tell whether an output shows a run, not yet as the picture that stays."""
        return any(shown.uid == uid and not shown.frozen for shown in self._shown)

    def panel_of(self, model_id: str) -> "RunPanel | None":
        """Return the widget of a bundle, for those who show widgets by themselves."""
        panels = self._panels.values()
        return next((panel for panel in panels if panel.model_id == model_id), None)

    @property
    def has_pictures(self) -> bool:
        """Whether there is anything that `refresh` would look up."""
        return any(shown.is_picture for shown in self._shown)

    def refresh(self) -> None:
        """Bring pictures up to date that stand where nobody is live; never raises."""
        for shown in self._shown:
            shown.refresh()

    def freeze(self, uid: str | None = None) -> None:
        """Freeze every output of a run, or of all runs; never raises."""
        for shown in self._shown:
            if uid in (None, shown.uid):
                shown.freeze()
        self._forget_frozen()

    def close(self, timeout_s: float = 0.3) -> None:
        """Send nothing more, for good; never raises. Outputs stay as they are."""
        if self._pump is not None:
            self._pump.close(timeout_s)

    def freshen(self, panel: "RunPanel") -> None:
        """Send views of a panel the run as it is: an update may not have reached them."""
        if self._pump is not None:
            self._pump.freshen(panel)

    def guarded(self, verb: str, work: Callable[[], None]) -> None:
        """Do work whose trouble must not reach a cell; nothing at all in a forked child."""
        if os.getpid() != self._pid:
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - our trouble never reaches a cell
            kind = type(error).__name__
            self._tell(f"panel {verb} {kind}", f"a panel could not {verb}: {kind}: {error}")

    def _tell(self, cause: str, text: str) -> None:
        if cause not in self._told:
            self._told.add(cause)
            self._emit(Notice(self.clock.now_us(), "warning", cause, text))

    def _panel(self, look: Look, height: int, on_stop: Callable[[], None] | None) -> "RunPanel":
        """Return the panel of a run: outputs of the same height are views of one."""
        key = (look.root, look.uid, height)
        if key not in self._panels:
            panel = self._ready_pump().open_panel(look, height=height, on_stop=on_stop)
            self._panels[key] = panel
        return self._panels[key]

    def _ready_pump(self) -> "Pump":
        if self._pump is None:
            from nbtrack.panels.pump import Pump

            self._pump = Pump(
                self._tell, kernel=self._kernel, clock=self.clock, script=self._script
            )
        return self._pump

    def _forget_frozen(self) -> None:
        self._shown = [shown for shown in self._shown if not shown.frozen]
