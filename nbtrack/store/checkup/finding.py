"""What a look at a workspace finds: one sentence, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad something is.

    `ok`: it is as it should be. `note`: worth knowing, nothing to do. `warning`:
    something should be done. `error`: something is wrong now.
    """

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        level: How bad it is; `warning` and `error` are trouble.
        subject: What it is about: `workspace`, `database`, `journals`, `versions`, or the
            uid of a run. Names come from the disk: show them as text only.
        text: What is so, one or two sentences.
        remedy: What to do, "" where there is nothing to do.
        is_repaired: Whether this very look has repaired it.
    """

    level: Level
    subject: str
    text: str
    remedy: str = ""
    is_repaired: bool = False

    @property
    def is_trouble(self) -> bool:
        """Whether something is still wrong."""
        return self.level in (Level.WARNING, Level.ERROR) and not self.is_repaired


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural where it is one.

    Examples:
        >>> counted(1, "run"), counted(1200, "run")
        ('1 run', '1,200 runs')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def size_text(size_bytes: float) -> str:
    """Return a size in its largest SI unit.

    Examples:
        >>> size_text(999), size_text(12_300_000)
        ('999 B', '12.3 MB')
    """
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(size_bytes) < 999.5 or unit == "TB":  # noqa: PLR2004 - three digits
            break
        size_bytes /= 1000
    return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
