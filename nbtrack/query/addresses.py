"""From the address of a run to its path: what `run.url` gives, and what people copy.

`https://host/lab/tree/train.ipynb?nbtrack=ada/digits/runs/1f3k9x2a`, the page on disk
(`file:///.../.nbtrack/runs/<uid>/report.html`), and addresses of other trackers whose
path says the same (`https://host/ada/digits/runs/1f3k9x2a`).
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from nbtrack.errors import UsageError
from nbtrack.settings import FOLDER

PARAMETER = "nbtrack"
_RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says.

    Attributes:
        path: Of a run or a project, as `RunPath` reads it.
        root: The workspace, where the address says one.
    """

    path: str
    root: Path | None = None


def address_in(text: str) -> Address:
    """Return what an address says; any other text is a path already.

    Raises:
        UsageError: If it is an address that leads to no run.

    Examples:
        >>> address_in("http://localhost:8888/lab/tree/a.ipynb?nbtrack=ada/digits/runs/1f3k").path
        'ada/digits/runs/1f3k'
        >>> address_in("ada/digits/1f3k").path
        'ada/digits/1f3k'
    """
    scheme = text[:8].lower()
    if not scheme.startswith(("http://", "https://", "file://")):
        return Address(text)
    try:
        parts = urlsplit(text.strip())
        found = _on_disk(parts) if parts.scheme == "file" else _on_a_server(parts)
    except ValueError:  # such as half a bracket in the host
        found = None
    if found is None:
        raise UsageError(
            f"{text[:200]!r} is no address of a run: those end in "
            f"'?{PARAMETER}=entity/project/runs/id', or lead into a {FOLDER} folder."
        )
    return found


def _on_a_server(parts: SplitResult) -> Address | None:
    told = parse_qs(parts.query).get(PARAMETER)
    if told:
        return Address(told[0])
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if _RUNS not in steps[2:]:
        return None
    at = steps.index(_RUNS, 2)
    return Address("/".join(steps[at - 2 : at + 2])) if at + 1 < len(steps) else None


def _on_disk(parts: SplitResult) -> Address | None:
    from urllib.request import url2pathname  # brings http and ssl along

    path = Path(url2pathname(parts.path))
    for folder in (path, path.parent):
        if folder.parent.name == _RUNS and folder.parent.parent.name == FOLDER:
            return Address(folder.name, folder.parent.parent)
    return None
