"""`nbtrack plot`."""

import contextlib
from argparse import Namespace
from pathlib import Path

from nbtrack.cli.choosing import asked, named_or_met
from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import plural
from nbtrack.cli.writing import expect_room
from nbtrack.plots import ChartStyle
from nbtrack.query import ApiRun
from nbtrack.runs import compare
from nbtrack.store import Reader, size_text

_STYLE = (
    *("width_mm", "height_mm", "font", "font_size_pt", "line_width_pt", "theme"),
    *("background", "legend", "dpi"),
)


def plot(arguments: Namespace, screen: Screen) -> int:
    """Draw metrics of runs into a file."""
    root = workspace(arguments)
    with contextlib.closing(Reader(root)) as reader:
        runs = [ApiRun(root, reader, facts) for facts in named_or_met(reader.runs(), arguments)]
    if not runs:
        screen.note(f"No run has {asked(arguments)}: nothing was drawn.")
        return 0
    given = {name: getattr(arguments, name) for name in _STYLE}
    style = ChartStyle(**{name: value for name, value in given.items() if value is not None})
    expect_room([Path(arguments.out).expanduser()], is_forced=arguments.force)
    comparison = compare(
        runs,
        keys=arguments.keys,
        x=arguments.x,
        group_by=arguments.group_by,
        band=arguments.band,
        display=False,
    )
    path = comparison.save_chart(
        arguments.out,
        smoothing=arguments.smoothing,
        log=arguments.log,
        title=arguments.title or "",
        x_label=arguments.x_label,
        y_label=arguments.y_label,
        style=style,
    )
    size = path.stat().st_size
    if arguments.json:
        uids = [run.uid for run in runs]
        screen.json({"workspace": str(root), "path": str(path), "runs": uids, "bytes": size})
    else:
        screen.line(f"{path}: {plural(len(runs), 'run')}, {size_text(size)}.")
    return 0
