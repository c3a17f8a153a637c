"""How much time and memory reading the database may take: the one place that decides.

A kernel is a guest in a process that trains something; the server of JupyterLab is there
to read. `as_server` makes the choice, once, before anything is read.
"""

import os
from dataclasses import dataclass, replace

from nbtrack.errors import LimitError


@dataclass(frozen=True, slots=True)
class Limits:
    """What DuckDB may take in this process.

    Attributes:
        threads: How many it computes with, the caller's included.
        memory: Of its own, besides what it returns, in its words.
        overflow: On disk, where memory does not do, in its words.
        window_s: How long the database may be held for one question, seconds. Nobody
            can write to it meanwhile: kernels then ingest later, and lose nothing.
    """

    threads: int
    memory: str
    overflow: str
    window_s: float


GUEST = Limits(threads=1, memory="512MB", overflow="1GB", window_s=10.0)
SERVER = Limits(threads=min(4, os.cpu_count() or 1), memory="1GB", overflow="4GB", window_s=10.0)

_CHOSEN = [GUEST]


def as_server(*, window_s: float = SERVER.window_s) -> None:
    """Let this process read with the limits of a server.

    Args:
        window_s: How long one question may hold the database, seconds.
    """
    _CHOSEN[0] = replace(SERVER, window_s=window_s)


def as_guest() -> None:
    """Let this process read with the limits of a guest, as it does by default."""
    _CHOSEN[0] = GUEST


def chosen() -> Limits:
    """Return the limits of this process."""
    return _CHOSEN[0]


def too_long(limits: Limits) -> LimitError:
    """Return the error of a question that took too long."""
    return LimitError(
        f"reading the database was given up after {limits.window_s:g} s. Ask for less: name "
        "fewer keys, or a range of steps."
    )


def too_large(limits: Limits) -> LimitError:
    """Return the error of a question that needed too much memory."""
    return LimitError(
        f"reading the database needs more than {limits.memory} of memory and {limits.overflow} "
        "on disk. Ask for less: name fewer keys, or a range of steps."
    )
