"""A run that goes back to a step begins beside the one it was: that one is put away."""

import contextlib
from collections.abc import Callable

from nbtrack.clock import Clock
from nbtrack.errors import Error
from nbtrack.runs.request import Request
from nbtrack.store import carry_files


def put_away(request: Request, clock: Clock, say: Callable[[str, str], None]) -> None:
    """Let the former run lie in the trash, with what it logged later; its files go along."""
    from nbtrack.store import trash_run  # brings numpy and duckdb along

    if request.former is None:
        return
    try:
        carry_files(request.root, request.former.opened.uid, request.opened.uid)
        trash_run(request.root, request.former.opened.uid, clock)
    except Error as error:
        say(f"rewound {request.opened.uid}", f"the run before it went back stays: {error}")


def bring_back(request: Request) -> None:
    """Undo `put_away`, however far it came; without it nothing happens."""
    from nbtrack.store import restore_run  # brings numpy and duckdb along

    if request.former is not None:
        with contextlib.suppress(Error):
            restore_run(request.root, request.former.opened.uid)
