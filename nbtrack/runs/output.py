"""What a run printed, as the file `output.log`: written behind the recorder.

The recorder hands over the batches that it takes; lines of console text among them are
appended on its thread, ten times a second. Nobody waits for it, and when it fails the
run's log, which is in the journal, has them all the same.
"""

from collections import deque
from collections.abc import Callable
from threading import RLock

from nbtrack.records import ConsoleText, Record
from nbtrack.store import OutputLog


class Output:
    """The file of one run."""

    def __init__(self, log: OutputLog, on_trouble: Callable[[str, str], None]) -> None:
        """Begin without lines.

        Args:
            log: Takes them.
            on_trouble: Told a cause and a text.
        """
        self._log = log
        self._on_trouble = on_trouble
        self._writing = RLock()  # the recorder's thread writes, and who ends the run
        self._has_failed = False
        self._batches: deque[list[Record]] = deque()
        self.take: Callable[[list[Record]], None] = self._batches.append
        """Takes a batch of records, from any thread; one atomic step."""

    def write(self) -> None:
        """Append the lines among what came."""
        with self._writing:
            while self._batches:
                records = self._batches.popleft()
                lines = [record.text for record in records if type(record) is ConsoleText]
                if lines and not self._has_failed:
                    self._append(lines)

    def close(self) -> None:
        """Append the last lines, and let the file go."""
        self.write()
        self._log.close()

    def abandon(self) -> None:
        """In a forked child: append nothing; another thread may have held the lock."""
        self._writing = RLock()
        self._batches.clear()
        self._log.close()

    def _append(self, lines: list[str]) -> None:
        try:
            self._log.append(lines)
        except OSError as error:
            self._has_failed = True
            self._on_trouble(
                "output.log",
                f"output.log of the run cannot be written: {error}. What is printed is in its "
                "log all the same.",
            )
