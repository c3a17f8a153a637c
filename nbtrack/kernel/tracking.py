"""`%%track`: a run that begins and ends with one cell.

A plain cell magic would run its body as a cell inside the cell: errors would not reach
the outer one, and top-level `await` would fail. So the line is rewritten, before the
cell is compiled, to a call that opens the run; the end of the cell ends it. Lines keep
their numbers.
"""

import ast
import json
import re
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from nbtrack import runs
from nbtrack.errors import Error
from nbtrack.kernel.cells import Cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.magic_arguments import MagicArgumentParser

MAGIC = "track"
BEGIN = "_track_begin"
_FIRST_LINE = re.compile(r"%%track(?:[ \t]+(.*))?$")


def rewrite(lines: list[str]) -> list[str]:
    """Rewrite the `%%track` line of a cell, if its first line of code is one.

    Args:
        lines: The cell's, with their line ends.
    """
    for number, line in enumerate(lines):
        if not line.strip() or line.startswith("#"):
            continue
        found = _FIRST_LINE.match(line.rstrip())
        if found is None:
            return lines
        call = f"get_ipython().run_line_magic({BEGIN!r}, {(found[1] or '').strip()!r})\n"
        return [*lines[:number], call, *lines[number + 1 :]]
    return lines


def parsed_value(text: str) -> object:
    """Read a config value as Python or JSON would; what neither can read is text."""
    for read in (ast.literal_eval, json.loads):
        try:
            return read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return text


class Tracking:
    """The magic of one shell."""

    def __init__(self, shell: "InteractiveShell", cells: Cells) -> None:
        """Begin without the magic; `start` brings it.

        Args:
            shell: Gets the magic.
            cells: Ends the run with its cell.
        """
        self._shell = shell
        self._cells = cells

    def start(self) -> None:
        """Bring `%%track`."""
        register: Callable[..., None] = self._shell.register_magic_function
        parser = _parser()

        def begin(line: str) -> None:
            self._begin(parser, line)

        def track(_line: str, _cell: str = "") -> NoReturn:
            raise _usage_error("%%track must be the first line of its cell.")

        track.__doc__ = parser.format_help().replace("::\n\n  %track", "::\n\n  %%track")
        register(begin, magic_kind="line", magic_name=BEGIN)
        register(track, magic_kind="cell", magic_name=MAGIC)
        self._shell.input_transformers_cleanup.append(rewrite)

    def stop(self) -> None:
        """Take it away."""
        transformers = self._shell.input_transformers_cleanup
        if rewrite in transformers:
            transformers.remove(rewrite)
        self._shell.magics_manager.magics["line"].pop(BEGIN, None)
        self._shell.magics_manager.magics["cell"].pop(MAGIC, None)

    def _begin(self, parser: "MagicArgumentParser", line: str) -> None:
        try:
            given: Any = parser.parse_args(shlex.split(line))
            name = " ".join(given.name) or None
            config = dict(_pair(text) for text in given.config)
            run = runs.init(project=given.project, name=name, config=config)
        except (Error, ValueError) as error:
            raise _usage_error(f"%%track {line}: {error}") from error
        self._cells.track(run)


def _parser() -> "MagicArgumentParser":
    from IPython.core import magic_arguments

    make: Callable[..., MagicArgumentParser] = magic_arguments.MagicArgumentParser
    parser = make(
        MAGIC,
        description=(
            "Open a run for this cell. It ends with the cell: finished, failed after an "
            "error, killed after an interrupt. Inside, nbtrack.log() and nbtrack.run mean it."
        ),
    )
    parser.add_argument("name", nargs="*", help="What the run is called.")
    parser.add_argument("--project", "-p", help="The project it belongs to.")
    parser.add_argument(
        "--config",
        "-c",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="A value of its config, such as lr=1e-3; may be given more than once.",
    )
    return parser


def _pair(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise ValueError(f"--config takes KEY=VALUE, such as lr=1e-3, not {text!r}.")
    return key, parsed_value(value)


def _usage_error(text: str) -> Exception:
    from IPython.core.error import UsageError

    return UsageError(text)
