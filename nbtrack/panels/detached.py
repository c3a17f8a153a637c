"""Sending to panels as if no cell had asked for it.

ipykernel remembers in a context variable which request a message answers. A panel that
answers the cell it trains in has two ends: nbclient takes it for the cell's output, and
ipykernel 7.4 sends what the browser says to the shell that is busy with that cell, so
that Stop arrives when there is nothing left to stop. An empty request prevents both.
"""

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import TypeVar

T = TypeVar("T")


def detached(kernel: object, call: Callable[[], T]) -> T:
    """Do something that sends to panels, detached from the cell that runs.

    Args:
        kernel: ipykernel's kernel; with anything else it is just called.
        call: Sends.
    """

    def inside() -> T:
        detach(kernel)
        return call()

    return copy_context().run(inside)


def detach(kernel: object) -> None:
    """Detach all that the calling thread sends from now on."""
    parent = getattr(kernel, "_shell_parent", None)
    if isinstance(parent, ContextVar):
        parent.set({})


def pin(comm: object) -> None:
    """Let what a browser says to a comm arrive where the browser sent it.

    ipykernel 7.4 otherwise sends it to the shell that published on the comm last.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_sent  # noqa: SLF001 - there is no public way


def _as_sent(_data: object, default: object) -> object:
    return default
