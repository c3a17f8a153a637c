"""What can be typed. Each command says which JSON it prints."""

import sys
from argparse import (
    SUPPRESS,
    Action,
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
    _SubParsersAction,
)
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, TypeAlias, cast

from nbtrack.cli import manual

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbtrack.cli.screen import Screen

Command: TypeAlias = "Callable[[Namespace, Screen], int]"
Parsers: TypeAlias = "_SubParsersAction[ArgumentParser]"

SHELLS = ("bash", "zsh", "fish")
_RUN = "a uid, id, name or entity/project/id"


def parser() -> ArgumentParser:
    """Return the parser of the whole command line."""
    shared = _shared()
    whole = ArgumentParser(
        prog="nbtrack",
        description="Look after the runs of a workspace.",
        epilog=manual.EXIT_CODES,
        parents=[_shared(at_top=True)],
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="say which nbtrack this is")
    commands = whole.add_subparsers(metavar="COMMAND", required=True, dest="command")
    _add_beginning(commands, shared)
    _add_looking(commands, shared)
    _add_keeping(commands, shared)
    _add_changing(commands, shared)
    _add_removing(commands, shared)
    return whole


class _Version(Action):
    """Asks for the version only when it is wanted: looking it up takes a while."""

    def __call__(self, parser: ArgumentParser, *_: object) -> NoReturn:
        """Print it and leave."""
        from importlib.metadata import version

        sys.stdout.write(f"nbtrack {version('nbtrack')}\n")
        parser.exit()


def command_of(arguments: Namespace) -> Command:
    """Return what does the work; its module is loaded now."""
    module, _, name = arguments.work.partition(":")
    return cast("Command", getattr(import_module(f"nbtrack.cli.{module}"), name))


def _shared(*, at_top: bool = False) -> ArgumentParser:
    """Return the options that may stand before the command and after it."""
    found = ArgumentParser(add_help=False)
    found.add_argument(
        "--dir",
        metavar="DIR",
        default=None if at_top else SUPPRESS,
        help="the workspace, or the folder that holds it; by default NBTRACK_DIR, or the nearest "
        ".nbtrack from here upward",
    )
    found.add_argument(
        "--debug",
        action="store_true",
        default=False if at_top else SUPPRESS,
        help="show where an error comes from",
    )
    return found


def _add_beginning(commands: Parsers, shared: ArgumentParser) -> None:
    init = _command(commands, shared, "init", "beginning:initialise", "make a workspace")
    init.add_argument(
        "folder", metavar="DIR", nargs="?", help="where .nbtrack is made; by default here"
    )
    _add_json(init)
    completion = _command(
        commands, shared, "completion", "completion:complete", "print what a shell completes"
    )
    completion.add_argument("shell", choices=SHELLS, help="for which shell")


def _add_looking(commands: Parsers, shared: ArgumentParser) -> None:
    ls = _command(commands, shared, "ls", "listing:list_runs", "list runs, newest first")
    _add_choice(ls)
    ls.add_argument("--limit", metavar="N", type=_positive, help="at most so many")
    _add_json(ls)
    show = _command(commands, shared, "show", "showing:show", "show what is known of a run")
    show.add_argument("run", metavar="RUN", help=_RUN)
    _add_json(show)
    tail = _command(commands, shared, "tail", "console:tail", "print what a run printed last")
    tail.add_argument("run", metavar="RUN", help=_RUN)
    tail.add_argument(
        "-n",
        "--lines",
        metavar="N",
        type=_positive,
        default=10,
        help="so many lines, 10 by default",
    )
    tail.add_argument(
        "-f", "--follow", action="store_true", help="go on until the run ends, or Ctrl-C"
    )
    _add_json(tail)
    _add_export(commands, shared)
    _add_plot(commands, shared)
    _add_report(commands, shared)
    _add_making(commands, shared)
    du = _command(commands, shared, "du", "space:show_usage", "show what takes the space")
    _add_json(du)


def _add_export(commands: Parsers, shared: ArgumentParser) -> None:
    export = _command(
        commands, shared, "export", "exporting:export", "write the rows of runs to files"
    )
    _add_runs(export)
    export.add_argument(
        "-o", "--out", metavar="OUT", required=True, help="a file, a folder, or - to print"
    )
    export.add_argument(
        "--format", choices=("parquet", "csv", "json"), help="by default what OUT ends with"
    )
    export.add_argument(
        "--keys", metavar="KEY", nargs="+", help="only these, and only rows that have all of them"
    )
    export.add_argument("--force", action="store_true", help="overwrite what is there")
    _add_json(export)


def _add_plot(commands: Parsers, shared: ArgumentParser) -> None:
    plot = _command(commands, shared, "plot", "plotting:plot", "draw metrics into a file for print")
    _add_runs(plot)
    plot.add_argument("--keys", metavar="KEY", nargs="+", help="which metrics")
    plot.add_argument("-o", "--out", metavar="OUT", required=True, help="a file .svg, .png or .pdf")
    plot.add_argument("--force", action="store_true", help="overwrite what is there")
    _add_curves(plot)
    _add_style(plot)
    _add_json(plot)


def _add_report(commands: Parsers, shared: ArgumentParser) -> None:
    report = _command(
        commands, shared, "report", "reporting:report", "write runs as a page that stands alone"
    )
    _add_runs(report)
    report.add_argument(
        "-o", "--out", metavar="OUT", required=True, help="a file .html, .pdf or .ipynb"
    )
    report.add_argument("--title", metavar="TEXT", help="by default the run's name, or project's")
    report.add_argument("--author", metavar="TEXT", help="stands below the title")
    report.add_argument(
        "--sections", metavar="S", nargs="+", help="which, in order; FILE.md is text between them"
    )
    report.add_argument("--force", action="store_true", help="overwrite what is there")
    _add_json(report)


def _add_curves(plot: ArgumentParser) -> None:
    plot.add_argument("--x", metavar="X", default="step", help="step, time or a metric")
    plot.add_argument(
        "--smoothing", metavar="S", type=float, default=0.0, help="0 (none) to below 1"
    )
    plot.add_argument("--log", action="store_true", help="with a logarithmic axis")
    plot.add_argument(
        "--group-by", metavar="FIELD", nargs="+", help="draw mean and band of groups of runs"
    )
    plot.add_argument(
        "--band", choices=("std", "stderr", "t95", "minmax"), default="std", help="which band"
    )
    for name, where in (("--title", "above"), ("--x-label", "below"), ("--y-label", "beside")):
        plot.add_argument(name, metavar="TEXT", help=f"what stands {where} the chart")


def _add_style(plot: ArgumentParser) -> None:
    sizes = (
        ("--width-mm", "of the whole chart, 160 by default"),
        ("--height-mm", "of the whole chart, 90 by default"),
        ("--font-size-pt", "of all text, 9 by default"),
        ("--line-width-pt", "of the curves, 1.2 by default"),
        ("--dpi", "pixels per inch of a PNG, 300 by default"),
    )
    for name, what in sizes:
        plot.add_argument(name, metavar="N", type=float, help=what)
    plot.add_argument("--font", metavar="NAME", help="font families, as in CSS")
    plot.add_argument("--theme", choices=("light", "dark"), help="light by default")
    plot.add_argument("--legend", choices=("top", "right", "none"), help="top by default")
    plot.add_argument("--background", metavar="COLOUR", help="a CSS colour, or none")


def _add_making(commands: Parsers, shared: ArgumentParser) -> None:
    cells = _command(commands, shared, "cells", "making:list_cells", "show the cells of a run")
    cells.add_argument("run", metavar="RUN", help=_RUN)
    _add_json(cells)
    again = _command(
        commands, shared, "reproduce", "making:reproduce", "write a notebook that makes a run again"
    )
    again.add_argument("run", metavar="RUN", help=_RUN)
    again.add_argument("-o", "--out", metavar="OUT", required=True, help="a file, or - to print")
    again.add_argument("--force", action="store_true", help="overwrite what is there")
    _add_json(again)
    diff = _command(commands, shared, "diff", "making:diff", "show what differs between two runs")
    diff.add_argument("first", metavar="RUN1", help=_RUN)
    diff.add_argument("second", metavar="RUN2", help=_RUN)
    diff.add_argument(
        "--tolerance",
        metavar="T",
        type=float,
        default=0.0,
        help="values that differ by no more than this share of the greater one are the same",
    )
    diff.add_argument("-o", "--out", metavar="OUT", help="write a page with charts, .html or .pdf")
    diff.add_argument("--force", action="store_true", help="overwrite what is there")
    _add_json(diff)


def _add_keeping(commands: Parsers, shared: ArgumentParser) -> None:
    doctor = _command(commands, shared, "doctor", "health:check", "find what is wrong")
    doctor.add_argument("--repair", action="store_true", help="repair what can be repaired")
    _add_json(doctor)
    rebuild = _command(commands, shared, "rebuild", "health:rebuild", "make the database anew")
    _add_yes(rebuild)
    _add_json(rebuild)
    gc = _command(commands, shared, "gc", "space:collect", "tidy up")
    gc.add_argument("--dry-run", action="store_true", help="only say what would be done")
    _add_json(gc)


def _add_changing(commands: Parsers, shared: ArgumentParser) -> None:
    stop = _command(commands, shared, "stop", "changing:stop", "ask runs to stop")
    _add_runs(stop)
    _add_yes(stop)
    _add_json(stop)
    finish = _command(commands, shared, "finish", "changing:finish", "end runs that were left open")
    _add_runs(finish)
    finish.add_argument(
        "--exit-code",
        metavar="N",
        type=_exit_code,
        default=0,
        help="0 for finished, the default; any other number for failed",
    )
    _add_yes(finish)
    _add_json(finish)
    tag = _command(commands, shared, "tag", "changing:tag", "add tags to runs or remove them")
    _add_runs(tag)
    tag.add_argument("--add", metavar="A", action="append", default=[], help="add this tag")
    tag.add_argument("--remove", metavar="B", action="append", default=[], help="remove this tag")
    _add_yes(tag)
    _add_json(tag)


def _add_removing(commands: Parsers, shared: ArgumentParser) -> None:
    rm = _command(commands, shared, "rm", "removal:remove", "remove runs")
    _add_runs(rm)
    rm.add_argument("--purge", action="store_true", help="for good, also from the trash")
    _add_yes(rm)
    restore = _command(commands, shared, "restore", "removal:restore", "bring removed runs back")
    restore.add_argument("runs", metavar="RUN", nargs="*", help="a uid, id or name")


def _command(
    commands: Parsers, shared: ArgumentParser, name: str, work: str, summary: str
) -> ArgumentParser:
    """Add a command.

    Args:
        commands: Where to.
        shared: Options that every command has.
        name: What is typed.
        work: The module of this package and the function in it that does the work.
        summary: What it does, in a few words.
    """
    found = commands.add_parser(
        name,
        parents=[shared],
        help=summary,
        description=manual.DESCRIPTIONS.get(name, f"{summary[0].upper()}{summary[1:]}."),
        epilog=f"{manual.JSON.get(name, '')}\n{manual.EXIT_CODES}".lstrip(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    found.set_defaults(work=work)
    return found


def _add_runs(parser: ArgumentParser) -> None:
    """Let runs be named, or chosen by what they meet."""
    parser.add_argument("runs", metavar="RUN", nargs="*", help=_RUN)
    _add_choice(parser)


def _add_choice(parser: ArgumentParser) -> None:
    parser.add_argument("--project", metavar="P", help="only runs of this project")
    parser.add_argument("--state", metavar="S", type=_state, help="only runs in this state")
    parser.add_argument(
        "--name-regex", metavar="R", help="only runs whose names hold what R (RE2) describes"
    )
    parser.add_argument(
        "--filter",
        metavar="F",
        help="only runs that meet F, such as 'config.lr < 0.1 and tag = best'",
    )


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def _add_yes(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number that can be had: type 1 or more.")
    return int(text)


def _exit_code(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no whole number: 0 says that all is well.") from None


def _state(text: str) -> str:
    from nbtrack.records import RunState

    known = [str(state) for state in RunState]
    if text not in known:
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(known)}.")
    return text
