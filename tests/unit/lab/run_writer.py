"""A run that is written as a kernel writes it, but from the test's own process."""

import os
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from nbtrack.records import Closed, ConsoleText, Opened, Owner, Row, RunState, Stream
from nbtrack.store import Journal

_NUMBERS: Iterator[int] = count(1)


class Writer:
    """The writing end of one run."""

    def __init__(self, root: Path, journal: Journal, opened: Opened) -> None:
        """Keep them."""
        self.root = root
        self.journal = journal
        self.opened = opened
        self._step = 0
        self._closed = False

    @classmethod
    def begin(cls, root: Path, name: str, **fields: Any) -> "Writer":  # noqa: ANN401 - of Opened
        """Begin a run in a workspace."""
        root.mkdir(parents=True, exist_ok=True)
        uid = f"20260101-120000-{next(_NUMBERS):08x}"
        owner = Owner(os.uname().nodename, "", os.getpid(), time.time())
        opened = Opened(
            **{
                "uid": uid,
                "id": uid[-8:],
                "entity": "me",
                "project": "digits",
                "name": name,
                "time_us": now_us(),
                "owner": owner,
                **fields,
            }
        )
        return cls(root, Journal.create(root, opened), opened)

    @property
    def uid(self) -> str:
        """Return the run's uid."""
        return self.opened.uid

    def log(self, rows: int = 1, **values: float) -> None:
        """Append rows with the same values, at the next steps."""
        steps = range(self._step, self._step + rows)
        self.journal.append([Row(step, now_us(), values) for step in steps])
        self._step += rows

    def say(self, text: str) -> None:
        """Append a line of console text."""
        self.journal.append([ConsoleText(now_us(), Stream.STDOUT, text)])

    def finish(self) -> None:
        """End the run well."""
        self.journal.append([Closed(now_us(), RunState.FINISHED, 0, 1_000_000)])
        self.close()

    def close(self) -> None:
        """Let go of the journal."""
        if not self._closed:
            self._closed = True
            self.journal.close()


def now_us() -> int:
    """Return the wall time, microseconds."""
    return time.time_ns() // 1_000
