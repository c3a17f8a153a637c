"""What trackers with a server ask for before and after; a local one need not."""

from collections.abc import Iterable


def login(*_: object, **__: object) -> bool:
    """Return True: runs are kept on this machine, and there is nobody to log in to."""
    return True


def setup(settings: object = None) -> None:
    """Take settings before a first run; `init()` needs no preparation."""


def require(requirement: str | Iterable[str] | None = None, **_: object) -> None:
    """Take the name of a feature; all that nbtrack has are on."""


def ensure_configured() -> None:
    """Do nothing: there is nothing to configure."""
