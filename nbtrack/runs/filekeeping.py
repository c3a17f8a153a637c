"""The files of a run: what is copied there, and what is opened again."""

import os
from abc import abstractmethod
from typing import IO, TYPE_CHECKING, Literal, cast

from nbtrack.runs.files import Files

if TYPE_CHECKING:
    from nbtrack.runs.run import Run


class KeepsFiles:
    """The part of `Run` that keeps files."""

    __slots__ = ()

    _files: Files

    @property
    @abstractmethod
    def disabled(self) -> bool:
        """Whether nothing is kept."""

    @abstractmethod
    def _expect_open(self) -> None:
        """Raise if the run is finished."""

    @property
    def dir(self) -> str:
        """The folder of the run's files; whatever is written there belongs to the run."""
        folder = self._files.folder
        if not self.disabled:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder)

    @property
    def sync_dir(self) -> str:
        """The folder in which everything of the run lies."""
        return str(self._files.folder.parent)

    def save(
        self,
        glob_str: str | os.PathLike[str] | bytes | None = None,
        base_path: str | os.PathLike[str] | None = None,
        policy: Literal["live", "now", "end"] = "live",
        glob: bool = True,  # noqa: FBT001, FBT002 - the field's signature
    ) -> list[str]:
        """Keep copies of files with the run.

        Args:
            glob_str: A file, a folder, or a pattern (`models/*.pt`, `**` for any depth);
                it is looked for now. Without it nothing happens.
            base_path: The folder from which names are counted: what lies above is not
                kept. By default the working directory, and for absolute paths the
                folder above the file's.
            policy: `now` copies once, `live` again whenever the file has changed (looked
                at every few seconds and at the end), `end` when the run ends.
            glob: Whether `glob_str` may be a pattern.

        Returns:
            Where the copies are, inside `run.dir`; empty where nothing was found.

        Raises:
            UsageError: If an argument cannot be taken, a file lies outside of
                `base_path`, or the run is finished.
            StoreError: If a file cannot be copied.

        Examples:
            >>> run.save("models/*.pt", policy="end")
            ['...files/models/best.pt']
        """
        self._expect_open()
        if glob_str is None or self.disabled:
            return []
        return self._files.save(glob_str, base_path, policy, glob=glob)

    def restore(
        self,
        name: str,
        run_path: str | None = None,
        replace: bool = False,  # noqa: FBT001, FBT002 - the field's signature
        root: str | os.PathLike[str] | None = None,
    ) -> IO[str] | None:
        """Open a file of this run, or fetch one of another run and open that.

        Args:
            name: Of the file, as `run.save` kept it.
            run_path: `entity/project/id` of another run; by default this one.
            replace: Whether a file of that name in `root` is written over.
            root: The folder in which it is put; by default `run.dir`.

        Returns:
            The file, open for reading text; None if the run has none of that name.

        Raises:
            UsageError: If `name` leads out of the run's files.
            RunNotFoundError: If there is no such run.
        """
        from nbtrack.runs.restoring import restored

        return restored(cast("Run", self), name, run_path, replace=replace, folder=root)
