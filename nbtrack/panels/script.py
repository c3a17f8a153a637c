"""The ES module that draws panels: built from `js/`, packed into the wheel."""

from pathlib import Path

from nbtrack.errors import MissingDependencyError

_STATIC = Path(__file__).parent / "static"


def read_script(folder: Path = _STATIC) -> str:
    """Return the ES module that draws panels.

    Raises:
        MissingDependencyError: If it was never built.
    """
    path = folder / "panel.js"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MissingDependencyError(
            f"the panel's script {str(path)!r} is missing: this is a source tree in which it was "
            "never built. Build it with\n    make setup"
        ) from error
