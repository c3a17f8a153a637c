"""`output.log` among a run's files: the lines of its console as plain text.

The journal is what readers go by; this is for `cat`, for editors, and for programs that
look for the field's file. Written as the lines come, so that a killed run has it, too.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from nbtrack.store.layout import make_private

OUTPUT_LOG = "output.log"
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


class OutputLog:
    """Appends to the file of one run; it is made for the first line."""

    def __init__(self, folder: Path) -> None:
        """Begin without a file.

        Args:
            folder: Of the run's files.
        """
        self._folder = folder
        self._descriptor = -1

    def append(self, lines: Iterable[str]) -> None:
        """Append lines.

        Raises:
            OSError: If they cannot be written.
        """
        text = "".join(f"{line}\n" for line in lines)
        if not text or not self._folder.parent.is_dir():  # a run that was deleted stays so
            return
        if self._descriptor < 0:
            make_private(self._folder)
            self._descriptor = os.open(self._folder / OUTPUT_LOG, _FLAGS, 0o600)
        content = memoryview(text.encode(errors="backslashreplace"))
        while content:
            content = content[os.write(self._descriptor, content) :]

    def close(self) -> None:
        """Let the file go."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
