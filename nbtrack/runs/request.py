"""What `init()` was asked for, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbtrack.records import Json, Opened
from nbtrack.settings import Settings
from nbtrack.store import RunFacts


@dataclass(frozen=True, slots=True)
class Request:
    """What `init()` was asked for, checked.

    Attributes:
        opened: Who the run is.
        root: Its workspace.
        settings: What was set besides.
        config: Its first config.
        is_global: Whether it becomes `nbtrack.run`.
        may_change_config: Whether config values may change.
        former: The run to go on with, or with whose history to begin.
        branch_step: Up to which step that history counts; None to go on with all of it.
        changes: Fields of a run gone on with that were given anew.
        is_remembered: Whether it is resumed by itself next time, unless it finishes.
        is_guest: Whether another process writes the run, which is `former`.
        has_say: Whether it goes on as long as this process does, and ends as it ends.
    """

    opened: Opened
    root: Path
    settings: Settings
    config: dict[str, Json]
    is_global: bool
    may_change_config: bool
    former: RunFacts | None = None
    branch_step: int | None = None
    changes: Mapping[str, Json] = field(default_factory=dict)
    is_remembered: bool = False
    is_guest: bool = False
    has_say: bool = True

    @property
    def is_of_former(self) -> bool:
        """Whether the run goes on with its own history."""
        known = self.former
        return known is not None and known.opened.id == self.opened.id and not self.is_guest

    @property
    def is_rewind(self) -> bool:
        """Whether the run goes back to a step of its own history."""
        return self.is_of_former and self.branch_step is not None
