"""What ran: the program, its interpreter, who started it and from where.

Names are those of the field; secrets are taken out:

    os, python, executable, nbtrack   the platform, the interpreter, this library
    program, args, command, root      what was started, and the working directory
    host, username, email             who and where
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from nbtrack.records import Json
from nbtrack.settings import Settings

NO_PROGRAM = "<python with no main file>"


def _working_directory() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was deleted
        return ""


def _started() -> tuple[str, ...]:
    return tuple(map(str, sys.argv))


def _command() -> tuple[str, ...]:
    return tuple(map(str, sys.orig_argv))


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a run began, looked at on the thread that began it.

    Attributes:
        settings: Of the run; they say who and where, and which notebook.
        in_notebook: Whether cells are run by IPython in a kernel.
        folder: The working directory; "" if it is gone.
        arguments: `sys.argv`.
        command: All words of the command, the interpreter's among them.
    """

    settings: Settings
    in_notebook: bool = False
    folder: str = field(default_factory=_working_directory)
    arguments: tuple[str, ...] = field(default_factory=_started)
    command: tuple[str, ...] = field(default_factory=_command)


def program_facts(scene: Scene) -> dict[str, Json]:
    """Return what was started, by whom and from where; secrets are taken out of it.

    In a notebook there are no arguments: those of its kernel say nothing about it.
    """
    import platform
    import shlex

    from nbtrack.capture.redaction import arguments_without_secrets  # its patterns take 30 ms

    settings = scene.settings
    told: dict[str, Json] = {
        "os": platform.platform(aliased=True),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "nbtrack": _version(),
        "program": _program(scene),
        "root": scene.folder,
        "host": settings.host,
        "username": settings.username,
        "email": settings.email,
    }
    if not scene.in_notebook:
        told["args"] = [*arguments_without_secrets(scene.arguments[1:])]
        told["command"] = shlex.join(arguments_without_secrets(scene.command))
    return {name: value for name, value in told.items() if value not in (None, "")}


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("nbtrack")
    except PackageNotFoundError:  # a copy that nobody installed
        return ""


def _program(scene: Scene) -> str:
    if scene.settings.program:
        return scene.settings.program
    if scene.settings.notebook_name:
        return scene.settings.notebook_name
    started = scene.arguments[0] if scene.arguments else ""
    if scene.in_notebook or started in ("", "-c", "-"):
        return NO_PROGRAM
    return str(Path(scene.folder, started)) if scene.folder else started
