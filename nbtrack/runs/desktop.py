"""A notification on the desktop of whoever runs the kernel, through what the system has.

`notify-send` (Linux) or `osascript` (macOS) gets its texts as arguments: no shell, and
nothing in a text that either would obey.
"""

import shutil
import subprocess
from collections.abc import Callable
from html import escape
from typing import TypeAlias

from nbtrack.forks import kept_from_forks
from nbtrack.runs.delivery import DeliveryError
from nbtrack.values import one_line

TIMEOUT_S = 5.0
Which: TypeAlias = Callable[[str], str | None]

_LONGEST_TEXT = 400
_URGENCY = {"info": "low", "warning": "normal", "error": "critical"}
_SCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)


def notify(level: str, title: str, text: str, *, which: Which = shutil.which) -> None:
    """Show a notification.

    Args:
        level: `info`, `warning` or `error`.
        title: In one line.
        text: What there is to say.
        which: Returns the path of a program, or None.

    Raises:
        DeliveryError: If there is nothing to show it with, or it does not.
    """
    command = _command(level, one_line(title, 100), one_line(text, _LONGEST_TEXT), which)
    try:
        with kept_from_forks():
            process = subprocess.Popen(  # noqa: S603 - a program of the system, texts as arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        code = _code_of(process)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise DeliveryError(f"{command[0]} failed: {type(error).__name__}") from error
    if code:
        raise DeliveryError(f"{command[0]} ended with {code}: is there a desktop?")


def _code_of(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def _command(level: str, title: str, text: str, which: Which) -> list[str]:
    if program := which("notify-send"):
        urgency = f"--urgency={_URGENCY[level]}"
        # The body is markup to most desktops, the summary is not.
        return [program, "--app-name=nbtrack", urgency, "--", title, escape(text, quote=False)]
    if program := which("osascript"):
        lines = [word for line in _SCRIPT for word in ("-e", line)]
        return [program, *lines, "--", title, text]
    raise DeliveryError("neither notify-send nor osascript is installed")
