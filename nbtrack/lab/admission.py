"""Whose questions are taken: those of pages of this version, and only so many at once."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from nbtrack.errors import Error, UsageError
from nbtrack.panels.protocol import PROTOCOL_VERSION

_T = TypeVar("_T")


class OtherProtocolError(UsageError):
    """The page and the server come from different versions of nbtrack."""


class BusyError(Error):
    """More is asked at once than the server takes."""


def demand_same_protocol(version: str | None) -> None:
    """Refuse a page that was loaded before nbtrack was updated, or the other way round.

    Args:
        version: What the page says that it speaks; None from who says nothing.

    Raises:
        OtherProtocolError: If that is another protocol than the server's.
    """
    if version not in (None, str(PROTOCOL_VERSION)):
        raise OtherProtocolError(
            f"This page comes from another version of nbtrack than the server (protocol "
            f"{version[:10]!r} here, {str(PROTOCOL_VERSION)!r} there). Reload the page."
        )


class Turns:
    """Takes so many questions at once, and refuses the next one."""

    def __init__(self, most: int) -> None:
        """Begin with all turns free."""
        self._most = most
        self._taken = 0

    async def take(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask, and return the answer.

        Raises:
            BusyError: If all turns are taken.
        """
        if self._taken >= self._most:
            raise BusyError(
                f"The server answers {self._most} questions already. Ask again in a moment."
            )
        self._taken += 1
        try:
            return await ask()
        finally:
            self._taken -= 1
