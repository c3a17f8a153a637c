"""The files of a run of `Api()`: found, opened by name, and added."""

import os
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from nbtrack.errors import UsageError
from nbtrack.query.files import ApiFile, chosen, files_in
from nbtrack.store import Reader, copy_file, files_folder


class ApiFiles:
    """The part of `ApiRun` that has its files."""

    _root: Path
    _reader: Reader

    @property
    @abstractmethod
    def uid(self) -> str:
        """Name of the run's folder."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the run is called."""

    def files(
        self,
        names: Sequence[str] | None = None,
        per_page: int = 50,  # noqa: ARG002 - the field's signature; they are all here
        pattern: str | None = None,
    ) -> list[ApiFile]:
        """Return the run's files.

        Args:
            names: Which; by default all.
            per_page: Taken for compatibility.
            pattern: As of LIKE in SQL: `%` for anything, `_` for one character.

        Raises:
            UsageError: If names and a pattern are given.

        Examples:
            >>> [file.name for file in run.files(pattern="%.pt")]
            ['models/best.pt']
        """
        found = list(files_in(files_folder(self._root, self.uid)))
        return chosen(found, names, pattern)

    def file(self, name: str) -> ApiFile:
        """Return one file.

        Raises:
            UsageError: If the run has none of that name.
        """
        for file in self.files():
            if file.name == name:
                return file
        raise UsageError(f"run {self.name!r} has no file {name!r}. run.files() lists them.")

    def upload_file(
        self, path: str | os.PathLike[str], root: str | os.PathLike[str] = "."
    ) -> ApiFile:
        """Keep a copy of a file with the run, in place of one of the same name.

        Args:
            path: The file.
            root: The folder from which its name is counted: `upload_file("a/b.txt", "a")`
                is kept as `b.txt`.

        Returns:
            The copy.

        Raises:
            UsageError: If there is no such file, or it does not lie below `root`.
            RunNotFoundError: If the run is gone.
            StoreError: If it cannot be copied.

        Examples:
            >>> from pathlib import Path
            >>> Path("report.txt").write_text("all is well")
            11
            >>> run.upload_file("report.txt").name
            'report.txt'
        """
        source, base = (Path(os.path.abspath(one)) for one in (path, root))  # noqa: PTH100 - without `..`
        if not source.is_file():
            raise UsageError(f"there is no file {str(path)!r} that the run could keep.")
        if not source.is_relative_to(base):
            raise UsageError(
                f"{str(source)!r} does not lie in {str(base)!r}. Type "
                f"run.upload_file(..., root={str(source.parent)!r})."
            )
        self._reader.run(self.uid)
        name = source.relative_to(base)
        copy_file(source, files_folder(self._root, self.uid) / name)
        return self.file(name.as_posix())
