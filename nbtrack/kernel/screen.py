"""The outputs of cells: where runs are shown, and how a picture of them gets there."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtrack import panels
from nbtrack.errors import MissingDependencyError
from nbtrack.kernel.surroundings import has_live_front_end, in_kernel
from nbtrack.records import Notice
from nbtrack.runs import Outline, Run, Session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbtrack.query import Comparison


class Screen:
    """What one shell can show; the session's presenter.

    Attributes:
        is_leaving: Whether the kernel shuts down: no cell is there for new outputs.
    """

    def __init__(self, shell: "InteractiveShell", session: Session) -> None:
        """Begin with nothing shown; nothing heavy is loaded.

        Args:
            shell: Gives cells their outputs.
            session: Hears of trouble.
        """
        self._shell = shell
        self._session = session
        self._stage: panels.Stage | None = None
        self._frozen: set[str] = set()
        self._compared: tuple[int, int] | None = None
        self.is_leaving = False

    def show(self, run: Run, height: int) -> bool:
        """Show a run of this kernel in the output of the cell that runs.

        Returns:
            Whether there are outputs: a terminal has none.
        """
        if not in_kernel(self._shell):
            return False
        run.flush()
        return self.show_stored(run.root, run.uid, height)

    def show_stored(self, root: Path, uid: str, height: int) -> bool:
        """Show any run of a workspace in the output of the cell that runs.

        A panel that was never built is a warning: the picture is shown all the same.

        Returns:
            Whether there are outputs: a terminal has none.

        Raises:
            Error: If the run cannot be read.
        """
        if not in_kernel(self._shell):
            return False
        stage = self._ready_stage()
        here = any(run.uid == uid for run in self._session.open_runs())
        on_stop = partial(self._session.stop, uid) if here else None
        batch = not has_live_front_end(self._shell)
        try:
            stage.show(root, uid, height=height, batch=batch, on_stop=on_stop)
        except MissingDependencyError as error:
            self._session.say("panel script", str(error))
            stage.show(root, uid, height=height, batch=True)
        return True

    def compare(self, comparison: "Comparison", height: int, *, again: bool) -> bool:
        """Show several runs in the output of the cell that runs; a terminal gets a table.

        Args:
            comparison: The runs.
            height: Of the panel, pixels.
            again: Not if this cell shows the comparison already: it is the cell's value.

        Returns:
            Whether there are outputs: a terminal has none.

        Raises:
            Error: If the runs cannot be read.
        """
        here = (id(comparison), self._shell.execution_count)
        if again and here == self._compared:
            return in_kernel(self._shell)
        self._compared = here
        if not in_kernel(self._shell):
            print(comparison)  # noqa: T201 - the answer to what was asked
            return False
        stage, batch = self._ready_stage(), not has_live_front_end(self._shell)
        try:
            stage.compare(comparison, height=height, batch=batch)
        except MissingDependencyError as error:
            self._session.say("panel script", str(error))
            stage.compare(comparison, height=height, batch=True)
        return True

    def shows(self, run: Run) -> bool:
        """Whether an output shows a run that has not ended."""
        return self._stage is not None and self._stage.shows(run.uid)

    def refresh(self) -> None:
        """Bring pictures up to date where nobody is live."""
        if self._stage is not None and self._stage.has_pictures:
            self._session.flush()
            self._stage.refresh()

    def freeze(self, run: Run | None = None) -> None:
        """Leave a picture in every output of a run, or of all runs."""
        if self._stage is None:
            return
        if run is not None and self.shows(run):
            self._frozen.add(run.uid)
        self._stage.freeze(run.uid if run is not None else None)

    def part(self, outline: Outline) -> None:
        """Leave how a run went below the cell, unless its frozen panel says so."""
        if outline.uid in self._frozen:
            self._frozen.discard(outline.uid)
        elif not self.is_leaving:
            bundle = panels.outline_bundle(outline)
            self._shell.display_pub.publish(bundle, metadata={})

    def close(self) -> None:
        """Show nothing more; outputs stay as they are."""
        stage, self._stage = self._stage, None
        if stage is not None:
            stage.close()

    def _ready_stage(self) -> "panels.Stage":
        if self._stage is None:
            self._stage = panels.Stage(
                self._publish,
                self._hear,
                kernel=getattr(self._shell, "kernel", None),
                clock=self._session.clock,
            )
        return self._stage

    def _publish(self, bundle: dict[str, Any], display_id: str, update: bool) -> None:  # noqa: FBT001 - the stage's way
        self._shell.display_pub.publish(
            bundle, metadata={}, transient={"display_id": display_id}, update=update
        )

    def _hear(self, notice: Notice) -> None:
        self._session.emit(notice)
        self._session.say(notice.cause, notice.text)
