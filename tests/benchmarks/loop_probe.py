"""How long a server's event loop keeps others waiting; an extension of Jupyter's server.

It wakes every five milliseconds and notes how late it was: by so much would every other
request have been late, of every other extension, kernels' messages among them. That takes
two to three hundredths of a core, so that it begins when the file for its notes is there.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

PLACE = "NBTRACK_LOOP_PROBE"
_NAP_S = 0.005
_NOTED_EVERY_S = 0.1
_ASKED_EVERY_S = 0.5


def _load_jupyter_server_extension(app: Any) -> None:  # noqa: ANN401 - untyped there
    _begin_when_wanted(app.io_loop, Path(os.environ[PLACE]))


def _begin_when_wanted(loop: Any, place: Path) -> None:  # noqa: ANN401 - untyped there
    if place.exists():
        loop.add_callback(_probe, place)
    else:
        loop.call_later(_ASKED_EVERY_S, _begin_when_wanted, loop, place)


async def _probe(place: Path) -> None:
    loop = asyncio.get_running_loop()
    worst_s, noted_s = 0.0, loop.time()
    while True:
        slept_s = loop.time()
        await asyncio.sleep(_NAP_S)
        now_s = loop.time()
        worst_s = max(worst_s, now_s - slept_s - _NAP_S)
        if now_s - noted_s > _NOTED_EVERY_S:
            with place.open("a", encoding="utf-8") as file:
                file.write(f"{time.time():.3f} {worst_s:.6f}\n")
            worst_s, noted_s = 0.0, now_s


def begin(place: Path) -> None:
    """Let the probe of a server begin, within half a second."""
    place.touch()


def worst_between(place: Path, start_s: float, end_s: float) -> float:
    """Return the longest wait between two moments of the wall clock, seconds."""
    notes = (line.split() for line in place.read_text("utf-8").splitlines())
    return max(
        (float(late) for at, late in notes if start_s <= float(at) <= end_s + 0.2), default=0.0
    )
