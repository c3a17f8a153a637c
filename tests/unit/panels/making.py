"""Runs that are really written, views made up, and a hostile author's words."""

import time
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nbtrack.query import RunView
from nbtrack.records import (
    Closed,
    ConsoleText,
    Opened,
    Owner,
    Record,
    Row,
    RunState,
    Stream,
)
from nbtrack.store import ConsoleLine, Journal, RowStream, RunFacts, Series, this_process

START_US = 1_700_000_000_000_000
NUMBERS = count(1)


def opened(**fields: Any) -> Opened:  # noqa: ANN401 - of Opened
    """Return who a run is."""
    return Opened(
        **{
            "uid": "20260101-120000-0000abcd",
            "id": "k3v9x2ab",
            "entity": "ada",
            "project": "digits",
            "name": "brave-otter",
            "time_us": START_US,
            "owner": Owner("host", "boot", 1, 1.0),
            **fields,
        }
    )


def facts(**fields: Any) -> RunFacts:  # noqa: ANN401 - of RunFacts
    """Return what is known of a run that goes on."""
    return RunFacts(
        **{
            "opened": opened(),
            "state": RunState.RUNNING,
            "reason": "",
            "ended_us": None,
            "seen_us": START_US + 12_500_000,
            "active_us": 12_250_000,
            "ticking": True,
            "exit_code": None,
            "step": 3,
            "rows": 4,
            "config": {},
            "summary": {},
            "notices": (),
            "position": 100,
            "line_count": 0,
            **fields,
        }
    )


def series(
    key: str,
    values: ArrayLike,
    stream: RowStream = "metric",
    steps: ArrayLike | None = None,
) -> Series:
    """Return a series with one point per second."""
    array = np.asarray(values, dtype=np.float64)
    if steps is None:
        steps = np.full(len(array), np.nan) if stream == "system" else np.arange(len(array))
    times = START_US + np.arange(len(array), dtype=np.int64) * 1_000_000
    return Series(key, stream, np.asarray(steps, np.float64), times, array, len(array))


def line(number: int, text: str) -> ConsoleLine:
    """Return a line of the console."""
    return ConsoleLine(number, START_US + number * 1_000_000, Stream.STDOUT, text)


def view(**fields: Any) -> RunView:  # noqa: ANN401 - of RunView
    """Return a run as it stands."""
    return RunView(
        **{"run": facts(), "series": [], "lines": [], "line_count": 0, **fields},
    )


class Writer:
    """The writing end of one run, as a kernel's recorder is."""

    def __init__(self, root: Path) -> None:
        """Begin a run."""
        uid = f"20260101-120000-{next(NUMBERS):08x}"
        self.root, self.uid = root, uid
        self.opened = opened(uid=uid, time_us=time.time_ns() // 1_000, owner=this_process())
        self.journal: Journal | None = Journal.create(root, self.opened)
        self._step = 0

    def append(self, *records: Record) -> None:
        """Write records."""
        assert self.journal is not None
        self.journal.append(records)

    def log(self, **values: float) -> None:
        """Write a row at the next step."""
        self.append(Row(self._step, time.time_ns() // 1_000, values))
        self._step += 1

    def say(self, text: str) -> None:
        """Write a line of console text."""
        self.append(ConsoleText(time.time_ns() // 1_000, Stream.STDOUT, text))

    def finish(self) -> None:
        """End the run well."""
        self.append(Closed(time.time_ns() // 1_000, RunState.FINISHED, 0, 1_000_000))
        self.close()

    def close(self) -> None:
        """Let go of the journal."""
        journal, self.journal = self.journal, None
        if journal is not None:
            journal.close()


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'a" onmouseover="alert(1)" x="',
    "' onload='alert(1)",
    "</div></pre></svg><svg onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<b data-commandlinker-command="x" data-jupyter-action="y">b</b>',
    "\x1b[31mred\x1b[0m \x1b]8;;https://example.org\x07link\x1b]8;;\x07",
    "\u202egnp.exe\u2066 \x00 \x08",
    "half \ud800 of a pair",
    "&lt;script&gt; &amp;",
    "]]>--><!--",
)
