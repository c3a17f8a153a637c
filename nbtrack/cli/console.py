"""`nbtrack tail`."""

import contextlib
import time
from argparse import Namespace
from collections.abc import Sequence

from nbtrack.cli.listing import iso_time
from nbtrack.cli.place import chosen, workspace
from nbtrack.cli.screen import Screen
from nbtrack.query import Follower
from nbtrack.records import Stream
from nbtrack.store import ConsoleLine, Reader, RunFacts
from nbtrack.values import without_ansi

POLL_S = 0.2
_LEAST_POINTS = 2
_COLOURS = {Stream.STDERR: "yellow", Stream.NBTRACK: "blue"}


def tail(arguments: Namespace, screen: Screen) -> int:
    """Print the last lines that a run printed, and those that come."""
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        uid = chosen(reader.runs(), arguments.run).opened.uid
    # Ctrl-C is the way to end it.
    with (
        contextlib.closing(Follower(root, uid)) as follower,
        contextlib.suppress(KeyboardInterrupt),
    ):
        view = follower.snapshot(_LEAST_POINTS, arguments.lines)
        _print(view.lines, arguments, screen)
        if arguments.follow:
            last = _follow(follower, view.run, arguments, screen)
            screen.note(f"The run has ended: {last.state}.")
    return 0


def _follow(follower: Follower, facts: RunFacts, arguments: Namespace, screen: Screen) -> RunFacts:
    """Print lines as they come, until the run has ended and all is read."""
    while True:
        news = follower.poll()
        if news is not None:
            _print(news.lines, arguments, screen)
            facts = news.run or facts
        elif facts.ended_us is not None:
            return facts
        else:
            time.sleep(POLL_S)


def _print(lines: Sequence[ConsoleLine], arguments: Namespace, screen: Screen) -> None:
    for one in lines:
        if arguments.json:
            screen.record(_described(one))
        else:
            text = without_ansi(one.text).expandtabs()  # else their rest would be rubbish
            screen.line(text, _COLOURS.get(one.stream, ""))
    screen.flush()


def _described(line: ConsoleLine) -> dict[str, object]:
    return {
        "number": line.number,
        "time": iso_time(line.time_us),
        "stream": str(line.stream),
        "text": line.text,
    }
