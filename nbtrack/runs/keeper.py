"""What a run asks of the session that keeps it."""

from typing import TYPE_CHECKING, Protocol

from nbtrack.records import Notice
from nbtrack.runs.lifecycle import Outcome

if TYPE_CHECKING:
    from nbtrack.runs.run import Run


class Keeper(Protocol):
    """What a run asks of the session that keeps it."""

    def close(
        self,
        run: "Run",
        outcome: Outcome,
        *,
        reason: str = "",
        quiet: bool | None = None,
        error: BaseException | None = None,
    ) -> None:
        """End a run."""
        ...

    def stop(self, uid: str, reason: str = ...) -> None:
        """Stop what the code of a run does, and end the run."""
        ...

    def flush(self) -> bool:
        """Write what waits."""
        ...

    def present(self, run: "Run", height: int) -> int:
        """Show a run; return whether there was where to show it."""
        ...

    def deliver(self, run: "Run", alert: Notice) -> None:
        """Send an alert to where the settings say."""
        ...

    def say(
        self, cause: str, text: str, *, level: str = "warning", run: "Run | None" = None
    ) -> None:
        """Tell the user something, once per cause."""
        ...
