"""What the browser loads of the JupyterLab extension, as it was built."""

import re
from pathlib import Path

LAB_SCRIPTS = Path(__file__).parents[1] / "nbtrack/lab/labextension/static"
LIST_AND_TABLE = ("remoteEntry", "sidebar", "table")
"""All that there is until a run or a comparison is opened."""


def needed_by(*names: str) -> set[Path]:
    """Return the scripts of some parts of the extension, and all that these load at once.

    Args:
        names: As the build calls the parts.
    """
    parts = [path.resolve() for name in names for path in LAB_SCRIPTS.glob(f"{name}.*.js")]
    return {needed for part in parts for needed in (part, *_imported_by(part))}


def imports_of(path: Path) -> list[str]:
    """Return what a script imports, as it stands there."""
    return re.findall(r'from"([^"]*)"', path.read_text("utf-8"))


def _imported_by(path: Path) -> set[Path]:
    found = [(path.parent / name).resolve() for name in imports_of(path)]
    return {part for one in found for part in (one, *_imported_by(one))}
