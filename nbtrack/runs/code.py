"""`run.log_code()`: the source files with which a run was made, kept with it."""

import os
from abc import abstractmethod
from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from pathlib import Path

from nbtrack.errors import UsageError
from nbtrack.runs.files import Files
from nbtrack.settings import Settings
from nbtrack.store import copy_file

Choice = Callable[[str], bool] | Callable[[str, str], bool]
"""Says of a file's whole path, or of that and the root folder, whether it is meant."""

FOLDER = "code"
SUFFIX = ".py"
NAMES = frozenset({"requirements.txt", "Dockerfile"})
_NOT_OURS = frozenset({"__pycache__", "node_modules", "wandb"})


class LogsCode:
    """The part of `Run` that keeps source files."""

    __slots__ = ()

    _files: Files
    _settings: Settings

    @property
    @abstractmethod
    def disabled(self) -> bool:
        """Whether nothing is kept."""

    @abstractmethod
    def _on_trouble(self, cause: str, text: str) -> None:
        """Take what there is to say."""

    @abstractmethod
    def _expect_open(self) -> None:
        """Raise if the run is finished."""

    def log_code(
        self,
        root: str | os.PathLike[str] | None = ".",
        name: str | None = None,  # noqa: ARG002 - the field's signature
        include_fn: Choice | None = None,
        exclude_fn: Choice | None = None,
    ) -> list[str] | None:
        """Keep copies of source files with the run, in `code/` of `run.dir`.

        Folders that begin with a dot, virtual environments, `node_modules` and other
        trackers' folders are passed over, whatever the functions say.

        Args:
            root: The folder in which they are looked for, at any depth.
            name: Taken for compatibility.
            include_fn: Says of a path whether it is kept; also called with path and root
                if it takes two. By default `.py` files, `requirements.txt` and
                `Dockerfile`.
            exclude_fn: Says of a path whether it is left out.

        Returns:
            Where the copies are; None, with a warning, where no file was found, and
            without one where the setting `disable_code` forbids it.

        Raises:
            UsageError: If `root` is no folder, or the run is finished.
            StoreError: If a file cannot be copied.

        Examples:
            >>> kept = run.log_code("src", include_fn=lambda path: path.endswith((".py", ".yaml")))
            >>> len(kept)
            1
        """
        self._expect_open()
        if self.disabled or self._settings.disable_code:
            return None
        folder = Path(root or ".").expanduser().absolute()
        if not folder.is_dir():
            raise UsageError(f"root must be a folder, and {str(folder)!r} is none.")
        kept = [self._kept(file, folder) for file in _chosen(folder, include_fn, exclude_fn)]
        if not kept:
            self._on_trouble(
                f"no code {folder}", f"run.log_code() found no file in {str(folder)!r}."
            )
        return kept or None

    def _kept(self, file: Path, folder: Path) -> str:
        target = self._files.folder / FOLDER / file.relative_to(folder)
        copy_file(file, target)
        return str(target)


def _chosen(folder: Path, include: Choice | None, exclude: Choice | None) -> Iterator[Path]:
    is_meant = _on_paths(include, folder) if include else _is_source
    is_left_out = _on_paths(exclude, folder) if exclude else lambda _: False
    for path in _files_below(folder):
        if is_meant(str(path)) and not is_left_out(str(path)):
            yield path


def _is_source(path: str) -> bool:
    return path.endswith(SUFFIX) or Path(path).name in NAMES


def _files_below(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_looked_into(Path(above, name)))
        yield from (Path(above, name) for name in sorted(names))


def _is_looked_into(folder: Path) -> bool:
    is_hidden = folder.name.startswith(".") or folder.name in _NOT_OURS
    return not is_hidden and not (folder / "pyvenv.cfg").exists()


def _on_paths(choice: Choice, folder: Path) -> Callable[[str], bool]:
    """Return a choice as a function of the path alone."""
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    try:
        taken = [given for given in signature(choice).parameters.values() if given.kind in kinds]
    except ValueError:  # a builtin that does not say
        taken = []
    second = taken[1:2] and taken[1].default is Parameter.empty
    extra = (str(folder),) if second else ()
    return lambda path: bool(choice(path, *extra))
