"""A report that was written."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

_KILO = 1_000


@dataclass(frozen=True, slots=True)
class ReportFile:
    """One HTML file that holds all that it shows.

    Attributes:
        path: Where it lies.
        size_bytes: How large it is.

    Examples:
        >>> ReportFile(Path("/tmp/digits.html"), 512_300)
        <ReportFile /tmp/digits.html, 512 kB>
    """

    path: Path
    size_bytes: int

    def __fspath__(self) -> str:
        """Return the path, for `open()` and its like."""
        return str(self.path)

    def __str__(self) -> str:
        """Return the path."""
        return str(self.path)

    def __repr__(self) -> str:
        """Say where it lies, and how large it is."""
        return f"<ReportFile {self.path}, {self._size()}>"

    def _repr_html_(self) -> str:
        """Link to it, where the notebook's page can."""
        shown = escape(self.path.name)
        try:
            near = self.path.relative_to(Path.cwd()).as_posix()
        except (ValueError, OSError):
            return f"{escape(str(self.path))} ({self._size()})"
        target = escape(quote(near), quote=True)
        return f'<a href="{target}" target="_blank">{shown}</a> ({self._size()})'

    def _size(self) -> str:
        kilobytes = self.size_bytes / _KILO
        return f"{kilobytes:,.0f} kB" if kilobytes < _KILO else f"{kilobytes / _KILO:,.1f} MB"
