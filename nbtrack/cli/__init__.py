"""The command line: `nbtrack ls`, `nbtrack doctor` and the others.

What is heavy is loaded by the command that needs it, so that `--help` costs nothing.
"""

from nbtrack.cli.entry import main

__all__ = ["main"]
