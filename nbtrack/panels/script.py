"""The ES modules that draw panels: built from `js/`, packed into the wheel."""

from pathlib import Path

from nbtrack.errors import MissingDependencyError

_STATIC = Path(__file__).parent / "static"


def read_script(folder: Path = _STATIC, name: str = "panel.js") -> str:
    """Return the ES module that draws panels of runs.

    Args:
        folder: Where it lies.
        name: `panel.js`, or `comparison.js` for several runs beside each other.

    Raises:
        MissingDependencyError: If it was never built.
    """
    path = folder / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MissingDependencyError(
            f"the panel's script {str(path)!r} is missing: this is a source tree in which it was "
            "never built. Build it with\n    make setup"
        ) from error


def read_comparison_script() -> str:
    """Return the ES module that draws several runs beside each other.

    Raises:
        MissingDependencyError: If it was never built.
    """
    return read_script(name="comparison.js")
