"""From arguments to an exit code: 0 all is well, 1 trouble, 2 a wrong call."""

import os
import sys
from collections.abc import Sequence

from nbtrack.cli.parsing import command_of, parser
from nbtrack.cli.screen import Screen
from nbtrack.errors import Error, UsageError

TROUBLE = 1
WRONG_CALL = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Its arguments, by default those of the process.

    Returns:
        The exit code.

    Raises:
        SystemExit: With 2, if the arguments are none; with 0 after `--help`.
    """
    arguments = parser().parse_args(argv)
    screen = Screen()
    try:
        code = command_of(arguments)(arguments, screen)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0
    except KeyboardInterrupt:
        screen.error("interrupted.")
        return INTERRUPTED
    except Exception as error:
        if arguments.debug:
            raise
        screen.error(_said(error))
        return WRONG_CALL if isinstance(error, UsageError) else TROUBLE
    return code


def _said(error: Exception) -> str:
    if isinstance(error, Error):
        return str(error)
    return f"{type(error).__name__}: {error}. To see where it comes from, add --debug."


def _let_go_of_stdout() -> None:
    """`| head` has read enough: nothing more may be written, not even at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
