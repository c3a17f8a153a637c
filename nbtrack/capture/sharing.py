"""What is printed goes to the logs of several runs; each makes lines of it on its own.

So the limits of one log are no other's: one that is full, or was flooded, takes nothing
from a run that begins later.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from nbtrack.capture.lines import LineAssembler
from nbtrack.records import Stream


class Lines(Protocol):
    """Whatever takes printed text: one assembler, or several."""

    @property
    def pending(self) -> bool:
        """Whether a line is open."""
        ...

    def feed(self, stream: Stream, text: str, cell: str | None = None) -> None:
        """Take a chunk of printed text."""
        ...

    def skip(self, stream: Stream, lines: int) -> None:
        """Count lines that did not get here."""
        ...

    def settle(self) -> None:
        """Show open lines whose patience has run out."""
        ...

    def flush(self) -> None:
        """End all open lines and say what was dropped."""
        ...


class SharedLines:
    """Several assemblers as one.

    Attributes:
        assemblers: Of the logs that get the text now; replaced whole, never changed.
    """

    def __init__(self, assemblers: Iterable[LineAssembler] = ()) -> None:
        """Begin with the assemblers of some logs."""
        self.assemblers = tuple(assemblers)

    @property
    def pending(self) -> bool:
        """Whether a line is open."""
        return any(one.pending for one in self.assemblers)

    def feed(self, stream: Stream, text: str, cell: str | None = None) -> None:
        """Take a chunk of printed text; see `LineAssembler`."""
        for one in self.assemblers:
            one.feed(stream, text, cell)

    def note(self, stream: Stream, lines: Sequence[str], cell: str | None) -> None:
        """Take whole lines that were not printed."""
        for one in self.assemblers:
            one.note(stream, lines, cell)

    def skip(self, stream: Stream, lines: int) -> None:
        """Count lines that did not get here."""
        for one in self.assemblers:
            one.skip(stream, lines)

    def settle(self) -> None:
        """Show open lines whose patience has run out."""
        for one in self.assemblers:
            one.settle()

    def flush(self) -> None:
        """End all open lines and say what was dropped."""
        for one in self.assemblers:
            one.flush()
