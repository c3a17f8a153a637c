"""The files of a run: what lies in the folder `files` of its own."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from nbtrack.errors import StoreError, UsageError
from nbtrack.store import open_file


@dataclass(frozen=True, slots=True)
class ApiFile:
    """One file of a run.

    Attributes:
        name: Its path below the run's files, with `/`.
        size: Bytes.
        path: Where it lies; not to be changed.
        changed_s: When it was changed last, seconds since the epoch.
    """

    name: str
    size: int
    path: Path
    changed_s: float = 0.0

    def download(
        self,
        root: str | os.PathLike[str] = ".",
        replace: bool = False,  # noqa: FBT001, FBT002 - the field's signature
        exist_ok: bool = False,  # noqa: FBT001, FBT002 - the field's signature
    ) -> Path:
        """Copy the file to a folder, below which it keeps its name.

        Args:
            root: The folder; it is made where it is missing.
            replace: Overwrite a file that is there.
            exist_ok: Leave a file that is there as it is.

        Returns:
            Where it is.

        Raises:
            UsageError: If there is such a file and neither is said.
            StoreError: If it cannot be copied.

        Examples:
            >>> run.file("notes.txt").download("results")
            PosixPath('results/notes.txt')
        """
        target = Path(root) / self.name
        if target.exists() and not replace:
            if exist_ok:
                return target
            raise UsageError(f"{str(target)!r} is there already. Type download(replace=True).")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.path, target)
        except OSError as error:
            raise StoreError(f"cannot copy {self.name!r} to {str(root)!r}: {error}.") from error
        return target


def files_in(folder: Path) -> Iterator[ApiFile]:
    """Yield the files below a folder, by name; links are passed over, they may lead anywhere."""
    if folder.is_symlink():
        return
    for above, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(above) / name
            if path.is_file() and not path.is_symlink():
                relative, stat = path.relative_to(folder).as_posix(), path.stat()
                yield ApiFile(relative, stat.st_size, path, stat.st_mtime)


def read_part(root: Path, uid: str, name: str, *, offset: int, length: int) -> tuple[bytes, int]:
    """Return some bytes of a file, and how many it has.

    Args:
        root: The workspace.
        uid: Of the run.
        name: Of the file, as in its list; it may come from anywhere.
        offset: The first byte.
        length: At most so many bytes.

    Raises:
        UsageError: If there is no such file, or the name is malformed.
        StoreError: If it cannot be read.
    """
    with open_file(root, uid, name) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            file.seek(offset)
            return file.read(length), size
        except OSError as error:
            raise StoreError(f"cannot read {name!r}: {error}.") from error


def chosen(
    files: Sequence[ApiFile], names: Sequence[str] | None, pattern: str | None
) -> list[ApiFile]:
    """Return the files of some names, or those that a pattern describes.

    Args:
        files: All of them.
        names: Which; by default all.
        pattern: As of LIKE in SQL: `%` for anything, `_` for one character.

    Raises:
        UsageError: If both are given.
    """
    if names is not None and pattern is not None:
        raise UsageError("files() takes names or a pattern, not both.")
    if names is not None:
        return [file for file in files if file.name in names]
    if pattern is None:
        return list(files)
    quoted = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in pattern)
    like = quoted.replace("%", "*").replace("_", "?")
    return [file for file in files if fnmatchcase(file.name, like)]
