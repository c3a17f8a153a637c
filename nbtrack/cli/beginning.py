"""`nbtrack init`."""

from argparse import Namespace

from nbtrack.cli.screen import Screen
from nbtrack.settings import Place, find_workspace
from nbtrack.store import open_workspace


def initialise(arguments: Namespace, screen: Screen) -> int:
    """Make a workspace, or say that it is there already."""
    # Not the nearest one upward: whoever types this wants one here.
    root = find_workspace(arguments.folder or arguments.dir or ".", Place())
    is_new = not root.is_dir()
    open_workspace(root)
    if arguments.json:
        screen.json({"workspace": str(root), "is_new": is_new})
    elif is_new:
        screen.line(f"Made the workspace {root}. Runs begun below {root.parent} are kept there.")
    else:
        screen.line(f"The workspace {root} is there already.")
    return 0
