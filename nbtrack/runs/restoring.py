"""`run.restore()`: a file of this run or another one, opened."""

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from nbtrack.errors import UsageError
from nbtrack.store import copy_file, files_folder

if TYPE_CHECKING:
    from nbtrack.runs.run import Run


def restored(
    run: "Run",
    name: str,
    run_path: str | None,
    *,
    replace: bool,
    folder: str | os.PathLike[str] | None,
) -> IO[str] | None:
    """See `Run.restore`."""
    source = _inside(_files_of(run, run_path), name)
    target = _inside(Path(run.dir if folder is None else folder).absolute(), name)
    if replace or not target.exists():
        if source.is_symlink() or not source.is_file():
            return None
        if source != target:
            copy_file(source, target)
    return target.open(encoding="utf-8", errors="replace")


def _files_of(run: "Run", run_path: str | None) -> Path:
    if run_path is None:
        return Path(run.dir)
    from nbtrack import query

    return files_folder(run.root, query.Api(run.root).run(run_path).uid)


def _inside(folder: Path, name: str) -> Path:
    if not isinstance(name, str) or not name:
        raise UsageError(f"a file is restored by its name, not by {name!r}.")
    path = Path(os.path.normpath(folder / name))
    if not path.is_relative_to(folder) or path == folder:
        raise UsageError(f"{name!r} leads out of the files of a run.")
    return path
