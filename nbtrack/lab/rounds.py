"""Work that is handed in at the same moment is done in one go, on one thread.

To hand work over and to hand its result back wakes a thread and the event loop. For
panels that look for news all at the same time that costs more than the looks.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a piece of work.

    Attributes:
        found: What it returned.
        error: What it raised, or None.
    """

    found: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class _Round:
    """What is done together.

    Attributes:
        works: In the order in which they were handed in.
        doing: Brings what became of each; set once it is planned.
    """

    works: list[Callable[[], Any]] = field(default_factory=list)
    doing: asyncio.Task[list[_Outcome]] | None = None


class Rounds:
    """Does work together that belongs together. Used on one event loop.

    What belongs together waits for one another: it should read the same disk.
    """

    def __init__(self, pool: Executor) -> None:
        """Keep the threads that do it."""
        self._pool = pool
        self._open: dict[object, _Round] = {}

    async def take(self, about: object, work: Callable[[], _T]) -> _T:
        """Return what `work` returns, or raise what it raises.

        Args:
            about: Work about equal things is done on one thread, in order, if it is handed
                in before the event loop comes round again.
            work: What to do; not for long.
        """
        joined = self._open.setdefault(about, _Round())
        if joined.doing is None:
            joined.doing = asyncio.create_task(self._do(about), name="nbtrack-round")
        number = len(joined.works)
        joined.works.append(work)
        # Shielded: who does not want it any more must not take it from the others.
        outcome = (await asyncio.shield(joined.doing))[number]
        if outcome.error is not None:
            raise outcome.error
        found: _T = outcome.found
        return found

    async def _do(self, about: object) -> list[_Outcome]:
        works = self._open.pop(about).works
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: [*map(_outcome_of, works)])


def _outcome_of(work: Callable[[], Any]) -> _Outcome:
    try:
        return _Outcome(found=work())
    except Exception as error:  # noqa: BLE001 - raised again where it is waited for
        return _Outcome(error=error)
